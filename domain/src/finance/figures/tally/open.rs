//! What is still open of what was sold.

use jiff::civil::Date;

use super::{Tallied, Tally};
use crate::Timestamp;
use crate::finance::facts::{CarrierTerms, Outcome};
use crate::finance::figures::books::Books;
use crate::finance::figures::day_book::{Amounts, Cluster, Damaged};
use crate::finance::figures::days::shifted;

/// How many; of what is kept for a settled parcel, the sum.
const COUNT: u32 = 0;

/// A parcel whose money is not settled: on the way, collected and not paid over, paid over twice or though it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenParcel {
    /// Its id.
    pub id: String,
    /// Its order, where that is known.
    pub order: Option<String>,
    /// Who carries it.
    pub carrier: String,
    /// When it left.
    pub shipped_at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// What the carrier collects, in minor units.
    pub due: i64,
    /// What it paid over.
    pub collected: i128,
    /// In how many remittances.
    pub collections: usize,
    /// What it will keep from a remittance, with VAT.
    pub kept: i128,
    /// What was agreed with the carrier; `None` = unknown.
    pub terms: Option<CarrierTerms>,
}

/// A remittance whose net is not what its lines say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::finance::figures) struct Mismatch {
    pub remitted_at: Timestamp,
    pub id: String,
    pub carrier: String,
    /// net − Σ lines.
    pub amount: i128,
}

/// What is still open of what was sold.
#[derive(Debug, Default)]
pub struct Open {
    /// Parcels by the instant they left and their id.
    pub(in crate::finance::figures) parcels: Vec<OpenParcel>,
    /// What carriers will keep for parcels that bring nothing more: when, unless the carrier's terms are unknown, and the
    /// sum.
    pub(in crate::finance::figures) kept: Vec<(Option<Date>, i128)>,
    /// Payouts to come: the day, each amount, how many of it.
    pub(in crate::finance::figures) payouts: Vec<(Date, i128, i128)>,
    /// Bills of carriers, not kept from a remittance, that are not paid: the day of payment if it is set.
    pub(in crate::finance::figures) bills: Vec<(Option<Date>, i128, i128)>,
    /// By the instant of the remittance and its id.
    pub(in crate::finance::figures) mismatches: Vec<Mismatch>,
}

impl OpenParcel {
    /// Whether its money is not settled, apart from what will be kept for it.
    fn is_open(&self) -> bool {
        match self.outcome {
            Outcome::InTransit => self.due != 0 || self.kept != 0 || self.collected != 0,
            Outcome::Delivered(_) => i128::from(self.due) > self.collected || self.collections > 1,
            Outcome::Returned(_) | Outcome::Lost(_) => self.collected != 0,
        }
    }
    fn key(&self) -> String {
        let (code, at) = match self.outcome {
            Outcome::InTransit => (0, 0),
            Outcome::Delivered(at) => (1, at.as_micros()),
            Outcome::Returned(at) => (2, at.as_micros()),
            Outcome::Lost(at) => (3, at.as_micros()),
        };
        let written = (&self.id, &self.order, &self.carrier, self.shipped_at.as_micros(), code, at);
        let money = (self.due, self.collected, self.collections, self.kept);
        let terms = self.terms.map(|terms| (terms.term_days, terms.transit_days));
        format!("p{}", json(&(written, money, terms)))
    }
    fn read(key: &str) -> Result<Self, Damaged> {
        type Written = (String, Option<String>, String, i64, u8, i64);
        type Money = (i64, i128, usize, i128);
        type Terms = Option<(u16, u16)>;
        let (written, money, terms): (Written, Money, Terms) = serde_json::from_str(key).map_err(|_| Damaged)?;
        let (id, order, carrier, shipped, code, at) = written;
        let (due, collected, collections, kept) = money;
        let terms = terms.map(|(term_days, transit_days)| CarrierTerms { term_days, transit_days });
        let at = Timestamp::from_micros(at);
        let outcome = match code {
            0 => Outcome::InTransit,
            1 => Outcome::Delivered(at),
            2 => Outcome::Returned(at),
            3 => Outcome::Lost(at),
            _ => return Err(Damaged),
        };
        let shipped_at = Timestamp::from_micros(shipped);
        Ok(Self { id, order, carrier, shipped_at, outcome, due, collected, collections, kept, terms })
    }
}

/// Numbers and texts, of which there is always a JSON.
fn json(written: &impl serde::Serialize) -> String {
    serde_json::to_string(written).unwrap_or_default()
}

