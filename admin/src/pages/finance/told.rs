//! What the page tells of a shop: computed at once from its books, in words of the reader's language.

use std::cmp::Ordering;

use recado_documents::comparison::{Compared, beside, change, source, titled, written};
use recado_documents::report::missing;
use recado_documents::write::Writer;
use recado_domain::finance::figures::{Accounts, Basis, Days, Dimension, Metric};
use serde::Serialize;

use super::health::{Health, health};
use super::parts::{Parts, parts};
use super::period::Chosen;
use super::pictures::{Picture, pictures};
use super::why::{Why, why};

/// Resolved parcels below which a rate says little.
const FEW_PARCELS: i64 = 20;

/// What is asked of the books.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) chosen: Chosen,
    /// Booked or realised.
    pub(super) basis: Basis,
    /// By what it is broken down.
    pub(super) by: Dimension,
    /// Which figure is broken down.
    pub(super) of: Metric,
    /// Which figure's change is explained.
    pub(super) why: Metric,
    pub(super) writer: Writer,
}

impl Question {
    /// Net sales and orders as they are counted.
    pub(super) const fn sales(basis: Basis) -> (Metric, Metric) {
        match basis {
            Basis::Realised => (Metric::RealisedNetSales, Metric::RealisedOrders),
            _ => (Metric::BookedNetSales, Metric::Orders),
        }
    }
    /// The figures at the top.
    pub(super) const fn figures(basis: Basis) -> [Metric; 8] {
        let (sales, orders) = Self::sales(basis);
        [
            sales,
            Metric::Cm2,
            Metric::OperatingProfit,
            Metric::Cash,
            orders,
            Metric::Aov,
            Metric::CodDeliveryRate,
            Metric::ReturnRate,
        ]
    }
}

/// What else is to be known of a figure: the key of a sentence and its value.
#[derive(Debug, Serialize)]
pub(super) struct Note {
    key: &'static str,
    value: String,
}

/// A figure beside what it was.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) id: &'static str,
    name: String,
    value: Option<String>,
    /// Why there is none.
    why: Option<String>,
    /// The key of the sentence for what is missing in it, so that it may be less.
    at_most: Option<&'static str>,
    change: Option<String>,
    /// Whether it rose, fell or stayed.
    direction: &'static str,
    tone: &'static str,
    before: Option<String>,
    note: Option<Note>,
    /// Whether its change can be explained.
    explained: bool,
}

/// A name and what is to be said of it.
#[derive(Debug, Serialize)]
pub(super) struct Missing {
    name: String,
    text: String,
}

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    source: String,
    figures: Vec<Figure>,
    pictures: Vec<Picture>,
    parts: Parts,
    why: Why,
    pub(super) health: Health,
    missing: Vec<Missing>,
}

/// Computes what the page tells.
pub(super) fn told(accounts: &dyn Accounts, question: &Question) -> Told {
    let Question { chosen, writer, .. } = question;
    let missing = missing(accounts, chosen.days, *writer).into_iter();
    Told {
        source: source(accounts, *writer),
        figures: figures(accounts, question),
        pictures: pictures(accounts, question),
        parts: parts(accounts, question),
        why: why(accounts, question),
        health: health(accounts, *writer),
        missing: missing.map(|(name, text)| Missing { name, text }).collect(),
    }
}

fn figures(accounts: &dyn Accounts, question: &Question) -> Vec<Figure> {
    let (days, writer) = (question.chosen.days, question.writer);
    let now = accounts.figures(days);
    let figure = |compared: Compared| {
        let metric = compared.metric;
        let (direction, tone) = match compared.direction() {
            Some(Ordering::Greater) => ("up", if less_is_better(metric) { "danger" } else { "ok" }),
            Some(Ordering::Less) => ("down", if less_is_better(metric) { "ok" } else { "danger" }),
            Some(Ordering::Equal) => ("same", ""),
            None => ("", ""),
        };
        Figure {
            id: metric.id(),
            name: titled(writer, metric),
            value: compared.now.is_ok().then(|| written(writer, metric, compared.now)),
            why: compared.now.err().map(|why| writer.code("why", &why.to_string())),
            at_most: match (now.lacks_costs(metric), now.lacks_fees(metric)) {
                (true, false) => Some("finance.at_most"),
                (false, true) => Some("finance.at_most_fees"),
                (true, true) => Some("finance.at_most_both"),
                (false, false) => None,
            },
            change: change(writer, &compared),
            direction,
            tone,
            before: compared.before.filter(Result::is_ok).map(|before| written(writer, metric, before)),
            note: note(accounts, metric, days, writer),
            explained: is_explained(metric),
        }
    };
    beside(accounts, &Question::figures(question.basis), days, question.chosen.before).into_iter().map(figure).collect()
}

/// What is to be known with a figure: how old a balance is, and that a rate of few parcels says little.
fn note(accounts: &dyn Accounts, metric: Metric, days: Days, writer: Writer) -> Option<Note> {
    match metric {
        Metric::Cash => {
            let day = accounts.last_balance()?.in_zone(&accounts.shop().zone).date();
            Some(Note { key: "finance.balance_of", value: writer.date(day) })
        }
        Metric::CodDeliveryRate => {
            let figures = accounts.figures(days);
            let count = |metric| figures.value(metric).map_or(0, |value| value.ratio().rounded().unwrap_or(0));
            let resolved = count(Metric::CodDelivered) + count(Metric::CodReturned) + count(Metric::CodLost);
            let few = (1..FEW_PARCELS).contains(&resolved);
            few.then(|| Note { key: "finance.few_parcels", value: writer.count(resolved) })
        }
        _ => None,
    }
}

const fn less_is_better(metric: Metric) -> bool {
    matches!(metric, Metric::ReturnRate)
}

/// Whether parts of a change of it are known.
pub(super) const fn is_explained(metric: Metric) -> bool {
    recado_domain::finance::explain::Made::of(metric).is_some()
}
