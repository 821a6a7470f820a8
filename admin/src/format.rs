//! Times, shares and texts as people read them: in the shop's zone and the reader's language.

use std::time::Duration;

use jiff::tz::TimeZone;
use recado_domain::{Language, Timestamp};
use serde::Serialize;

use crate::words::Words;

/// What is needed to word an instant.
pub(crate) struct Clockwork<'a> {
    pub(crate) words: &'a Words,
    pub(crate) language: Language,
    pub(crate) zone: TimeZone,
    pub(crate) now: Timestamp,
}

/// An instant in the forms that pages use.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shown {
    /// For machines.
    pub(crate) iso: String,
    /// Full date and time with the zone.
    pub(crate) full: String,
    /// The shortest that is clear: `hace 3 min`, `10:42`, `vie 20, 9:02`, `12 oct`.
    pub(crate) short: String,
    /// `10:42`.
    pub(crate) clock: String,
}

impl Clockwork<'_> {
    fn say(&self, key: &str) -> String {
        self.words.say(self.language, key, &[])
    }

    pub(crate) fn shown(&self, at: Timestamp) -> Shown {
        let (then, now) = (at.in_zone(&self.zone), self.now.in_zone(&self.zone));
        let clock = then.strftime("%-H:%M").to_string();
        let day = format!("{} {}", then.day(), self.say(&format!("time.month.{}", then.month())));
        let weekday = self.say(&format!("time.weekday.{}", then.weekday().to_monday_one_offset()));
        let minutes = self.now.since(at).as_secs() / 60;
        let short = if at <= self.now && minutes == 0 {
            self.say("time.now")
        } else if at <= self.now && minutes < 60 {
            self.words.count(self.language, "time.minutes", minutes as i64, &[])
        } else if then.date() == now.date() {
            clock.clone()
        } else if at <= self.now && self.now.since(at) < Duration::from_secs(6 * 24 * 3600) {
            format!("{weekday} {}, {clock}", then.day())
        } else if then.year() == now.year() {
            day.clone()
        } else {
            format!("{day} {}", then.year())
        };
        Shown {
            iso: at.to_string(),
            full: format!("{weekday} {day} {}, {} {}", then.year(), then.strftime("%-H:%M:%S"), then.strftime("%Z")),
            short,
            clock,
        }
    }

    /// The heading of a day in a timeline, with a key that stays the same.
    pub(crate) fn day(&self, at: Timestamp) -> (String, String) {
        let (then, now) = (at.in_zone(&self.zone), self.now.in_zone(&self.zone));
        let words = if then.date() == now.date() {
            self.say("time.today")
        } else if now.date().yesterday().is_ok_and(|yesterday| yesterday == then.date()) {
            self.say("time.yesterday_day")
        } else {
            let weekday = self.say(&format!("time.weekday.{}", then.weekday().to_monday_one_offset()));
            let month = self.say(&format!("time.month.{}", then.month()));
            let year = if then.year() == now.year() { String::new() } else { format!(" {}", then.year()) };
            format!("{weekday} {} {month}{year}", then.day())
        };
        (then.date().to_string(), words)
    }

    /// Midnight of the shop's day.
    pub(crate) fn day_start(&self) -> Timestamp {
        self.now.in_zone(&self.zone).start_of_day().map_or(self.now, |start| start.timestamp().into())
    }

    /// `46 ms`, `1,2 s`.
    pub(crate) fn millis(&self, millis: u64) -> String {
        if millis < 1_000 {
            format!("{millis}\u{a0}ms")
        } else {
            format!("{}\u{a0}s", self.decimal(millis as f64 / 1_000.0, 1))
        }
    }

    /// A decimal number with the reader's mark.
    pub(crate) fn decimal(&self, value: f64, digits: usize) -> String {
        let text = format!("{value:.digits$}");
        if self.language == Language::En { text } else { text.replace('.', ",") }
    }

    /// A share of a whole: `82,9 %`, in Portuguese and English without the space.
    pub(crate) fn percent(&self, share: f64) -> String {
        self.percent_with(share, usize::from(share < 0.1 && share > 0.0))
    }

    /// As [`Clockwork::percent`], with so many digits.
    pub(crate) fn percent_with(&self, share: f64, digits: usize) -> String {
        let space = if self.language == Language::Es { "\u{a0}" } else { "" };
        format!("{}{space}%", self.decimal(share * 100.0, digits))
    }
}

