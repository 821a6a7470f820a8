//! A product, city or channel that was named and is in no book: said, with what is near or sells best, and never answered
//! with the figure of the whole shop.

use recado_domain::finance::figures::{Dimension, Metric};
use recado_domain::knowledge::rank::within;
use serde_json::json;

use super::AGENT;
use super::asked::Asked;
use super::parts::rank;
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::normalise::normalise;

/// Names that are told, and of them those that are buttons: a third one asks for the whole shop.
const TOLD: usize = 3;
const BUTTONS: usize = 2;
/// Letters of a word that two names may share.
const TELLING: usize = 4;

/// Says that a name is not known. The buttons ask the same of another name, or of the whole shop.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Metric) -> Result<(), TurnError> {
    let unknown = asked.narrowed.unknown.join(", ");
    let titles: Vec<&str> = asked.source.products().values().map(|product| product.title.as_str()).collect();
    let mut near = nearest(&normalise(&unknown), &titles);
    near.truncate(TOLD);
    let best = if near.is_empty() { best_sellers(asked) } else { Vec::new() };
    turn.decided(AGENT, "unknown_part");
    let offered = if near.is_empty() { &best } else { &near };
    let mut buttons: Vec<_> =
        offered.iter().take(BUTTONS).map(|title| turn.titled(&format!("fin:only:{title}"), title)).collect();
    buttons.push(turn.button("fin:whole", "button.whole_shop"));
    let name = super::spent::as_written(turn, &unknown);
    let context = json!({
        "name": name,
        "figure": asked.values.name(metric),
        "near": (!near.is_empty()).then(|| near.join(", ")),
        "best": (!best.is_empty()).then(|| best.join(", ")),
    });
    turn.reply("finance_unnamed", &context, buttons)
}

/// Titles that have a word like one that was said, each once.
fn nearest(said: &str, titles: &[&str]) -> Vec<String> {
    let telling = |text: &str| -> Vec<String> {
        text.split(' ').filter(|word| word.len() >= TELLING).map(str::to_owned).collect()
    };
    let said = telling(said);
    let alike = |one: &str, other: &str| {
        let most = 1 + usize::from(one.len() >= 2 * TELLING);
        one.get(..TELLING) == other.get(..TELLING) || within(one, other, most)
    };
    let mut near: Vec<String> = Vec::new();
    for title in titles {
        let words = telling(&normalise(title));
        if words.iter().any(|word| said.iter().any(|one| alike(one, word))) && !near.iter().any(|known| known == title)
        {
            near.push((*title).to_owned());
        }
    }
    near
}

/// What sold most units on the days that are asked for.
fn best_sellers(asked: &Asked<'_>) -> Vec<String> {
    let parts = asked.source.breakdown(Dimension::Product, &[], asked.days).parts;
    let mut sold: Vec<_> = parts
        .iter()
        .filter_map(|part| {
            let title = &asked.source.products().get(part.key.as_deref()?)?.title;
            let units = part.figures.value(Metric::BookedUnitsSold).ok()?;
            units.ratio().is_positive().then(|| (rank(units), title.clone()))
        })
        .collect();
    sold.sort_by(|(one, title), (other, against)| other.cmp(one).then_with(|| title.cmp(against)));
    let mut titles: Vec<String> = sold.into_iter().map(|(_, title)| title).collect();
    titles.dedup();
    titles.truncate(TOLD);
    titles
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_or_another_ending_is_near_and_another_thing_is_not() {
        let titles = ["Gorra clásica", "Sérum facial", "Toalla azul"];
        assert_eq!(nearest("gorritas", &titles), ["Gorra clásica"]);
        assert_eq!(nearest("toala", &titles), ["Toalla azul"]);
        assert!(nearest("zapatos", &titles).is_empty());
    }
}
