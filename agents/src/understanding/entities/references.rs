//! Numbers of orders and parcels, e-mail addresses and phones.

use recado_domain::command::{Entity, Mention};
use recado_domain::tracking::{Located, locate};

use super::Context;
use super::phones::{e164, spelt};
use crate::understanding::normalise::normalise;

/// Words after which a short number is an order's.
const ORDER_WORDS: &[&str] =
    &["pedido", "pedidos", "orden", "order", "compra", "numero", "number", "no", "nro", "n", "encomenda", "rastrear"];
/// Words after which a number is a parcel's.
const PARCEL_WORDS: &[&str] =
    &["guia", "tracking", "rastreo", "rastreio", "seguimiento", "codigo", "code", "rastrear", "track", "envio"];
/// Words after which a number is a phone's.
const PHONE_WORDS: &[&str] =
    &["telefono", "tel", "cel", "celular", "telefone", "phone", "mobile", "whatsapp", "wpp", "numero"];

/// A word as it stands between blanks.
struct Piece<'a> {
    written: &'a str,
    start: usize,
}

/// Everything found: orders, then parcels, e-mails and phones. A number alone may be both a parcel's and a phone's.
pub fn find(text: &str, context: &Context<'_>) -> Vec<Mention> {
    let mut found = Found { located: locate(text), ..Found::new(context) };
    let mut before: [String; 3] = Default::default();
    let pieces: Vec<Piece<'_>> = text
        .split_whitespace()
        .map(|written| Piece { written, start: written.as_ptr() as usize - text.as_ptr() as usize })
        .collect();
    let mut index = 0;
    while index < pieces.len() {
        let piece = &pieces[index];
        if let Some((email, from)) = email(piece.written) {
            let start = piece.start + from;
            found.emails.push(Mention { end: start + email.len(), entity: Entity::Email { value: email }, start });
            index += 1;
            continue;
        }
        // «guía 364 1234 5678» is one number.
        if let Some((number, end)) = found.parcel_from(piece) {
            let start = piece.start + piece.written.find(|sign: char| sign.is_ascii_alphanumeric()).unwrap_or(0);
            found.parcel(number, start, end);
            index += pieces[index..].iter().take_while(|piece| piece.start < end).count();
            continue;
        }
        // «+57 300 123 4567» is one number.
        let group = pieces[index..].iter().take(8).take_while(|piece| is_number_piece(piece.written)).count();
        if group > 1 {
            let all = &pieces[index..index + group];
            let joined: String = all.iter().map(|piece| piece.written).collect();
            let international = joined.starts_with('+') || joined.starts_with("(+");
            let short = all[0].written.starts_with('(') || all.iter().all(|piece| digits_of(piece.written).len() <= 5);
            let apart =
                group >= 3 || all[0].written.starts_with('(') || joined.contains('-') || found.is_phone_word(&before);
            let ordered = ORDER_WORDS.contains(&before[2].as_str()) && before[2] != "numero";
            let digits = digits_of(&joined).len();
            if (international || short && apart && !ordered)
                && (9..=15).contains(&digits)
                && !found.is_parcel(piece.start)
            {
                let end = all[group - 1].start + all[group - 1].written.trim_end_matches([',', ';', '.']).len();
                found.phone(&joined, piece.start, end);
                index += group;
                continue;
            }
        }
        found.number(piece, &before);
        before.rotate_left(1);
        before[2] = if piece.written.is_ascii() && piece.written.bytes().all(|byte| byte.is_ascii_lowercase()) {
            piece.written.to_owned()
        } else {
            normalise(piece.written)
        };
        index += 1;
    }
    found.lettered();
    let mut all = found.orders;
    for kind in [found.parcels, found.emails, found.phones] {
        all.extend(kind);
    }
    all
}

struct Found<'a> {
    context: &'a Context<'a>,
    located: Vec<Located>,
    orders: Vec<Mention>,
    parcels: Vec<Mention>,
    emails: Vec<Mention>,
    phones: Vec<Mention>,
}

impl<'a> Found<'a> {
    fn new(context: &'a Context<'a>) -> Self {
        let (orders, parcels, emails, phones) = Default::default();
        Self { context, located: Vec::new(), orders, parcels, emails, phones }
    }

    fn is_phone_word(&self, words: &[String; 3]) -> bool {
        words[1..].iter().any(|word| PHONE_WORDS.contains(&word.as_str()))
    }

    /// The parcel number that begins in a piece and goes on after it.
    fn parcel_from(&self, piece: &Piece<'_>) -> Option<(String, usize)> {
        let end = piece.start + piece.written.len();
        let digits = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        let begins = |one: &&Located| (piece.start..end).contains(&one.span.start) && one.span.end > end;
        let valid = |one: &&Located| one.candidate.valid && digits(&one.candidate.number);
        self.located.iter().filter(begins).find(valid).map(|one| (one.candidate.number.clone(), one.span.end))
    }

    /// Whether a proved parcel number begins at a place.
    fn is_parcel(&self, start: usize) -> bool {
        self.located.iter().any(|one| one.span.start == start && one.candidate.valid)
    }

