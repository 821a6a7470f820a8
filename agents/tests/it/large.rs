//! A large shop is answered from its day book, word for word as from its ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::day_book::pages::{HELD, Periods, Place, VISITS, WHOLE, shelves};
use recado_domain::finance::figures::day_book::{Behind, Beside, Changes, Cluster, Fold, Parts, Reading};
use recado_domain::finance::figures::{DayBook, Days, Dimension, FactKind, Ledger, Metric, Narrowing};
use recado_domain::merchant::MemberRole;

use crate::fakes::*;
use crate::questions::{GOLDEN, INVENTORY, rows};

/// A day book in memory.
pub struct Kept {
    facts: FactSet,
    pages: BTreeMap<Place, Vec<u8>>,
    shop: Vec<u8>,
    ledger: Ledger,
}

impl Kept {
    pub fn of(facts: FactSet) -> Self {
        let fold = Fold::of(facts.clone(), Cluster::Shop, facts.as_of);
        let mut changes = Changes::default();
        changes.add(&fold);
        let pages = changes.pages().into_iter();
        let pages = pages.filter_map(|(place, sums)| Some((place, sums.onto(None).unwrap()?))).collect();
        let ledger = Ledger::new(facts.clone(), facts.as_of);
        Self { pages, shop: fold.pack(), ledger, facts }
    }
    pub fn read(&self) -> (Reading, Beside) {
        let facts = &self.facts;
        let mut book = DayBook::new(&facts.shop, facts.as_of, facts.synced_at);
        for (place, page) in &self.pages {
            match place.shelf {
                WHOLE => book.add_day(&place.period, page).unwrap(),
                VISITS => book.add_visits(&place.period, page).unwrap(),
                HELD => book.add_held(page).unwrap(),
                _ => {}
            }
        }
        book.add_shop(Fold::unpack(&self.shop).unwrap());
        let reading = Reading { book, shop: facts.shop.clone(), synced_at: facts.synced_at, version: 1 };
        let last_balance = facts.cash.iter().map(|balance| balance.at).max();
        (reading, Beside { products: facts.products.clone(), last_balance })
    }
    pub fn parts(&self, by: Dimension, within: Days) -> Parts {
        let mut parts = Parts::default();
        let Some((by_day, by_month)) = shelves(by) else { return parts };
        let Periods { months, days: [before, after] } = Periods::of(within);
        for (place, page) in &self.pages {
            let lies = |shelf: &str, (first, last): &(String, String)| {
                place.shelf == shelf && *first <= place.period && place.period <= *last
            };
            if lies(by_month, &months) || lies(by_day, &before) || lies(by_day, &after) {
                parts.add(page).unwrap();
            }
        }
        parts
    }
    pub fn behind(&self, metric: Metric, narrowing: &[Narrowing], days: Days, least: usize) -> Behind {
        let facts: Vec<(FactKind, String)> = if narrowing.is_empty() {
            self.ledger.figures(days).proof(metric)
        } else {
            let orders = self.ledger.orders_behind(narrowing, metric, days).into_iter();
            orders.map(|id| (FactKind::Order, id)).collect()
        };
        let next = (facts.len() > least).then(|| "more".to_owned());
        Behind { facts: facts.into_iter().collect(), next }
    }
}

/// The worked example's owner, on its day: of a small shop, and of one that is taken to be large.
fn owners() -> [Dialogue; 2] {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts.clone(), as_of)));
    [None, Some(Arc::new(Kept::of(facts)))].map(|day_book| {
        let told_at = Some(at("2026-11-05T11:00:00Z"));
        let facts = Facts { ledger: ledger.clone(), day_book, told_at, ..Facts::default() };
        let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), facts);
        dialogue.now = as_of;
        dialogue
    })
}

/// Without what is told of a small shop alone: names of orders that were reversed, and how many facts there are.
fn said(reply: &str) -> Vec<&str> {
    let of_small = |line: &&str| !line.contains("pedidos anteriores") && !line.contains("pedido anterior");
    reply.lines().filter(of_small).collect()
}

#[tokio::test]
async fn a_large_shop_is_answered_word_for_word_as_a_small_one() {
    let (mut of_book, mut different) = (0, Vec::new());
    let rows = rows(INVENTORY);
    for row in &rows {
        let [mut small, mut large] = owners();
        let (told, found) = (small.says(row.text).await, large.says(row.text).await);
        let used = format!("{:?}", large.last.trace);
        of_book += usize::from(used.contains("day book: "));
        if said(&told) != said(&found) || small.buttons() != large.buttons() {
            different.push(format!("{}\n{told}\n-- {found}", row.text));
        }
    }
    println!("{of_book} of {} questions answered from the day book", rows.len());
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n\n"));
    assert!(of_book * 100 >= rows.len() * 55, "{of_book} of {} from the day book", rows.len());
}

#[tokio::test]
async fn a_proof_of_a_large_shop_lists_the_first_and_says_that_there_are_more() {
    let [_, mut large] = owners();
    large.says("¿cuánto vendí en octubre?").await;
    let reply = large.says("¿de dónde sale ese número?").await;
    assert!(format!("{:?}", large.last.trace).contains("day book: "), "{reply}");
    assert!(reply.contains('#'), "{reply}");
}

/// A book that says something else is heard: the answers above come from it.
#[tokio::test]
async fn control_a_book_without_a_day_answers_otherwise() {
    let [mut small, mut large] = owners();
    let mut kept = Kept::of(FactSet::from_json(GOLDEN).unwrap());
    let day = kept.pages.keys().find(|place| place.shelf == WHOLE && place.period.starts_with("2026-10-0")).cloned();
    kept.pages.remove(&day.unwrap());
    large.facts.day_book = Some(Arc::new(kept));
    let text = "¿cuánto vendí en octubre?";
    assert_ne!(small.says(text).await, large.says(text).await);
}
