//! Numbers and days as the shop's people write them: separators and currency by the shop, words by the language.

use jiff::civil::Date;
use recado_domain::finance::figures::{Days, Value};
use recado_domain::finance::ratio::Ratio;
use recado_domain::money::{divide_half_even, grouped};
use recado_domain::{Currency, Language, Money, Timestamp};

use crate::words::{known, say};

/// In which language, and in the style of which currency's home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The words.
    pub language: Language,
    /// The separators and the symbol.
    pub currency: Currency,
}

/// What a percentage or a count of days is not worth writing beyond.
const MOST: i128 = 999_999;

impl Writer {
    /// A text by its key.
    pub(crate) fn say(self, key: &'static str, values: &[(&str, &str)]) -> String {
        say(self.language, key, values)
    }
    /// The name of something the domain calls by a code, or the code.
    pub fn code(self, section: &str, code: &str) -> String {
        known(self.language, &format!("{section}.{code}")).map_or_else(|| code.to_owned(), str::to_owned)
    }
    /// Minor units in full: `$663.794`.
    pub fn money(self, minor: i64) -> String {
        Money::new(minor, self.currency).shown()
    }
    /// The same with its sign always: `+$1.200`.
    pub fn signed(self, minor: i64) -> String {
        let sign = if minor > 0 { "+" } else { "" };
        format!("{sign}{}", self.money(minor))
    }
    /// Minor units in few letters, for axes and bars: `$4 M`, `$350 mil`, `R$ 1,2 mi`.
    pub fn short(self, minor: i64) -> String {
        let unit = 10_i128.pow(self.currency.exponent());
        let (whole, sign) = (i128::from(minor).abs(), if minor < 0 { "\u{2212}" } else { "" });
        // The unit under which a number has fewer than four digits before its point.
        let steps: &[(i128, &'static str)] = match self.language {
            Language::Es => &[(1_000_000, "short.million"), (1_000, "short.thousand")],
            _ => &[(1_000_000_000, "short.billion"), (1_000_000, "short.million"), (1_000, "short.thousand")],
        };
        let fits = |size: &&(i128, &str)| whole * 2 >= size.0 * unit * 2 - size.0 * unit / 1000;
        let symbol = self.currency.symbol();
        let Some((size, key)) = steps.iter().find(fits) else {
            return format!("{sign}{symbol}{}", self.plain(whole, unit, 0));
        };
        // One decimal below ten, none above.
        let tenths = divide_half_even(whole * 10, size * unit);
        let number = if tenths < 100 && tenths % 10 != 0 {
            self.plain(tenths, 10, 1)
        } else {
            self.plain(divide_half_even(whole, size * unit), 1, 0)
        };
        format!("{sign}{symbol}{}", self.say(key, &[("number", &number)]))
    }
    /// `scaled ÷ unit` with so many decimals, never negative.
    fn plain(self, scaled: i128, unit: i128, decimals: u32) -> String {
        let (group, point) = if self.currency.comma_decimal() { ('.', ',') } else { (',', '.') };
        let scale = 10_i128.pow(decimals);
        let rounded = divide_half_even(scaled * scale, unit).unsigned_abs();
        let whole = grouped(u64::try_from(rounded / scale.unsigned_abs()).unwrap_or(u64::MAX), group);
        match decimals {
            0 => whole,
            _ => format!("{whole}{point}{:0width$}", rounded % scale.unsigned_abs(), width = decimals as usize),
        }
    }
    /// A whole number.
    pub fn count(self, count: i64) -> String {
        let sign = if count < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}", self.plain(i128::from(count).abs(), 1, 0))
    }
    /// A ratio as a percentage with one decimal: `82,9 %`, `82,9%`, `82.9%`.
    pub fn percent(self, ratio: Ratio) -> String {
        let thousandths = ratio.scaled(3).unwrap_or(MOST).clamp(-MOST, MOST);
        let sign = if thousandths < 0 { "\u{2212}" } else { "" };
        let number = self.plain(thousandths.abs(), 10, 1);
        format!("{sign}{}", self.say("short.percent", &[("number", &number)]))
    }
    /// A ratio with two decimals, or days and months with one.
    pub fn number(self, ratio: Ratio, decimals: u32) -> String {
        let most = MOST * 1000;
        let scaled = ratio.scaled(decimals).unwrap_or(most).clamp(-most, most);
        let sign = if scaled < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}", self.plain(scaled.abs(), 10_i128.pow(decimals), decimals))
    }
    /// A figure in its unit.
    pub fn value(self, unit: recado_domain::finance::figures::Unit, value: Value) -> String {
        use recado_domain::finance::figures::Unit;
        match (unit, value) {
            (_, Value::Money(minor)) => self.money(minor),
            (_, Value::Count(count)) => self.count(count),
            (Unit::Days | Unit::Months, Value::Ratio(ratio)) => self.number(ratio, 1),
            (_, Value::Ratio(ratio)) => self.percent(ratio),
        }
    }
    /// The month's short name.
    fn month_short(self, date: Date) -> String {
        self.code("month.short", &date.month().to_string())
    }
    /// The month's name.
    pub fn month(self, date: Date) -> String {
        self.code("month.long", &date.month().to_string())
    }
    /// A day without its year: `5 nov`, `Nov 5`.
    pub fn day(self, date: Date) -> String {
        self.say("day.short", &[("day", &date.day().to_string()), ("month", &self.month_short(date))])
    }
    /// A day with its year.
    pub fn date(self, date: Date) -> String {
        let (day, year) = (date.day().to_string(), date.year().to_string());
        self.say("day.full", &[("day", &day), ("month", &self.month_short(date)), ("year", &year)])
    }
    /// An instant on the shop's clock: `5 nov 6:00`.
    pub fn moment(self, at: Timestamp, zone: &jiff::tz::TimeZone) -> String {
        let local = at.in_zone(zone);
        let clock = format!("{}:{:02}", local.hour(), local.minute());
        self.say("day.moment", &[("day", &self.day(local.date())), ("clock", &clock)])
    }
    /// A period by its ends or its month: `septiembre de 2026`, `1–15 nov 2026`.
    pub fn days(self, days: Days) -> String {
        let year = days.last.year().to_string();
        if days == Days::month(days.first) {
            return self.say("period.month", &[("month", &self.month(days.first)), ("year", &year)]);
        }
        if days.first == days.last {
            return self.date(days.first);
        }
        self.range(days)
    }
    /// A period by its ends.
    pub fn range(self, days: Days) -> String {
        let last = self.date(days.last);
        if let Some(values) = same_month(days) {
            let month = self.month_short(days.first);
            let [first, last, year] = values.each_ref().map(String::as_str);
            return self.say("period.days", &[("first", first), ("last", last), ("month", &month), ("year", year)]);
        }
        let first = if days.first.year() != days.last.year() { self.date(days.first) } else { self.day(days.first) };
        self.say("period.range", &[("first", &first), ("last", &last)])
    }
    /// A period inside a sentence: `en septiembre`, `del 1 nov al 15 nov 2026`.
    pub fn within(self, days: Days) -> String {
        if days == Days::month(days.first) {
            return self.say("period.in_month", &[("month", &self.month(days.first))]);
        }
        let (first, last) = (self.day(days.first), self.date(days.last));
        if days.first == days.last {
            return self.say("period.on", &[("day", &last)]);
        }
        if let Some([first, last, _]) = same_month(days) {
            let month = self.month(days.first);
            return self.say("period.between_days", &[("first", &first), ("last", &last), ("month", &month)]);
        }
        self.say("period.between", &[("first", &first), ("last", &last)])
    }
}

