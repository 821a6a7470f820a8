//! Amounts as people write them. One point or comma before exactly three digits groups, in every country of ours; what a
//! column shows elsewhere decides otherwise. What can be read in two ways is not read at all.

use recado_domain::Currency;

use super::cell::Cell;

/// Which sign stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalSign {
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

/// What a column shows about its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    sign: DecimalSign,
    /// Some value shows it; otherwise it is the shop's custom.
    shown: bool,
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoNumber {
    /// No digits, or other words beside them.
    Words,
    /// `1.500` in a column in which the point stands before decimals.
    TwoWays,
    /// Both signs in an order that no country writes.
    Mixed,
}

/// An amount: plain decimal text, and the currency that stood beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub decimal: String,
    pub currency: Option<Currency>,
}

/// The digits with their signs, whether it is negative, and the currency.
fn stripped(text: &str) -> Option<(String, bool, Option<Currency>)> {
    let mut rest = text.trim().to_uppercase();
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        negative = true;
        rest = inner.trim().to_owned();
    }
    let mut currency = None;
    for (mark, code) in [
        ("US$", Currency::Usd),
        ("U$S", Currency::Usd),
        ("R$", Currency::Brl),
        ("S/.", Currency::Pen),
        ("S/", Currency::Pen),
        ("€", Currency::Eur),
        ("₲", Currency::Pyg),
    ] {
        if rest.contains(mark) {
            rest = rest.replacen(mark, "", 1);
            currency = Some(code);
            break;
        }
    }
    let letters: String = rest.chars().filter(char::is_ascii_alphabetic).collect();
    if !letters.is_empty() {
        currency = Some(letters.parse().ok()?);
        rest = rest.replacen(&letters, "", 1);
    }
    let mut digits = String::new();
    for letter in rest.chars() {
        match letter {
            '0'..='9' | '.' | ',' => digits.push(letter),
            '-' | '\u{2212}' | '–' => negative = true,
            '$' | '+' | '\'' => {}
            _ if letter.is_whitespace() => {}
            _ => return None,
        }
    }
    digits.bytes().any(|byte| byte.is_ascii_digit()).then_some((digits, negative, currency))
}

/// What a text shows about the decimal sign, if anything.
fn shows(digits: &str) -> Option<DecimalSign> {
    let (point, comma) = (digits.rfind('.'), digits.rfind(','));
    let of = |sign: char| match sign {
        '.' => DecimalSign::Point,
        _ => DecimalSign::Comma,
    };
    match (point, comma) {
        (Some(point), Some(comma)) => Some(if point > comma { DecimalSign::Point } else { DecimalSign::Comma }),
        (None, None) => None,
        (Some(place), None) | (None, Some(place)) => {
            let sign = if point.is_some() { '.' } else { ',' };
            let groups = digits.matches(sign).count() > 1;
            if groups {
                return Some(if sign == '.' { DecimalSign::Comma } else { DecimalSign::Point });
            }
            // Three digits behind, one to three before: it may group. Anything else is decimals.
            let after = digits.len() - place - 1;
            (after != 3 || place == 0 || place > 3 || digits.starts_with('0')).then(|| of(sign))
        }
    }
}

impl Style {
    /// What the values of a column show; the shop's custom when they show nothing.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a Cell>, custom: DecimalSign) -> Self {
        let (mut points, mut commas) = (0_usize, 0_usize);
        for cell in cells {
            if let Cell::Text(text) = cell
                && let Some((digits, ..)) = stripped(text)
            {
                match shows(&digits) {
                    Some(DecimalSign::Point) => points += 1,
                    Some(DecimalSign::Comma) => commas += 1,
                    None => {}
                }
            }
        }
        match points.cmp(&commas) {
            std::cmp::Ordering::Greater => Self { sign: DecimalSign::Point, shown: true },
            std::cmp::Ordering::Less => Self { sign: DecimalSign::Comma, shown: true },
            std::cmp::Ordering::Equal => Self { sign: custom, shown: false },
        }
    }

    /// The amount of a text.
    pub(super) fn read(self, text: &str) -> Result<Amount, NoNumber> {
        let (digits, negative, currency) = stripped(text).ok_or(NoNumber::Words)?;
        let decimal_at = match shows(&digits) {
            Some(sign) => {
                let letter = if sign == DecimalSign::Point { '.' } else { ',' };
                digits.rfind(letter)
            }
            None => match digits.find(['.', ',']) {
                // `1.500`: it groups, unless other values show that this sign stands before decimals.
                Some(place) => {
                    let own = if digits[place..].starts_with('.') { DecimalSign::Point } else { DecimalSign::Comma };
                    if self.shown && own == self.sign {
                        return Err(NoNumber::TwoWays);
                    }
                    None
                }
                None => None,
            },
        };
        let (whole, fraction) = match decimal_at {
            Some(place) => (&digits[..place], &digits[place + 1..]),
            None => (digits.as_str(), ""),
        };
        if !grouped_well(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoNumber::Mixed);
        }
        let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
        let whole = if whole.is_empty() { "0" } else { &whole };
        let sign = if negative { "-" } else { "" };
        let decimal = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
        Ok(Amount { decimal, currency })
    }
}

/// Groups of three behind one to three digits, by one sign.
fn grouped_well(whole: &str) -> bool {
    let Some(sign) = whole.chars().find(|letter| !letter.is_ascii_digit()) else { return true };
    let mut groups = whole.split(sign);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_digit())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOGOTA: Style = Style { sign: DecimalSign::Comma, shown: false };
    const MEXICO: Style = Style { sign: DecimalSign::Point, shown: false };

    fn read(style: Style, text: &str) -> String {
        style.read(text).map_or_else(|why| format!("{why:?}"), |amount| amount.decimal)
    }

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, expected) in [
            ("1.500", "1500"),
            ("1,500", "1500"),
            ("$ 1.234.567,89", "1234567.89"),
            ("1,234,567.89", "1234567.89"),
            ("1,5", "1.5"),
            ("1500.00", "1500.00"),
            ("(2.500)", "-2500"),
            ("\u{2212}12,30", "-12.30"),
            ("1 500 000", "1500000"),
            ("0,500", "0.500"),
            ("1234,567", "1234.567"),
            (",5", "0.5"),
            ("doce", "Words"),
            ("1.50.0", "Mixed"),
            ("", "Words"),
            ("5 kg", "Words"),
        ] {
            assert_eq!(read(BOGOTA, text), expected, "{text}");
            assert_eq!(read(MEXICO, text), expected, "{text}");
        }
    }

    #[test]
    fn a_column_decides_and_what_stays_open_is_not_guessed() {
        let cells = ["12.5", "3.25"].map(|text| Cell::Text(text.to_owned()));
        let style = Style::of(cells.iter(), DecimalSign::Comma);
        assert_eq!((read(style, "1.500"), read(style, "1,500")), ("TwoWays".into(), "1500".into()));
        let cells = [Cell::Text("1.500".into())];
        assert_eq!(read(Style::of(cells.iter(), DecimalSign::Comma), "1.500"), "1500");
    }

    #[test]
    fn a_currency_beside_the_number_is_kept() {
        let currency = |text: &str| BOGOTA.read(text).map(|amount| amount.currency);
        assert_eq!(currency("US$ 30"), Ok(Some(Currency::Usd)));
        assert_eq!(currency("R$ 1.234,50"), Ok(Some(Currency::Brl)));
        assert_eq!(currency("30 mxn"), Ok(Some(Currency::Mxn)));
        assert_eq!(currency("$30"), Ok(None));
        assert_eq!(currency("30 zzz"), Err(NoNumber::Words));
    }
}
