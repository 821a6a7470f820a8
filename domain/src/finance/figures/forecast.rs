//! Cash of the next thirteen weeks, from what is committed (FINANCE §2.5).

use jiff::civil::Date;

use super::balances::{age, loss_percent};
use super::books::Books;
use super::days::{Days, distance, shifted};
use super::evaluate::WINDOW;
use super::ledger::Ledger;
use super::measure::Measure;
use super::metric::Metric;
use super::undefined::Undefined;
use crate::finance::facts::{ExpenseKind, Outcome};
use crate::finance::ratio::Ratio;

/// Weeks that are forecast.
pub const WEEKS: usize = 13;
/// When an overdue invoice is expected, in days from today.
const OVERDUE_EXPECTED_IN: i64 = 14;
/// The pace of advertising and of new sales is that of so many days.
const PACE_DAYS: i64 = 28;

/// How the future is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// What is committed, no new sales.
    Committed,
    /// The same with collections a fifth lower.
    CollectionsDown,
    /// The same with realised sales, less their product cost, coming in as in the last 28 days.
    NewSales,
}

/// Cash at the end of each week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Minor units; week k is the days [7(k−1), 7k) from today.
    pub closing: [i64; WEEKS],
    /// Parcels on the way whose collection could not be estimated, for want of a delivery rate, and is left out.
    pub left_out: Vec<String>,
}

impl Forecast {
    /// The lowest week, counted from one, and its cash; the first of equals.
    pub fn lowest(&self) -> (usize, i64) {
        let weeks = self.closing.iter().copied().enumerate();
        weeks.map(|(week, cash)| (week + 1, cash)).min_by_key(|(week, cash)| (*cash, *week)).unwrap_or((1, 0))
    }
}

/// Cash that is expected, by day.
struct Plan<'a> {
    books: &'a Books,
    scenario: Scenario,
    weeks: [i128; WEEKS],
}

impl Plan<'_> {
    /// Past dates fall in the first week; what lies beyond the last is left out.
    fn expect(&mut self, date: Date, amount: i128) {
        let week = distance(self.books.today, date).max(0) / 7;
        if let Some(sum) = usize::try_from(week).ok().and_then(|week| self.weeks.get_mut(week)) {
            *sum += amount;
        }
    }
    /// Money to be collected.
    fn collect(&mut self, date: Date, amount: i128) {
        let amount = match self.scenario {
            Scenario::CollectionsDown if amount > 0 => amount - crate::money::divide_half_even(amount, 5),
            _ => amount,
        };
        self.expect(date, amount);
    }
}

impl Ledger {
    /// The forecast.
    ///
    /// # Errors
    /// When cash, a rate of exchange or a carrier's terms are unknown.
    pub fn forecast(&self, scenario: Scenario) -> Result<Forecast, Undefined> {
        let mut plan = Plan { books: &self.books, scenario, weeks: [0; WEEKS] };
        let mut left_out = Vec::new();
        self.plan_parcels(&mut plan, &mut left_out)?;
        self.plan_receipts(&mut plan)?;
        self.plan_payments(&mut plan)?;
        let pace = Days::before(self.today(), PACE_DAYS);
        let weekly_ads = self.weekly_ads(pace)?;
        let weekly_sales = match scenario {
            Scenario::NewSales => {
                let figures = self.figures(pace);
                let earned = figures.exact(Metric::RealisedTotalSales)?.minus(figures.exact(Metric::Cogs)?)?;
                earned.over(Ratio::whole(PACE_DAYS / 7))?.unwrap_or(Ratio::ZERO).rounded()?
            }
            Scenario::Committed | Scenario::CollectionsDown => 0,
        };
        let mut cash = self.balances.get(Measure::HeldCash)?;
        let mut closing = [0; WEEKS];
        for (week, expected) in plan.weeks.into_iter().enumerate() {
            cash += expected - weekly_ads + i128::from(weekly_sales);
            closing[week] = i64::try_from(cash).map_err(|_| Undefined::TooLarge)?;
        }
        Ok(Forecast { closing, left_out })
    }

