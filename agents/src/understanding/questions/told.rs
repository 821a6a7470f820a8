//! «Gasté 350 mil en pauta ayer», «pagué 2 palos de arriendo»: facts that a member tells. They are echoed and confirmed
//! before anything is recorded.

use jiff::civil::Date;
use recado_domain::command::Entity;
use recado_domain::finance::facts::ExpenseKind;
use recado_domain::finance::note::{Note, Told};
use recado_domain::money::Money;
use recado_domain::period::Period;

use super::told_words::{
    ACCOUNTS, ADS, ASKING, BOUGHT, CARRIED, GIVEN, HELD, KINDS, PLATFORMS, RECEIVED, SKIPPED, SPENT, STOCK, TAKEN,
};
use super::{Ground, carriers, parts};

/// What a text tells about money, if it tells anything. A question tells nothing.
pub fn told(ground: &Ground<'_>) -> Option<Note> {
    let words = ground.words();
    if words.len() > 20 || ground.text.contains('?') || words.iter().any(|word| asks(word, &words)) {
        return None;
    }
    let (mention, money) = ground.entities.iter().find_map(|mention| match &mention.entity {
        Entity::Money { .. } => mention.entity.amounts().first().copied().map(|money| (mention, money)),
        _ => None,
    })?;
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let after = after(ground, mention.end);
    let one_of = |list: &[&'static str]| list.iter().copied().find(|name| words.contains(name));
    let what = if has(TAKEN) {
        Told::Owner { into: false }
    } else if has(GIVEN) {
        Told::Owner { into: true }
    } else if let Some(carrier) = carriers::expected(ground.normalised).filter(|_| has(RECEIVED) || has(CARRIED)) {
        Told::Remittance { carrier: carrier.to_owned() }
    } else if has(SPENT) || has(BOUGHT) {
        spent(&words, &after)
    } else if has(HELD) && has(ACCOUNTS) {
        Told::Balance { account: one_of(ACCOUNTS).unwrap_or("banco").to_owned() }
    } else {
        return None;
    };
    let balance = matches!(what, Told::Balance { .. });
    if money.minor <= 0 && !balance {
        return None;
    }
    let alternatives = mention.entity.amounts().into_iter().skip(1).collect();
    Some(Note { told: what, amount: Money::new(money.minor, money.currency), alternatives, day: day(ground)? })
}

/// Whether a word asks. «Se» and «si» inside a statement are none.
pub(super) fn asks(word: &str, words: &[&str]) -> bool {
    match word {
        "por" => words.windows(2).any(|pair| pair == ["por", "que"]),
        "si" | "se" | "if" | "que" => words.first() == Some(&word),
        other => ASKING.contains(&other),
    }
}

fn spent(words: &[&str], after: &[String]) -> Told {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    if has(ADS) {
        let platform = PLATFORMS.iter().find(|(word, _)| words.contains(word)).map_or("other", |(_, name)| *name);
        return Told::Ads { platform: platform.to_owned() };
    }
    if has(STOCK) {
        let supplier = words.iter().position(|word| matches!(*word, "proveedor" | "fornecedor" | "supplier"));
        let name = supplier.and_then(|at| words.get(at + 1)).filter(|word| !SKIPPED.contains(word));
        return Told::Purchase { supplier: name.map(|name| (*name).to_owned()) };
    }
    let kind = KINDS.iter().find(|(names, _)| has(names)).map_or(ExpenseKind::Variable, |(_, kind)| *kind);
    let named = KINDS.iter().flat_map(|(names, _)| names.iter()).find(|name| words.contains(name));
    let category = match named {
        Some(name) => (*name).to_owned(),
        None if after.is_empty() => "-".to_owned(),
        None => after.join(" "),
    };
    Told::Expense { kind, category }
}

/// Up to three telling words after the amount.
fn after(ground: &Ground<'_>, end: usize) -> Vec<String> {
    let rest = ground.text.get(end..).unwrap_or_default();
    let rest = crate::understanding::normalise::normalise(rest);
    rest.split(' ').filter(|word| !word.is_empty() && !SKIPPED.contains(word)).take(3).map(str::to_owned).collect()
}

/// The day it is of: today unless another one, past, was said. Of a longer period it is not known.
fn day(ground: &Ground<'_>) -> Option<Date> {
    match parts::period(ground) {
        None => Some(ground.today),
        Some((Period::Yesterday, _)) => ground.today.yesterday().ok(),
        Some((Period::Range { first, .. }, _)) if first <= ground.today => Some(first),
        Some(_) => Some(ground.today),
    }
}

/// «Sí», «dale», «regístralo».
pub fn answers_yes(normalised: &str) -> bool {
    const YES: &[&str] = &[
        "si",
        "sim",
        "yes",
        "dale",
        "ok",
        "listo",
        "correcto",
        "exacto",
        "registralo",
        "registrar",
        "guardalo",
        "anotalo",
        "si registralo",
        "hagale",
        "de una",
        "claro",
        "confirmo",
        "confirmar",
        "pode",
        "isso",
        "correct",
        "record it",
        "save it",
        "si senor",
        "vale",
    ];
    YES.contains(&normalised)
}

/// «No», «déjalo».
pub fn answers_no(normalised: &str) -> bool {
    const NO: &[&str] = &[
        "no",
        "nao",
        "nope",
        "no lo registres",
        "dejalo",
        "dejalo asi",
        "no no",
        "mejor no",
        "esta mal",
        "wrong",
        "deixa",
        "nada",
    ];
    NO.contains(&normalised)
}

/// «Deshacer», «bórralo».
pub fn undoes(normalised: &str) -> bool {
    const UNDO: &[&str] = &[
        "deshacer",
        "deshaz",
        "deshazlo",
        "borralo",
        "borra eso",
        "quitalo",
        "desfazer",
        "desfaz",
        "apaga isso",
        "undo",
        "undo that",
        "deshacer eso",
        "me equivoque",
        "eso estaba mal",
    ];
    UNDO.contains(&normalised)
}
