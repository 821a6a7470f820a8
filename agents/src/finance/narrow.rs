//! What a name that was said is in the books: a product, a city, a carrier, an order.

use std::collections::BTreeSet;

use recado_domain::finance::figures::{Dimension, Ledger, Metric, Narrowing};
use recado_domain::finance::question::{Filter, FilterBy, Question};

use crate::understanding::normalise::normalise;

/// Dimensions in which a name without one is looked for, in this order.
const ANY: [FilterBy; 5] =
    [FilterBy::Product, FilterBy::City, FilterBy::Channel, FilterBy::Carrier, FilterBy::Platform];
/// Letters in which two words may differ at their end: «faja», «fajas», «camisón», «camisones».
const ENDING: usize = 2;

/// The parts of the books that a question narrows to.
pub struct Narrowed {
    /// Each of them.
    pub parts: Vec<Narrowing>,
    /// What people call them.
    pub names: Vec<String>,
    /// Names that the books do not know.
    pub unknown: Vec<String>,
}

/// Looks the filters of a question up.
pub fn narrowed(ledger: &Ledger, question: &Question) -> Narrowed {
    let mut found = Narrowed { parts: Vec::new(), names: Vec::new(), unknown: Vec::new() };
    for filter in &question.filters {
        match looked_up(ledger, filter) {
            Some((part, name)) => {
                found.parts.push(part);
                found.names.push(name);
            }
            None => found.unknown.push(filter.name.clone()),
        }
    }
    found
}

/// A product that a text names by its title.
pub fn product_in(ledger: &Ledger, normalised: &str) -> Option<Filter> {
    let name = products_in(ledger, normalised).into_iter().next()?;
    Some(Filter { by: FilterBy::Product, name })
}

/// All products that a text names by their titles, the longest first.
pub fn products_in(ledger: &Ledger, normalised: &str) -> Vec<String> {
    let words: Vec<&str> = normalised.split(' ').collect();
    let titles = ledger.facts().products.values().map(|product| normalise(&product.title));
    let mut named: Vec<String> = titles.filter(|title| title.len() >= 3 && holds(&words, title)).collect();
    named.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    named.dedup();
    named
}

fn holds(words: &[&str], title: &str) -> bool {
    let title: Vec<&str> = title.split(' ').collect();
    words.windows(title.len()).any(|window| window.iter().zip(&title).all(|(word, of)| alike(word, of)))
}

/// Whether two words are one, but for an ending of number.
fn alike(one: &str, other: &str) -> bool {
    let shorter = one.len().min(other.len());
    let common = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    common == shorter && one.len().abs_diff(other.len()) <= ENDING && common >= 3 || one == other
}

fn looked_up(ledger: &Ledger, filter: &Filter) -> Option<(Narrowing, String)> {
    let facts = ledger.facts();
    match filter.by {
        FilterBy::Order => {
            let wanted = plain(&filter.name);
            let order = facts.orders.iter().find(|order| plain(&order.id) == wanted)?;
            Some((Narrowing::Order(order.id.clone()), order.id.clone()))
        }
        FilterBy::Any => ANY.into_iter().find_map(|by| looked_up(ledger, &Filter { by, name: filter.name.clone() })),
        FilterBy::Product => {
            let wanted = normalise(&filter.name);
            let words: Vec<&str> = wanted.split(' ').collect();
            let mut products =
                facts.products.iter().map(|(id, product)| (id, &product.title, normalise(&product.title)));
            let named = products.clone().find(|(_, _, title)| *title == wanted);
            let (id, title, _) = named.or_else(|| {
                products
                    .find(|(_, _, title)| holds(&words, title) || holds(&title.split(' ').collect::<Vec<_>>(), &wanted))
            })?;
            Some((Narrowing::Of(Dimension::Product, id.clone()), title.clone()))
        }
        by => {
            let dimension = by.dimension()?;
            let wanted = normalise(&filter.name);
            let key = keys(ledger, dimension).into_iter().find(|key| {
                let key = normalise(key);
                key == wanted || alike(&key, &wanted)
            })?;
            Some((Narrowing::Of(dimension, key.clone()), key))
        }
    }
}

fn plain(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// What a dimension has in the books.
fn keys(ledger: &Ledger, by: Dimension) -> BTreeSet<String> {
    let facts = ledger.facts();
    match by {
        Dimension::Channel => facts.orders.iter().filter_map(|order| order.channel.clone()).collect(),
        Dimension::City => facts.orders.iter().filter_map(|order| order.city.clone()).collect(),
        Dimension::Carrier => facts.shipments.iter().map(|parcel| parcel.carrier.clone()).collect(),
        Dimension::Platform => facts.ad_spend.iter().map(|spend| spend.platform.clone()).collect(),
        Dimension::Payment => ["prepaid", "cod"].into_iter().map(str::to_owned).collect(),
        Dimension::Customer => ["new", "returning"].into_iter().map(str::to_owned).collect(),
        Dimension::Product | Dimension::Day | Dimension::Month => BTreeSet::new(),
    }
}

/// Whether a figure can be told of a part.
pub fn is_of_parts(metric: Metric) -> bool {
    Metric::DIVISIBLE.contains(&metric) || Metric::OF_PARTS.contains(&metric)
}
