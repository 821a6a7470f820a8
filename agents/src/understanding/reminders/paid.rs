//! «El Tornillo me pagó 200 mil»: what a member says of a debtor's payment.

use recado_domain::Money;
use recado_domain::command::{Entity, Mention};
use recado_domain::period::Period;

use super::name;
use crate::understanding::normalise::normalise;

/// What a debtor paid, as a member says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Who.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// Whether it was yesterday.
    pub yesterday: bool,
}

/// Somebody paid.
const PAID: &[&str] = &[
    "pago",
    "pagaron",
    "abono",
    "abonaron",
    "consigno",
    "consignaron",
    "transfirio",
    "pagou",
    "pagaram",
    "depositou",
    "transferiu",
    "paid",
];
/// Whom they paid: without it somebody paid somebody else.
const US: &[&str] = &["me", "nos", "us"];
/// Money came.
const RECEIVED: &[&str] = &["recibi", "recibimos", "recebi", "recebemos", "received"];

/// «El Tornillo me pagó 200 mil», «recebi 200 da Paula», «John paid me 200 yesterday». A question says nothing.
pub fn paid(text: &str, normalised: &str, entities: &[Mention]) -> Option<Paid> {
    let words: Vec<&str> = normalised.split(' ').filter(|word| !word.is_empty()).collect();
    if text.contains('?') || words.len() > 20 {
        return None;
    }
    let (mention, amount) = entities.iter().find_map(|mention| Some((mention, *mention.entity.amounts().first()?)))?;
    let said = |period: Period| {
        entities.iter().any(|one| matches!(one.entity, Entity::Period { value, .. } if value == period))
    };
    let paid = words.iter().position(|word| PAID.contains(word)).filter(|_| words.iter().any(|word| US.contains(word)));
    let name = match paid {
        Some(verb) => {
            let before: Vec<&str> = words[..verb]
                .iter()
                .filter(|word| !US.contains(word) && !matches!(**word, "ya" | "ja"))
                .copied()
                .collect();
            name(&before)?
        }
        None => {
            words.iter().find(|word| RECEIVED.contains(word))?;
            let after = normalise(text.get(mention.end..)?);
            let after: Vec<&str> = after.split(' ').filter(|word| !word.is_empty()).collect();
            let from = after.iter().position(|word| matches!(*word, "de" | "del" | "do" | "da" | "from"))?;
            name(&after[from + 1..])?
        }
    };
    (amount.minor > 0).then_some(Paid { name, amount, yesterday: said(Period::Yesterday) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::entities::{Context, find};

    #[test]
    fn what_a_debtor_paid_is_heard_with_its_name() {
        let context = Context { today: None, country: "CO" };
        let of = |text: &str| paid(text, &normalise(text), &find(text, &context));
        for (text, name, yesterday) in [
            ("El Tornillo me pagó 200 mil", "tornillo", false),
            ("Ferretería El Tornillo ya nos abonó $200.000 ayer", "ferreteria el tornillo", true),
            ("recibí 200 mil de Boutique Sol", "boutique sol", false),
            ("a Paula me pagou 200 mil", "paula", false),
            ("John paid me 200000 pesos", "john", false),
        ] {
            let heard = of(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (heard.name.as_str(), heard.amount.minor, heard.yesterday),
                (name, 20_000_000, yesterday),
                "{text}"
            );
        }
        for text in
            ["¿El Tornillo me pagó 200 mil?", "pagué 200 mil de arriendo", "Juan pagó 200 mil de arriendo", "me pagó"]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
