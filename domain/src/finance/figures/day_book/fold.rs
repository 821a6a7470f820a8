//! What some facts post, folded so that it can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::books::Books;
use super::super::breakdown::Dimension;
use super::super::cohorts::Winning;
use super::super::days::Days;
use super::super::evaluate::Figures;
use super::super::ledger::{Accrual, Contributions, accruals};
use super::super::measure::Measure;
use super::super::metric::Metric;
use super::super::part::Narrowing;
use super::super::posting::{Posting, Sink};
use super::super::sums::Sums;
use super::super::tally::Tally;
use super::super::undefined::Undefined;
use super::amounts::Amounts;
use super::moved::times;
use super::pack::{Damaged, Packer, Unpacker};
use super::{kin, visits, wake};
use crate::Timestamp;
use crate::finance::facts::FactSet;

/// The dimensions whose keys belong to an order or its parcel as a whole.
pub(super) const TRAITS: [Dimension; 6] = [
    Dimension::Payment,
    Dimension::Customer,
    Dimension::Channel,
    Dimension::City,
    Dimension::Carrier,
    Dimension::Platform,
];
pub(super) type Traits = [Option<String>; TRAITS.len()];

/// Which facts are folded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cluster {
    /// All that is no sale: accounts, stock, spending, invoices. It is small, and folded as a whole.
    Shop,
    /// The orders of a customer, with their parcels, payments, charges and what was collected for them.
    Kin,
    /// One remittance as a whole; what it says of each parcel is folded with that parcel.
    Remittance,
    /// A shop in one piece, as it is held in memory.
    Whole,
}

impl Cluster {
    /// Of what hangs together under a root.
    pub fn of(root: &str) -> Self {
        match root {
            kin::SHOP => Self::Shop,
            root if root.starts_with("r:") => Self::Remittance,
            _ => Self::Kin,
        }
    }
}

/// What some facts post: it is kept beside them, and subtracted when they change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    pub(super) flows: BTreeMap<(Date, Traits), Amounts>,
    pub(super) products: BTreeMap<(Date, Option<String>), Amounts>,
    pub(super) customers: BTreeMap<Date, Amounts>,
    pub(super) visits: BTreeMap<Date, Amounts>,
    pub(super) held: Amounts,
    pub(super) tallies: BTreeMap<(Tally, Date, String), Amounts>,
    pub(super) accruals: Vec<Accrual>,
    pub(super) stock: BTreeMap<Date, i64>,
    /// When it must be folded again though no fact changes.
    wake: Option<Timestamp>,
}

