//! Tracking numbers in a text: which carriers could have issued them.
//!
//! Formats are hints (CONTRACTS E6): most carriers publish none, so a candidate is never a rejection, and several
//! carriers may claim one number. A carrier's name in the text puts it first. `valid` says that the number has the
//! carrier's form and, where there is a check digit, that it agrees.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A carrier that could have issued a number found in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its short name (`coordinadora`).
    pub carrier: String,
    /// The number, without spaces and dashes, upper case.
    pub number: String,
    /// Whether the number has the carrier's form, check digit included.
    pub valid: bool,
}

/// A carrier whose numbers are digits only.
struct Digits {
    code: &'static str,
    /// Words by which people name it, folded.
    names: &'static [&'static str],
    lengths: &'static [usize],
    fits: fn(&str) -> bool,
}

const fn any(_: &str) -> bool {
    true
}

/// CONTRACTS E6; lengths marked [?] there are from practice only. Order = likelihood among those that share a length.
const CARRIERS: &[Digits] = &[
    Digits { code: "servientrega", names: &["servientrega"], lengths: &[10], fits: any },
    Digits { code: "coordinadora", names: &["coordinadora"], lengths: &[11], fits: any },
    Digits { code: "interrapidisimo", names: &["interrapidisimo", "inter rapidisimo"], lengths: &[12], fits: any },
    Digits { code: "envia", names: &["envia", "colvanes"], lengths: &[12], fits: |number| !number.starts_with("888") },
    Digits { code: "deprisa", names: &["deprisa"], lengths: &[12], fits: |number| number.starts_with("888") },
    Digits { code: "tcc", names: &["tcc"], lengths: &[9], fits: any },
    Digits { code: "estafeta", names: &["estafeta"], lengths: &[22, 10], fits: any },
    Digits { code: "andreani", names: &["andreani"], lengths: &[15], fits: any },
    Digits { code: "chilexpress", names: &["chilexpress"], lengths: &[12], fits: any },
];

/// Postal operators by the country at the end of an S10 number.
const POSTS: &[(&str, &str)] = &[
    ("AR", "correo_argentino"),
    ("BR", "correios"),
    ("CL", "correos_chile"),
    ("CO", "472"),
    ("EC", "correos_ecuador"),
    ("MX", "correos_mexico"),
    ("PE", "serpost"),
    ("UY", "correo_uruguayo"),
    ("US", "usps"),
];

/// Words that say that a number is one of a parcel; without them what looks like a phone is taken for one.
const CUES: &[&str] = &["guia", "rastre", "tracking", "envio", "paquete", "parcel", "track", "encomenda"];

/// Most characters of a text that are looked at; longer ones are no question about a parcel.
const LONGEST: usize = 4096;

/// The tracking numbers in a text with the carriers that could have issued them, likeliest first.
pub fn recognize(text: &str) -> Vec<Candidate> {
    let folded = fold(text);
    let named: Vec<&Digits> =
        CARRIERS.iter().filter(|carrier| carrier.names.iter().any(|name| has_word(&folded, name))).collect();
    let cued = !named.is_empty() || CUES.iter().any(|cue| folded.contains(cue));
    let mut found = lettered(&folded);
    // "RR 473 124 829 CO": its digits are no number of their own.
    let (phones, runs): (Vec<Run>, Vec<Run>) = digit_runs(&folded)
        .into_iter()
        .filter(|run| !found.iter().any(|longer| longer.number.contains(&run.number)))
        .partition(|run| looks_like_a_phone(&run.number));
    found.extend(runs.iter().flat_map(|run| judge(run, &named)));
    // What looks like a phone is taken for a parcel only when the text speaks of one and names no other number.
    if cued && found.is_empty() {
        found.extend(phones.iter().flat_map(|run| judge(run, &named)));
    }
    let mut unique: Vec<Candidate> = Vec::with_capacity(found.len());
    for candidate in found {
        if !unique.iter().any(|known| known.carrier == candidate.carrier && known.number == candidate.number) {
            unique.push(candidate);
        }
    }
    // A carrier that the text names comes first; the sort is stable.
    unique.sort_by_key(|candidate| !named.iter().any(|carrier| carrier.code == candidate.carrier));
    unique
}

/// The check digit of a UPU S10 number's eight digits: weights 8 6 4 2 3 5 9 7, modulo 11, 10 → 0 and 11 → 5
/// (CONTRACTS E6).
pub fn s10_check_digit(serial: &[u8; 8]) -> u8 {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = serial.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit % 10) * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit as u8,
    }
}

fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|letter| !is_combining_mark(*letter)).take(LONGEST);
    plain.flat_map(char::to_lowercase).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next()))
}

/// A sequence of digits as it stands in the text.
struct Run {
    number: String,
    /// Whether a `+` or `$` stands before it: a phone or an amount, not a parcel.
    foreign: bool,
}

