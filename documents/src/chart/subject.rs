//! From a shop's figures to pictures of them, with their words.

use recado_domain::Money;
use recado_domain::finance::figures::{
    Accounts, Basis, Days, Dimension, Figures, Metric, Narrowing, Scenario, Sums, Undefined, Unit, Value,
};
use recado_domain::finance::ratio::Ratio;

use super::{Bar, Bars, ChartError, Cod, Head, Series, Step, StepKind, Steps, Trend, Weeks};
use crate::comparison::titled;
use crate::write::Writer;

/// Bars of a breakdown; what is left is one more.
const MOST_PARTS: usize = 7;

/// The figures of some days, to be drawn.
pub(super) struct Subject<'a> {
    pub accounts: &'a dyn Accounts,
    pub days: Days,
    /// Of what part; empty = of the whole.
    pub parts: &'a [Narrowing],
    pub writer: Writer,
}

fn whole(value: Value) -> i64 {
    match value {
        Value::Money(whole) | Value::Count(whole) => whole,
        Value::Ratio(_) => 0,
    }
}

/// A figure as a whole number; what does not fit or has no rate is an error.
fn amount(figures: &Figures<'_, dyn Sums>, metric: Metric) -> Result<i64, Undefined> {
    figures.value(metric).map(whole)
}

fn total(values: &[i64]) -> i128 {
    values.iter().map(|value| i128::from(*value)).sum()
}

/// `(now − before) ÷ before`, when there was something before.
fn change(now: i128, before: i128) -> Option<Ratio> {
    if before > 0 { Ratio::new(now - before, before) } else { None }
}

