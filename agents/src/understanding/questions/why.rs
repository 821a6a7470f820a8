//! «¿Por qué bajó la utilidad?», «a qué se debe», «how come it dropped?»: whether a text asks why a figure moved, and which.

use recado_domain::command::Entity;
use recado_domain::finance::figures::Metric;
use recado_domain::finance::question::{Question, Subject};

use super::{Ground, lexicon};

/// What asks for a reason.
const LEADS: &[&[&str]] = &[
    &["por", "que"],
    &["porque"],
    &["pq"],
    &["xq"],
    &["why"],
    &["how", "come"],
    &["a", "que", "se", "debe"],
    &["a", "que", "se", "debio"],
    &["a", "que", "se", "deve"],
    &["que", "paso"],
    &["que", "le", "paso"],
    &["que", "aconteceu"],
    &["what", "happened"],
    &["como", "asi", "que"],
    &["que", "hizo", "que"],
    &["what", "made"],
    &["what", "s", "behind"],
    &["cual", "es", "la", "razon"],
    &["cual", "fue", "la", "razon"],
    &["qual", "o", "motivo"],
    &["explicame"],
    &["explica"],
    &["explain"],
];
/// What moved, or is much or little.
const CHANGES: &[&str] = &[
    "bajo",
    "bajaron",
    "baja",
    "bajando",
    "bajara",
    "bajaran",
    "subio",
    "subieron",
    "sube",
    "subiendo",
    "cayo",
    "cayeron",
    "caida",
    "caen",
    "cae",
    "cayendo",
    "aumento",
    "aumentaron",
    "disparo",
    "dispararon",
    "crecio",
    "crecieron",
    "cambio",
    "movio",
    "menos",
    "mas",
    "tan",
    "tanto",
    "tanta",
    "tantas",
    "tantos",
    "poco",
    "poca",
    "pocos",
    "pocas",
    "mal",
    "flojo",
    "floja",
    "flojas",
    "malas",
    "alto",
    "alta",
    "altos",
    "caiu",
    "cairam",
    "caindo",
    "subiu",
    "subiram",
    "aumentou",
    "mudou",
    "mais",
    "tao",
    "pouco",
    "pouca",
    "queda",
    "down",
    "up",
    "drop",
    "dropped",
    "fall",
    "fell",
    "falling",
    "rise",
    "rose",
    "went",
    "go",
    "low",
    "lower",
    "high",
    "higher",
    "less",
    "more",
    "fewer",
    "so",
    "worse",
    "peor",
    "pior",
    "change",
    "changed",
    "desplomo",
    "desplomaron",
    "empeoro",
    "mejoro",
    "melhorou",
    "piorou",
    "encarecio",
];
/// Words of something that is waited for: why it is late is no question about a figure.
const WAITING: &[&str] = &[
    "demora", "demoran", "demorado", "demoro", "tarda", "tardan", "tardo", "tardado", "llega", "llegan", "llego",
    "llegado", "llegaron", "atraso", "atrasado", "chega", "chegou", "atrasou", "late", "delayed", "arrive", "arrived",
    "slow",
];
/// Words around that name nothing.
const AROUND: &[&str] = &[
    "y",
    "e",
    "and",
    "eso",
    "esto",
    "isso",
    "it",
    "that",
    "this",
    "is",
    "was",
    "did",
    "does",
    "the",
    "se",
    "lo",
    "la",
    "el",
    "me",
    "nos",
    "fue",
    "es",
    "asi",
    "ese",
    "esa",
    "esse",
    "essa",
    "numero",
    "cifra",
    "valor",
    "number",
    "figure",
    "ha",
    "esta",
    "ta",
    "a",
    "o",
    "que",
    "entonces",
    "then",
    "pero",
    "mas",
    "but",
    "pues",
    "ome",
    "parce",
    "wey",
    "guey",
    "hombre",
    "much",
    "little",
    "ahi",
    "tambien",
    "tambem",
    "paso",
    "aconteceu",
    "si",
    "oye",
    "gente",
    "cara",
    "down",
    "con",
];

/// Where what asks for a reason begins and ends.
fn lead(words: &[&str]) -> Option<(usize, usize)> {
    (0..words.len())
        .find_map(|at| LEADS.iter().find(|lead| words[at..].starts_with(lead)).map(|lead| (at, at + lead.len())))
}

fn changes(words: &[&str]) -> bool {
    words.iter().any(|word| CHANGES.contains(word))
}

/// Figures that nobody names but to speak of money: «¿qué pasó con la ganancia?» needs no more.
const fn is_of_money_alone(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::BookedNetSales
            | Metric::OperatingProfit
            | Metric::Cm2Pct
            | Metric::GrossMargin
            | Metric::Aov
            | Metric::BlendedRoas
            | Metric::Cac
            | Metric::CodDeliveryRate
            | Metric::ReturnRate
    )
}

/// The question why a figure moved that a text names; `None` when it asks for no reason, or of nothing that moves.
pub fn named(ground: &Ground<'_>, words: &[&str]) -> Option<(Question, Option<recado_domain::period::Period>)> {
    let (from, to) = lead(words)?;
    let of_an_order = |entity: &Entity| matches!(entity, Entity::OrderNumber { .. } | Entity::TrackingNumber { .. });
    if ground.entities.iter().any(|mention| of_an_order(&mention.entity)) {
        return None;
    }
    let rest: Vec<&str> = words[..from].iter().chain(&words[to..]).copied().collect();
    if rest.iter().any(|word| WAITING.contains(word)) {
        return None;
    }
    let section = lexicon::of_why(&rest)?;
    let mut question = section.question.clone();
    if let Subject::Metrics(metrics) = &question.subject {
        let metric = *metrics.first()?;
        if !changes(&rest) && !is_of_money_alone(metric) {
            return None;
        }
        question.subject = Subject::Why(Some(metric));
    } else if !changes(&rest) {
        return None;
    }
    Some((question, section.usual))
}

/// Whether a text asks why and names nothing: «¿y eso por qué?», «how come it dropped?».
pub fn alone(words: &[&str]) -> bool {
    let Some((from, to)) = lead(words) else { return false };
    words.len() <= 10
        && words[..from].iter().chain(&words[to..]).all(|word| AROUND.contains(word) || CHANGES.contains(word))
}

#[cfg(test)]
mod tests {
    use super::alone;

    #[test]
    fn a_why_that_names_nothing_is_about_what_was_said_before() {
        for text in [
            "por que bajo",
            "y eso por que",
            "a que se debe",
            "a que se debe eso",
            "por que caiu",
            "how come it dropped",
            "y por que tan poco",
            "e por que subiu tanto",
            "why is that so low",
            "pero por que bajo tanto parce",
        ] {
            assert!(alone(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
        for text in [
            "por que no ha llegado mi pedido",
            "por que bajaron las ventas",
            "why is the page down today",
            "porque la clienta dijo que no",
            "bajo",
        ] {
            assert!(!alone(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
    }
}
