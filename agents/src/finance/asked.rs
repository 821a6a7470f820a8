//! A question with the books it is answered from: which days, which part, what is said of the age of the data.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use recado_domain::Timestamp;
use recado_domain::finance::figures::{
    Basis, Days, FactKind, Figures, Metric, Narrowing, Source, Sums, Undefined, Unit,
};
use recado_domain::finance::question::{Question, Versus};
use recado_domain::period::{Period, Span};

use super::narrow::Narrowed;
use super::values::Values;
use crate::moments::Moments;
use crate::turn::Turn;

/// Resolved parcels below which a rate says little (FINANCE §2.4).
const FEW_PARCELS: i64 = 20;
/// Days after which a balance is old (FINANCE §2.5).
const OLD_BALANCE: i64 = 3;

/// A question and what answers it.
pub struct Asked<'a> {
    /// The question.
    pub question: Question,
    /// The books.
    pub source: Source,
    /// Of when.
    pub span: Span,
    /// The same as days.
    pub days: Days,
    /// Of what part.
    pub narrowed: Narrowed,
    /// Writes values.
    pub values: Values<'a>,
    /// Says moments.
    pub moments: Moments<'a>,
    /// When the shop last told us anything.
    pub told_at: Option<Timestamp>,
}

impl<'a> Asked<'a> {
    /// Puts a question beside the books.
    pub fn new(
        turn: &Turn<'a>,
        question: Question,
        source: Source,
        narrowed: Narrowed,
        told_at: Option<Timestamp>,
    ) -> Self {
        let span = question.period().resolve(turn.input.now, &turn.input.merchant.zone());
        let values = Values { wording: turn.wording, language: turn.language, currency: source.shop().currency };
        let of_order = narrowed.parts.iter().any(|part| matches!(part, Narrowing::Order(_)));
        // An order is told with all that happened to it, unless days were said.
        let days = if of_order && question.period.is_none() {
            Days::new(Date::constant(1970, 1, 1), source.today())
        } else {
            Days::new(span.first, span.last)
        };
        Self { question, span, days, narrowed, values, moments: turn.moments(), told_at, source }
    }

    /// A word of the table.
    pub fn word(&self, key: &str) -> String {
        self.values.wording.word(self.values.language, key).to_owned()
    }

