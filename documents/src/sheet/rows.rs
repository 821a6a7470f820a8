//! Values of a row, each in the style that its column shows.

use std::collections::HashMap;

use jiff::civil::Date;
use recado_domain::{Currency, Money};

use super::cell::{Cell, Row};
use super::day::DayOrder;
use super::layout::Layout;
use super::number::{DecimalSign, NoNumber, Style};
use super::problem::{Problem, Trouble};

/// Letters of a value that a problem shows.
const SHOWN: usize = 40;

/// A hundredth of a number that is not below zero, without a loss: the point moves two places.
fn hundredth(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let whole = format!("{whole:0>3}");
    let (ones, hundredths) = whole.split_at(whole.len() - 2);
    format!("{ones}.{hundredths}{fraction}")
}

/// What each column shows about its values.
pub(super) struct Styles {
    numbers: HashMap<usize, Style>,
    days: HashMap<usize, DayOrder>,
}

impl Styles {
    pub(super) fn of(layout: &Layout, rows: &[Row], sign: DecimalSign, order: DayOrder) -> Self {
        let column = |place: usize| rows.iter().filter_map(move |row| row.cells.get(place));
        let known = layout.columns.iter().enumerate().filter(|(_, field)| field.is_some()).map(|(place, _)| place);
        let known: Vec<usize> = known.collect();
        Self {
            numbers: known.iter().map(|place| (*place, Style::of(column(*place), sign))).collect(),
            days: known.iter().map(|place| (*place, DayOrder::of(column(*place), order))).collect(),
        }
    }
}

/// A row that is being read.
pub(super) struct Values<'a> {
    pub row: &'a Row,
    pub layout: &'a Layout,
    pub styles: &'a Styles,
    pub shop: Currency,
}

pub(super) type Read<T> = Result<T, Problem>;