/// `2 h 50`, `12 min`, without the words around it.
pub(crate) fn span(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}\u{a0}min"),
        (hours, 0) if hours < 48 => format!("{hours}\u{a0}h"),
        (hours, minutes) if hours < 48 => format!("{hours}\u{a0}h\u{a0}{minutes}\u{a0}min"),
        (hours, _) => format!("{}\u{a0}d", hours / 24),
    }
}

/// A piece of a message: plain, bold, or a link that shows where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) bold: bool,
    pub(crate) href: Option<String>,
}

/// A text in lines of runs: `*bold*` as WhatsApp writes it, and web addresses. Nothing else is interpreted, and the
/// template escapes every piece.
pub(crate) fn lines(text: &str) -> Vec<Vec<Run>> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(line_runs).collect()
}

fn line_runs(line: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut plain = String::new();
    let flush = |plain: &mut String, runs: &mut Vec<Run>| {
        if !plain.is_empty() {
            runs.push(Run { text: std::mem::take(plain), bold: false, href: None });
        }
    };
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let at_word = plain.chars().last().is_none_or(|last| !last.is_alphanumeric());
        let bold = (letter == '*' && at_word).then(|| rest[1..].find('*')).flatten();
        if let Some(end) = bold.filter(|end| is_bold(&rest[1..=*end])) {
            flush(&mut plain, &mut runs);
            runs.push(Run { text: rest[1..=end].to_owned(), bold: true, href: None });
            rest = &rest[end + 2..];
            continue;
        }
        if at_word && (rest.starts_with("https://") || rest.starts_with("http://")) {
            let end =
                rest.find(|letter: char| letter.is_whitespace() || "<>\"'".contains(letter)).unwrap_or(rest.len());
            let address = rest[..end].trim_end_matches(['.', ',', ')', ';', '!', '?']);
            flush(&mut plain, &mut runs);
            runs.push(Run { text: address.to_owned(), bold: false, href: Some(address.to_owned()) });
            rest = &rest[address.len()..];
            continue;
        }
        plain.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    flush(&mut plain, &mut runs);
    runs
}

fn is_bold(inner: &str) -> bool {
    !inner.is_empty() && !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clockwork(words: &Words) -> Clockwork<'_> {
        let zone = TimeZone::get("America/Bogota").unwrap();
        Clockwork { words, language: Language::Es, zone, now: Timestamp::parse("2026-11-21T15:42:00Z").unwrap() }
    }

    #[test]
    fn an_instant_is_as_short_as_it_is_clear() {
        let words = Words::load().unwrap();
        let clock = clockwork(&words);
        let short = |text: &str| clock.shown(Timestamp::parse(text).unwrap()).short;
        assert_eq!(short("2026-11-21T15:41:30Z"), "ahora");
        assert_eq!(short("2026-11-21T15:39:00Z"), "hace 3 min");
        assert_eq!(short("2026-11-21T12:05:00Z"), "7:05");
        assert_eq!(short("2026-11-20T14:02:00Z"), "vie 20, 9:02");
        assert_eq!(short("2026-10-12T14:02:00Z"), "12 oct");
        assert_eq!(short("2025-10-12T14:02:00Z"), "12 oct 2025");
        assert_eq!(clock.day_start(), Timestamp::parse("2026-11-21T05:00:00Z").unwrap());
    }

    #[test]
    fn shares_follow_the_language() {
        let words = Words::load().unwrap();
        let mut clock = clockwork(&words);
        assert_eq!(clock.percent(0.0341), "3,4\u{a0}%");
        clock.language = Language::En;
        assert_eq!(clock.percent(0.0341), "3.4%");
    }

    #[test]
    fn bold_and_links_are_found_and_nothing_else() {
        let run =
            |text: &str, bold, href: Option<&str>| Run { text: text.to_owned(), bold, href: href.map(str::to_owned) };
        assert_eq!(
            lines("Pagas *$189.900* hoy"),
            [[run("Pagas ", false, None), run("$189.900", true, None), run(" hoy", false, None)]]
        );
        assert_eq!(lines("2*3*4 * x"), [[run("2*3*4 * x", false, None)]]);
        let address = "https://envia.co/guia?n=1";
        assert_eq!(
            lines("Mira https://envia.co/guia?n=1."),
            [[run("Mira ", false, None), run(address, false, Some(address)), run(".", false, None)]]
        );
        assert_eq!(lines("javascript:alert(1) <b>"), [[run("javascript:alert(1) <b>", false, None)]]);
        assert_eq!(lines("una\n\ndos").len(), 2);
    }
}