    /// The figures of the days, of the part that is asked for.
    pub fn figures(&self, days: Days) -> Figures<'_, dyn Sums> {
        self.source.figures(&self.narrowed.parts, days)
    }

    /// The period at the beginning of a sentence, with the part: «En octubre · Bogotá».
    pub fn period(&self, metric: Option<Metric>) -> String {
        if self.is_of_order() {
            return self.part();
        }
        let when = match metric {
            Some(metric) if metric.basis() == Basis::Balance && metric != Metric::MonthEndProjection => self.today(),
            _ if self.question.is_of_now() => self.today(),
            _ => self.moments.period(self.question.period(), &self.span),
        };
        self.with_part(when)
    }
    /// The days that were asked for, without the part.
    pub fn days_of_question(&self) -> String {
        self.moments.period(self.question.period(), &self.span)
    }
    /// Whether an order is asked for, of whatever days.
    fn is_of_order(&self) -> bool {
        self.narrowed.parts.iter().any(|part| matches!(part, Narrowing::Order(_)))
    }
    /// With the part that is asked for.
    pub fn with_part(&self, when: String) -> String {
        if self.narrowed.names.is_empty() { when } else { format!("{when} · {}", self.part()) }
    }
    /// The names of the part.
    pub fn part(&self) -> String {
        let names = self.narrowed.names.iter().map(|name| self.key(name));
        names.collect::<Vec<_>>().join(" · ")
    }
    /// What people call a key of a breakdown.
    pub fn key(&self, key: &str) -> String {
        let known = self.values.wording.known(self.values.language, &format!("part.{key}"));
        if let Some(word) = known {
            return word.to_owned();
        }
        match self.source.products().get(key) {
            Some(product) => product.title.clone(),
            None => key.to_owned(),
        }
    }
    /// «Al 5 de noviembre».
    fn today(&self) -> String {
        let date = self.moments.date(self.source.today());
        self.word("period.as_of").replace("{date}", &date)
    }
    /// Days in words.
    pub fn days_in_words(&self, days: Days) -> String {
        let zone = &self.moments.zone;
        let period = Period::Range { first: days.first, last: days.last };
        let whole = days == Days::month(days.first);
        let period =
            if whole { Period::Month { month: days.first.month(), year: Some(days.first.year()) } } else { period };
        let span = period.resolve(self.moments.now, zone);
        self.moments.period(period, &span)
    }
    /// The days it is compared with.
    pub fn days_before(&self) -> Days {
        before(&self.question, self.days, self.moments.now, &self.moments.zone)
    }
    /// Whether the days are still running, for a figure that days move.
    pub fn partial(&self, metric: Metric) -> bool {
        self.span.partial && metric.basis() != Basis::Balance && !self.is_of_order()
    }

    /// What an answer leaves open: running days, unknown costs, few parcels, an old balance, how old the data are.
    pub fn notes(&self, metrics: &[Metric]) -> Vec<String> {
        let mut notes = Vec::new();
        let figures = self.figures(self.days);
        if metrics.iter().any(|metric| bears_costs(*metric))
            && let Ok(coverage) = figures.value(Metric::CostCoverage)
            && coverage.ratio().numerator() < coverage.ratio().denominator()
        {
            notes.push(self.word("note.unknown_costs").replace("{share}", &self.values.percent(coverage.ratio())));
        }
        if metrics.iter().any(|metric| bears_fees(*metric)) && figures.untold_fees() == Ok(true) {
            notes.push(self.of_gateways(&self.word("note.unknown_fees"), &self.without_fees()));
        }
        if metrics.iter().any(|metric| bears_payouts(*metric)) && figures.untold_payouts() == Ok(true) {
            notes.push(self.of_gateways(&self.word("note.unknown_payouts"), &self.without_terms()));
        }
        if metrics.contains(&Metric::PaymentFees) {
            notes.extend(self.gateway_terms());
        }
        if metrics.iter().any(|metric| metric.id().starts_with("cod.")) {
            let count = |metric| figures.value(metric).map_or(0, |value| value.ratio().rounded().unwrap_or(0));
            let resolved = count(Metric::CodDelivered) + count(Metric::CodReturned) + count(Metric::CodLost);
            if (1..FEW_PARCELS).contains(&resolved) {
                notes.push(self.word("note.few_parcels").replace("{n}", &self.values.count(resolved)));
            }
        }
        if metrics.iter().any(|metric| matches!(metric, Metric::Cash | Metric::CashBufferDays | Metric::RunwayMonths))
            && let Some(day) = self.last_balance()
        {
            let age = (self.source.today() - day).get_days();
            let key = if i64::from(age) > OLD_BALANCE { "note.old_balance" } else { "note.balance" };
            notes.push(self.word(key).replace("{date}", &self.moments.date(day)));
        }
        if metrics.iter().any(|metric| matches!(metric, Metric::VatSetAside | Metric::InputVat | Metric::Withheld)) {
            notes.push(self.word("note.estimate"));
        }
        notes.push(self.age());
        notes
    }

    /// «Datos: hace 3 min».
    pub fn age(&self) -> String {
        match self.told_at.max(self.source.synced_at()) {
            Some(at) => self.word("note.age").replace("{age}", &self.moments.ago(at)),
            None => self.word("note.no_data"),
        }
    }

    fn last_balance(&self) -> Option<Date> {
        let zone = &self.moments.zone;
        self.source.last_balance().map(|at| at.in_zone(zone).date())
    }

    /// «#1001, #1002, #1003 y 6 más»: the orders that moved a figure. Of a large shop they are not counted here: the figure
    /// says how many they are.
    pub fn orders(&self, metric: Metric, most: usize) -> String {
        let (orders, more) = self.source.orders_behind(&self.narrowed.parts, metric, self.days);
        let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
        if more {
            let counted = self.figures(self.days).value(metric).ok().filter(|_| metric.unit() == Unit::Count);
            let all = counted.and_then(|value| usize::try_from(value.ratio().rounded().ok()?).ok());
            return self.some_of(orders.into_iter(), most, all);
        }
        self.listed(orders.into_iter(), most)
    }
    /// The orders named in an answer itself.
    pub fn few_orders(&self, metric: Metric) -> String {
        self.orders(metric, super::figure::FEW)
    }
    /// Orders of before the days whose return or cancellation counts in them; of a large shop they are not told.
    pub fn reversed_earlier(&self) -> Option<String> {
        self.source.ledger()?;
        let behind = |metric| self.source.orders_behind(&self.narrowed.parts, metric, self.days).0;
        let own: BTreeSet<String> = behind(Metric::Orders).into_iter().collect();
        let mut reversed = behind(Metric::BookedReturns);
        reversed.retain(|id| !own.contains(id));
        (!reversed.is_empty()).then(|| self.listed(reversed.iter().map(String::as_str), super::figure::FEW))
    }
    /// The first of some names that are not all there are.
    fn some_of<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>, most: usize, all: Option<usize>) -> String {
        let told = names.len().min(most);
        let first = names.take(most).collect::<Vec<_>>().join(", ");
        let more = match all {
            Some(all) => self.word("list.more").replace("{n}", &self.values.count(all.saturating_sub(told) as i64)),
            None => self.word("list.and_more"),
        };
        format!("{first} {more}")
    }
    /// The first of some names, and how many more there are.
    pub fn listed<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>, most: usize) -> String {
        let count = names.len();
        let first = names.take(most).collect::<Vec<_>>().join(", ");
        if count <= most {
            return first;
        }
        let more = self.word("list.more").replace("{n}", &self.values.count((count - most) as i64));
        format!("{first} {more}")
    }
    /// The facts behind a figure, by kind; and whether there are more.
    pub fn facts(&self, metric: Metric) -> (Vec<(FactKind, Vec<String>)>, bool) {
        let mut kinds: Vec<(FactKind, Vec<String>)> = Vec::new();
        let listed = self.source.behind(&self.narrowed.parts, metric, self.days);
        for (kind, id) in listed.facts {
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, ids)) => ids.push(id),
                None => kinds.push((kind, vec![id])),
            }
        }
        (kinds, listed.more)
    }
    /// The names of facts of a kind; when there are more than these, it says so.
    pub fn names_of(&self, ids: &[String], more: bool, most: usize) -> String {
        let names = ids.iter().map(String::as_str);
        if more { self.some_of(names, most, None) } else { self.listed(names, most) }
    }
    /// Why a figure is not there, in words.
    pub fn reason(&self, metric: Metric, why: Undefined) -> String {
        let (words, language) = (self.values.wording, self.values.language);
        let own = words.known(language, &format!("null.{}.{why}", metric.id()));
        let said = own.unwrap_or_else(|| words.word(language, REASONS[reason_place(why)]));
        match why {
            Undefined::NoGatewayFees => self.of_gateways(said, &self.without_fees()),
            Undefined::NoGatewayTerms => self.of_gateways(said, &self.without_terms()),
            _ => said.to_owned(),
        }
    }
}