/// Runs of digits, groups parted by a single space or dash joined. Where a group alone is long enough to be a
/// number it stands by itself, so that "pedido 1042 guía 12345678901" is not read as one number.
fn digit_runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    let mut foreign = false;
    let mut before = ' ';
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        if letters[at].is_ascii_digit() {
            let end = (at..letters.len()).find(|&i| !letters[i].is_ascii_digit()).unwrap_or(letters.len());
            if groups.is_empty() {
                foreign = "+$".contains(before);
            }
            // Glued to letters it is part of something else (S10, a model name).
            let glued = before.is_alphabetic() || letters.get(end).is_some_and(|next| next.is_alphabetic());
            if glued {
                close(&mut runs, &mut groups, foreign);
            } else {
                groups.push(letters[at..end].iter().collect());
            }
            at = end;
            let joins = letters.get(at).is_some_and(|next| " -".contains(*next))
                && letters.get(at + 1).is_some_and(char::is_ascii_digit);
            if !joins {
                close(&mut runs, &mut groups, foreign);
            }
            before = letters.get(at).copied().unwrap_or(' ');
            at += usize::from(joins);
        } else {
            // "$ 123": the sign speaks through the space.
            if letters[at] != ' ' || before != '$' {
                before = letters[at];
            }
            at += 1;
        }
    }
    close(&mut runs, &mut groups, foreign);
    runs
}

fn close(runs: &mut Vec<Run>, groups: &mut Vec<String>, foreign: bool) {
    let groups = std::mem::take(groups);
    if groups.iter().any(|group| group.len() >= 9) || groups.len() == 1 {
        runs.extend(groups.into_iter().map(|number| Run { number, foreign }));
    } else if !groups.is_empty() {
        runs.push(Run { number: groups.concat(), foreign });
    }
}

fn judge(run: &Run, named: &[&Digits]) -> Vec<Candidate> {
    let number = run.number.as_str();
    let candidate = |carrier: &Digits, valid: bool| Candidate {
        carrier: carrier.code.to_owned(),
        number: number.to_owned(),
        valid,
    };
    let fits = |carrier: &Digits| carrier.lengths.contains(&number.len()) && (carrier.fits)(number);
    if run.foreign {
        return Vec::new();
    }
    let mut found: Vec<Candidate> =
        CARRIERS.iter().filter(|carrier| fits(carrier)).map(|carrier| candidate(carrier, true)).collect();
    // "guía de Coordinadora 1234567": the name speaks louder than the length, which is only a hint.
    if (7..=24).contains(&number.len()) {
        found.extend(named.iter().filter(|carrier| !fits(carrier)).map(|carrier| candidate(carrier, false)));
    }
    found
}

/// Colombian and Mexican mobile numbers share their length with tracking numbers.
fn looks_like_a_phone(number: &str) -> bool {
    match number.len() {
        10 => number.starts_with('3') || number.starts_with("60") || number.starts_with("55"),
        12 => number.starts_with("573") || number.starts_with("5760") || number.starts_with("52"),
        _ => false,
    }
}

/// Numbers that begin with letters: S10 (`RR123456785CO`) and UPS (`1Z…`), with spaces or dashes inside.
fn lettered(text: &str) -> Vec<Candidate> {
    let upper: Vec<char> = text.to_uppercase().chars().collect();
    let mut found = Vec::new();
    for at in 0..upper.len() {
        if at > 0 && upper[at - 1].is_alphanumeric() {
            continue;
        }
        if let Some(number) = shaped(&upper[at..], "AADDDDDDDDDAA") {
            found.push(s10(&number));
        } else if let Some(number) = shaped(&upper[at..], "1ZXXXXXXXXXXXXXXXD") {
            found.push(Candidate { valid: ups_agrees(&number), carrier: "ups".to_owned(), number });
        }
    }
    found
}

/// The letters of a shape (`A` letter, `D` digit, `X` either, else itself) from the start of `text`, single spaces and
/// dashes left out; it must end where a word does.
fn shaped(text: &[char], shape: &str) -> Option<String> {
    let mut number = String::with_capacity(shape.len());
    let mut at = 0;
    for place in shape.chars() {
        if !number.is_empty() && matches!(text.get(at), Some(' ' | '-')) {
            at += 1;
        }
        let letter = *text.get(at)?;
        let fits = match place {
            'A' => letter.is_ascii_uppercase(),
            'D' => letter.is_ascii_digit(),
            'X' => letter.is_ascii_uppercase() || letter.is_ascii_digit(),
            exact => letter == exact,
        };
        if !fits {
            return None;
        }
        number.push(letter);
        at += 1;
    }
    text.get(at).is_none_or(|next| !next.is_alphanumeric()).then_some(number)
}

