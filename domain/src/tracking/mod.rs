//! Tracking numbers in a text: which carriers could have issued them.
//!
//! Families with a check digit or letters of their own are judged by form. The carriers of this part of the world mostly
//! publish no form (CONTRACTS E6): their usual lengths are hints, several carriers may claim one number, and a text has
//! to speak of a parcel or name the carrier for such a number to count as valid. A carrier's name in the text puts it
//! first. docs/entities.md says where each fact is from.

mod check;
mod families;
mod letters;
mod posts;
mod runs;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use check::s10_check_digit;
use families::{CHECKED, Check, HINTS, LETTERED, Lettered};
use letters::{Letter, Word, letters, words};
use runs::{Number, gap, runs};

/// A carrier that could have issued a number found in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its short name (`coordinadora`).
    pub carrier: String,
    /// The number, without spaces and dashes, upper case.
    pub number: String,
    /// Whether the number has the carrier's form, check digit included; where the form is only a usual length, whether
    /// the text also speaks of a parcel.
    pub valid: bool,
}

/// A candidate and where its number stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The candidate.
    pub candidate: Candidate,
    /// Its number's bytes in the text.
    pub span: Range<usize>,
    /// Whether a check digit, or a shape that is nobody else's, speaks for it.
    pub checked: bool,
}

/// Most characters of a text that are looked at; longer ones are no question about a parcel.
const LONGEST: usize = 4096;
/// Most candidates of one text.
pub const MOST: usize = 64;

/// Beginnings of words that say that a number is one of a parcel; without them what looks like a phone is one.
const CUES: &[&str] =
    &["guia", "rastre", "track", "envio", "paquete", "parcel", "encomenda", "seguimiento", "waybill", "shipment"];
/// Words after which a number belongs to somebody or something else.
const OTHERS: &[&str] = &[
    "account",
    "cc",
    "cedula",
    "cel",
    "celular",
    "cnpj",
    "conta",
    "cpf",
    "cuenta",
    "cuit",
    "cuil",
    "curp",
    "dni",
    "documento",
    "factura",
    "fone",
    "invoice",
    "mobile",
    "movil",
    "nit",
    "orden",
    "order",
    "pedido",
    "phone",
    "ruc",
    "rut",
    "tel",
    "telefone",
    "telefono",
    "whatsapp",
    "wpp",
];

/// The tracking numbers in a text with the carriers that could have issued them, likeliest first.
pub fn recognize(text: &str) -> Vec<Candidate> {
    let mut unique: Vec<Candidate> = Vec::new();
    for Located { candidate, .. } in locate(text) {
        if !unique.iter().any(|known| known.carrier == candidate.carrier && known.number == candidate.number) {
            unique.push(candidate);
        }
    }
    unique
}

/// As [`recognize`], with places; a number that stands twice is found twice.
pub fn locate(text: &str) -> Vec<Located> {
    let letters = letters(text);
    if !letters.iter().any(|letter| letter.sign.is_ascii_digit()) {
        return Vec::new();
    }
    let words = words(&letters);
    let reader = Reader { cues: Cues::of(&words), letters: &letters, words: &words };
    let mut found = reader.lettered();
    // "RR 473 124 829 CO": its digits are no number of their own.
    let taken: Vec<Range<usize>> = found.iter().map(|one| one.span.clone()).collect();
    let free = |number: &Number| !taken.iter().any(|span| overlap(span, &reader.span(&number.place)));
    let mut phones = Vec::new();
    for run in runs(&letters) {
        if let Some((number, fitting)) = reader.checked(&run).filter(|(number, _)| free(number)) {
            found.extend(fitting);
            found.extend(reader.hinted(&number));
            continue;
        }
        for number in run.natural(&letters).into_iter().filter(|number| free(number)) {
            if looks_like_a_phone(&number.digits) {
                phones.push(number);
            } else {
                found.extend(reader.telling(&number));
                found.extend(reader.hinted(&number));
            }
        }
    }
    // What looks like a phone is taken for a parcel only when the text speaks of one and names no other number.
    if reader.cues.any() && found.is_empty() {
        found.extend(phones.iter().flat_map(|number| reader.hinted(number)));
    }
    // A carrier that the text names comes first, then what is proved, then what only may be; the sort is stable.
    found.sort_by_key(|one| {
        let named = reader.cues.named.contains(&one.candidate.carrier.as_str());
        (!(named && one.candidate.valid), !named, !one.candidate.valid, !one.checked)
    });
    found.truncate(MOST);
    found
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// What a text says about the numbers in it.
struct Cues {
    named: Vec<&'static str>,
    parcel: bool,
}

impl Cues {
    fn of(words: &[Word]) -> Self {
        let alone = words.iter().filter_map(|word| families::named(&word.folded));
        let pairs = words.windows(2).filter_map(|pair| families::named_by_two(&pair[0].folded, &pair[1].folded));
        Self {
            named: alone.chain(pairs).collect(),
            parcel: words.iter().any(|word| CUES.iter().any(|cue| word.folded.starts_with(cue))),
        }
    }
    fn any(&self) -> bool {
        self.parcel || !self.named.is_empty()
    }
}

struct Reader<'a> {
    letters: &'a [Letter],
    words: &'a [Word],
    cues: Cues,
}

