//! What people say they are called.

use recado_domain::command::{Entity, Mention};

use super::tokens::{Kind, Token, phrase, word};

/// Phrases before a name; with `true` the name must have a capital, since other words follow them as well.
const LEADS: &[(&str, bool)] = &[
    ("me llamo", false),
    ("mi nombre es", false),
    ("mi nombre completo es", false),
    ("a nombre de", false),
    ("habla con", true),
    ("le habla", true),
    ("te habla", true),
    ("le escribe", true),
    ("soy", true),
    ("meu nome e", false),
    ("me chamo", false),
    ("em nome de", false),
    ("aqui e o", true),
    ("aqui e a", true),
    ("sou o", true),
    ("sou a", true),
    ("sou", true),
    ("my name is", false),
    ("my name s", false),
    ("name s", true),
    ("i am", true),
    ("i m", true),
    ("this is", true),
    ("under the name", false),
];
/// Small words inside a name.
const INNER: &[&str] = &["de", "del", "la", "las", "los", "da", "do", "dos", "das", "e", "y", "van", "von", "san"];
/// Words that are no name though they follow.
const OTHERS: &[&str] = &[
    "a",
    "and",
    "aun",
    "cliente",
    "con",
    "de",
    "del",
    "e",
    "el",
    "en",
    "eu",
    "i",
    "la",
    "mi",
    "mas",
    "muy",
    "no",
    "o",
    "para",
    "pero",
    "por",
    "que",
    "quero",
    "quiero",
    "un",
    "una",
    "y",
    "yo",
    "colombiana",
    "colombiano",
    "argentino",
    "mexicano",
    "mexicana",
    "brasileiro",
    "brasileira",
    "nuevo",
    "nueva",
    "vecino",
    "tu",
    "usted",
    "tengo",
    "necesito",
    "the",
    "not",
    "looking",
    "waiting",
    "interested",
];
/// Most words of a name.
const LONGEST: usize = 5;

/// All names.
pub fn find(tokens: &[Token], text: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    for at in 0..tokens.len() {
        let letter = tokens[at].folded.as_bytes().first();
        let alike = LEADS.iter().filter(|(lead, _)| lead.as_bytes().first() == letter);
        let lead = alike.filter_map(|(lead, strict)| phrase(tokens, at, lead).map(|length| (length, *strict)));
        let Some((length, strict)) = lead.max_by_key(|(length, _)| *length) else { continue };
        let mut from = at + length;
        if tokens.get(from).is_some_and(|token| token.is(":")) {
            from += 1;
        }
        let Some(to) = name(tokens, from, strict) else { continue };
        let (start, end) = (tokens[from].span.start, tokens[to - 1].span.end);
        if found.last().is_none_or(|known| known.end <= start) {
            found.push(Mention { entity: Entity::PersonName { value: text[start..end].to_owned() }, start, end });
        }
    }
    found
}

/// The place after the name that begins at one.
fn name(tokens: &[Token], from: usize, strict: bool) -> Option<usize> {
    let first = tokens.get(from).filter(|token| token.kind == Kind::Word && token.folded.len() > 1)?;
    if OTHERS.contains(&first.folded.as_str()) || strict && !first.capital {
        return None;
    }
    let capitals = first.capital;
    let mut to = from + 1;
    let mut next = to;
    while next - from < LONGEST {
        if next >= tokens.len() {
            break;
        }
        let here = word(tokens, next);
        let belongs = if capitals { tokens[next].capital } else { !OTHERS.contains(&here) && next - from < 2 };
        if here.is_empty() || !(belongs || capitals && INNER.contains(&here)) {
            break;
        }
        next += 1;
        if belongs {
            to = next;
        }
    }
    Some(to)
}
