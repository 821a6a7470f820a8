//! «Wompi me cobra 2,65 % + 700 + IVA y me paga a los 2 días»: what a gateway takes, as a member tells it.

use jiff::civil::Date;
use recado_domain::command::Entity;
use recado_domain::finance::facts::Decimal;
use recado_domain::finance::note::{Note, Told};
use recado_domain::money::Money;
use recado_domain::period::Period;

use super::told_words::SKIPPED;
use super::{Ground, carriers, parts, told};
use crate::understanding::entities::Context;
use crate::understanding::entities::numbers::figures;
use crate::understanding::entities::tokens::{Kind, Token, tokens};

/// Takes, of each charge.
const TAKES: &[&str] = &[
    "cobra",
    "cobran",
    "cobram",
    "quita",
    "quitan",
    "descuenta",
    "descuentan",
    "desconta",
    "descontam",
    "charges",
    "charge",
    "takes",
    "take",
];
/// Every gateway, or the only one.
const ANY: &[&str] = &["pasarela", "pasarelas", "gateway", "gateways", "maquininha", "datafono", "processor"];
/// What stands beside its name.
const BESIDE: &[&str] = &[
    "me", "nos", "te", "que", "desde", "from", "since", "partir", "my", "our", "minha", "meu", "tu", "ahora", "agora",
    "now",
];
/// What gateways are of: «la pasarela de pagos». Mercado Pago is a name.
const OF_PAYMENTS: &[&str] = &["pagos", "pago", "payment", "payments", "pagamento", "pagamentos"];
/// Tax on what it takes.
const TAX: &[&str] = &["iva", "igv", "vat", "imposto", "impostos", "impuesto", "impuestos", "tax", "taxes"];
/// With which words it is inside, or there is none.
const INSIDE: &[&str] =
    &["incluido", "incluida", "incluidos", "included", "including", "incluso", "inclusos", "sin", "sem", "without"];
/// After a number of days.
const DAYS: &[&str] = &["dia", "dias", "day", "days"];
/// From a day on.
const SINCE: &[&str] = &["desde", "partir", "from", "since"];
/// Most words of a name.
const NAME: usize = 3;

/// The general rate of VAT (FINANCE §1.4).
fn general_vat(country: &str) -> Option<Decimal> {
    let hundredths = match country {
        "CO" | "CL" => 19,
        "MX" => 16,
        "PE" => 18,
        "AR" => 21,
        "UY" => 22,
        "EC" => 15,
        _ => return None,
    };
    Some(Decimal { unscaled: hundredths, scale: 2 })
}

/// What a text tells of a gateway, in a shop of a country. A question tells nothing.
pub fn told_fee(ground: &Ground<'_>, country: &str) -> Option<Note> {
    let words = ground.words();
    let asks = ground.text.contains('?') || words.iter().any(|word| told::asks(word, &words));
    if words.len() > 24 || asks || carriers::expected(ground.normalised).is_some() {
        return None;
    }
    let context = Context { today: Some(ground.today), country };
    let currency = context.currency()?;
    let tokens = tokens(ground.text);
    let takes = tokens.iter().position(|token| TAKES.contains(&token.folded.as_str()))?;
    let gateway = name(ground, tokens.get(..takes)?)?;
    let mut terms = Terms::default();
    for at in takes..tokens.len() {
        terms.take(&tokens, at, currency.comma_decimal());
    }
    let taxed = tokens.iter().any(|token| TAX.contains(&token.folded.as_str()))
        && !tokens.iter().any(|token| INSIDE.contains(&token.folded.as_str()));
    let vat_rate = match (terms.vat, taxed) {
        (Some(rate), _) => rate,
        (None, true) => general_vat(country)?,
        (None, false) => Decimal::ZERO,
    };
    let fixed = match terms.fixed {
        Some(fixed) => fixed.minor(currency.exponent(), 1)?,
        None => 0,
    };
    // A fixed part alone is a bill of somebody who is no gateway.
    let rate = terms.rate?;
    Some(Note {
        told: Told::Gateway {
            gateway,
            rate: rate.to_string(),
            vat_rate: vat_rate.to_string(),
            payout_days: terms.days,
            from: since(ground, &words),
        },
        amount: Money::new(fixed, currency),
        alternatives: Vec::new(),
        day: ground.today,
    })
}

