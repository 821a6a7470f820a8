//! Things that can be read off a text without understanding it, each with its place (docs/entities.md).
//!
//! Where two claim the same letters, the one of more certain form stays: e-mail, parcel, address, document, amount, phone,
//! period or date, order, quantity, name, way to pay, city; of two of one kind the longer, then the earlier. One pair stays
//! together: a number alone that may be a phone or a parcel.

mod address;
pub mod documents;
mod money;
mod names;
pub(super) mod numbers;
pub mod phones;
mod places;
mod quantity;
mod references;
pub(super) mod tokens;

use jiff::civil::Date;
use recado_domain::Currency;
use recado_domain::command::{Entity, Mention};

use super::normalise::LONGEST;
use super::periods;
use tokens::tokens as cut;

/// What is known about the shop when a text is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The shop's day; without it days have no date.
    pub today: Option<Date>,
    /// ISO 3166 country; empty when not known. Decides calling code, way of writing figures, currency and address.
    pub country: &'a str,
}

impl Context<'_> {
    /// The currency of the shop's country.
    pub fn currency(&self) -> Option<Currency> {
        Some(match self.country {
            "CO" => Currency::Cop,
            "MX" => Currency::Mxn,
            "BR" => Currency::Brl,
            "PE" => Currency::Pen,
            "CL" => Currency::Clp,
            "AR" => Currency::Ars,
            "UY" => Currency::Uyu,
            "PY" => Currency::Pyg,
            "EC" | "US" | "SV" | "PA" => Currency::Usd,
            "ES" | "PT" => Currency::Eur,
            _ => return None,
        })
    }
}

/// Most of each kind that is kept.
const MOST: usize = 8;

/// Everything found: orders, parcels, e-mails, phones, periods, then the rest, each kind in the order of the text.
pub fn find(text: &str, context: &Context<'_>) -> Vec<Mention> {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let tokens = cut(text);
    let mut all = references::find(text, context);
    all.extend(periods::mentions(&tokens, text, context.today));
    all.extend(money::find(&tokens, context));
    all.extend(documents::find(&tokens, context));
    all.extend(address::find(&tokens, text, context));
    all.extend(quantity::find(&tokens));
    all.extend(names::find(&tokens, text));
    all.extend(places::find(&tokens));
    resolve(all)
}

/// Rank of certainty: the smaller stays.
fn rank(entity: &Entity) -> u8 {
    match entity {
        Entity::Email { .. } => 0,
        Entity::TrackingNumber { valid: true, .. } => 1,
        Entity::Address(_) => 2,
        Entity::Document { .. } => 3,
        Entity::Money { .. } => 4,
        Entity::TrackingNumber { .. } | Entity::Phone { .. } => 5,
        Entity::Period { .. } | Entity::Date { .. } => 6,
        Entity::OrderNumber { .. } => 7,
        Entity::Quantity { .. } => 8,
        Entity::PersonName { .. } => 9,
        Entity::PaymentMethod { .. } => 10,
        Entity::City { .. } => 11,
    }
}

/// Place in the list that is given.
fn order(entity: &Entity) -> u8 {
    match entity {
        Entity::OrderNumber { .. } => 0,
        Entity::TrackingNumber { .. } => 1,
        Entity::Email { .. } => 2,
        Entity::Phone { .. } => 3,
        Entity::Period { .. } => 4,
        other => 5 + rank(other),
    }
}

fn resolve(mut all: Vec<Mention>) -> Vec<Mention> {
    all.sort_by_key(|one| (rank(&one.entity), std::cmp::Reverse(one.end - one.start), one.start));
    let mut kept: Vec<Mention> = Vec::with_capacity(all.len().min(96));
    let mut counts = [0_usize; 32];
    for one in all {
        let either = |entity: &Entity| matches!(entity, Entity::TrackingNumber { .. } | Entity::Phone { .. });
        // A city stands inside its address and is said by both.
        let clash = kept.iter().any(|other| {
            let overlap = one.start < other.end && other.start < one.end;
            let same_number = either(&one.entity)
                && either(&other.entity)
                && order(&one.entity) != order(&other.entity)
                && (one.start, one.end) == (other.start, other.end);
            overlap && !same_number
        });
        let count = &mut counts[usize::from(order(&one.entity)).min(31)];
        if !clash && *count < MOST {
            *count += 1;
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| (order(&one.entity), one.start));
    kept
}
