//! Cash of the next thirteen weeks, from what is committed (FINANCE §2.5).

use jiff::civil::Date;

use super::balances::{age, loss_percent};
use super::books::Books;
use super::days::{Days, distance, shifted};
use super::evaluate::{Defined, Figures, WINDOW};
use super::ledger::Ledger;
use super::measure::Measure;
use super::metric::Metric;
use super::sums::Sums;
use super::tally::Open;
use super::undefined::Undefined;
use crate::finance::facts::{Expense, ExpenseKind, Outcome};
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

/// Cash that is expected on a day, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashOn {
    /// What is held today.
    pub opening: i64,
    /// What comes in until that day: remittances, payouts, invoices.
    pub collected: i64,
    /// What leaves until that day of what is noted: suppliers, expenses, advertising and carriers billed.
    pub paid: i64,
    /// What advertising takes until that day at the pace of the last four weeks.
    pub ads: i64,
    /// What is left at the end of that day: `opening + collected − paid − ads`.
    pub closing: i64,
    /// Parcels on the way that are left out, as in [`Forecast::left_out`].
    pub left_out: Vec<String>,
}

/// An expense that is noted and not paid yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedExpense {
    /// What it is for.
    pub category: String,
    /// Minor units of the books, with VAT.
    pub amount: i64,
    /// The day on which the forecast pays it: what is overdue, today.
    pub on: Date,
}

/// What comes and leaves on a day; both are positive.
#[derive(Clone, Copy, Default)]
struct Flow {
    comes: i128,
    leaves: i128,
}

/// Cash that is expected, by day.
struct Plan {
    today: Date,
    scenario: Scenario,
    days: [Flow; 7 * WEEKS],
}

impl Plan {
    /// Past dates fall on the first day; what lies beyond the last is left out.
    fn expect(&mut self, date: Date, amount: i128) {
        let day = usize::try_from(distance(self.today, date).max(0)).ok();
        if let Some(flow) = day.and_then(|day| self.days.get_mut(day)) {
            let side = if amount < 0 { &mut flow.leaves } else { &mut flow.comes };
            *side += amount.abs();
        }
    }
    /// Money to be collected, so many times.
    fn collect(&mut self, date: Date, amount: i128, times: i128) {
        let amount = match self.scenario {
            Scenario::CollectionsDown if amount > 0 => amount - crate::money::divide_half_even(amount, 5),
            _ => amount,
        };
        self.expect(date, amount * times);
    }

    fn parcels(&mut self, open: &Open, books: &Books, rate: Defined<Ratio>) -> Defined<Vec<String>> {
        let mut left_out = Vec::new();
        for parcel in &open.parcels {
            let unsettled = (i128::from(parcel.due) - parcel.collected).max(0);
            let concerns = match parcel.outcome {
                Outcome::Delivered(_) => unsettled != 0 || parcel.kept != 0,
                Outcome::InTransit => parcel.due != 0 || parcel.kept != 0,
                Outcome::Returned(_) | Outcome::Lost(_) => parcel.kept != 0,
            };
            if !concerns {
                continue;
            }
            let terms = parcel.terms.ok_or(Undefined::NoCarrierTerms)?;
            let term = |day: Date| shifted(day, terms.term_days.into());
            match parcel.outcome {
                Outcome::Delivered(at) => self.collect(term(books.day(at)), unsettled - parcel.kept, 1),
                Outcome::Returned(at) | Outcome::Lost(at) => self.expect(term(books.day(at)), -parcel.kept),
                Outcome::InTransit => {
                    let arrival = shifted(books.day(parcel.shipped_at), terms.transit_days.into());
                    let expected = match rate {
                        Ok(rate) => Ratio::whole(parcel.due).times(rate)?.rounded()?,
                        Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
                        Err(_) if parcel.due == 0 => 0,
                        Err(_) => {
                            left_out.push(parcel.id.clone());
                            0
                        }
                    };
                    self.collect(term(arrival.max(self.today)), i128::from(expected) - parcel.kept, 1);
                }
            }
        }
        for (due, kept) in &open.kept {
            self.expect(due.ok_or(Undefined::NoCarrierTerms)?, -kept);
        }
        left_out.sort_unstable();
        Ok(left_out)
    }