impl Tallied for Open {
    const OF: Tally = Tally::Open;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        let count = amounts.get(COUNT);
        let (kind, rest) = key.split_at_checked(1).ok_or(Damaged)?;
        let number = |text: &str| text.parse::<i128>().map_err(|_| Damaged);
        match kind {
            "p" => self.parcels.push(OpenParcel::read(rest)?),
            "k" => self.kept.push((Some(day), count)),
            "u" => self.kept.push((None, count)),
            "o" => self.payouts.push((day, number(rest)?, count)),
            "b" => self.bills.push(((day != Date::ZERO).then_some(day), number(rest)?, count)),
            "m" => {
                let (remitted, id, carrier, amount) = serde_json::from_str(rest).map_err(|_| Damaged)?;
                let remitted_at = Timestamp::from_micros(remitted);
                self.mismatches.push(Mismatch { remitted_at, id, carrier, amount });
            }
            _ => return Err(Damaged),
        }
        Ok(())
    }
    fn finish(&mut self) {
        self.parcels.sort_by(|one, other| (one.shipped_at, &one.id).cmp(&(other.shipped_at, &other.id)));
        self.mismatches.sort_by(|one, other| (one.remitted_at, &one.id).cmp(&(other.remitted_at, &other.id)));
    }
}

pub(super) fn post(books: &Books, cluster: Cluster, add: &mut dyn FnMut(Date, String, u32, i128)) {
    let facts = &books.facts;
    for (place, parcel) in facts.shipments.iter().enumerate() {
        let settled = &books.settled[place];
        let parcel = OpenParcel {
            id: parcel.id.clone(),
            order: books.order_of_parcel[place].map(|order| facts.orders[order].id.clone()),
            carrier: parcel.carrier.clone(),
            shipped_at: parcel.shipped_at,
            outcome: parcel.outcome(),
            due: parcel.cod_amount,
            collected: settled.collected,
            collections: settled.collections,
            kept: books.to_be_kept(place),
            terms: facts.shop.carriers.get(&parcel.carrier).copied(),
        };
        match parcel.outcome {
            _ if parcel.is_open() => add(books.day(parcel.shipped_at), parcel.key(), COUNT, 1),
            Outcome::Delivered(at) | Outcome::Returned(at) | Outcome::Lost(at) => {
                let (day, kind) = match parcel.terms {
                    Some(terms) => (shifted(books.day(at), terms.term_days.into()), "k"),
                    None => (books.day(at), "u"),
                };
                add(day, kind.to_owned(), COUNT, parcel.kept);
            }
            Outcome::InTransit => {}
        }
    }
    for payment in facts.payments.iter().filter(|payment| payment.pays_out()) {
        if let Some((at, net)) = payment.payout_at().filter(|at| *at > facts.as_of).zip(payment.net()) {
            add(books.day(at), format!("o{net}"), COUNT, 1);
        }
    }
    let unpaid = |paid: Option<Date>| paid.is_none_or(|paid| paid > books.today);
    for charge in facts.charges.iter().filter(|charge| !charge.deducted && unpaid(charge.paid_on)) {
        let owed = i128::from(charge.amount) + i128::from(charge.vat);
        add(charge.paid_on.unwrap_or(Date::ZERO), format!("b{owed}"), COUNT, 1);
    }
    // Of a remittance that is divided among its parcels no part knows the whole.
    if cluster == Cluster::Kin {
        return;
    }
    for remittance in &facts.remittances {
        let lines = remittance.lines.iter().map(|line| {
            i128::from(line.collected) - i128::from(line.freight) - i128::from(line.fee) - i128::from(line.other)
        });
        let amount = i128::from(remittance.net) - lines.sum::<i128>();
        if amount != 0 {
            let written = (remittance.remitted_at.as_micros(), &remittance.id, &remittance.carrier, amount);
            add(books.day(remittance.remitted_at), format!("m{}", json(&written)), COUNT, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_is_read_as_it_was_written() {
        let parcel = OpenParcel {
            id: "S\"|1".to_owned(),
            order: None,
            carrier: "Envía".to_owned(),
            shipped_at: Timestamp::from_seconds(1_790_000_000),
            outcome: Outcome::Delivered(Timestamp::from_seconds(1_790_100_000)),
            due: 5_990_000,
            collected: -3,
            collections: 2,
            kept: i128::from(i64::MAX) * 4,
            terms: Some(CarrierTerms { term_days: 8, transit_days: 3 }),
        };
        let key = parcel.key();
        assert_eq!(OpenParcel::read(key.strip_prefix('p').unwrap()), Ok(parcel));
        for damaged in ["", "p", "p[]", "z1", "ox", "m[1]", "pé"] {
            assert!(Open::default().take(Date::ZERO, damaged, &Amounts::default()).is_err(), "{damaged}");
        }
    }
}