impl Reader<'_> {
    /// The bytes of a place among the letters.
    fn span(&self, place: &Range<usize>) -> Range<usize> {
        let start = self.letters.get(place.start).map_or(0, |letter| letter.at);
        let last = place.end.checked_sub(1).and_then(|last| self.letters.get(last));
        // Numbers are ASCII: one byte each.
        start..last.map_or(start, |letter| letter.at + 1)
    }

    fn located(&self, carrier: &str, number: &str, place: &Range<usize>, valid: bool, checked: bool) -> Located {
        let candidate = Candidate { carrier: carrier.to_owned(), number: number.to_owned(), valid };
        Located { candidate, span: self.span(place), checked }
    }

    /// Numbers with letters in them.
    fn lettered(&self) -> Vec<Located> {
        let mut found: Vec<Located> = Vec::new();
        for at in 0..self.letters.len() {
            let starts = at == 0 || !self.letters[at - 1].sign.is_alphanumeric();
            if !starts || !self.letters[at].sign.is_ascii_alphanumeric() {
                continue;
            }
            for family in LETTERED {
                let Some((number, place)) = shaped(self.letters, at, family) else { continue };
                let inside = found
                    .iter()
                    .any(|known| overlap(&known.span, &self.span(&place)) && known.span.len() > place.len());
                if !inside {
                    found.extend(self.judged(family, &number, &place));
                }
            }
        }
        found
    }

    fn judged(&self, family: &Lettered, number: &str, place: &Range<usize>) -> Option<Located> {
        let bytes = number.as_bytes();
        let (carrier, valid, telling) = match &family.check {
            Check::None => (family.carrier, true, true),
            Check::By(agrees) => (family.carrier, agrees(bytes), false),
            Check::Telling(agrees) => (family.carrier, agrees(bytes), true),
            Check::Post => {
                let (post, valid) = families::postal(number);
                (post, valid, true)
            }
        };
        (valid || telling).then(|| self.located(carrier, number, place, valid, true))
    }

    /// The longest row of groups that a family with a check digit knows.
    fn checked(&self, run: &runs::Run) -> Option<(Number, Vec<Located>)> {
        run.rows().into_iter().find_map(|row| {
            let number = run.number(self.letters, row);
            if number.digits.len() < 10 || self.is_something_else(&number) || looks_like_a_phone(&number.digits) {
                return None;
            }
            let bytes = number.digits.as_bytes();
            let fits = CHECKED.iter().filter(|family| family.lengths.contains(&bytes.len()) && (family.agrees)(bytes));
            let fitting: Vec<Located> =
                fits.map(|family| self.located(family.carrier, &number.digits, &number.place, true, true)).collect();
            (!fitting.is_empty()).then_some((number, fitting))
        })
    }

    /// A number that only a family with a check digit has the form of, though its check digit disagrees.
    fn telling(&self, number: &Number) -> Vec<Located> {
        let bytes = number.digits.as_bytes();
        if self.is_something_else(number) {
            return Vec::new();
        }
        let fits = CHECKED.iter().filter(|family| family.lengths.contains(&bytes.len()) && (family.telling)(bytes));
        fits.map(|family| self.located(family.carrier, &number.digits, &number.place, false, true)).collect()
    }

    /// The carriers of whom only the usual length is known.
    fn hinted(&self, number: &Number) -> Vec<Located> {
        let bytes = number.digits.as_bytes();
        if self.is_something_else(number) {
            return Vec::new();
        }
        let fits = |hint: &families::Hint| hint.lengths.contains(&bytes.len()) && (hint.fits)(bytes);
        let located = |carrier: &str, valid: bool| self.located(carrier, &number.digits, &number.place, valid, false);
        let mut found: Vec<Located> =
            HINTS.iter().filter(|hint| fits(hint)).map(|hint| located(hint.carrier, self.cues.any())).collect();
        // "guía de Coordinadora 1234567": the name speaks louder than the length, which is only a hint. Of some
        // carriers no length is known: nothing speaks against any.
        if (7..=24).contains(&bytes.len()) {
            for carrier in &self.cues.named {
                let hint = HINTS.iter().find(|hint| hint.carrier == *carrier);
                match hint {
                    Some(hint) if fits(hint) => {}
                    // «Envía» is mostly the verb.
                    Some(_) if *carrier != "envia" => found.push(located(carrier, false)),
                    None if !families::has_its_own_form(carrier) => found.push(located(carrier, true)),
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether a sign or the words before say that a number is no parcel's: a phone, an amount, an order, a document.
    fn is_something_else(&self, number: &Number) -> bool {
        let sign = |back: usize| number.place.start.checked_sub(back).map(|at| self.letters[at].sign);
        let before = match sign(1) {
            Some(' ') => sign(2),
            other => other,
        };
        // An amount or a phone is none whatever else is said; `#` is an order's unless the text speaks of a parcel.
        if matches!(before, Some('$' | '€')) || sign(1) == Some('+') || sign(1) == Some('#') && !self.cues.any() {
            return true;
        }
        let near = |word: &&Word| word.place.end <= number.place.start && number.place.start - word.place.end <= 24;
        let mut last = self.words.iter().rev().filter(near).take(3);
        let told = last.find_map(|word| {
            let other = OTHERS.binary_search(&word.folded.as_str()).is_ok();
            let parcel = CUES.iter().any(|cue| word.folded.starts_with(cue)) || families::named(&word.folded).is_some();
            (other || parcel).then_some(other)
        });
        told == Some(true)
    }
}

/// Colombian and Mexican mobile numbers share their length with tracking numbers.
fn looks_like_a_phone(number: &str) -> bool {
    const COLOMBIAN: &[&str] = &["30", "31", "320", "321", "322", "323", "324", "333", "350", "351"];
    let colombian =
        |national: &str| COLOMBIAN.iter().any(|start| national.starts_with(start)) || national.starts_with("60");
    match number.len() {
        // Not the prefixes that were never given out (331…).
        10 => colombian(number) || number.starts_with("55") || number.starts_with("56"),
        12 => number.strip_prefix("57").is_some_and(colombian) || number.starts_with("52"),
        _ => false,
    }
}

/// Two letters that are also a word: with gaps after them they begin no number («la 473 124 829 es»).
fn is_small_word(pair: &[Letter]) -> bool {
    const WORDS: &[&str] = &[
        "AL", "AO", "AS", "AT", "BY", "DA", "DE", "DO", "EL", "EM", "EN", "ES", "EU", "HE", "IN", "IS", "IT", "LA",
        "LO", "ME", "MI", "MY", "NA", "NO", "OF", "OK", "ON", "OR", "OS", "SE", "SI", "SU", "TE", "TO", "TU", "UM",
        "UN", "US", "WE", "YA", "YO",
    ];
    let written: String = pair.iter().map(|letter| letter.sign).collect();
    pair.iter().any(|letter| !letter.capital) && WORDS.binary_search(&written.as_str()).is_ok()
}

/// The signs of one number.
struct Signs {
    signs: [u8; 64],
    count: usize,
}

impl Default for Signs {
    fn default() -> Self {
        Self { signs: [0; 64], count: 0 }
    }
}

impl Signs {
    /// Adds one; what does not fit is no number's (the longest shape has 41 signs).
    fn push(&mut self, sign: char) {
        if let (Some(place), Ok(sign)) = (self.signs.get_mut(self.count), u8::try_from(sign)) {
            *place = sign;
            self.count += 1;
        }
    }
    fn is_empty(&self) -> bool {
        self.count == 0
    }
    fn len(&self) -> usize {
        self.count
    }
    fn text(&self) -> String {
        self.signs[..self.count].iter().map(|sign| char::from(*sign)).collect()
    }
}

/// The number of a family's shape that begins at a place, single gaps left out; it must end where a word does.
fn shaped(letters: &[Letter], start: usize, family: &Lettered) -> Option<(String, Range<usize>)> {
    // Most shapes fail at their second sign: nothing is allocated before one fits.
    let mut number = Signs::default();
    let mut at = start;
    let mut gaps = 0_usize;
    let fits = |sign: char, place: u8| match place {
        b'A' => sign.is_ascii_uppercase(),
        b'9' => sign.is_ascii_digit(),
        b'X' => sign.is_ascii_uppercase() || sign.is_ascii_digit(),
        exact => sign == char::from(exact),
    };
    let shape = family.shape.as_bytes();
    for place in shape {
        let dash_follows = *place == b'-' && letters.get(at).is_some_and(|letter| letter.sign == '-');
        if !number.is_empty() && !dash_follows {
            let next = gap(letters, at);
            gaps += usize::from(next > at);
            at = next;
        }
        let letter = letters.get(at)?;
        if !letter.ascii || !fits(letter.sign, *place) {
            return None;
        }
        number.push(letter.sign);
        at += 1;
    }
    for _ in 0..family.more {
        let next = gap(letters, at);
        let Some(letter) = letters.get(next).filter(|letter| letter.sign.is_ascii_digit()) else { break };
        number.push(letter.sign);
        gaps += usize::from(next > at);
        at = next + 1;
    }
    let sign = |at: usize| letters.get(at).map(|letter| letter.sign);
    // Where each sign stands apart, one more that stands apart belongs to the number.
    let spaced = gaps + 1 >= number.len();
    let next = gap(letters, at);
    let goes_on =
        spaced && sign(next).is_some_and(char::is_alphanumeric) && !sign(next + 1).is_some_and(char::is_alphanumeric);
    let ends = !goes_on && !sign(at).is_some_and(char::is_alphanumeric);
    // A number written with gaps between all its signs is a shape too, but words and a number after them are not.
    let ragged = gaps > 0 && (!family.gaps || is_small_word(&letters[start..(start + 2).min(letters.len())]));
    (ends && !ragged).then(|| (number.text(), start..at))
}