    fn phone(&mut self, written: &str, start: usize, end: usize) {
        let value = e164(written, self.context.country).unwrap_or_else(|| spelt(written));
        self.phones.push(Mention { entity: Entity::Phone { value }, start, end });
    }

    fn order(&mut self, value: String, start: usize, end: usize) {
        self.orders.push(Mention { entity: Entity::OrderNumber { value }, start, end });
    }

    fn parcel(&mut self, value: String, start: usize, end: usize) {
        let best = self.located.iter().find(|one| one.candidate.number == value);
        let carrier = best.map(|one| one.candidate.carrier.clone());
        let valid = best.is_some_and(|one| one.candidate.valid);
        self.parcels.push(Mention { entity: Entity::TrackingNumber { value, carrier, valid }, start, end });
    }

    /// Parcels known by letters or check digit that the words did not show.
    fn lettered(&mut self) {
        for one in self.located.clone() {
            let known = self.parcels.iter().any(|parcel| parcel.start < one.span.end && one.span.start < parcel.end);
            let letters = one.candidate.number.bytes().any(|byte| byte.is_ascii_alphabetic());
            if !known && one.candidate.valid && (letters || one.checked) {
                self.parcel(one.candidate.number, one.span.start, one.span.end);
            }
        }
    }

    fn number(&mut self, piece: &Piece<'_>, words: &[String; 3]) {
        let before = words[2].as_str();
        let kept = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '#' | '+');
        let Some(from) = piece.written.find(kept) else { return };
        let trimmed = piece.written.trim_matches(|letter: char| !kept(letter));
        if trimmed.is_empty() || trimmed.contains(['$', '%', ':', '/']) || piece.written.contains('$') {
            return;
        }
        let (start, end) = (piece.start + from, piece.start + from + trimmed.len());
        let upper = trimmed.to_ascii_uppercase();
        if is_postal_code(&upper) {
            self.parcel(upper, start, end);
            return;
        }
        if let Some(name) = trimmed.strip_prefix('#') {
            if (1..=20).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                self.order(name.to_ascii_uppercase(), start, end);
            }
            return;
        }
        let plain = trimmed.strip_prefix('+').unwrap_or(trimmed);
        let separated = plain.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | '.' | '(' | ')'));
        if !separated {
            return;
        }
        let digits = digits_of(plain);
        if trimmed.starts_with('+') || plain.contains('-') {
            let dated = digits.len() <= 8 || plain.split('-').any(|part| part.len() == 4 && part.starts_with("20"));
            let spelt = trimmed.starts_with('+') || !dated && !self.is_parcel(start);
            if (9..=15).contains(&digits.len()) && spelt {
                self.phone(trimmed, start, end);
            }
            return;
        }
        if plain.contains('.') {
            return;
        }
        let near = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let (parcel, phone) = (near(PARCEL_WORDS), near(PHONE_WORDS));
        match digits.len() {
            3..=7 if parcel && digits.len() >= 6 => self.parcel(digits, start, end),
            // A year is no order unless it is called one.
            4 if is_year(&digits) && !ORDER_WORDS.contains(&before) => {}
            3..=7 => self.order(digits, start, end),
            1..=2 if matches!(before, "pedido" | "orden" | "order") => self.order(digits, start, end),
            8..=22 => {
                if (9..=15).contains(&digits.len()) && !parcel {
                    self.phone(&digits, start, end);
                }
                if !phone || before == "numero" {
                    self.parcel(digits, start, end);
                }
            }
            _ => {}
        }
    }
}

fn is_year(digits: &str) -> bool {
    matches!(digits.parse::<u32>(), Ok(2015..=2035))
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_number_piece(token: &str) -> bool {
    let token = token.trim_end_matches([',', ';']);
    (1..=12).contains(&token.len())
        && token.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | '(' | ')' | '-'))
        && token.chars().any(|letter| letter.is_ascii_digit())
}

/// The postal unions' shape: two letters, nine digits, two letters.
fn is_postal_code(upper: &str) -> bool {
    let bytes = upper.as_bytes();
    bytes.len() == 13
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..11].iter().all(u8::is_ascii_digit)
        && bytes[11..].iter().all(u8::is_ascii_uppercase)
}

/// An e-mail address in a word: lower case, and where it begins there.
fn email(token: &str) -> Option<(String, usize)> {
    if !token.contains('@') {
        return None;
    }
    let trimmed = token.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let (name, host) = trimmed.split_once('@')?;
    // «correo:ana@correo.co» begins after the colon.
    let name = name.rsplit([':', '<', '(', '"']).next()?;
    let host = host.split(['>', ')', ',', ';', '"', '?']).next()?;
    let good = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+'))
    };
    let whole = name.len() + 1 + host.len();
    let from = token.find(&format!("{name}@{host}"))?;
    (good(name) && good(host) && host.contains('.') && whole <= 120)
        .then(|| (format!("{name}@{host}").to_lowercase(), from))
}
