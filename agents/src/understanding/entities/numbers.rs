//! Numbers in figures and in words.

use super::tokens::{Kind, Token, word};

/// A decimal: `mantissa` ÷ 10^`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All its digits.
    pub mantissa: i128,
    /// How many of them are decimals.
    pub scale: u32,
}

impl Decimal {
    /// A whole number.
    pub const fn whole(value: i128) -> Self {
        Self { mantissa: value, scale: 0 }
    }
    /// In minor units of so many digits, times a factor, rounded half-even; `None` when it does not fit.
    pub fn minor(self, exponent: u32, times: i128) -> Option<i64> {
        let raised = self.mantissa.checked_mul(times)?.checked_mul(10_i128.checked_pow(exponent)?)?;
        let unit = 10_i128.checked_pow(self.scale)?;
        let (whole, rest) = (raised / unit, raised % unit);
        let up = rest * 2 > unit || rest * 2 == unit && whole % 2 == 1;
        i64::try_from(whole + i128::from(up)).ok()
    }
}

/// The readings of figures, likeliest first (FINANCE §1.4): a separator that comes again groups; the last of two
/// different ones parts decimals; one followed by exactly three digits groups, and in a country that writes `1,234.56` a
/// point there may part decimals as well; one followed by one or two digits parts decimals. Empty: no number.
pub fn figures(written: &str, comma_decimal: bool) -> Vec<Decimal> {
    let separators: Vec<(usize, u8)> =
        written.bytes().enumerate().filter(|(_, byte)| matches!(byte, b'.' | b',')).collect();
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let Some(mantissa) = digits.parse::<i128>().ok().filter(|_| digits.len() <= 18) else { return Vec::new() };
    let tail = |at: usize| written.len() - at - 1;
    let grouped = |part: &str| {
        let mut groups = part.split(['.', ',']);
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
    };
    let decimal = |at: usize| Decimal { mantissa, scale: tail(at) as u32 };
    match separators.as_slice() {
        [] => vec![Decimal::whole(mantissa)],
        [(at, sign)] => match tail(*at) {
            3 if written.starts_with('0') => vec![decimal(*at)],
            3 if *at <= 3 && *sign == b'.' && !comma_decimal => vec![Decimal::whole(mantissa), decimal(*at)],
            3 if *at <= 3 => vec![Decimal::whole(mantissa)],
            1 | 2 => vec![decimal(*at)],
            _ => Vec::new(),
        },
        [first @ .., (at, last)] => {
            let same = first.iter().all(|(_, sign)| sign == last);
            let alike = first.iter().all(|(_, sign)| *sign == first[0].1);
            if same && grouped(written) {
                vec![Decimal::whole(mantissa)]
            } else if !same && alike && grouped(&written[..*at]) && (1..=2).contains(&tail(*at)) {
                vec![decimal(*at)]
            } else {
                Vec::new()
            }
        }
    }
}

/// A word's number below a thousand.
pub fn small(word: &str) -> Option<i128> {
    Some(match word {
        "un" | "uno" | "una" | "um" | "uma" | "one" => 1,
        "dos" | "dois" | "duas" | "two" => 2,
        "tres" | "three" => 3,
        "cuatro" | "quatro" | "four" => 4,
        "cinco" | "five" => 5,
        "seis" | "six" => 6,
        "siete" | "sete" | "seven" => 7,
        "ocho" | "oito" | "eight" => 8,
        "nueve" | "nove" | "nine" => 9,
        "diez" | "dez" | "ten" => 10,
        "once" | "onze" | "eleven" => 11,
        "doce" | "doze" | "twelve" => 12,
        "trece" | "treze" | "thirteen" => 13,
        "catorce" | "catorze" | "quatorze" | "fourteen" => 14,
        "quince" | "quinze" | "fifteen" => 15,
        "dieciseis" | "dezesseis" | "sixteen" => 16,
        "diecisiete" | "dezessete" | "seventeen" => 17,
        "dieciocho" | "dezoito" | "eighteen" => 18,
        "diecinueve" | "dezenove" | "nineteen" => 19,
        "veinte" | "vinte" | "twenty" => 20,
        "veintiun" | "veintiuno" => 21,
        "veintidos" => 22,
        "veintitres" => 23,
        "veinticuatro" => 24,
        "veinticinco" => 25,
        "veintiseis" => 26,
        "veintisiete" => 27,
        "veintiocho" => 28,
        "veintinueve" => 29,
        "treinta" | "trinta" | "thirty" => 30,
        "cuarenta" | "quarenta" | "forty" => 40,
        "cincuenta" | "cinquenta" | "fifty" => 50,
        "sesenta" | "sessenta" | "sixty" => 60,
        "setenta" | "seventy" => 70,
        "ochenta" | "oitenta" | "eighty" => 80,
        "noventa" | "ninety" => 90,
        "cien" | "ciento" | "cem" | "cento" => 100,
        "doscientos" | "duzentos" => 200,
        "trescientos" | "trezentos" => 300,
        "cuatrocientos" | "quatrocentos" => 400,
        "quinientos" | "quinhentos" => 500,
        "seiscientos" | "seiscentos" => 600,
        "setecientos" | "setecentos" => 700,
        "ochocientos" | "oitocentos" => 800,
        "novecientos" | "novecentos" => 900,
        _ => return None,
    })
}

/// What a word multiplies the number before it by, among numbers in words.
fn thousands(word: &str) -> Option<i128> {
    match word {
        "mil" | "thousand" => Some(1_000),
        "millon" | "millones" | "milhao" | "milhoes" | "million" | "millions" => Some(1_000_000),
        _ => None,
    }
}

/// A number in words from a place («mil quinientos», «cincuenta y dos mil»): its value and how many tokens it covers.
pub fn spelt(tokens: &[Token], at: usize) -> Option<(i128, usize)> {
    let (mut total, mut part, mut end, mut next) = (0_i128, 0_i128, at, at);
    // A larger piece may not follow a smaller one: «dos tres» is two numbers.
    let (mut ceiling, mut scale) = (1_000_i128, i128::MAX);
    while next < tokens.len() && next - at < 24 {
        let here = word(tokens, next);
        if let Some(value) = small(here).filter(|value| *value < ceiling) {
            part += value;
            ceiling = if value >= 100 {
                100
            } else if value >= 20 && value % 10 == 0 {
                10
            } else {
                1
            };
            end = next + 1;
        } else if here == "hundred" && (0..10).contains(&part) {
            part = part.max(1) * 100;
            ceiling = 100;
            end = next + 1;
        } else if let Some(factor) = thousands(here).filter(|factor| *factor < scale && (part > 0 || total == 0)) {
            total += part.max(1) * factor;
            (part, ceiling, scale) = (0, 1_000, factor);
            end = next + 1;
        } else if !(matches!(here, "y" | "e" | "and") && next > at && end == next) {
            break;
        }
        next += 1;
    }
    (end > at && tokens[end - 1].kind == Kind::Word).then_some((total + part, end - at))
}