fn s10(number: &str) -> Candidate {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let valid = match digits.as_slice() {
        [serial @ .., check] => <&[u8; 8]>::try_from(serial).is_ok_and(|serial| s10_check_digit(serial) == *check),
        [] => false,
    };
    let country = &number[number.len() - 2..];
    let post = POSTS.iter().find(|(code, _)| *code == country).map_or("postal", |(_, post)| post);
    Candidate { carrier: post.to_owned(), number: number.to_owned(), valid }
}

/// UPS: after `1Z`, letters count `(code − 63) mod 10`, every second place twice, up to the next ten.
fn ups_agrees(number: &str) -> bool {
    let values: Vec<u32> = number
        .bytes()
        .skip(2)
        .map(|byte| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { (byte - 63) % 10 }))
        .collect();
    let Some((check, body)) = values.split_last() else { return false };
    let sum: u32 = body.iter().enumerate().map(|(index, value)| if index % 2 == 1 { value * 2 } else { *value }).sum();
    (10 - sum % 10) % 10 == *check
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String, bool)> {
        recognize(text).into_iter().map(|found| (found.carrier, found.number, found.valid)).collect()
    }
    fn carriers(text: &str) -> Vec<String> {
        recognize(text).into_iter().filter(|found| found.valid).map(|found| found.carrier).collect()
    }

    #[test]
    fn s10_numbers_are_checked_and_named_by_country() {
        // The published example of the standard's check digit: 47312482 → 9.
        assert_eq!(s10_check_digit(&[4, 7, 3, 1, 2, 4, 8, 2]), 9);
        assert_eq!(found("EE473124829BR"), [("correios".into(), "EE473124829BR".into(), true)]);
        assert_eq!(found("mi guía es rr 473 124 829 co, gracias"), [("472".into(), "RR473124829CO".into(), true)]);
        assert_eq!(found("EE473124828BR"), [("correios".into(), "EE473124828BR".into(), false)]);
        assert_eq!(found("RR473124829DE")[0].0, "postal");
    }

    #[test]
    fn check_digits_of_ten_and_eleven_become_zero_and_five() {
        let all = (0..1000_u32).map(|serial| {
            let digits: Vec<u8> = format!("{serial:08}").bytes().map(|byte| byte - b'0').collect();
            s10_check_digit(digits.as_slice().try_into().unwrap())
        });
        assert!(all.clone().all(|digit| digit < 10));
        assert_eq!(s10_check_digit(&[0; 8]), 5);
        assert!(all.into_iter().any(|digit| digit == 0));
    }

    #[test]
    fn ups_numbers_are_checked() {
        assert_eq!(found("1Z999AA10123456784"), [("ups".into(), "1Z999AA10123456784".into(), true)]);
        assert!(!found("1Z999AA10123456783")[0].2);
    }

    #[test]
    fn digits_alone_are_hints_by_length() {
        assert_eq!(carriers("guía 2147483647"), ["servientrega", "estafeta"]);
        assert_eq!(carriers("36412345678"), ["coordinadora"]);
        assert_eq!(carriers("888012345678"), ["interrapidisimo", "deprisa", "chilexpress"]);
        assert_eq!(carriers("240012345678"), ["interrapidisimo", "envia", "chilexpress"]);
        assert_eq!(carriers("123456789"), ["tcc"]);
        assert_eq!(carriers("1234567890123456789012"), ["estafeta"]);
        assert_eq!(carriers("360001234567890"), ["andreani"]);
    }

    #[test]
    fn a_named_carrier_comes_first_even_when_the_length_is_unusual() {
        assert_eq!(carriers("Mi envío por Envía es 240012345678")[0], "envia");
        assert_eq!(carriers("interrapidísimo 240012345678")[0], "interrapidisimo");
        assert_eq!(found("coordinadora guia 1234567"), [("coordinadora".into(), "1234567".into(), false)]);
    }

    #[test]
    fn order_numbers_and_phones_are_not_taken_for_parcels() {
        assert_eq!(found("¿dónde está mi pedido #1042?"), []);
        assert_eq!(found("mi número es 3005550142"), []);
        assert_eq!(found("escríbeme al +57 300 555 0142"), []);
        assert_eq!(found("573005550142"), []);
        assert_eq!(found("pagué $ 123.456.789, o sea $123456789"), []);
        assert_eq!(found("llamen al 3005551234 por la guía 36412345678").len(), 1);
        assert_eq!(carriers("guía 3005551234 de servientrega")[0], "servientrega");
        assert_eq!(carriers("pedido 1042 guía 36412345678"), ["coordinadora"]);
    }

    #[test]
    fn groups_are_joined() {
        assert_eq!(found("guía 364 1234 5678")[0].1, "36412345678");
        assert_eq!(found("guía 364-1234-5678")[0].1, "36412345678");
    }

    #[test]
    fn strange_texts_are_harmless() {
        for text in ["", "+", "1Z", "é1Zñ", "AA", "１２３４５６７８９０", "٣٤٥", &"9".repeat(100_000), "ǅ123456789"]
        {
            let _ = recognize(text);
        }
    }
}
