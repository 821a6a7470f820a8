//! The families of parcel numbers: which carrier, which shape, which check digit. Shapes are written with `A` for a
//! letter, `9` for a digit, `X` for either, any other sign for itself.

use super::check;
use super::posts::post_of;

/// A family whose numbers have letters.
pub(super) struct Lettered {
    pub(super) carrier: &'static str,
    /// What the number starts with, by which it is found quickly: a character for itself, `A` a letter, `9` a digit.
    pub(super) shape: &'static str,
    /// Most further digits after the shape.
    pub(super) more: usize,
    /// Whether a gap may stand between letters and digits when the letters are also a word.
    pub(super) gaps: bool,
    pub(super) check: Check,
}

/// How a number is judged.
pub(super) enum Check {
    /// There is no check digit, or none is published.
    None,
    /// By this, given the whole number.
    By(fn(&[u8]) -> bool),
    /// By this; a number that fails is reported all the same, as not valid: its shape is nobody else's.
    Telling(fn(&[u8]) -> bool),
    /// A postal number: check digit and country.
    Post,
}

const fn plain(carrier: &'static str, shape: &'static str, more: usize) -> Lettered {
    Lettered { carrier, shape, more, gaps: true, check: Check::None }
}

/// Families with letters.
pub(super) const LETTERED: &[Lettered] = &[
    Lettered { carrier: "postal", shape: "AA999999999AA", more: 0, gaps: true, check: Check::Post },
    Lettered {
        carrier: "ups",
        shape: "1ZXXXXXXXXXXXXXXXX",
        more: 0,
        gaps: true,
        check: Check::Telling(|number| check::mod10(&number[2..], 1, 2, 0)),
    },
    plain("amazon", "TBA999999999999", 0),
    Lettered {
        carrier: "ontrac",
        shape: "C99999999999999",
        more: 0,
        gaps: true,
        check: Check::Telling(|number| ontrac(&number[1..], b'4')),
    },
    Lettered {
        carrier: "ontrac",
        shape: "D99999999999999",
        more: 0,
        gaps: true,
        check: Check::Telling(|number| ontrac(&number[1..], b'5')),
    },
    plain("lasership", "LX13999999", 0),
    plain("lasership", "LX14999999", 0),
    plain("lasership", "LX15999999", 0),
    plain("lasership", "LX16999999", 0),
    plain("lasership", "LX17999999", 0),
    plain("lasership", "LX18999999", 0),
    plain("lasership", "1LS719999999999", 0),
    plain("lasership", "1LS729999999999", 0),
    Lettered {
        carrier: "lasership",
        shape: "1LS7999019999999-1",
        more: 0,
        gaps: true,
        check: Check::By(|number| matches!(number[4], b'1' | b'2') && matches!(number[9], b'1'..=b'4')),
    },
    plain("dhl", "GM9999999999", 29),
    Lettered { carrier: "dhl", shape: "LX9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "RX9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "UV9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "CN9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "SG9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "TH9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "IN9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "HK9999999999", more: 29, gaps: false, check: Check::None },
    Lettered { carrier: "dhl", shape: "MY9999999999", more: 29, gaps: false, check: Check::None },
    plain("dhl", "JAA999999999", 1),
    plain("dhl", "JAAA999999999", 1),
    plain("yodel", "JJD9999999999999999", 0),
    plain("yodel", "JD9999999999999999", 0),
    plain("landmark", "LTN99999999N1", 0),
    plain("gofo", "GFUS99999999999999", 0),
    plain("speedee", "SP999999999999999999", 0),
    plain("yunexpress", "YT9999999999999999", 0),
    Lettered { carrier: "purolator", shape: "AAA999999999", more: 0, gaps: false, check: Check::None },
    Lettered {
        carrier: "canpar",
        shape: "A999999999999999999999",
        more: 0,
        gaps: true,
        check: Check::By(|number| b"CDKLSUXZ".contains(&number[0])),
    },
    Lettered { carrier: "dpd", shape: "99999999999999A", more: 0, gaps: true, check: Check::By(check::mod37_36) },
    Lettered {
        carrier: "dpd",
        shape: "999999999999999999999999999A",
        more: 0,
        gaps: true,
        check: Check::By(check::mod37_36),
    },
];

/// OnTrac counts a digit that stands for the letter (4 for C, 5 for D) before the digits unless they begin with it:
/// every second one twice.
fn ontrac(digits: &[u8], letter: u8) -> bool {
    if digits[0] == letter {
        return check::mod10(digits, 1, 2, 0);
    }
    check::mod10(digits, 2, 1, u32::from(letter - b'0'))
}

/// A postal number: its operator, and whether check digit and country agree. The service letters are not judged: posts
/// use many that the union has not assigned (all of Brazil's inland services).
pub(super) fn postal(number: &str) -> (&'static str, bool) {
    let post = number.get(11..13).and_then(post_of);
    let agrees = number.as_bytes().get(2..11).is_some_and(check::s10);
    (post.unwrap_or("postal"), post.is_some() && agrees)
}

/// A family of digits only with a check digit.
pub(super) struct Checked {
    pub(super) carrier: &'static str,
    pub(super) lengths: &'static [usize],
    /// Whether the form and the check digit agree.
    pub(super) agrees: fn(&[u8]) -> bool,
    /// Whether the form alone is nobody else's, so that a number that fails is reported as not valid.
    pub(super) telling: fn(&[u8]) -> bool,
}

const fn never(_: &[u8]) -> bool {
    false
}

/// The weighted sum of «91» and «92» standing unwritten before a number (weights 3 and 1).
const UNWRITTEN_91: u32 = 28;
const UNWRITTEN_92: u32 = 29;

fn usps(number: &[u8]) -> bool {
    let own = |number: &[u8]| {
        let identified = number[0] == b'9' && (b'1'..=b'5').contains(&number[1]);
        match number.len() {
            22 | 26 => identified && check::mod10(number, 3, 1, 0),
            20 | 24 if identified => check::mod10(number, 3, 1, 0),
            20 | 24 => check::mod10(number, 3, 1, UNWRITTEN_91),
            _ => false,
        }
    };
    let routed = number.starts_with(b"420");
    // With a ZIP of nine digits there may be an identifier of 92 to 95 or none.
    let long_zip = |serial: &[u8]| match serial.len() {
        22 => serial[0] == b'9' && (b'2'..=b'5').contains(&serial[1]) && check::mod10(serial, 3, 1, 0),
        20 => check::mod10(serial, 3, 1, 0),
        _ => false,
    };
    own(number)
        || number.len() == 20 && check::mod10(number, 3, 1, 0)
        || routed && number.len() >= 28 && own(&number[8..])
        || routed && number.len() > 12 && long_zip(&number[12..])
}

/// Families of digits with a check digit.
pub(super) const CHECKED: &[Checked] = &[
    Checked { carrier: "fedex", lengths: &[12], agrees: check::fedex, telling: never },
    Checked {
        carrier: "fedex",
        lengths: &[34],
        agrees: |number| {
            let form = number.starts_with(b"100") || number.starts_with(b"96");
            form && check::fedex(&number[20..])
        },
        telling: |number| number.starts_with(b"100") || number.starts_with(b"96"),
    },
    Checked {
        carrier: "fedex",
        lengths: &[20, 22],
        agrees: |number| match number.len() {
            20 if number.starts_with(b"92") => check::mod10(number, 3, 1, 0),
            20 => check::mod10(number, 3, 1, UNWRITTEN_92),
            _ => number.starts_with(b"92") && check::mod10(number, 3, 1, 0),
        },
        telling: never,
    },
    Checked {
        carrier: "fedex",
        lengths: &[22],
        agrees: |number| number.starts_with(b"96") && check::mod10(&number[7..], 1, 3, 0),
        telling: |number| number.starts_with(b"96"),
    },
    Checked { carrier: "fedex", lengths: &[15], agrees: |number| check::mod10(number, 1, 3, 0), telling: never },
    // A container type (00 to 04), then a serial shipping container code.
    Checked {
        carrier: "fedex",
        lengths: &[18],
        agrees: |number| number[0] == b'0' && check::mod10(&number[2..], 3, 1, 0),
        telling: never,
    },
    Checked {
        carrier: "usps",
        lengths: &[20, 22, 24, 26, 28, 30, 32, 34],
        agrees: usps,
        telling: |number| {
            let identified = number[0] == b'9' && (b'1'..=b'5').contains(&number[1]);
            identified && number.len() >= 22 || number.starts_with(b"420") && number.len() >= 28
        },
    },
    Checked { carrier: "dhl", lengths: &[10, 11], agrees: check::mod7, telling: never },
    Checked { carrier: "canada_post", lengths: &[16], agrees: |number| check::mod10(number, 3, 1, 0), telling: never },
    Checked {
        carrier: "old_dominion",
        lengths: &[11],
        agrees: |number| {
            let form = [&b"777"[..], b"778", b"072", b"80"].iter().any(|start| number.starts_with(start));
            form && check::luhn(number)
        },
        telling: never,
    },
    Checked {
        carrier: "purolator",
        lengths: &[12],
        agrees: |number| number[0] <= b'5' && check::luhn(number),
        telling: never,
    },
    Checked { carrier: "dpd", lengths: &[15, 28], agrees: check::mod37_36, telling: never },
];

/// A carrier of this part of the world whose numbers are digits without a published check digit.
pub(super) struct Hint {
    pub(super) carrier: &'static str,
    /// Usual lengths; empty where none is known, so that only its name leads to it.
    pub(super) lengths: &'static [usize],
    pub(super) fits: fn(&[u8]) -> bool,
}

const fn any(_: &[u8]) -> bool {
    true
}

/// CONTRACTS E6; lengths marked [?] there are from practice only. Order = likelihood among those that share a length.
pub(super) const HINTS: &[Hint] = &[
    Hint { carrier: "servientrega", lengths: &[10], fits: any },
    Hint { carrier: "coordinadora", lengths: &[11], fits: any },
    Hint { carrier: "interrapidisimo", lengths: &[12], fits: any },
    Hint { carrier: "envia", lengths: &[12], fits: |number| !number.starts_with(b"888") },
    Hint { carrier: "deprisa", lengths: &[12], fits: |number| number.starts_with(b"888") },
    Hint { carrier: "tcc", lengths: &[9], fits: any },
    Hint { carrier: "estafeta", lengths: &[22, 10], fits: any },
    Hint { carrier: "andreani", lengths: &[15], fits: any },
    Hint { carrier: "chilexpress", lengths: &[12], fits: any },
];

/// Words by which people name a carrier, folded, in order; two words are joined by a space.
pub(super) const NAMES: &[(&str, &str)] = &[
    ("99minutos", "99minutos"),
    ("amazon", "amazon"),
    ("andreani", "andreani"),
    ("blue express", "blue_express"),
    ("bluexpress", "blue_express"),
    ("canada post", "canada_post"),
    ("chilexpress", "chilexpress"),
    ("colvanes", "envia"),
    ("coordinadora", "coordinadora"),
    ("correio", "correios"),
    ("correios", "correios"),
    ("correo argentino", "correo_argentino"),
    ("deprisa", "deprisa"),
    ("deutsche post", "deutsche_post"),
    ("dhl", "dhl"),
    ("dpd", "dpd"),
    ("envia", "envia"),
    ("estafeta", "estafeta"),
    ("fedex", "fedex"),
    ("inter rapidisimo", "interrapidisimo"),
    ("interrapidisimo", "interrapidisimo"),
    ("jadlog", "jadlog"),
    ("jt express", "jt_express"),
    ("lasership", "lasership"),
    ("loggi", "loggi"),
    ("mercado envios", "mercado_envios"),
    ("oca", "oca"),
    ("olva", "olva"),
    ("ontrac", "ontrac"),
    ("paquetexpress", "paquetexpress"),
    ("purolator", "purolator"),
    ("redpack", "redpack"),
    ("royal mail", "royal_mail"),
    ("saferbo", "saferbo"),
    ("serpost", "serpost"),
    ("servientrega", "servientrega"),
    ("shalom", "shalom"),
    ("starken", "starken"),
    ("tcc", "tcc"),
    ("total express", "total_express"),
    ("ups", "ups"),
    ("urbano", "urbano"),
    ("usps", "usps"),
];

/// The carrier that a word, or two, name.
pub(super) fn named(words: &str) -> Option<&'static str> {
    NAMES.binary_search_by(|(name, _)| (*name).cmp(words)).ok().map(|place| NAMES[place].1)
}

/// The carrier that two words name together.
pub(super) fn named_by_two(first: &str, second: &str) -> Option<&'static str> {
    let rest = |name: &'static str| name.strip_prefix(first).and_then(|rest| rest.strip_prefix(' '));
    let letter = first.as_bytes().first();
    let mut alike = NAMES.iter().filter(|(name, _)| name.as_bytes().first() == letter);
    alike.find(|(name, _)| rest(name) == Some(second)).map(|(_, carrier)| *carrier)
}

/// Whether a named carrier's numbers are judged by a family with a check digit or letters, so that its name alone makes
/// no candidate of any digits.
pub(super) fn has_its_own_form(carrier: &str) -> bool {
    LETTERED.iter().any(|family| family.carrier == carrier) || CHECKED.iter().any(|family| family.carrier == carrier)
}
