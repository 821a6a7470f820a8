//! Amounts of money as people write them (FINANCE §1.4).

use recado_domain::Currency;
use recado_domain::command::{Entity, Mention};

use super::Context;
use super::numbers::{Decimal, figures, spelt};
use super::tokens::{Kind, Token, word, word_before};
use crate::understanding::questions::told_words::{SPENT, TAKEN};

/// What a word after a number multiplies it by, and whether that alone says money.
struct Factor {
    times: i128,
    /// Another reading of the same word.
    or: Option<i128>,
    money: bool,
    currency: Option<Currency>,
}

const fn factor(times: i128, money: bool) -> Factor {
    Factor { times, or: None, money, currency: None }
}

fn factor_of(token: &Token, country: &str) -> Option<Factor> {
    Some(match token.folded.as_str() {
        "mil" | "thousand" => factor(1_000, true),
        "k" => factor(1_000, token.glued),
        "luca" | "lucas" | "lks" => factor(1_000, true),
        "gamba" | "gambas" => factor(100, true),
        "palo" | "palos" => factor(1_000_000, true),
        "millon" | "millones" | "milhao" | "milhoes" | "million" | "millions" | "mm" => factor(1_000_000, true),
        "mi" if token.glued || country == "BR" => factor(1_000_000, true),
        "bi" if token.glued || country == "BR" => factor(1_000_000_000, true),
        "bilhao" | "bilhoes" | "billion" => factor(1_000_000_000, true),
        "billon" | "billones" => factor(1_000_000_000_000, true),
        "barao" | "baroes" => Factor { currency: Some(Currency::Brl), ..factor(1_000, true) },
        // «M» is a million to some and a thousand to others.
        "m" if token.glued && token.capital => Factor { or: Some(1_000), ..factor(1_000_000, true) },
        "conto" | "contos" => Factor { or: Some(1_000), currency: Some(Currency::Brl), ..factor(1, true) },
        "pau" | "paus" if country == "BR" => {
            Factor { or: Some(1_000), currency: Some(Currency::Brl), ..factor(1, true) }
        }
        _ => return None,
    })
}

/// The currency a word names; `Some(None)` is a currency of several countries («pesos»).
fn currency_word(word: &str) -> Option<Option<Currency>> {
    Some(match word {
        "pesos" | "peso" | "mango" | "mangos" | "barras" => None,
        "cop" => Some(Currency::Cop),
        "mxn" => Some(Currency::Mxn),
        "ars" => Some(Currency::Ars),
        "clp" => Some(Currency::Clp),
        "uyu" => Some(Currency::Uyu),
        "real" | "reais" | "brl" | "pila" | "pilas" => Some(Currency::Brl),
        "soles" | "sol" | "pen" => Some(Currency::Pen),
        "dolar" | "dolares" | "dollar" | "dollars" | "usd" | "bucks" | "verdes" => Some(Currency::Usd),
        "euro" | "euros" | "eur" => Some(Currency::Eur),
        "guarani" | "guaranies" | "pyg" => Some(Currency::Pyg),
        _ => return None,
    })
}

/// Nouns after which a number counts things.
const COUNTED: &[&str] = &[
    "anos",
    "clientes",
    "customers",
    "days",
    "dias",
    "disculpas",
    "envios",
    "gracias",
    "gramos",
    "guias",
    "horas",
    "hours",
    "likes",
    "mensajes",
    "messages",
    "meses",
    "orders",
    "ordenes",
    "paquetes",
    "parcels",
    "pasos",
    "pedidos",
    "personas",
    "pessoas",
    "productos",
    "produtos",
    "seguidores",
    "semanas",
    "unidades",
    "units",
    "veces",
    "vendas",
    "ventas",
    "vezes",
    "visitas",
    "views",
    "weeks",
];
/// Words before figures that say money: of prices and of payments. In their order, to be looked up.
const PRICED: &[&str] = &[
    "cobraron",
    "cobro",
    "consignaron",
    "costo",
    "cuesta",
    "cuestan",
    "custa",
    "custou",
    "pagar",
    "pago",
    "pay",
    "precio",
    "preco",
    "price",
    "total",
    "vale",
    "valen",
    "valia",
    "valor",
];

/// Whether figures after this word are money though no word says so.
fn says_money(word: &str) -> bool {
    PRICED.binary_search(&word).is_ok() || SPENT.contains(&word) || TAKEN.contains(&word)
}