    fn plan_parcels(&self, plan: &mut Plan<'_>, left_out: &mut Vec<String>) -> Result<(), Undefined> {
        let books = &self.books;
        let rate = self.figures(Days::before(self.today(), WINDOW)).exact(Metric::CodDeliveryRate);
        for (place, parcel) in books.facts.shipments.iter().enumerate() {
            let due = i128::from(parcel.cod_amount);
            let kept = books.to_be_kept(place);
            let open = (due - books.settled[place].collected).max(0);
            let concerns = match parcel.outcome() {
                Outcome::Delivered(_) => open != 0 || kept != 0,
                Outcome::InTransit => due != 0 || kept != 0,
                Outcome::Returned(_) | Outcome::Lost(_) => kept != 0,
            };
            if !concerns {
                continue;
            }
            let terms = books.facts.shop.carriers.get(&parcel.carrier).ok_or(Undefined::NoCarrierTerms)?;
            let term = |day: Date| shifted(day, terms.term_days.into());
            match parcel.outcome() {
                Outcome::Delivered(at) => plan.collect(term(books.day(at)), open - kept),
                Outcome::Returned(at) | Outcome::Lost(at) => plan.expect(term(books.day(at)), -kept),
                Outcome::InTransit => {
                    let arrival = shifted(books.day(parcel.shipped_at), terms.transit_days.into());
                    let expected = match rate {
                        Ok(rate) => Ratio::whole(parcel.cod_amount).times(rate)?.rounded()?,
                        Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
                        Err(_) if due == 0 => 0,
                        Err(_) => {
                            left_out.push(parcel.id.clone());
                            0
                        }
                    };
                    plan.collect(term(arrival.max(books.today)), i128::from(expected) - kept);
                }
            }
        }
        left_out.sort_unstable();
        Ok(())
    }

    fn plan_receipts(&self, plan: &mut Plan<'_>) -> Result<(), Undefined> {
        let books = &self.books;
        for payment in books.facts.payments.iter().filter(|payment| payment.pays_out()) {
            if let Some(at) = payment.payout_at.filter(|at| *at > books.facts.as_of) {
                plan.collect(books.day(at), payment.net());
            }
        }
        for invoice in &books.facts.invoices {
            let open = i64::try_from(invoice.open()).map_err(|_| Undefined::TooLarge)?;
            let open = books.converted(open, invoice.currency, books.today)?;
            let past_due = distance(invoice.due_on, books.today);
            let kept = Ratio::new(i128::from(100 - loss_percent(age(past_due))), 100).unwrap_or(Ratio::ZERO);
            let expected = Ratio::whole(open).times(kept)?.rounded()?;
            let date = if past_due > 0 { shifted(books.today, OVERDUE_EXPECTED_IN) } else { invoice.due_on };
            plan.collect(date, expected.into());
        }
        Ok(())
    }

    fn plan_payments(&self, plan: &mut Plan<'_>) -> Result<(), Undefined> {
        let books = &self.books;
        let today = books.today;
        let unpaid = |paid: Option<Date>| paid.is_none_or(|paid| paid > today);
        let received = books.facts.purchases.iter().filter(|purchase| purchase.received_on <= today);
        for purchase in received.filter(|purchase| unpaid(purchase.paid_on)) {
            let owed = books.converted_with_vat(purchase.amount, purchase.vat, purchase.currency, today)?;
            plan.expect(purchase.due_on.or(purchase.paid_on).unwrap_or(today), -i128::from(owed));
        }
        let expenses = books.facts.expenses.iter().filter(|expense| expense.kind != ExpenseKind::Owner);
        for expense in expenses.filter(|expense| unpaid(expense.paid_on)) {
            let owed = books.converted_with_vat(expense.amount, expense.vat, expense.currency, today)?;
            plan.expect(expense.due_on.or(expense.paid_on).unwrap_or(today), -i128::from(owed));
        }
        for spend in books.facts.ad_spend.iter().filter(|spend| unpaid(spend.paid_on)) {
            let owed = books.converted_with_vat(spend.amount, spend.vat, spend.currency, today)?;
            plan.expect(spend.paid_on.unwrap_or(today), -i128::from(owed));
        }
        for charge in books.facts.charges.iter().filter(|charge| !charge.deducted && unpaid(charge.paid_on)) {
            let owed = i128::from(charge.amount) + i128::from(charge.vat);
            plan.expect(charge.paid_on.unwrap_or(today), -owed);
        }
        Ok(())
    }

    /// A week of advertising, with its VAT, at the pace of some days; each spend at the rate of its day.
    fn weekly_ads(&self, pace: Days) -> Result<i128, Undefined> {
        let mut spent = 0;
        for spend in self.books.facts.ad_spend.iter().filter(|spend| pace.holds(spend.date)) {
            let cost = self.books.converted_with_vat(spend.amount, spend.vat, spend.currency, spend.date)?;
            spent += i128::from(cost);
        }
        Ok(crate::money::divide_half_even(spent, i128::from(PACE_DAYS / 7)))
    }
}
