//! What went into rent, payroll, the internet: expenses by what they are for.

use std::collections::BTreeMap;

use recado_domain::finance::figures::{Metric, Value};
use serde_json::json;

use super::asked::Asked;
use super::{AGENT, line};
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::normalise::normalise;

/// Expenses that are told beside the one that is asked for.
const MOST: usize = 6;
/// Words for the same expense, in normalised spelling.
const SAME: &[&[&str]] = &[
    &["nomina", "sueldo", "sueldos", "salario", "salarios", "folha", "payroll", "salaries"],
    &["arriendo", "renta", "alquiler", "aluguel", "rent", "bodega", "local"],
    &["contador", "contadora", "contabilidad", "contabilidade", "accountant"],
    &["luz", "agua", "servicios", "energia", "electricity", "utilities"],
    &["empaque", "empaques", "embalagem", "embalagens", "embalaje", "packaging", "cajas", "bolsas"],
    &["software", "shopify", "plataforma"],
];

/// Answers with what was spent for something, and what the other fixed expenses were.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, said: &str) -> Result<(), TurnError> {
    let accounts = asked.source.accounts();
    let (Ok(spent), Ok(fixed)) =
        (accounts.expenses_by_category(asked.days), asked.figures(asked.days).value(Metric::FixedExpenses))
    else {
        turn.decided(AGENT, "overflow");
        return turn.reply("finance_failed", &json!({}), vec![]);
    };
    let meant: BTreeMap<&String, i64> = spent
        .iter()
        .filter(|(category, _)| is_meant(said, category))
        .map(|(category, amount)| (category, *amount))
        .collect();
    let Some(total) = meant.values().try_fold(0i64, |sum, amount| sum.checked_add(*amount)) else {
        turn.decided(AGENT, "overflow");
        return turn.reply("finance_failed", &json!({}), vec![]);
    };
    let mut others: Vec<(&String, i64)> = spent
        .iter()
        .filter(|(category, amount)| !meant.contains_key(category) && **amount != 0)
        .map(|(category, amount)| (category, *amount))
        .collect();
    others.sort_by_key(|(category, amount)| (std::cmp::Reverse(*amount), *category));
    let names: Vec<&str> = meant.keys().map(|category| category.as_str()).collect();
    let context = json!({
        "period": asked.period(Some(Metric::FixedExpenses)),
        "partial": asked.partial(Metric::FixedExpenses),
        "name": if names.is_empty() { as_written(turn, said) } else { names.join(", ") },
        "value": (!names.is_empty()).then(|| asked.values.money(total)),
        "fixed": asked.values.value(Metric::FixedExpenses, Value::Money(fixed.ratio().rounded().unwrap_or(0))),
        "lines": others.iter().take(MOST).map(|(category, amount)| line(category, &asked.values.money(*amount))).collect::<Vec<_>>(),
        "notes": [asked.age()],
    });
    turn.decided(AGENT, "spent");
    turn.reply("finance_spent", &context, vec![turn.button("fin:proof", "button.proof")])
}

/// Words with the accents with which they were written.
pub(super) fn as_written(turn: &Turn<'_>, said: &str) -> String {
    let texts = turn.texts.join(" ");
    let written: Vec<&str> = texts.split(|letter: char| !letter.is_alphanumeric()).collect();
    let accented =
        |word: &str| written.iter().copied().find(|one| normalise(one) == word).unwrap_or(word).to_lowercase();
    said.split(' ').map(accented).collect::<Vec<_>>().join(" ")
}

/// Whether a category of the books is what was said.
pub(super) fn is_meant(said: &str, category: &str) -> bool {
    let group: &[&str] = SAME.iter().copied().find(|words| words.contains(&said)).unwrap_or(&[]);
    normalise(category).split(' ').any(|word| word == said || group.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn an_expense_has_several_names_and_no_other_ones() {
        assert!(
            is_meant("sueldos", "Nómina")
                && is_meant("arriendo", "Arriendo bodega")
                && is_meant("internet", "Internet")
        );
        assert!(!is_meant("nomina", "arriendo") && !is_meant("internet", "celular"));
    }
}
