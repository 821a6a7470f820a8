//! What a name that was said is in the books: a product, a city, a carrier, an order.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::finance::facts::Product;
use recado_domain::finance::figures::{Dimension, Ledger, Metric, Narrowing};
use recado_domain::finance::question::{Filter, FilterBy, Question};

use crate::understanding::normalise::normalise;

/// Dimensions in which a name without one is looked for, in this order.
pub const ANY: [FilterBy; 5] =
    [FilterBy::Product, FilterBy::City, FilterBy::Channel, FilterBy::Carrier, FilterBy::Platform];
/// Letters in which two words may differ at their end: «faja», «fajas», «camisón», «camisones».
const ENDING: usize = 2;

/// The parts of the books that a question narrows to.
#[derive(Clone)]
pub struct Narrowed {
    /// Each of them.
    pub parts: Vec<Narrowing>,
    /// What people call them.
    pub names: Vec<String>,
    /// Names that the books do not know.
    pub unknown: Vec<String>,
}

/// What the books call things.
pub trait Names {
    /// Variants by id.
    fn products(&self) -> &BTreeMap<String, Product>;
    /// What a dimension has.
    fn keys(&self, by: Dimension) -> BTreeSet<String>;
    /// An order by its name, as it is called in the books.
    fn order(&self, name: &str) -> Option<String>;
}

impl Names for Ledger {
    fn products(&self) -> &BTreeMap<String, Product> {
        &self.facts().products
    }
    fn keys(&self, by: Dimension) -> BTreeSet<String> {
        let facts = self.facts();
        match by {
            Dimension::Channel => facts.orders.iter().filter_map(|order| order.channel.clone()).collect(),
            Dimension::City => facts.orders.iter().filter_map(|order| order.city.clone()).collect(),
            Dimension::Carrier => facts.shipments.iter().map(|parcel| parcel.carrier.clone()).collect(),
            Dimension::Platform => facts.ad_spend.iter().map(|spend| spend.platform.clone()).collect(),
            other => always(other),
        }
    }
    fn order(&self, name: &str) -> Option<String> {
        let wanted = plain(name);
        self.facts().orders.iter().find(|order| plain(&order.id) == wanted).map(|order| order.id.clone())
    }
}

/// The keys that every shop has.
pub fn always(by: Dimension) -> BTreeSet<String> {
    let keys: &[&str] = match by {
        Dimension::Payment => &["prepaid", "cod"],
        Dimension::Customer => &["new", "returning"],
        _ => &[],
    };
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// Names of products alone: all that advisors look up.
pub struct Products<'a>(pub &'a BTreeMap<String, Product>);

impl Names for Products<'_> {
    fn products(&self) -> &BTreeMap<String, Product> {
        self.0
    }
    fn keys(&self, by: Dimension) -> BTreeSet<String> {
        always(by)
    }
    fn order(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Looks the filters of a question up.
pub fn narrowed(names: &dyn Names, question: &Question) -> Narrowed {
    let mut found = Narrowed { parts: Vec::new(), names: Vec::new(), unknown: Vec::new() };
    // What an expense is for is no part of the books' orders: it is answered by itself.
    for filter in question.filters.iter().filter(|filter| filter.by != FilterBy::Expense) {
        match looked_up(names, filter) {
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
pub fn product_in(names: &dyn Names, normalised: &str) -> Option<Filter> {
    let name = products_in(names, normalised).into_iter().next()?;
    Some(Filter { by: FilterBy::Product, name })
}

/// All products that a text names by their titles, the longest first.
pub fn products_in(names: &dyn Names, normalised: &str) -> Vec<String> {
    let words: Vec<&str> = normalised.split(' ').collect();
    let titles = names.products().values().map(|product| normalise(&product.title));
    let mut named: Vec<String> = titles.filter(|title| title.len() >= 3 && holds(&words, title)).collect();
    named.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    named.dedup();
    named
}

/// Words of titles that tell no product from another, in normalised spelling.
const COMMON: [&str; 10] = ["para", "como", "este", "esta", "todo", "todos", "with", "from", "that", "this"];
/// Letters of a word that may name a product by itself.
const TELLING: usize = 4;

/// Words of a text that stand in titles of products, where no title is said whole: «sábanas» of «Juego de sábanas · Doble».
pub fn words_of_products(names: &dyn Names, normalised: &str) -> Option<String> {
    let telling = |word: &&str| word.len() >= TELLING && !COMMON.contains(word);
    let titles: Vec<String> = names.products().values().map(|product| normalise(&product.title)).collect();
    let known = |word: &&str| titles.iter().any(|title| title.split(' ').filter(telling).any(|of| alike(word, of)));
    let said: Vec<&str> = normalised.split(' ').filter(telling).filter(known).collect();
    (!said.is_empty()).then(|| said.join(" "))
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

fn looked_up(names: &dyn Names, filter: &Filter) -> Option<(Narrowing, String)> {
    match filter.by {
        FilterBy::Order => {
            let order = names.order(&filter.name)?;
            Some((Narrowing::Order(order.clone()), order))
        }
        FilterBy::Any => ANY.into_iter().find_map(|by| looked_up(names, &Filter { by, name: filter.name.clone() })),
        FilterBy::Product => {
            let wanted = normalise(&filter.name);
            let words: Vec<&str> = wanted.split(' ').collect();
            let mut products =
                names.products().iter().map(|(id, product)| (id, &product.title, normalise(&product.title)));
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
            let key = names.keys(dimension).into_iter().find(|key| {
                let key = normalise(key);
                key == wanted || alike(&key, &wanted)
            })?;
            Some((Narrowing::Of(dimension, key.clone()), key))
        }
    }
}

/// Whether the books know a name.
pub fn is_known(names: &dyn Names, filter: &Filter) -> bool {
    looked_up(names, filter).is_some()
}

/// The title of the only product that has every telling word of a name.
pub fn title_with(names: &dyn Names, name: &str) -> Option<String> {
    let said: Vec<&str> = name.split(' ').filter(|word| word.len() >= TELLING && !COMMON.contains(word)).collect();
    let has_all = |title: &str| {
        let title = normalise(title);
        let words: Vec<&str> = title.split(' ').collect();
        said.iter().all(|word| words.iter().any(|of| alike(word, of)))
    };
    let mut titles = names.products().values().map(|product| product.title.as_str()).filter(|title| has_all(title));
    let title = titles.next().filter(|_| !said.is_empty())?;
    titles.all(|other| other == title).then(|| normalise(title))
}

fn plain(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Whether a figure can be told of a part.
pub fn is_of_parts(metric: Metric) -> bool {
    Metric::DIVISIBLE.contains(&metric) || Metric::OF_PARTS.contains(&metric)
}
