//! What is said when money is meant and no figure of it was named, or something that no figure is kept of: the figures that
//! are near, and no number.

use recado_domain::finance::question::{Matter, Question};
use recado_domain::intent::Intent;
use recado_domain::outbound::Button;
use serde_json::json;

use super::AGENT;
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::normalise::normalise;
use crate::wording::uncapital;

/// Figures that are offered at once: as many as a message has buttons.
const MOST: usize = 3;

/// Beginnings of words, normalised, and the figure that they sound like.
const HINTS: &[(&str, &str)] = &[
    ("pedido", "orders"),
    ("orden", "orders"),
    ("order", "orders"),
    ("vent", "booked.net_sales"),
    ("vend", "booked.net_sales"),
    ("sale", "booked.net_sales"),
    ("gananc", "operating_profit"),
    ("utilidad", "operating_profit"),
    ("lucr", "operating_profit"),
    ("profit", "operating_profit"),
    ("marg", "cm2_pct"),
    ("gasto", "costs"),
    ("costo", "costs"),
    ("custo", "costs"),
    ("despesa", "costs"),
    ("expens", "costs"),
    ("pauta", "ad_spend"),
    ("public", "ad_spend"),
    ("anunc", "ad_spend"),
    ("ads", "ad_spend"),
    ("caja", "cash"),
    ("caixa", "cash"),
    ("cash", "cash"),
    ("banc", "cash"),
    ("cobr", "receivables"),
    ("deb", "current_liabilities"),
    ("prove", "current_liabilities"),
    ("client", "new_customers"),
    ("custom", "new_customers"),
    ("inventar", "inventory"),
    ("estoq", "inventory"),
    ("mercanc", "inventory"),
    ("preci", "advice:target_price"),
    ("price", "advice:target_price"),
    ("descuent", "advice:max_discount"),
    ("descont", "advice:max_discount"),
    ("iva", "vat_set_aside"),
    ("impuest", "vat_set_aside"),
    ("impost", "vat_set_aside"),
    ("tax", "vat_set_aside"),
];

/// What a kind of question may mean, the likeliest first.
const fn of_intent(intent: Intent) -> [&'static str; MOST] {
    match intent {
        Intent::MerchantProfit => ["operating_profit", "cm2_pct", "costs"],
        Intent::MerchantCashFlow => ["cash", "cash.operating", "advice:cash_forecast"],
        Intent::MerchantInventory => ["inventory", "dio", "booked.net_sales"],
        Intent::MerchantUnitEconomics => ["cm2_per_order", "aov", "cac"],
        Intent::MerchantPricing => ["advice:target_price", "advice:max_discount", "cm2_pct"],
        Intent::MerchantHealthScore => ["advice:health_score", "advice:recommendations", "operating_profit"],
        Intent::MerchantGrowth => ["booked.net_sales", "new_customers", "returning_customer_rate"],
        Intent::MerchantCollections => ["receivables", "cod_receivable", "debtors"],
        Intent::MerchantReport => ["report", "booked.net_sales", "operating_profit"],
        _ => ["booked.net_sales", "orders", "operating_profit"],
    }
}

/// What is kept that is near to something that is not.
const fn near(matter: Matter) -> [&'static str; MOST] {
    match matter {
        Matter::Visits => ["orders", "new_customers", "aov"],
        Matter::Audience => ["new_customers", "ad_spend", "returning_customer_rate"],
        Matter::Others => ["booked.net_sales", "operating_profit", "cm2_pct"],
        Matter::Market => ["booked.net_sales", "cash", "operating_profit"],
        Matter::IncomeTax => ["vat_set_aside", "fixed_expenses", "operating_profit"],
        Matter::Credit => ["current_liabilities", "cash", "advice:cash_forecast"],
        Matter::Staff => ["fixed_expenses", "booked.net_sales", "operating_profit"],
        Matter::StockInPlaces => ["inventory", "dio", "booked.net_sales"],
        Matter::Undispatched => ["orders", "freight_out", "booked.net_sales"],
        Matter::Worth => ["operating_profit", "advice:health_score", "cash"],
        Matter::Measures => ["freight_out", "orders", "booked.net_sales"],
        Matter::Private => ["operating_profit", "fixed_expenses", "cash"],
    }
}

/// Asks which figure is meant.
pub fn ask(turn: &mut Turn<'_>, question: &Question, intent: Intent) -> Result<(), TurnError> {
    let text = normalise(&turn.texts.join(" "));
    let heard = HINTS.iter().filter(|(start, _)| text.split(' ').any(|word| word.starts_with(start)));
    let mut codes: Vec<&str> = Vec::new();
    for code in heard.map(|(_, code)| *code).chain(of_intent(intent)) {
        if !codes.contains(&code) && codes.len() < MOST {
            codes.push(code);
        }
    }
    turn.decided(AGENT, "which");
    offer(turn, question, &codes, "finance_which", None)
}

/// Says that no figure of something is kept, and what is near.
pub fn not_kept(turn: &mut Turn<'_>, question: &Question, matter: Matter) -> Result<(), TurnError> {
    turn.decided(AGENT, "not_kept");
    let what = turn.wording.word(turn.language, &named(matter)).to_owned();
    offer(turn, question, &near(matter), "finance_not_kept", Some(&what))
}

/// Figures as buttons and in words.
pub(super) fn offer(
    turn: &mut Turn<'_>,
    question: &Question,
    codes: &[&str],
    template: &str,
    what: Option<&str>,
) -> Result<(), TurnError> {
    let names: Vec<String> =
        codes.iter().map(|code| uncapital(turn.wording.word(turn.language, &title(code)))).collect();
    let last = names.last().cloned().unwrap_or_default();
    let first = names[..names.len().saturating_sub(1)].join(", ");
    let context = json!({"first": first, "last": last, "what": what});
    let buttons = codes.iter().map(|code| button(turn, question, code)).collect();
    turn.reply(template, &context, buttons)
}

/// A button that asks a figure of the days that were said.
pub fn button(turn: &Turn<'_>, question: &Question, code: &str) -> Button {
    let days = question.period.map(|period| {
        let span = period.resolve(turn.input.now, &turn.input.merchant.zone());
        format!("@{}..{}", span.first, span.last)
    });
    turn.button(&format!("ask:{code}{}", days.unwrap_or_default()), &title(code))
}

/// The key of a title.
fn title(code: &str) -> String {
    format!("ask.{}", code.replace(':', "_"))
}

/// The key of what is not kept.
fn named(matter: Matter) -> String {
    format!("matter.{}", matter.code())
}

#[cfg(test)]
mod tests {
    use recado_domain::Language;
    use recado_domain::finance::question::Subject;

    use super::*;
    use crate::wording::{LONGEST_TITLE, Wording};

    #[test]
    fn all_that_is_offered_has_a_title_and_asks_something() {
        let wording = Wording::load().unwrap();
        let of_intents = Intent::ALL.iter().flat_map(|intent| of_intent(*intent));
        let all = HINTS.iter().map(|(_, code)| *code).chain(of_intents).chain(Matter::ALL.into_iter().flat_map(near));
        for code in all.chain(crate::finance::compare::EXPLAINED) {
            assert!(Subject::of_code(code).is_some(), "{code}");
            for language in Language::ALL {
                let key = title(code);
                let title = wording.known(language, &key).unwrap_or_else(|| panic!("{language} has no {key}"));
                assert!(title.chars().count() <= LONGEST_TITLE, "{title}");
            }
        }
        for matter in Matter::ALL {
            let key = named(matter);
            assert!(Language::ALL.into_iter().all(|language| wording.known(language, &key).is_some()), "{key}");
        }
    }
}