/// First day, last day and year of a range within a month.
fn same_month(days: Days) -> Option<[String; 3]> {
    let within = days.first.first_of_month() == days.last.first_of_month() && days.first != days.last;
    within.then(|| {
        [i16::from(days.first.day()), i16::from(days.last.day()), days.last.year()].map(|part| part.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn writer(language: Language, currency: Currency) -> Writer {
        Writer { language, currency }
    }

    #[test]
    fn numbers_follow_the_shop_and_words_the_language() {
        let bogota = writer(Language::Es, Currency::Cop);
        assert_eq!(bogota.short(400_000_000), "$4 M");
        assert_eq!(bogota.short(35_000_000), "$350 mil");
        assert_eq!(bogota.short(-123_400_000), "\u{2212}$1,2 M");
        assert_eq!(bogota.short(99_995_000), "$1 M");
        assert_eq!(bogota.short(123_456_700_000_000), "$1.234.567 M");
        assert_eq!(bogota.short(50_000), "$500");
        assert_eq!(bogota.percent(Ratio::new(829, 1000).unwrap()), "82,9\u{a0}%");
        assert_eq!(writer(Language::Pt, Currency::Brl).short(123_400_000), "R$ 1,2 mi");
        assert_eq!(writer(Language::Pt, Currency::Brl).percent(Ratio::new(-1, 8).unwrap()), "\u{2212}12,5%");
        assert_eq!(writer(Language::En, Currency::Usd).short(120_000_000_000), "US$1.2B");
        assert_eq!(writer(Language::En, Currency::Mxn).money(-120_000), "\u{2212}$1,200.00");
    }

    #[test]
    fn periods_say_their_ends_or_their_month() {
        let es = writer(Language::Es, Currency::Cop);
        assert_eq!(es.days(Days::month(date(2026, 9, 4))), "septiembre de 2026");
        assert_eq!(es.days(Days::new(date(2026, 11, 1), date(2026, 11, 15))), "1–15 nov 2026");
        assert_eq!(es.within(Days::new(date(2026, 11, 1), date(2026, 11, 15))), "del 1 al 15 de noviembre");
        assert_eq!(es.range(Days::new(date(2026, 10, 30), date(2026, 11, 2))), "30 oct – 2 nov 2026");
        assert_eq!(es.within(Days::month(date(2026, 9, 4))), "en septiembre");
        let en = writer(Language::En, Currency::Usd);
        assert_eq!(en.days(Days::new(date(2025, 12, 30), date(2026, 1, 2))), "Dec 30, 2025 – Jan 2, 2026");
    }

    #[test]
    fn the_largest_amount_is_written() {
        for language in Language::ALL {
            for minor in [i64::MAX, i64::MIN + 1, i64::MIN] {
                assert!(!writer(language, Currency::Cop).short(minor).is_empty());
            }
        }
    }
}