/// The days of a question, and those it is compared with.
pub fn compared_days(turn: &Turn<'_>, question: &Question) -> (Days, Days) {
    let (now, zone) = (turn.input.now, turn.input.merchant.zone());
    let span = question.period().resolve(now, &zone);
    let days = Days::new(span.first, span.last);
    (days, before(question, days, now, &zone))
}

/// The days that some are compared with: those that were said, else the period before, or the like days of a running one.
fn before(question: &Question, days: Days, now: Timestamp, zone: &TimeZone) -> Days {
    let running = matches!(question.period(), Period::ThisWeek | Period::ThisMonth | Period::ThisYear | Period::Today);
    let versus = question.versus.unwrap_or(if running { Versus::LikeDays } else { Versus::Previous });
    versus.days(question.period(), days, |period| {
        let span = period.resolve(now, zone);
        Days::new(span.first, span.last)
    })
}

/// Keys of reasons, in the order of [`reason_place`].
const REASONS: [&str; 19] = [
    "reason.zero_denominator",
    "reason.no_exchange_rate",
    "reason.no_carrier_terms",
    "reason.not_vat_registered",
    "reason.no_break_even",
    "reason.no_profit",
    "reason.not_burning_cash",
    "reason.no_growth",
    "reason.no_cash_balance",
    "reason.no_stock_snapshot",
    "reason.no_earlier_sales",
    "reason.few_earlier_orders",
    "reason.first_day_of_month",
    "reason.no_delivered_and_failed_parcels",
    "reason.impossible",
    "reason.too_large",
    "reason.too_much_open",
    "reason.no_gateway_fees",
    "reason.no_gateway_terms",
];

const fn reason_place(why: Undefined) -> usize {
    match why {
        Undefined::ZeroDenominator => 0,
        Undefined::NoExchangeRate => 1,
        Undefined::NoCarrierTerms => 2,
        Undefined::NotVatRegistered => 3,
        Undefined::NoBreakEven => 4,
        Undefined::NoProfit => 5,
        Undefined::NotBurningCash => 6,
        Undefined::NoGrowth => 7,
        Undefined::NoCashBalance => 8,
        Undefined::NoStockSnapshot => 9,
        Undefined::NoEarlierSales => 10,
        Undefined::FewEarlierOrders => 11,
        Undefined::FirstDayOfMonth => 12,
        Undefined::NoDeliveredAndFailedParcels => 13,
        Undefined::Impossible => 14,
        Undefined::TooLarge => 15,
        Undefined::TooMuchOpen => 16,
        Undefined::NoGatewayFees => 17,
        Undefined::NoGatewayTerms => 18,
    }
}

/// Whether an unknown fee of a gateway makes a figure too high: it stands under all that is left of an order.
const fn bears_fees(metric: Metric) -> bool {
    metric.bears_fees() || matches!(metric, Metric::BreakevenRevenue | Metric::BreakevenOrders)
}

/// Whether payments of which it is not known if they were paid out are missing in a figure.
const fn bears_payouts(metric: Metric) -> bool {
    matches!(metric, Metric::Receivables | Metric::QuickRatio | Metric::CurrentRatio | Metric::Dso)
}

/// Whether unknown costs of goods are missing in a figure.
const fn bears_costs(metric: Metric) -> bool {
    metric.bears_costs() || matches!(metric, Metric::Cogs | Metric::BreakevenRevenue | Metric::BreakevenOrders)
}