    fn receipts(&mut self, open: &Open, books: &Books) -> Defined<()> {
        for (day, net, times) in &open.payouts {
            self.collect(*day, *net, *times);
        }
        for invoice in &books.facts.invoices {
            let open = i64::try_from(invoice.open()).map_err(|_| Undefined::TooLarge)?;
            let open = books.converted(open, invoice.currency, books.today)?;
            let past_due = distance(invoice.due_on, books.today);
            let kept = Ratio::new(i128::from(100 - loss_percent(age(past_due))), 100).unwrap_or(Ratio::ZERO);
            let expected = Ratio::whole(open).times(kept)?.rounded()?;
            let date = if past_due > 0 { shifted(books.today, OVERDUE_EXPECTED_IN) } else { invoice.due_on };
            self.collect(date, expected.into(), 1);
        }
        Ok(())
    }

    fn payments(&mut self, open: &Open, books: &Books) -> Defined<()> {
        let today = books.today;
        let unpaid = |paid: Option<Date>| paid.is_none_or(|paid| paid > today);
        let received = books.facts.purchases.iter().filter(|purchase| purchase.received_on <= today);
        for purchase in received.filter(|purchase| unpaid(purchase.paid_on)) {
            let owed = books.converted_with_vat(purchase.amount, purchase.vat, purchase.currency, today)?;
            self.expect(purchase.due_on.or(purchase.paid_on).unwrap_or(today), -i128::from(owed));
        }
        for expense in books.unpaid_expenses() {
            let owed = books.converted_with_vat(expense.amount, expense.vat, expense.currency, today)?;
            self.expect(expense.due_on.or(expense.paid_on).unwrap_or(today), -i128::from(owed));
        }
        for spend in books.facts.ad_spend.iter().filter(|spend| unpaid(spend.paid_on)) {
            let owed = books.converted_with_vat(spend.amount, spend.vat, spend.currency, today)?;
            self.expect(spend.paid_on.unwrap_or(today), -i128::from(owed));
        }
        for (paid_on, owed, times) in &open.bills {
            self.expect(paid_on.unwrap_or(today), -owed * times);
        }
        Ok(())
    }
}

/// What is known of the days to come.
struct Expected {
    plan: Plan,
    left_out: Vec<String>,
    weekly_ads: i128,
    weekly_sales: i128,
    held: i128,
}

fn expected(open: &Open, beside: &Ledger, sums: &dyn Sums, scenario: Scenario) -> Defined<Expected> {
    let books = &beside.books;
    let today = sums.today();
    let mut plan = Plan { today, scenario, days: [Flow::default(); 7 * WEEKS] };
    let rate = Figures::new(sums, Days::before(today, WINDOW)).exact(Metric::CodDeliveryRate);
    let left_out = plan.parcels(open, books, rate)?;
    plan.receipts(open, books)?;
    plan.payments(open, books)?;
    let pace = Days::before(today, PACE_DAYS);
    let weekly_ads = weekly_ads(books, pace)?;
    let weekly_sales = match scenario {
        Scenario::NewSales => {
            let figures = Figures::new(sums, pace);
            let earned = figures.exact(Metric::RealisedTotalSales)?.minus(figures.exact(Metric::Cogs)?)?;
            earned.over(Ratio::whole(PACE_DAYS / 7))?.unwrap_or(Ratio::ZERO).rounded()?.into()
        }
        Scenario::Committed | Scenario::CollectionsDown => 0,
    };
    let held = sums.balances().get(Measure::HeldCash)?;
    Ok(Expected { plan, left_out, weekly_ads, weekly_sales, held })
}

