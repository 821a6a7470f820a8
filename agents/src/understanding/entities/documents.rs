//! Numbers of identity documents and their check digits. Sources: Receita Federal (CPF, CNPJ: modulo 11), DIAN (NIT),
//! SII Chile (RUT), ARCA Argentina (CUIT), SUNAT Peru (RUC), RENAPO and SAT Mexico (CURP, RFC).

use recado_domain::command::{Entity, Mention};

use super::Context;
use super::tokens::{Kind, Token, word, word_before};

/// Words that name a document.
const NAMES: &[(&str, &str)] = &[
    ("cc", "cedula"),
    ("cedula", "cedula"),
    ("cnpj", "cnpj"),
    ("cpf", "cpf"),
    ("cuil", "cuit"),
    ("cuit", "cuit"),
    ("curp", "curp"),
    ("dni", "dni"),
    ("nit", "nit"),
    ("rfc", "rfc"),
    ("ruc", "ruc"),
    ("rut", "rut"),
];

/// A row of tokens without blanks, as it stands.
struct Piece {
    written: String,
    from: usize,
    to: usize,
}

/// All documents. A number without its document's name counts only where its form is the document's own and its check
/// digit agrees.
pub fn find(tokens: &[Token], context: &Context<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (next, piece) = piece(tokens, at);
        if let Some((kind, value, valid)) = piece.as_ref().and_then(|piece| judged(tokens, piece, context)) {
            let entity = Entity::Document { kind: kind.to_owned(), value, valid };
            found.push(Mention { entity, start: tokens[at].span.start, end: tokens[next - 1].span.end });
        }
        at = next;
    }
    found
}

/// The piece that begins at a place; only those with a digit are of interest.
fn piece(tokens: &[Token], at: usize) -> (usize, Option<Piece>) {
    if tokens[at].kind == Kind::Sign {
        return (at + 1, None);
    }
    let mut next = at + 1;
    while let Some(token) = tokens.get(next).filter(|token| token.glued) {
        let joint = matches!(token.folded.as_str(), "-" | "/" | "." | "–");
        let inner = joint && tokens.get(next + 1).is_some_and(|after| after.glued && after.kind != Kind::Sign);
        if token.kind == Kind::Sign && !inner {
            break;
        }
        next += 1;
    }
    // «12.345.678 - 5» is left alone; «CC 1.020.304» has one number.
    let written: String = tokens[at..next].iter().map(|token| token.folded.to_uppercase()).collect();
    let piece = Piece { written, from: at, to: next };
    (next, piece.written.bytes().any(|byte| byte.is_ascii_digit()).then_some(piece))
}

/// The document that the words before name.
fn named(tokens: &[Token], at: usize) -> Option<&'static str> {
    let known = |word: &str| NAMES.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind);
    for back in 1..=4 {
        let before = word_before(tokens, at, back);
        if let Some(kind) = known(before) {
            return Some(kind);
        }
        let passed =
            matches!(before, "" | "es" | "e" | "is" | "numero" | "no" | "nro" | "de" | "ciudadania" | "n" | "o" | "c");
        if !passed {
            return None;
        }
        // «C.C. 1020304050».
        if before == "c" && word_before(tokens, at, back + 2) == "c" {
            return Some("cedula");
        }
    }
    None
}

fn judged(tokens: &[Token], piece: &Piece, context: &Context<'_>) -> Option<(&'static str, String, Option<bool>)> {
    let value: String = piece.written.chars().filter(|sign| sign.is_ascii_alphanumeric()).collect();
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let length = value.len();
    if let Some(kind) = named(tokens, piece.from) {
        let valid = match kind {
            "cedula" if digits && (5..=10).contains(&length) => None,
            "dni" if digits && (7..=8).contains(&length) => None,
            "nit" if digits && (9..=10).contains(&length) => {
                (length == 10 || piece.written.contains('-')).then(|| nit(&value))
            }
            "cpf" if digits && length == 11 => Some(cpf(&value)),
            "cnpj" if length == 14 => Some(cnpj(&value)),
            "cuit" if digits && length == 11 => Some(cuit(&value, false)),
            "ruc" if digits && length == 11 => Some(cuit(&value, true)),
            "ruc" if digits && length == 13 => None,
            "rut" if (8..=9).contains(&length) => Some(rut(&value)),
            "curp" if length == 18 => Some(curp(&value)),
            "rfc" if (12..=13).contains(&length) => Some(rfc(&value)),
            _ => return None,
        };
        return Some((kind, value, valid));
    }
    let shape: String = piece.written.chars().map(|sign| if sign.is_ascii_digit() { '9' } else { sign }).collect();
    let proved = match shape.as_str() {
        "999.999.999-99" => ("cpf", cpf(&value)),
        "99.999.999/9999-99" => ("cnpj", cnpj(&value)),
        "99-99999999-9" => ("cuit", cuit(&value, false)),
        "9.999.999-9" | "99.999.999-9" | "9.999.999-K" | "99.999.999-K" => ("rut", rut(&value)),
        "99999999-9" | "99999999-K" if context.country == "CL" => ("rut", rut(&value)),
        "999.999.999-9" => ("nit", nit(&value)),
        _ if length == 18 && !digits => ("curp", curp(&value)),
        _ => return None,
    };
    let lone = word(tokens, piece.to).is_empty() || !tokens[piece.to].glued;
    (proved.1 && lone).then_some((proved.0, value, Some(true)))
}

