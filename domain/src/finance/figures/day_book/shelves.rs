//! The pages of a day book in memory: what a store keeps, without one. Tests of any crate read a day book from it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::accounts::Accounts as _;
use super::super::breakdown::Dimension;
use super::super::days::Days;
use super::book::{DayBook, Parts};
use super::fold::{Cluster, Fold};
use super::gathered::{Gathered, Want};
use super::pack::Damaged;
use super::pages::{Changes, HELD, Periods, Place, VISITS, WHOLE, shelves};
use crate::Timestamp;
use crate::finance::facts::{FactSet, Shop};

/// Pages by where they lie.
#[derive(Default)]
pub struct Shelves(pub BTreeMap<Place, Vec<u8>>);

impl Shelves {
    /// Those of a shop that is folded in one piece.
    ///
    /// # Errors
    /// None in truth: what was just written is no damage.
    pub fn of(facts: FactSet) -> Result<(Self, Fold), Damaged> {
        let as_of = facts.as_of;
        let fold = Fold::of(facts, Cluster::Whole, as_of);
        let mut changes = Changes::default();
        changes.add(&fold);
        let mut shelves = Self::default();
        shelves.change(changes)?;
        Ok((shelves, fold))
    }
    /// Adds what changed.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn change(&mut self, changes: Changes) -> Result<(), Damaged> {
        for (place, addition) in changes.pages() {
            match addition.onto(self.0.get(&place).map(Vec::as_slice))? {
                Some(page) => self.0.insert(place, page),
                None => self.0.remove(&place),
            };
        }
        Ok(())
    }
    /// The book, with the fold of all that is no sale.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn book(
        &self,
        shop: &Shop,
        (as_of, synced_at): (Timestamp, Option<Timestamp>),
        beside_sales: Option<Fold>,
    ) -> Result<DayBook, Damaged> {
        let mut book = DayBook::new(shop, as_of, synced_at);
        for (place, page) in &self.0 {
            match place.shelf {
                WHOLE => book.add_day(&place.period, page)?,
                VISITS => book.add_visits(&place.period, page)?,
                HELD => book.add_held(page)?,
                _ => {}
            }
        }
        beside_sales.into_iter().for_each(|fold| book.add_shop(fold));
        Ok(book)
    }
    /// The sums of the parts of some days.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn parts(&self, by: Dimension, within: Days) -> Result<Parts, Damaged> {
        let mut parts = Parts::default();
        let Some((by_day, by_month)) = shelves(by) else { return Ok(parts) };
        let Periods { months, days: [before, after] } = Periods::of(within);
        for (place, page) in &self.0 {
            let lies = |shelf: &str, (first, last): &(String, String)| {
                place.shelf == shelf && *first <= place.period && place.period <= *last
            };
            if lies(by_month, &months) || lies(by_day, &before) || lies(by_day, &after) {
                parts.add(page)?;
            }
        }
        Ok(parts)
    }
    /// Brings what was asked for; `beside_sales` are the facts that are no sale.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn gather(
        &self,
        accounts: &mut Gathered,
        wanted: BTreeSet<Want>,
        beside_sales: &FactSet,
    ) -> Result<(), Damaged> {
        for want in wanted {
            match want {
                Want::Parts(by, days) => accounts.give_parts(by, days, self.parts(by, days)?),
                Want::Tally(tally, days) => {
                    let (first, last) = (days.first.to_string(), days.last.to_string());
                    let lies =
                        |place: &Place| place.shelf == tally.shelf() && first <= place.period && place.period <= last;
                    let pages = self.0.iter().filter(|(place, _)| lies(place));
                    accounts.give_tally(
                        tally,
                        days,
                        pages.map(|(place, page)| (place.period.as_str(), page.as_slice())),
                    )?;
                }
                Want::BesideSales => {
                    let mut facts = beside_sales.clone();
                    facts.as_of = accounts.as_of();
                    accounts.give_beside_sales(facts);
                }
            }
        }
        Ok(())
    }
    /// Computes something from the book alone, bringing what it asks for.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn computed<T>(
        &self,
        mut accounts: Gathered,
        beside_sales: &FactSet,
        compute: impl Fn(&Gathered) -> T,
    ) -> Result<T, Damaged> {
        loop {
            let told = compute(&accounts);
            let wanted = accounts.wanted();
            if wanted.is_empty() {
                return Ok(told);
            }
            self.gather(&mut accounts, wanted, beside_sales)?;
        }
    }
    /// Of some facts those that are no sale.
    pub fn beside_sales(facts: &FactSet) -> FactSet {
        FactSet {
            orders: Vec::new(),
            shipments: Vec::new(),
            charges: Vec::new(),
            payments: Vec::new(),
            remittances: Vec::new(),
            ..facts.clone()
        }
    }
}
