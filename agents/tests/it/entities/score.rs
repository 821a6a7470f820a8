//! How often what is found is what was labelled.

use std::collections::BTreeMap;

use jiff::civil::Date;
use recado_agents::understanding::entities::{Context, find};
use recado_domain::command::Entity;

/// A labelled text: country of the shop, the text, and what stands in it as `type:value`, parted by `|`.
pub(super) type Example = (&'static str, &'static str, &'static str);

/// The day of the examples: a Thursday.
pub(super) const TODAY: Date = Date::constant(2026, 11, 26);

/// An entity in one line.
pub(super) fn line(entity: &Entity) -> (String, String) {
    let (kind, value) = match entity {
        Entity::OrderNumber { value } => ("order", value.clone()),
        Entity::TrackingNumber { value, .. } => ("parcel", value.clone()),
        Entity::Email { value } => ("email", value.clone()),
        Entity::Phone { value } => ("phone", value.clone()),
        Entity::Money { minor, currency, alternatives } => {
            let code = currency.map_or("?", |currency| currency.code());
            let or: String = alternatives.iter().map(|other| format!("/{other}")).collect();
            ("money", format!("{code} {minor}{or}"))
        }
        Entity::Period { value, versus } => {
            let days = |period: &recado_domain::period::Period| {
                let now = recado_domain::Timestamp::parse("2026-11-26T17:00:00Z").unwrap();
                let span = period.resolve(now, &jiff::tz::TimeZone::UTC);
                format!("{}..{}", span.first, span.last)
            };
            ("period", versus.as_ref().map_or(days(value), |other| format!("{} vs {}", days(value), days(other))))
        }
        Entity::Date { value } => ("date", value.to_string()),
        Entity::Quantity { value } => ("quantity", value.to_string()),
        Entity::PersonName { value } => ("name", value.clone()),
        Entity::Address(address) => {
            let parts = [&address.street, &address.number, &address.unit, &address.district, &address.city];
            let said: Vec<&str> = parts.iter().map(|part| part.as_deref().unwrap_or("-")).collect();
            ("address", format!("{}; falta {}", said.join(", "), address.missing.join(" ")))
        }
        Entity::Document { kind, value, valid } => {
            let valid = valid.map_or("", |valid| if valid { " ok" } else { " wrong" });
            ("document", format!("{kind} {value}{valid}"))
        }
        Entity::City { value, .. } => ("city", value.clone()),
        Entity::PaymentMethod { value } => ("payment", value.clone()),
    };
    (kind.to_owned(), value)
}

/// Right, found and labelled of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    pub(super) right: usize,
    pub(super) found: usize,
    pub(super) labelled: usize,
}

impl Score {
    pub(super) fn f1(self) -> f64 {
        if self.found + self.labelled == 0 {
            1.0
        } else {
            2.0 * self.right as f64 / (self.found + self.labelled) as f64
        }
    }
}

/// The scores by kind, and what came out otherwise. Of a table that labels only `kinds`, other kinds are not judged.
pub(super) fn scores(examples: &[Example], kinds: &[&str]) -> (BTreeMap<String, Score>, Vec<String>) {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    let mut misses = Vec::new();
    for (country, text, labels) in examples {
        let found = find(text, &Context { today: Some(TODAY), country });
        let mut found: Vec<(String, String)> = found
            .iter()
            .map(|mention| line(&mention.entity))
            .filter(|(kind, _)| kinds.contains(&kind.as_str()))
            .collect();
        let labels = labels.split('|').filter_map(|label| label.split_once(':'));
        let before = format!("{found:?}");
        let mut wrong = false;
        for (kind, value) in labels {
            let score = scores.entry(kind.to_owned()).or_default();
            score.labelled += 1;
            match found.iter().position(|(one, other)| one == kind && other == value) {
                Some(place) => {
                    found.swap_remove(place);
                    score.right += 1;
                    score.found += 1;
                }
                None => wrong = true,
            }
        }
        for (kind, _) in &found {
            scores.entry(kind.clone()).or_default().found += 1;
            wrong = true;
        }
        if wrong {
            misses.push(format!("{text:?} → {before}"));
        }
    }
    (scores, misses)
}