fn values(text: &str) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    text.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')))
}

/// Σ digit × weight, weights counted from the right beginning at 2 and starting over after `last`.
fn rising(body: &str, last: u32) -> u32 {
    values(body).rev().zip((2..=last).cycle()).map(|(value, weight)| value * weight).sum()
}

fn modulo_11(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

fn ends_with(value: &str, body: usize, check: u32) -> bool {
    value.as_bytes().get(body).is_some_and(|byte| u32::from(byte.wrapping_sub(b'0')) == check)
}

/// Brazil, persons: two digits, weights 2, 3, … from the right. Eleven equal digits are none.
pub fn cpf(value: &str) -> bool {
    let same = value.bytes().all(|byte| Some(&byte) == value.as_bytes().first());
    !same && [9, 10].iter().all(|body| ends_with(value, *body, modulo_11(rising(&value[..*body], 12))))
}

/// Brazil, companies: weights 2 to 9. Letters (since 2026) count their ASCII code less 48.
pub fn cnpj(value: &str) -> bool {
    let same = value.bytes().all(|byte| Some(&byte) == value.as_bytes().first());
    !same && [12, 13].iter().all(|body| ends_with(value, *body, modulo_11(rising(&value[..*body], 9))))
}

/// Colombia, taxpayers: weights 3, 7, 13, 17, 19, 23, 29, 37, 41 from the right.
pub fn nit(value: &str) -> bool {
    const WEIGHTS: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    let Some((body, _)) = value.split_at_checked(value.len().saturating_sub(1)).filter(|(body, _)| !body.is_empty())
    else {
        return false;
    };
    let rest = values(body).rev().zip(WEIGHTS).map(|(value, weight)| value * weight).sum::<u32>() % 11;
    ends_with(value, body.len(), if rest < 2 { rest } else { 11 - rest })
}

/// Argentina, taxpayers (and Peru's RUC, where 10 becomes 0 and 11 becomes 1).
pub fn cuit(value: &str, ruc: bool) -> bool {
    let Some(body) = value.get(..10) else { return false };
    let check = match (11 - rising(body, 7) % 11, ruc) {
        (11, true) => 1,
        (10, true) | (11, false) => 0,
        (10, false) => 9,
        (check, _) => check,
    };
    ends_with(value, 10, check)
}

/// Chile: weights 2 to 7, 10 is `K`.
pub fn rut(value: &str) -> bool {
    let Some((body, check)) = value.split_at_checked(value.len().saturating_sub(1)) else { return false };
    let expected = match 11 - rising(body, 7) % 11 {
        11 => '0',
        10 => 'K',
        digit => char::from(b'0' + digit as u8),
    };
    body.bytes().all(|byte| byte.is_ascii_digit()) && check.starts_with(expected)
}

/// Mexico, persons: letters by their place in `0-9A-NÑO-Z`, weights 18 down, modulo 10.
pub fn curp(value: &str) -> bool {
    let shape = value.bytes().enumerate().all(|(place, byte)| match place {
        0..=3 | 10..=15 => byte.is_ascii_uppercase(),
        4..=9 | 17 => byte.is_ascii_digit(),
        _ => byte.is_ascii_alphanumeric(),
    });
    let place = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'N' => u32::from(byte - b'A') + 10,
        _ => u32::from(byte.wrapping_sub(b'A')) + 11,
    };
    let sum: u32 = value.bytes().take(17).zip((2..=18).rev()).map(|(byte, weight)| place(byte) * weight).sum();
    shape && value.len() == 18 && ends_with(value, 17, (10 - sum % 10) % 10)
}

/// Mexico, taxpayers: letters by their place in `0-9A-N&O-Z Ñ`, weights 13 down, modulo 11, 10 is `A`; twelve signs
/// have a blank before them.
pub fn rfc(value: &str) -> bool {
    let place = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'N' => u32::from(byte - b'A') + 10,
        _ => u32::from(byte.wrapping_sub(b'A')) + 11,
    };
    let letters = value.len().saturating_sub(9);
    let shape = value.bytes().enumerate().all(|(at, byte)| {
        let dated = (letters..letters + 6).contains(&at);
        if at < letters { byte.is_ascii_uppercase() } else { !dated || byte.is_ascii_digit() }
    });
    let Some((body, check)) = value.split_at_checked(value.len().saturating_sub(1)) else { return false };
    let blank = if body.len() == 11 { 37 * 13 } else { 0 };
    let sum: u32 = body.bytes().rev().zip(2..).map(|(byte, weight)| place(byte) * weight).sum();
    let expected = match 11 - (sum + blank) % 11 {
        11 => '0',
        10 => 'A',
        digit => char::from(b'0' + digit as u8),
    };
    shape && check.starts_with(expected)
}
