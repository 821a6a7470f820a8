//! How many of something.

use recado_domain::command::{Entity, Mention};

use super::numbers::{small, spelt};
use super::tokens::{Kind, Token, word, word_before};

/// Words that count things of a shop, folded.
const UNITS: &[&str] = &[
    "caixa", "caixas", "caja", "cajas", "combo", "combos", "docena", "docenas", "duzia", "duzias", "pack", "packs",
    "par", "pares", "peca", "pecas", "piece", "pieces", "pieza", "piezas", "pza", "pzas", "u", "und", "unds", "unid",
    "unidad", "unidade", "unidades", "unids", "unit", "units",
];
/// Verbs after which a small number is how many are wanted.
const WANTED: &[&str] = &[
    "comprar", "dame", "deme", "envieme", "i", "llevo", "mandame", "mandeme", "me", "necesito", "need", "pedi",
    "preciso", "quero", "quiero", "quisiera", "take", "want",
];
/// Fixed words.
const FIXED: &[(&str, &str, u32)] = &[
    ("un", "par", 2),
    ("um", "par", 2),
    ("a", "couple", 2),
    ("a", "pair", 2),
    ("media", "docena", 6),
    ("meia", "duzia", 6),
    ("una", "docena", 12),
    ("uma", "duzia", 12),
    ("a", "dozen", 12),
];
/// Most that is believed.
const MOST: i128 = 100_000;

/// All quantities.
pub fn find(tokens: &[Token]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match quantity(tokens, at) {
            Some((value, length)) => {
                let (start, end) = (tokens[at].span.start, tokens[at + length - 1].span.end);
                found.push(Mention { entity: Entity::Quantity { value }, start, end });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

fn quantity(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let here = word(tokens, at);
    if let Some((_, _, value)) = FIXED.iter().find(|(one, two, _)| here == *one && word(tokens, at + 1) == *two) {
        return Some((*value, 2));
    }
    if here == "half" && word(tokens, at + 1) == "a" && word(tokens, at + 2) == "dozen" {
        return Some((6, 3));
    }
    let digits = |place: usize| tokens.get(place).and_then(Token::digits).filter(|digits| digits.len() <= 4);
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|value| *value > 0);
    // «x3», «× 3», «por 3» is no quantity.
    let times = here == "x" || tokens[at].is("×");
    if let Some(value) = digits(at + 1).filter(|_| times).and_then(number) {
        let separate = at == 0 || !tokens[at].glued || tokens[at - 1].kind != Kind::Word;
        return separate.then_some((value, 2));
    }
    if let Some(value) = digits(at).and_then(number) {
        let next = word(tokens, at + 1);
        if next == "x" && tokens[at + 1].glued && digits(at + 2).is_none() || UNITS.binary_search(&next).is_ok() {
            return Some((value, 2));
        }
        let wanted = WANTED.binary_search(&word_before(tokens, at, 1)).is_ok() && value < 100;
        let alone = tokens.get(at + 1).is_none_or(|token| token.kind == Kind::Sign && !token.is("%") && !token.is("-"));
        return (wanted && alone && word_before(tokens, at, 1) != "me").then_some((value, 1));
    }
    let (value, length) = spelt(tokens, at).filter(|(value, _)| (1..=MOST).contains(value))?;
    let value = u32::try_from(value).ok()?;
    if UNITS.binary_search(&word(tokens, at + length)).is_ok() {
        return Some((value, length + 1));
    }
    let wanted = WANTED.binary_search(&word_before(tokens, at, 1)).is_ok();
    let plain = length == 1 && value > 1 && small(here).is_some();
    (wanted && plain).then_some((value, length))
}