impl Values<'_> {
    pub(super) fn wrong(&self, field: &str, trouble: Trouble) -> Problem {
        let value = self.cell(field).text().chars().take(SHOWN).collect();
        Problem { row: self.row.number, column: self.layout.heading(field), value, trouble }
    }
    fn cell(&self, field: &str) -> &Cell {
        self.layout.column(field).and_then(|column| self.row.cells.get(column)).unwrap_or(&Cell::Empty)
    }
    /// The text of a field; `None` when there is none.
    pub(super) fn text(&self, field: &str) -> Read<Option<String>> {
        match self.cell(field) {
            Cell::Fault(_) => Err(self.wrong(field, Trouble::Fault)),
            cell => Ok(Some(cell.text()).filter(|text| !text.is_empty())),
        }
    }
    pub(super) fn needed_text(&self, field: &str) -> Read<String> {
        self.text(field)?.ok_or_else(|| self.wrong(field, Trouble::Missing))
    }
    pub(super) fn day(&self, field: &str) -> Read<Option<Date>> {
        let cell = self.cell(field);
        if cell.is_empty() {
            return Ok(None);
        }
        if let Cell::Fault(_) = cell {
            return Err(self.wrong(field, Trouble::Fault));
        }
        let order = self.layout.column(field).and_then(|column| self.styles.days.get(&column));
        let day = order.copied().unwrap_or(DayOrder::DayFirst).read(cell);
        day.map(Some).ok_or_else(|| self.wrong(field, Trouble::NotADay))
    }
    pub(super) fn needed_day(&self, field: &str) -> Read<Date> {
        self.day(field)?.ok_or_else(|| self.wrong(field, Trouble::Missing))
    }
    /// The number of a field as plain decimal text, and a currency that stood beside it.
    pub(super) fn decimal(&self, field: &str) -> Read<Option<(String, Option<Currency>)>> {
        let cell = self.cell(field);
        match cell {
            _ if cell.is_empty() => Ok(None),
            Cell::Fault(_) => Err(self.wrong(field, Trouble::Fault)),
            Cell::Day(_) => Err(self.wrong(field, Trouble::NotAnAmount)),
            Cell::Number(number) => Ok(Some((number.clone(), None))),
            _ => {
                let style = self.layout.column(field).and_then(|column| self.styles.numbers.get(&column)).copied();
                let style = style.ok_or_else(|| self.wrong(field, Trouble::NotAnAmount))?;
                match style.read(&cell.text()) {
                    Ok(amount) => Ok(Some((amount.decimal, amount.currency))),
                    Err(NoNumber::TwoWays) => Err(self.wrong(field, Trouble::TwoWays)),
                    Err(NoNumber::Words | NoNumber::Mixed) => Err(self.wrong(field, Trouble::NotAnAmount)),
                }
            }
        }
    }
    /// A share of one, as plain decimal text. With `%` it is percent, and so is `2,65`; `0,0265` is a share as it stands. What
    /// could be either, from `shares` to one, is not guessed.
    pub(super) fn share(&self, field: &str, shares: f64) -> Read<Option<String>> {
        let cell = self.cell(field);
        let text = cell.text();
        let (percent, decimal) = match (cell, text.strip_suffix('%')) {
            (Cell::Text(_), Some(number)) => {
                let style = Style::of(std::iter::empty(), self.custom());
                let read = style.read(number).map_err(|_| self.wrong(field, Trouble::NotAnAmount))?;
                (true, read.decimal)
            }
            _ => match self.decimal(field)? {
                None => return Ok(None),
                Some((decimal, _)) => (false, decimal),
            },
        };
        let value: f64 = decimal.parse().map_err(|_| self.wrong(field, Trouble::NotAnAmount))?;
        if value < 0.0 {
            return Err(self.wrong(field, Trouble::Negative));
        }
        if value > 100.0 || decimal.len() > 12 {
            return Err(self.wrong(field, Trouble::TooLarge));
        }
        if percent || value >= 1.0 {
            return Ok(Some(hundredth(&decimal)));
        }
        if value < shares { Ok(Some(decimal)) } else { Err(self.wrong(field, Trouble::Percent)) }
    }
    /// A whole number of days.
    pub(super) fn days(&self, field: &str) -> Read<Option<u16>> {
        let Some((decimal, _)) = self.decimal(field)? else { return Ok(None) };
        let whole = decimal
            .split_once('.')
            .map_or(decimal.as_str(), |(whole, rest)| if rest.bytes().all(|byte| byte == b'0') { whole } else { "" });
        whole.parse().map(Some).map_err(|_| self.wrong(field, Trouble::Days))
    }
    fn custom(&self) -> DecimalSign {
        if self.shop.comma_decimal() { DecimalSign::Comma } else { DecimalSign::Point }
    }
    /// The currency of the row: its column's, else the one beside the amount, else the shop's.
    pub(super) fn currency(&self, amount: &str) -> Read<Currency> {
        let beside = self.decimal(amount)?.and_then(|(_, currency)| currency);
        let told = match self.text("currency")? {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| self.wrong("currency", Trouble::Currency))?),
        };
        match (told, beside) {
            (Some(told), Some(beside)) if told != beside => Err(self.wrong(amount, Trouble::Currency)),
            (told, beside) => Ok(told.or(beside).unwrap_or(self.shop)),
        }
    }
    /// An amount in a currency; what stands beside it must not say another.
    pub(super) fn money(&self, field: &str, currency: Currency) -> Read<Option<Money>> {
        let Some((decimal, beside)) = self.decimal(field)? else { return Ok(None) };
        if beside.is_some_and(|beside| beside != currency) {
            return Err(self.wrong(field, Trouble::ForeignCurrency));
        }
        Money::parse(&decimal, currency).map(Some).map_err(|error| {
            let trouble = match error {
                recado_domain::money::MoneyError::NotDecimal(_) => Trouble::NotAnAmount,
                _ => Trouble::TooLarge,
            };
            self.wrong(field, trouble)
        })
    }
    pub(super) fn needed_money(&self, field: &str, currency: Currency) -> Read<Money> {
        self.money(field, currency)?.ok_or_else(|| self.wrong(field, Trouble::Missing))
    }
    /// The same, not below zero.
    pub(super) fn positive(&self, field: &str, currency: Currency) -> Read<Money> {
        let money = self.needed_money(field, currency)?;
        if money.minor < 0 { Err(self.wrong(field, Trouble::Negative)) } else { Ok(money) }
    }
    /// Zero when there is none; never below it.
    pub(super) fn positive_or_zero(&self, field: &str) -> Read<Money> {
        match self.money(field, self.shop)? {
            Some(money) if money.minor < 0 => Err(self.wrong(field, Trouble::Negative)),
            money => Ok(money.unwrap_or(Money::zero(self.shop))),
        }
    }
    /// A line that sums the ones above: it begins with the word and has no day or name of its own.
    pub(super) fn is_total(&self) -> bool {
        let first = self.row.cells.iter().find(|cell| !cell.is_empty()).map(Cell::text).unwrap_or_default();
        let plain = super::kind::plain(&first);
        let few = self.row.cells.iter().filter(|cell| !cell.is_empty()).count() <= 1 + self.layout.columns.len() / 2;
        ["total", "totales", "totais", "subtotal", "suma", "soma", "sum", "total general", "gran total"]
            .contains(&plain.as_str())
            && few
    }
}