/// The forecast, from what is open of what was sold, the facts that are no sale, and sums.
pub(super) fn forecast(open: &Open, beside: &Ledger, sums: &dyn Sums, scenario: Scenario) -> Defined<Forecast> {
    let Expected { plan, left_out, weekly_ads, weekly_sales, held } = expected(open, beside, sums, scenario)?;
    let mut cash = held;
    let mut closing = [0; WEEKS];
    for (closing, days) in closing.iter_mut().zip(plan.days.chunks(7)) {
        cash += days.iter().map(|flow| flow.comes - flow.leaves).sum::<i128>() - weekly_ads + weekly_sales;
        *closing = i64::try_from(cash).map_err(|_| Undefined::TooLarge)?;
    }
    Ok(Forecast { closing, left_out })
}

/// The cash of a day to come, with what is committed; `None` when it has gone or lies beyond the forecast. On the last day
/// of a week it is what [`forecast`] says of that week.
pub(super) fn cash_on(open: &Open, beside: &Ledger, sums: &dyn Sums, day: Date) -> Defined<Option<CashOn>> {
    let Expected { plan, left_out, weekly_ads, held, .. } = expected(open, beside, sums, Scenario::Committed)?;
    let Ok(place) = usize::try_from(distance(plan.today, day)) else { return Ok(None) };
    let Some(days) = plan.days.get(..=place) else { return Ok(None) };
    let elapsed = days.len() as i128;
    // Whole weeks as they are, of the last one the share of its days: rounded half-even, once.
    let ads = weekly_ads * (elapsed / 7) + crate::money::divide_half_even(weekly_ads * (elapsed % 7), 7);
    let collected = days.iter().map(|flow| flow.comes).sum::<i128>();
    let paid = days.iter().map(|flow| flow.leaves).sum::<i128>();
    let fits = |amount: i128| i64::try_from(amount).map_err(|_| Undefined::TooLarge);
    Ok(Some(CashOn {
        opening: fits(held)?,
        collected: fits(collected)?,
        paid: fits(paid)?,
        ads: fits(ads)?,
        closing: fits(held + collected - paid - ads)?,
        left_out,
    }))
}

impl Ledger {
    /// Expenses that the forecast pays, the earliest first.
    pub(super) fn planned_expenses(&self) -> Defined<Vec<PlannedExpense>> {
        let books = &self.books;
        let mut planned = Vec::new();
        for expense in books.unpaid_expenses() {
            let amount = books.converted_with_vat(expense.amount, expense.vat, expense.currency, books.today)?;
            let on = expense.due_on.or(expense.paid_on).unwrap_or(books.today).max(books.today);
            planned.push(PlannedExpense { category: expense.category.clone(), amount, on });
        }
        planned.sort_by(|one, other| one.on.cmp(&other.on).then_with(|| one.category.cmp(&other.category)));
        Ok(planned)
    }
}

impl Books {
    /// What is owed for expenses; what an owner takes is a wish, not a bill.
    fn unpaid_expenses(&self) -> impl Iterator<Item = &Expense> {
        let unpaid = |paid: Option<Date>| paid.is_none_or(|paid| paid > self.today);
        let expenses = self.facts.expenses.iter().filter(|expense| expense.kind != ExpenseKind::Owner);
        expenses.filter(move |expense| unpaid(expense.paid_on))
    }
}

/// A week of advertising, with its VAT, at the pace of some days; each spend at the rate of its day.
fn weekly_ads(books: &Books, pace: Days) -> Defined<i128> {
    let mut spent = 0;
    for spend in books.facts.ad_spend.iter().filter(|spend| pace.holds(spend.date)) {
        let cost = books.converted_with_vat(spend.amount, spend.vat, spend.currency, spend.date)?;
        spent += i128::from(cost);
    }
    Ok(crate::money::divide_half_even(spent, i128::from(PACE_DAYS / 7)))
}
