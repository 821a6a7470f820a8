//! «¿Y la pasada?», «solo Bogotá», «por producto», «¿por qué?», «¿y en agosto?»: a question that changes one thing of the
//! last one.

use recado_domain::finance::figures::Dimension;
use recado_domain::finance::question::{Filter, FilterBy, Order, Question, Subject, Versus};
use recado_domain::period::Period;

use super::{Ground, ask, lexicon, parts};
use crate::understanding::periods;
use crate::understanding::rules::contains;

/// Words that carry on.
const LINKS: &[&str] = &["y ", "e ", "and ", "what about ", "how about ", "ahora ", "agora ", "now "];
/// A why in other words, alone or after [`LINKS`].
const WHY: &[&str] =
    &["que lo movio", "que cambio", "o que mudou", "what changed", "what moved it", "explicalo", "me explica"];
/// Words before the name of a part.
const ONLY: &[&str] =
    &["solo ", "solamente ", "solo de ", "solo en ", "so ", "somente ", "apenas ", "only ", "just ", "nada mas "];
/// Words around a name that say nothing.
const AROUND: &[&str] = &[
    "de", "del", "la", "el", "los", "las", "en", "em", "no", "na", "do", "da", "o", "a", "in", "for", "the", "con",
    "com", "with",
];

/// What a text asks after a question, if it carries that one on.
pub fn follow_up(ground: &Ground<'_>, last: &Question) -> Option<Question> {
    let normalised = ground.normalised;
    let words: Vec<&str> = normalised.split(' ').collect();
    let bare = LINKS.iter().find_map(|link| normalised.strip_prefix(link)).unwrap_or(normalised);
    // What is named and not kept carries nothing on.
    if lexicon::not_kept(&words).is_some() {
        return None;
    }
    if WHY.contains(&bare) || super::why::alone(&words) {
        return Some(why(last));
    }
    if words.len() > 8 {
        return None;
    }
    let linked = bare.len() < normalised.len();
    if let Some(question) = compared(ground, last) {
        return Some(question);
    }
    if let Some(order) = last.by.and(turned(bare)) {
        return Some(Question { order: Some(order), ..last.clone() });
    }
    // «Ventas de octubre por ciudad» says all by itself.
    let whole = ask(ground).is_some_and(|own| own.subject != last.subject);
    if let Some(by) = parts::dimension(&words).filter(|_| words.len() <= 5 && !whole) {
        let order = parts::order(&words).unwrap_or(Order::Top);
        let listed = !matches!(by, Dimension::Day | Dimension::Month);
        return Some(Question {
            by: Some(by),
            order: listed.then_some(order),
            filters: without(last, by),
            ..figure(last)
        });
    }
    let only = ONLY.iter().find_map(|only| bare.strip_prefix(only));
    if let Some(question) = narrowed(ground, only.unwrap_or(bare), only.is_some(), linked, last) {
        return Some(question);
    }
    let said = parts::period(ground).map(|(period, _)| period);
    let named = said.filter(|_| {
        (linked || words.len() <= 3) && words.len() <= 6 && ask(ground).is_none_or(|own| own.subject == last.subject)
    });
    let period = named.or_else(|| periods::relative(normalised, last.period(), ground.today))?;
    let own = ask(ground).filter(|own| own.subject != last.subject);
    own.is_none().then(|| Question { period: Some(period), ..last.clone() })
}

/// A short question that names no period («¿cuántos pedidos?») is of the one that was spoken of.
pub fn carried(ground: &Ground<'_>, own: Question, last: &Question) -> Question {
    let short = ground.normalised.split(' ').count() <= 4;
    if parts::period(ground).is_some() || !short || own.is_of_now() || last.period.is_none() {
        return own;
    }
    Question { period: last.period, ..own }
}

/// Why a figure moved, against the period before it.
fn why(last: &Question) -> Question {
    let subject = match &last.subject {
        Subject::Why(metric) => Subject::Why(*metric),
        _ => Subject::Why(last.metric()),
    };
    Question { subject, by: None, order: None, ..last.clone() }
}

