//! Sums by code, and nothing where there is nothing.

use super::super::ledger::Totals;
use super::super::measure::Measure;
use super::super::undefined::Undefined;

/// Revision of what postings mean. Whoever changes what a fact posts raises it, and kept day books are folded anew.
const REVISION: u64 = 5;
/// The code that counts postings.
const POSTINGS: u32 = 0;
const SUMS: u32 = 1;
const GAPS: u32 = SUMS + Measure::COUNT as u32;
const REASONS: u32 = Undefined::ALL.len() as u32;

/// Whole numbers by code, in the order of codes, without zeros. Subtracting what was added leaves nothing behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts(Vec<(u32, i128)>);

impl Amounts {
    /// Adds to one number. Numbers stay far below 128 bits: what is added has 64, and what is read back is bounded.
    pub(in crate::finance::figures) fn add(&mut self, code: u32, amount: i128) {
        if amount == 0 {
            return;
        }
        // They are mostly read and posted in the order of their codes.
        if self.0.last().is_none_or(|(last, _)| *last < code) {
            self.0.push((code, amount));
            return;
        }
        match self.0.binary_search_by_key(&code, |(code, _)| *code) {
            Ok(place) => {
                self.0[place].1 += amount;
                if self.0[place].1 == 0 {
                    self.0.remove(place);
                }
            }
            Err(place) => self.0.insert(place, (code, amount)),
        }
    }
    /// Adds to one number, looking for it from a place on: for numbers that come in the order of their codes.
    pub(super) fn add_at(&mut self, place: &mut usize, code: u32, amount: i128) {
        while self.0.get(*place).is_some_and(|(known, _)| *known < code) {
            *place += 1;
        }
        match self.0.get_mut(*place) {
            _ if amount == 0 => {}
            Some((known, sum)) if *known == code => {
                *sum += amount;
                if *sum == 0 {
                    self.0.remove(*place);
                }
            }
            _ => self.0.insert(*place, (code, amount)),
        }
    }
    /// Adds all of another, so many times.
    pub(super) fn merge(&mut self, other: &Self, times: i128) {
        for (code, amount) in &other.0 {
            self.add(*code, times * amount);
        }
    }
    pub(in crate::finance::figures) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(in crate::finance::figures) fn get(&self, code: u32) -> i128 {
        self.0.binary_search_by_key(&code, |(code, _)| *code).map_or(0, |place| self.0[place].1)
    }
    pub(in crate::finance::figures) fn iter(&self) -> impl ExactSizeIterator<Item = (u32, i128)> + '_ {
        self.0.iter().copied()
    }

    /// Adds what is posted to a measure: an amount, or why it is not known.
    pub(super) fn post(&mut self, measure: Measure, amount: Result<i64, Undefined>) {
        let place = measure.index() as u32;
        match amount {
            Ok(amount) => self.add(SUMS + place, i128::from(amount)),
            Err(why) => self.add(GAPS + place * REASONS + why as u32, 1),
        }
    }
    /// The same, and counts it: a part is there when something was posted to it, whatever the sum.
    pub(super) fn post_and_count(&mut self, measure: Measure, amount: Result<i64, Undefined>) {
        self.add(POSTINGS, 1);
        self.post(measure, amount);
    }
    /// Whether a measure has a sum, or a reason why it has none.
    pub(super) fn holds(&self, measure: Measure) -> bool {
        let place = measure.index() as u32;
        let gaps = GAPS + place * REASONS;
        self.0.iter().any(|(code, _)| *code == SUMS + place || (gaps..gaps + REASONS).contains(code))
    }
    /// The places of measures that have a sum, or a reason why they have none.
    pub(super) fn measures(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().filter_map(|(code, _)| match code {
            GAPS.. => Some((code - GAPS) / REASONS),
            SUMS.. => Some(code - SUMS),
            _ => None,
        })
    }
    /// Whether something was posted.
    pub(super) fn is_posted(&self) -> bool {
        self.get(POSTINGS) != 0
    }
    /// Adds the sums of those measures that are wanted.
    pub(super) fn total(&self, totals: &mut Totals, wanted: impl Fn(Measure) -> bool) {
        for (code, amount) in self.iter() {
            if let Some(code) = code.checked_sub(GAPS) {
                let measure = Measure::ALL.get((code / REASONS) as usize);
                let why = Undefined::ALL[(code % REASONS) as usize];
                if let Some(measure) = measure.filter(|measure| wanted(**measure)) {
                    totals.gap(*measure, why);
                }
            } else if let Some(measure) = code.checked_sub(SUMS).and_then(|place| Measure::ALL.get(place as usize))
                && wanted(*measure)
            {
                totals.add_sum(*measure, amount);
            }
        }
    }
}

/// A number that changes when codes or their meaning do, or what is known of the shop itself where no fact says it, or
/// when webhooks first tell an order: what was kept under another is folded anew.
pub fn edition(timezone: &str, currency: &str, tells: bool) -> i64 {
    // FNV-1a: stable across builds, which the standard hasher is not promised to be.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    };
    take(&REVISION.to_string());
    take(timezone);
    take(currency);
    take(if tells { "tells" } else { "" });
    Measure::NAMES.iter().for_each(|name| take(name));
    Undefined::ALL.iter().for_each(|why| take(&why.to_string()));
    i64::from_le_bytes(hash.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_and_taken_back_leaves_nothing() {
        let mut amounts = Amounts::default();
        amounts.post_and_count(Measure::Cogs, Ok(5));
        amounts.post_and_count(Measure::Cogs, Ok(-5));
        assert!(amounts.is_posted() && amounts.iter().len() == 1);
        amounts.post(Measure::AdSpend, Err(Undefined::NoExchangeRate));
        let before = amounts.clone();
        amounts.merge(&before, -1);
        assert!(amounts.is_empty());
    }

    #[test]
    fn a_reason_is_read_as_it_was_posted() {
        for (place, why) in Undefined::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, place);
            let mut amounts = Amounts::default();
            amounts.post(Measure::HeldInventory, Err(why));
            let mut totals = Totals::new();
            amounts.total(&mut totals, |_| true);
            assert_eq!(totals.get(Measure::HeldInventory), Err(why));
            assert_eq!(totals.get(Measure::OwedGiftCards), Ok(0));
        }
    }
}