/// The gateway's name, as it is written before the verb; nothing for «la pasarela».
fn name(ground: &Ground<'_>, before: &[Token]) -> Option<String> {
    let skipped = |word: &str| SKIPPED.contains(&word) || BESIDE.contains(&word);
    let of_a_day = |token: &Token| {
        let mut days = ground.entities.iter().filter(|mention| matches!(mention.entity, Entity::Period { .. }));
        days.any(|day| day.start <= token.span.start && token.span.end <= day.end)
    };
    let words = before.iter().filter(|token| token.kind == Kind::Word && !skipped(&token.folded) && !of_a_day(token));
    let (any, mut named): (Vec<&Token>, Vec<&Token>) = words.partition(|token| ANY.contains(&token.folded.as_str()));
    named.retain(|token| any.is_empty() || !OF_PAYMENTS.contains(&token.folded.as_str()));
    let written: Vec<&str> = named.iter().filter_map(|token| ground.text.get(token.span.clone())).collect();
    match written.len() {
        0 if any.is_empty() => None,
        count if count > NAME => None,
        _ => Some(written.join(" ")),
    }
}

/// The numbers of what it takes.
#[derive(Default)]
struct Terms {
    rate: Option<Decimal>,
    vat: Option<Decimal>,
    fixed: Option<crate::understanding::entities::numbers::Decimal>,
    days: Option<u16>,
}

impl Terms {
    fn take(&mut self, tokens: &[Token], at: usize, comma_decimal: bool) {
        let Some(token) = tokens.get(at).filter(|token| token.kind == Kind::Number) else { return };
        let word =
            |place: Option<usize>| place.and_then(|place| tokens.get(place)).map_or("", |one| one.folded.as_str());
        let (next, after) = (word(Some(at + 1)), word(Some(at + 2)));
        let is_percent = next == "%"
            || matches!((next, after), ("por", "ciento" | "cento") | ("per", "cent"))
            || matches!(next, "percent" | "porciento");
        if is_percent {
            let of_tax = [at.checked_sub(1), at.checked_sub(2), Some(at + 2), Some(at + 3)];
            let Some(share) = percent(&token.folded) else { return };
            // «2,65 % + IVA»: the sign between them parts what is taken from the tax.
            let parted = matches!(word(Some(at + 2)), "+" | "mas" | "mais" | "plus" | "y" | "e" | "and" | "con");
            let of_tax =
                of_tax.into_iter().enumerate().any(|(place, of)| TAX.contains(&word(of)) && (place < 2 || !parted));
            match (of_tax, self.rate) {
                (true, Some(_)) => self.vat = self.vat.or(Some(share)),
                (_, None) => self.rate = Some(share),
                (false, Some(_)) => {}
            }
        } else if DAYS.contains(&next) || matches!(next, "business" | "working") && DAYS.contains(&after) {
            self.days = self.days.or_else(|| token.folded.parse().ok());
        } else if self.fixed.is_none() && self.rate.is_some() {
            self.fixed = figures(&token.folded, comma_decimal).first().copied();
        }
    }
}

/// A percentage as a share: `2,65` is `0.0265`. One of a hundred or more is none.
fn percent(written: &str) -> Option<Decimal> {
    let share = Decimal::parse(&written.replace(',', ".")).ok()?;
    let share = Decimal { unscaled: share.unscaled, scale: share.scale + 2 };
    (i128::from(share.unscaled) < 10_i128.pow(share.scale)).then_some(share)
}

/// From which day on; of all days when none is said.
fn since(ground: &Ground<'_>, words: &[&str]) -> Option<Date> {
    if !words.iter().any(|word| SINCE.contains(word)) {
        return None;
    }
    match parts::period(ground)?.0 {
        Period::Today => Some(ground.today),
        Period::Yesterday => ground.today.yesterday().ok(),
        Period::ThisMonth => Some(ground.today.first_of_month()),
        Period::Range { first, .. } => Some(first),
        Period::Month { month, year } => {
            let year = year.unwrap_or(ground.today.year() - i16::from(month > ground.today.month()));
            Date::new(year, month, 1).ok()
        }
        _ => None,
    }
}