/// A question whose parts can be shown: «por producto» after «¿por qué?» is of what was asked before it.
fn figure(last: &Question) -> Question {
    let subject = match &last.subject {
        Subject::Why(Some(metric)) => Subject::Metrics(vec![*metric]),
        other => other.clone(),
    };
    Question { subject, versus: None, ..last.clone() }
}

fn without(last: &Question, by: Dimension) -> Vec<Filter> {
    last.filters.iter().filter(|filter| filter.by.dimension() != Some(by)).cloned().collect()
}

/// «Y el que menos», «los peores», "the worst one": the same list from its other end.
fn turned(bare: &str) -> Option<Order> {
    const OF_LISTS: &[&str] = &["que", "cual", "cuales", "quais", "qual", "which", "one", "ones", "son", "es", "fue"];
    let mut said = bare.split(' ').filter(|word| !AROUND.contains(word) && !OF_LISTS.contains(word));
    let word = said.next().filter(|_| said.next().is_none())?;
    match word {
        "mas" | "mais" | "most" => Some(Order::Top),
        "menos" | "least" => Some(Order::Bottom),
        _ => parts::order(&[word]),
    }
}

/// «contra el mes pasado», «vs el año pasado», «comparado con antes», «comparado con octubre».
fn compared(ground: &Ground<'_>, last: &Question) -> Option<Question> {
    let normalised = ground.normalised;
    const AGAINST: &[&str] = &[
        "contra",
        "vs",
        "versus",
        "comparado",
        "comparada",
        "comparalo",
        "compara",
        "frente",
        "compared",
        "against",
        "compare",
    ];
    let first = normalised.split(' ').find(|word| !matches!(*word, "y" | "e" | "and"))?;
    if !AGAINST.contains(&first) || contains(normalised, "contra entrega") {
        return None;
    }
    if let Some(other) = against(ground, last) {
        return Some(other);
    }
    let year = contains(normalised, "ano") || contains(normalised, "year");
    let running = matches!(last.period(), Period::ThisWeek | Period::ThisMonth | Period::ThisYear | Period::Today);
    let versus = match (year, running) {
        (true, _) => Versus::YearBefore,
        (false, true) => Versus::LikeDays,
        (false, false) => Versus::Previous,
    };
    Some(Question { versus: Some(versus), by: None, order: None, ..figure(last) })
}

/// Against a month that was named. What was said of so many days is compared as this month: thirty days beside ninety say
/// nothing.
fn against(ground: &Ground<'_>, last: &Question) -> Option<Question> {
    let (other, _) = parts::period(ground)?;
    if !matches!(other, Period::Month { .. }) {
        return None;
    }
    let of_days = matches!(last.period(), Period::LastDays { .. });
    let period = if of_days { Period::ThisMonth } else { last.period() };
    let versus = parts::beside(period, other, ground.today);
    Some(Question { period: Some(period), versus: Some(versus), by: None, order: None, ..figure(last) })
}

/// «solo Bogotá», «y en Cali», «y contra entrega», «y el sérum».
fn narrowed(ground: &Ground<'_>, rest: &str, only: bool, linked: bool, last: &Question) -> Option<Question> {
    let words: Vec<&str> = rest.split(' ').filter(|word| !AROUND.contains(word)).collect();
    let told = matches!(words.len(), 1..=3) && (only || linked);
    if !told || parts::period(ground).is_some() {
        return None;
    }
    let mut found = parts::filters(ground, &words, &Question { by: None, ..figure(last) }, None);
    if found.is_empty() {
        // A relative period («y la anterior») is no name, nor is another question.
        if periods::relative(ground.normalised, last.period(), ground.today).is_some() || ask(ground).is_some() {
            return None;
        }
        // Without «solo», a name must be known in the books; that is judged there.
        found.push(Filter { by: FilterBy::Any, name: words.join(" ") });
        if !only {
            return None;
        }
    }
    let mut filters = last.filters.clone();
    filters.retain(|filter| !found.iter().any(|new| new.by == filter.by));
    filters.extend(found);
    Some(Question { filters, by: None, order: None, ..figure(last) })
}