impl Fold {
    /// Folds facts as they are known at `as_of`.
    pub fn of(facts: FactSet, cluster: Cluster, as_of: Timestamp) -> Self {
        let mut wake = wake::next(&facts, as_of);
        if matches!(cluster, Cluster::Shop | Cluster::Whole) {
            wake = wake.into_iter().chain(wake::tomorrow(as_of, &facts.shop.zone)).min();
        }
        let books = Books::new(facts, as_of);
        let mut fold = Self { wake, ..Self::default() };
        let mut contributions = Contributions::new(&books);
        let mut winning = Winning::new(&books);
        // Keys depend on the order, the parcel and the platform alone.
        type Place = (Option<usize>, Option<usize>, Option<String>);
        let mut flows: BTreeMap<Place, BTreeMap<Date, Amounts>> = BTreeMap::new();
        let mut traits: BTreeMap<Place, Traits> = BTreeMap::new();
        books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
            let source = posting.source;
            let place = (source.order, source.parcel, source.platform.map(str::to_owned));
            traits.entry(place.clone()).or_insert_with(|| TRAITS.map(|by| books.key(by, &posting)));
            let day = flows.entry(place).or_default().entry(posting.day).or_default();
            day.post_and_count(posting.measure, posting.amount);
            books.part(Dimension::Product, &posting, &mut |key, measure, amount| {
                fold.products.entry((posting.day, key)).or_default().post_and_count(measure, amount);
            });
            if posting.measure == Measure::OwedGiftCards {
                fold.held.post(posting.measure, posting.amount);
            }
            contributions.take(&posting);
            winning.take(&posting);
        }));
        for (place, days) in flows {
            let traits = &traits[&place];
            for (day, amounts) in days {
                fold.flows.entry((day, traits.clone())).or_default().merge(&amounts, 1);
            }
        }
        books.post_customers(
            &contributions.0,
            &mut Sink::new(&mut |posting: Posting<'_>| {
                fold.customers.entry(posting.day).or_default().post(posting.measure, posting.amount);
            }),
        );
        books.post_balances(&mut Sink::new(&mut |posting: Posting<'_>| {
            // A customer's orders say nothing of accounts and stock, not even that they are unknown.
            let of_the_shop = matches!(posting.measure, Measure::HeldCash | Measure::HeldInventory);
            if matches!(cluster, Cluster::Shop | Cluster::Whole) || !of_the_shop {
                fold.held.post(posting.measure, posting.amount);
            }
        }));
        fold.visits = visits::of(&books);
        winning.post(&mut |day, key, code, amount| {
            fold.tallies.entry((Tally::Cohorts, day, key)).or_default().add(code, amount);
        });
        // Of cohorts what passed by is posted; the others read the facts themselves.
        for tally in Tally::ALL.into_iter().filter(|tally| *tally != Tally::Cohorts) {
            let rows = books.tally(tally, cluster).into_iter();
            fold.tallies.extend(rows.map(|((day, key), amounts)| ((tally, day, key), amounts)));
        }
        fold.tallies.retain(|_, amounts| !amounts.is_empty());
        // What is no sale is looked at first, whatever it moved.
        if cluster != Cluster::Shop {
            fold.count_moved();
        }
        fold.accruals = accruals(&books).into_iter().map(|(_, accrual)| accrual).collect();
        fold.stock = books.facts.inventory.iter().map(|stock| (stock.date, stock.value)).collect();
        fold
    }

    /// Counts itself under each measure that it moved on a day; what is held, on no day.
    fn count_moved(&mut self) {
        let flows = self.flows.iter().map(|((day, _), amounts)| (*day, amounts));
        let days = flows.chain(self.customers.iter().map(|(day, amounts)| (*day, amounts)));
        let mut moved: BTreeMap<Date, BTreeSet<u32>> = BTreeMap::new();
        for (day, amounts) in days.chain([(Date::ZERO, &self.held)]) {
            moved.entry(day).or_default().extend(amounts.measures());
        }
        for (day, measures) in moved.into_iter().filter(|(_, measures)| !measures.is_empty()) {
            let mut counts = Amounts::default();
            measures.into_iter().for_each(|measure| counts.add(measure, 1));
            self.tallies.insert((Tally::Moved, day, String::new()), counts);
        }
    }

    /// When it must be folded again though no fact changes.
    pub fn wake(&self) -> Option<Timestamp> {
        self.wake
    }
    /// Whether it posts to one of some products: only then may their cost change it.
    pub fn sells(&self, product: impl Fn(&str) -> bool) -> bool {
        self.products.keys().any(|(_, key)| key.as_deref().is_some_and(&product))
    }

    /// Whether it moved money through gateways: only then may the merchant's word on them change it.
    pub fn pays(&self) -> bool {
        let paid = [Measure::GatewayCharged, Measure::UntoldFees, Measure::RefundsPaid, Measure::Chargebacks];
        self.flows.values().any(|amounts| paid.iter().any(|measure| amounts.holds(*measure)))
    }

    /// How often it is counted among what moved a figure ([`moved`](super::moved::moved)).
    pub fn times_moved<S: Sums + ?Sized>(&self, figures: &Figures<'_, S>, metric: Metric) -> i128 {
        let rows = self.tallies.iter().filter(|((tally, ..), _)| *tally == Tally::Moved);
        rows.map(|((_, day, _), counts)| times(figures, metric, *day, counts)).sum()
    }

    /// Whether it moved a figure of some days, of a part of the shop or, without narrowing, of all of it. Of several parts
    /// it may say so of what belongs to one only: the facts decide.
    pub fn moves<S: Sums + ?Sized>(&self, figures: &Figures<'_, S>, metric: Metric, narrowing: &[Narrowing]) -> bool {
        let (days, measures) = (figures.proof_days(metric), metric.measures());
        let counts = matches!(metric, Metric::ActiveCustomers | Metric::ReturningCustomerRate);
        let holds = |amounts: &Amounts| measures.iter().any(|measure| amounts.holds(*measure));
        let belongs = |traits: &Traits| {
            narrowing.iter().all(|one| match one {
                Narrowing::Of(by, key) => {
                    let place = TRAITS.iter().position(|of| of == by);
                    place.is_none_or(|place| traits[place].as_deref() == Some(key))
                }
                Narrowing::Order(_) => true,
            })
        };
        let product = narrowing.iter().find_map(|one| match one {
            Narrowing::Of(Dimension::Product, key) => Some(key),
            _ => None,
        });
        let sells = product.is_none_or(|key| {
            let of = self.products.iter().filter(|((_, of), _)| of.as_ref() == Some(key));
            of.into_iter().any(|((day, _), amounts)| days.holds(*day) && holds(amounts))
        });
        let flows = self.flows.iter().any(|((day, of), amounts)| days.holds(*day) && belongs(of) && holds(amounts));
        let customers = self.customers.iter().any(|(day, amounts)| days.holds(*day) && holds(amounts));
        let came = counts && self.visits.keys().any(|day| days.holds(*day));
        let whole = narrowing.is_empty()
            && (holds(&self.held) || self.accruals.iter().any(|accrual| measures.contains(&accrual.measure)));
        sells && (flows || customers || came || whole)
    }

    /// As bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut packer = Packer::default();
        packer.number(self.wake.map_or(-1, |at| at.as_micros().max(0).into()));
        packer.size(self.flows.len() as u128);
        for ((day, traits), amounts) in &self.flows {
            packer.day(*day);
            traits.iter().for_each(|key| packer.text(key.as_deref()));
            packer.amounts(amounts);
        }
        packer.size(self.products.len() as u128);
        for ((day, key), amounts) in &self.products {
            packer.day(*day);
            packer.text(key.as_deref());
            packer.amounts(amounts);
        }
        for days in [&self.customers, &self.visits] {
            packer.size(days.len() as u128);
            for (day, amounts) in days {
                packer.day(*day);
                packer.amounts(amounts);
            }
        }
        packer.amounts(&self.held);
        packer.size(self.tallies.len() as u128);
        for ((tally, day, key), amounts) in &self.tallies {
            packer.size(*tally as u128);
            packer.day(*day);
            packer.text(Some(key));
            packer.amounts(amounts);
        }
        packer.size(self.accruals.len() as u128);
        for accrual in &self.accruals {
            packer.size(accrual.measure.index() as u128);
            packer.day(accrual.days.first);
            packer.day(accrual.days.last);
            match accrual.amount {
                Ok(amount) => {
                    packer.size(0);
                    packer.number(amount.into());
                }
                Err(why) => packer.size(1 + why as u128),
            }
        }
        packer.size(self.stock.len() as u128);
        for (day, value) in &self.stock {
            packer.day(*day);
            packer.number((*value).into());
        }
        packer.done()
    }

    /// From bytes.
    ///
    /// # Errors
    /// When they are none.
    pub fn unpack(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut read = Unpacker::new(bytes);
        let mut fold = Self::default();
        let wake = i64::try_from(read.number()?).map_err(|_| Damaged)?;
        fold.wake = (wake >= 0).then(|| Timestamp::from_micros(wake));
        for _ in 0..read.count()? {
            let day = read.day()?;
            let mut traits = Traits::default();
            for key in &mut traits {
                *key = read.text()?.map(str::to_owned);
            }
            fold.flows.insert((day, traits), read.amounts()?);
        }
        for _ in 0..read.count()? {
            let key = (read.day()?, read.text()?.map(str::to_owned));
            fold.products.insert(key, read.amounts()?);
        }
        for days in [&mut fold.customers, &mut fold.visits] {
            for _ in 0..read.count()? {
                let day = read.day()?;
                days.insert(day, read.amounts()?);
            }
        }
        fold.held = read.amounts()?;
        for _ in 0..read.count()? {
            let tally = usize::try_from(read.size()?).ok().and_then(|place| Tally::ALL.get(place));
            let place = (*tally.ok_or(Damaged)?, read.day()?, read.text()?.ok_or(Damaged)?.to_owned());
            fold.tallies.insert(place, read.amounts()?);
        }
        for _ in 0..read.count()? {
            let measure = usize::try_from(read.size()?).ok().and_then(|place| Measure::ALL.get(place));
            let days = Days { first: read.day()?, last: read.day()? };
            let amount = match usize::try_from(read.size()?).map_err(|_| Damaged)? {
                0 => Ok(i64::try_from(read.number()?).map_err(|_| Damaged)?),
                why => Err(*Undefined::ALL.get(why - 1).ok_or(Damaged)?),
            };
            fold.accruals.push(Accrual { measure: *measure.ok_or(Damaged)?, days, amount });
        }
        for _ in 0..read.count()? {
            let day = read.day()?;
            fold.stock.insert(day, i64::try_from(read.number()?).map_err(|_| Damaged)?);
        }
        if read.is_done() { Ok(fold) } else { Err(Damaged) }
    }
}