/// All amounts.
pub fn find(tokens: &[Token], context: &Context<'_>) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match amount(tokens, at, context) {
            Some((mention, next)) => {
                found.push(mention);
                at = next;
            }
            None => at += 1,
        }
    }
    found
}

/// The currency written before a place, and how many tokens it takes.
fn mark_before(tokens: &[Token], at: usize) -> (Option<Option<Currency>>, usize) {
    let back = |count: usize| at.checked_sub(count).and_then(|place| tokens.get(place));
    let before = word_before(tokens, at, 2);
    match back(1) {
        Some(sign) if sign.is("$") => match before {
            "r" => (Some(Some(Currency::Brl)), 2),
            "us" | "u" => (Some(Some(Currency::Usd)), 2),
            "mx" => (Some(Some(Currency::Mxn)), 2),
            _ => (Some(None), 1),
        },
        Some(sign) if sign.is("€") => (Some(Some(Currency::Eur)), 1),
        Some(sign) if sign.is("₲") => (Some(Some(Currency::Pyg)), 1),
        Some(sign) if sign.is("/") && before == "s" => (Some(Some(Currency::Pen)), 2),
        Some(sign) if sign.is(".") && before == "s" && word_before(tokens, at, 3).is_empty() => (None, 0),
        Some(name) if name.kind == Kind::Word && name.folded.len() == 3 => match currency_word(&name.folded) {
            Some(Some(currency)) if name.folded != "sol" => (Some(Some(currency)), 1),
            _ => (None, 0),
        },
        _ => (None, 0),
    }
}

fn amount(tokens: &[Token], at: usize, context: &Context<'_>) -> Option<(Mention, usize)> {
    let token = &tokens[at];
    let shop = context.currency();
    let comma = shop.is_none_or(Currency::comma_decimal);
    let (readings, mut next, in_words) = match token.kind {
        Kind::Number => (figures(&token.folded, comma), at + 1, false),
        Kind::Word => {
            let (value, length) = spelt(tokens, at)?;
            (vec![Decimal::whole(value)], at + length, true)
        }
        Kind::Sign => return None,
    };
    let first = *readings.first()?;
    let (mark, taken) = mark_before(tokens, at);
    let mut times = 1;
    let mut other = None;
    let mut said_money = false;
    let mut currency = mark.flatten();
    let mut grouped = readings.len() > 1;
    while let Some(factor) =
        tokens.get(next).filter(|_| next - at < 28).and_then(|token| factor_of(token, context.country))
    {
        // «20 M» of a size, «mi» of «5 mi casa» were left out by factor_of.
        times *= factor.times;
        other = factor.or;
        said_money |= factor.money;
        currency = currency.or(factor.currency);
        grouped = false;
        next += 1;
        if times > 1_000_000_000_000 {
            return None;
        }
    }
    if matches!(word(tokens, next), "de" | "of") && currency_word(word(tokens, next + 1)).is_some() {
        next += 1;
    }
    let after = currency_word(word(tokens, next));
    if let Some(named) = after {
        currency = currency.or(named);
        next += 1;
    }
    if matches!(word(tokens, next), "verde") && times == 1_000_000 {
        currency = Some(Currency::Usd);
        next += 1;
    }
    let counted = COUNTED.binary_search(&word(tokens, next)).is_ok();
    let large_words = in_words && first.mantissa >= 1_000;
    let separated = token.kind == Kind::Number && token.folded.contains(['.', ',']);
    let priced = (1..=3).any(|back| says_money(word_before(tokens, at, back)));
    let explicit = mark.is_some() || after.is_some();
    let percent = tokens.get(next).is_some_and(|token| token.is("%"));
    let told = explicit || !counted && (said_money || large_words || priced && (separated || first.mantissa >= 1_000));
    if !told || percent || in_words && !explicit && first.mantissa < 1_000 && !said_money {
        return None;
    }
    let currency = currency.or(shop);
    let exponent = currency.map_or(2, Currency::exponent);
    let minor = first.minor(exponent, times)?;
    let mut alternatives: Vec<i64> = other.and_then(|times| first.minor(exponent, times)).into_iter().collect();
    if grouped {
        alternatives.extend(readings[1..].iter().filter_map(|reading| reading.minor(exponent, times)));
    }
    let start = tokens[at - taken].span.start;
    let end = tokens[next - 1].span.end;
    Some((Mention { entity: Entity::Money { minor, currency, alternatives }, start, end }, next))
}