impl Subject<'_> {
    fn say(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        self.writer.say(key, values)
    }
    fn name(&self, metric: Metric) -> String {
        metric.name(self.writer.language).to_owned()
    }
    /// The figures of some days, of the part that is drawn.
    fn figures(&self, days: Days) -> Figures<'_, dyn Sums> {
        self.accounts.part(self.parts, days)
    }
    /// The days, with the part that is drawn: «1 a 30 de noviembre · Bogotá».
    fn of_days(&self, days: Days) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Narrowing::Of(by, key) => self.part_name(*by, Some(key)),
            Narrowing::Order(id) => id.clone(),
        });
        std::iter::once(self.writer.range(days)).chain(parts).collect::<Vec<_>>().join(" · ")
    }
    /// The name at the beginning of a sentence.
    fn titled(&self, metric: Metric) -> String {
        titled(self.writer, metric)
    }
    fn written(&self, metric: Metric, value: i64) -> String {
        if metric.unit() == Unit::Money { self.writer.money(value) } else { self.writer.count(value) }
    }
    fn source(&self) -> String {
        crate::comparison::source(self.accounts, self.writer)
    }
    fn head(&self, title: String, note: String, caveat: Option<String>, values: String) -> Head {
        Head { title, note, caveat, source: self.source(), values }
    }
    /// What is missing in a figure of the days.
    fn caveat(&self, metric: Metric) -> Option<String> {
        crate::comparison::caveat(self.writer, &self.figures(self.days), metric)
    }
    fn basis(&self, metric: Metric) -> String {
        self.say(
            match metric.basis() {
                Basis::Booked => "basis.booked",
                Basis::Realised => "basis.realised",
                Basis::Cash => "basis.cash",
                Basis::Parcels => "basis.parcels",
                Basis::Balance => "basis.balance",
            },
            &[],
        )
    }
    fn drawable(&self, metric: Metric) -> Result<(), ChartError> {
        let sum = Metric::DIVISIBLE.contains(&metric) && matches!(metric.unit(), Unit::Money | Unit::Count);
        if sum { Ok(()) } else { Err(ChartError::NoSum(metric.id())) }
    }

    /// The values of each day of a range.
    fn by_day(&self, metric: Metric, days: Days) -> Result<Vec<i64>, ChartError> {
        let each = days.first.series(jiff::Span::new().days(1)).take_while(|day| *day <= days.last);
        each.map(|day| Ok(amount(&self.figures(Days::new(day, day)), metric)?)).collect()
    }

    pub(super) fn trend(&self, metric: Metric) -> Result<Trend, ChartError> {
        self.drawable(metric)?;
        let today = self.accounts.today();
        if self.days.first > today {
            return Err(ChartError::Nothing);
        }
        let shown = Days::new(self.days.first, self.days.last.min(today));
        let now = self.by_day(metric, shown)?;
        // As many days of the period before: a month that has not ended is compared with the same days of the last one.
        let earlier = self.days.previous();
        let reach = earlier.first.saturating_add(jiff::Span::new().days(shown.count() - 1)).min(earlier.last);
        let earlier_shown = if shown == self.days { earlier } else { Days::new(earlier.first, reach) };
        let before = self.by_day(metric, earlier_shown)?;
        if now.iter().chain(&before).all(|value| *value == 0) {
            return Err(ChartError::Nothing);
        }
        let sum = i64::try_from(total(&now)).map_err(|_| Undefined::TooLarge)?;
        let compared = before.iter().any(|value| *value != 0);
        let (within, earlier_name) = (self.writer.within(shown), self.writer.days(earlier_shown));
        let earlier_within = self.writer.within(earlier_shown);
        let written = self.written(metric, sum);
        let percent = change(sum.into(), total(&before));
        let key = match (metric, percent) {
            (Metric::BookedNetSales, Some(percent)) if percent.is_zero() => "title.sold_same",
            (Metric::BookedNetSales, Some(percent)) if percent.is_positive() => "title.sold_more",
            (Metric::BookedNetSales, Some(_)) => "title.sold_less",
            (Metric::BookedNetSales, None) => "title.sold",
            (_, Some(percent)) if percent.is_zero() => "title.figure_same",
            (_, Some(percent)) if percent.is_positive() => "title.figure_more",
            (_, Some(_)) => "title.figure_less",
            (_, None) => "title.figure",
        };
        let size = percent.map(|percent| Ratio::new(percent.numerator().abs(), percent.denominator()));
        let size = size.flatten().map_or_else(String::new, |size| self.writer.percent(size));
        let figure = self.titled(metric);
        let title = self.say(
            key,
            &[
                ("amount", &written),
                ("within", &within),
                ("change", &size),
                ("before", &earlier_within),
                ("figure", &figure),
            ],
        );
        let note = self
            .say("note.by_day", &[("figure", &figure), ("basis", &self.basis(metric)), ("days", &self.of_days(shown))]);
        let partial = (shown.last == today).then(|| self.say("legend.partial", &[]));
        let mut trend = Trend {
            head: Head::default(),
            now: Series { name: self.writer.days(shown), values: now },
            before: compared.then_some(Series { name: earlier_name, values: before }),
            first: shown.first,
            partial,
            money: metric.unit() == Unit::Money,
            writer: self.writer,
        };
        let values = trend.best().map_or_else(String::new, |(day, value)| {
            let day = shown.first.saturating_add(jiff::Span::new().days(i64::try_from(day).unwrap_or(0)));
            self.say("values.best", &[("day", &self.writer.day(day)), ("amount", &self.written(metric, value))])
        });
        trend.head = self.head(title, note, self.caveat(metric), values);
        Ok(trend)
    }

    pub(super) fn parts(&self, by: Dimension, metric: Metric) -> Result<Bars, ChartError> {
        self.drawable(metric)?;
        let breakdown = self.accounts.parts(by, self.parts, self.days);
        let mut parts = Vec::new();
        for part in &breakdown.parts {
            let value = amount(&part.figures, metric)?;
            if value != 0 {
                parts.push((self.part_name(by, part.key.as_deref()), value));
            }
        }
        if parts.is_empty() {
            return Err(ChartError::Nothing);
        }
        if matches!(by, Dimension::Day | Dimension::Month) {
            parts.truncate(31);
        } else {
            parts.sort_by_key(|(_, value)| std::cmp::Reverse(*value));
        }
        let all: i128 = parts.iter().map(|(_, value)| i128::from(*value)).sum();
        let positive = parts.iter().all(|(_, value)| *value > 0);
        let share = |value: i64| {
            let share = Ratio::new(value.into(), all).filter(|_| positive);
            share.map(|share| self.writer.percent(share))
        };
        let rest = if parts.len() > MOST_PARTS + 1 && !matches!(by, Dimension::Day | Dimension::Month) {
            parts.split_off(MOST_PARTS)
        } else {
            Vec::new()
        };
        let bar = |name: String, value: i64, rest: bool| Bar {
            written: self.written(metric, value),
            share: share(value),
            name,
            value,
            rest,
        };
        let mut bars: Vec<Bar> = parts.into_iter().map(|(name, value)| bar(name, value, false)).collect();
        if !rest.is_empty() {
            let name =
                self.say("parts.rest", &[("count", &self.writer.count(i64::try_from(rest.len()).unwrap_or(i64::MAX)))]);
            let sum: i128 = rest.iter().map(|(_, value)| i128::from(*value)).sum();
            bars.push(bar(name, i64::try_from(sum).map_err(|_| Undefined::TooLarge)?, true));
        }
        let largest = &bars[0];
        let figure = self.titled(metric);
        let within = self.writer.within(self.days);
        let name = self.name(metric);
        let values: [(&str, &str); 5] = [
            ("part", &largest.name),
            ("amount", &largest.written),
            ("share", largest.share.as_deref().unwrap_or_default()),
            ("figure", &name),
            ("within", &within),
        ];
        let key = if largest.share.is_some() { "title.parts_share" } else { "title.parts" };
        let title = self.say(key, &values);
        let by = self.writer.code("by", by.code());
        let note = self.say(
            "note.by_part",
            &[("figure", &figure), ("by", &by), ("basis", &self.basis(metric)), ("days", &self.of_days(self.days))],
        );
        let list: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.name, bar.written)).collect();
        Ok(Bars { head: self.head(title, note, self.caveat(metric), list.join("; ")), parts: bars })
    }

    fn part_name(&self, by: Dimension, key: Option<&str>) -> String {
        crate::comparison::part_name(self.accounts, self.writer, by, key)
    }

    pub(super) fn profit(&self) -> Result<Steps, ChartError> {
        use Metric::*;
        const STEPS: [(Metric, StepKind, i64); 11] = [
            (RealisedNetSales, StepKind::Total, 1),
            (RealisedShippingRevenue, StepKind::Change, 1),
            (Cogs, StepKind::Change, -1),
            (Fulfilment, StepKind::Change, -1),
            (InventoryLosses, StepKind::Change, -1),
            (PaymentFees, StepKind::Change, -1),
            (Chargebacks, StepKind::Change, -1),
            (Cm2, StepKind::Total, 1),
            (Marketing, StepKind::Change, -1),
            (FixedExpenses, StepKind::Change, -1),
            (OperatingProfit, StepKind::Total, 1),
        ];
        let figures = self.accounts.figures(self.days);
        let revenue = amount(&figures, RealisedNetRevenue)?;
        let mut steps = Vec::new();
        for (metric, kind, sign) in STEPS {
            let value = match metric {
                // What is known of them: the profit counts no more.
                PaymentFees => figures.known_fees()?,
                _ => amount(&figures, metric)?,
            };
            let value = value * sign;
            if value == 0 && kind == StepKind::Change {
                continue;
            }
            let share = Ratio::new(value.into(), revenue.into()).filter(|_| revenue > 0);
            let share = share.map(|share| self.writer.percent(share));
            steps.push(Step { name: self.titled(metric), kind, value, written: self.writer.money(value), share });
        }
        let profit = amount(&figures, OperatingProfit)?;
        if revenue == 0 && profit == 0 && steps.iter().all(|step| step.value == 0) {
            return Err(ChartError::Nothing);
        }
        let margin = Ratio::new(profit.into(), revenue.into()).filter(|_| revenue > 0);
        let key = match (profit < 0, figures.at_most(OperatingProfit), margin.is_some()) {
            (true, false, _) => "title.lost",
            (true, true, _) => "title.lost_least",
            (false, false, true) => "title.earned",
            (false, true, true) => "title.earned_most",
            (false, false, false) => "title.earned_only",
            (false, true, false) => "title.earned_only_most",
        };
        let size = self.writer.money(profit.saturating_abs());
        let percent = margin.map_or_else(String::new, |margin| self.writer.percent(margin));
        let title =
            self.say(key, &[("amount", &size), ("share", &percent), ("within", &self.writer.within(self.days))]);
        let note = self.say("note.profit", &[("days", &self.writer.range(self.days))]);
        let caveat = self.caveat(OperatingProfit);
        let list: Vec<String> = steps.iter().map(|step| format!("{}: {}", step.name, step.written)).collect();
        let legend = (self.say("legend.gain", &[]), self.say("legend.cost", &[]));
        Ok(Steps { head: self.head(title, note, caveat, list.join("; ")), steps, legend })
    }

    pub(super) fn cash(&self) -> Result<Weeks, ChartError> {
        let now = amount(&self.accounts.figures(self.days), Metric::Cash)?;
        let weeks = |scenario| {
            let forecast = self.accounts.forecast(scenario)?;
            Ok::<_, Undefined>(std::iter::once(now).chain(forecast.closing).collect::<Vec<i64>>())
        };
        let forecast = self.accounts.forecast(Scenario::Committed)?;
        let (low, high) = (weeks(Scenario::CollectionsDown)?, weeks(Scenario::NewSales)?);
        let legend = (self.say("legend.committed", &[]), self.say("legend.band", &[]), self.say("legend.zero", &[]));
        let mut chart = Weeks {
            head: Head::default(),
            today: self.accounts.today(),
            committed: std::iter::once(now).chain(forecast.closing).collect(),
            low,
            high,
            legend,
            writer: self.writer,
        };
        let (week, cash) = chart.lowest();
        let day = self.writer.day(chart.day(week));
        let key = if cash < 0 { "title.cash_short" } else { "title.cash_enough" };
        let size = self.writer.money(cash.saturating_abs());
        let title = self.say(key, &[("amount", &size), ("day", &day), ("now", &self.writer.money(now))]);
        let note = self.say("note.cash", &[("now", &self.writer.money(now)), ("day", &self.writer.day(chart.today))]);
        let left_out = forecast.left_out.len();
        let caveat = (left_out > 0).then(|| {
            let count = self.writer.count(i64::try_from(left_out).unwrap_or(i64::MAX));
            self.say("caveat.left_out", &[("count", &count)])
        });
        let list = chart.committed.iter().enumerate().map(|(week, cash)| {
            format!("{}: {}", self.writer.day(chart.day(week)), Money::new(*cash, self.writer.currency).shown())
        });
        let values = list.collect::<Vec<_>>().join("; ");
        chart.head = self.head(title, note, caveat, values);
        Ok(chart)
    }

    pub(super) fn cod(&self) -> Result<Cod, ChartError> {
        let figures = self.figures(self.days);
        let outcomes = [Metric::CodDelivered, Metric::CodReturned, Metric::CodLost, Metric::CodInTransit];
        let mut counted = Vec::with_capacity(4);
        for metric in outcomes {
            counted.push((self.titled(metric), amount(&figures, metric)?));
        }
        let outcomes: [(String, i64); 4] = counted.try_into().map_err(|_| ChartError::Nothing)?;
        if outcomes.iter().all(|(_, count)| *count == 0) {
            return Err(ChartError::Nothing);
        }
        let rate = figures.value(Metric::CodDeliveryRate).ok().map(Value::ratio);
        let needed = figures.value(Metric::CodBreakevenDeliveryRate).ok().map(Value::ratio);
        let written = |ratio: Option<Ratio>| ratio.map_or_else(String::new, |ratio| self.writer.percent(ratio));
        let key = match (rate, needed) {
            (Some(_), Some(_)) => "title.cod_needed",
            (Some(_), None) => "title.cod",
            (None, _) => "title.cod_none",
        };
        let title = self.say(
            key,
            &[("rate", &written(rate)), ("needed", &written(needed)), ("within", &self.writer.within(self.days))],
        );
        let note = self.say("note.cod", &[("days", &self.of_days(self.days))]);
        let list: Vec<String> = outcomes.iter().map(|(name, count)| format!("{name}: {count}")).collect();
        let legend = (self.titled(Metric::CodDeliveryRate), self.name(Metric::CodBreakevenDeliveryRate));
        let head = self.head(title, note, None, list.join("; "));
        Ok(Cod { head, outcomes, rate, needed, legend, writer: self.writer })
    }
}
