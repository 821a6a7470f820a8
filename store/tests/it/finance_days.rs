//! The day book of a shop says what its ledger says, on both databases, whatever was imported, corrected or taken back.

use jiff::civil::Date;
use recado_domain::finance::advice::{advise, cash, collections, growth, pricing};
use recado_domain::finance::facts::entry::{Entry, take_apart};
use recado_domain::finance::figures::day_book::Parts;
use recado_domain::finance::figures::{Accounts, Breakdown, Days, Dimension, Figures, Ledger, Metric, Sums};
use recado_domain::{MerchantId, Timestamp};
use recado_store::finance::days::Folding;

use crate::world::{World, on_both};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");
const RANGES: [(&str, &str); 4] = [
    ("2026-09-01", "2026-10-31"),
    ("2026-09-12", "2026-10-20"),
    ("2026-08-20", "2026-11-05"),
    ("2026-11-20", "2026-12-31"),
];

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The worked example, with something else in some places.
pub(crate) fn with(changes: &[(&str, &str)]) -> Vec<Entry> {
    let mut text = GOLDEN.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    take_apart(&text).unwrap().1
}

pub(crate) async fn fold(world: &World, merchant: MerchantId, as_of: Timestamp) -> usize {
    let mut taken = 0;
    loop {
        match world.store.fold_days(merchant, as_of).await.unwrap() {
            Folding::More(more) => taken += more,
            Folding::Elsewhere => tokio::task::yield_now().await,
            Folding::Complete(last) => return taken + last,
        }
    }
}

fn figures<S: Sums>(figures: &Figures<'_, S>, metrics: impl Iterator<Item = Metric>) -> Vec<String> {
    metrics.map(|metric| format!("{} {:?}", metric.id(), figures.value(metric))).collect()
}

fn parts<S: Sums>(breakdown: &Breakdown<'_, S>) -> Vec<(Option<String>, Vec<String>)> {
    let metrics = || Metric::DIVISIBLE.iter().chain(Metric::OF_PARTS).copied();
    breakdown.parts.iter().map(|part| (part.key.clone(), figures(&part.figures, metrics()))).collect()
}

/// All facts in memory: what was imported, joined with what webhooks told.
pub(crate) async fn ledger(world: &World, as_of: Timestamp) -> Ledger {
    Ledger::new(world.store.merchant(world.merchant.id).books(&world.merchant).await.unwrap(), as_of)
}

/// All that advisors say.
fn advice(accounts: &dyn Accounts) -> Vec<String> {
    let autumn = Days::new(Date::constant(2026, 9, 1), Date::constant(2026, 12, 31));
    vec![
        format!("{:?}", advise(accounts)),
        format!("{:?}", growth::growth(accounts)),
        format!("{:?}", cash::cash(accounts)),
        format!("{:?}", collections::collections(accounts)),
        format!("{:?}", pricing::pricing(accounts, None, None)),
        format!(
            "{:?}",
            accounts.gateways(autumn).map(|told| (told.without_fees(autumn), told.without_payouts(autumn)))
        ),
    ]
}

/// Compares every figure, breakdown, the health score and what advisors say.
pub(crate) async fn agree(world: &World, merchant: MerchantId, as_of: Timestamp, step: &str) {
    let ledger = ledger(world, as_of).await;
    let store = world.store.merchant(merchant);
    let read = store.day_book(as_of).await.unwrap().unwrap_or_else(|| panic!("{step}: behind"));
    assert_eq!(format!("{:?}", read.book.health()), format!("{:?}", ledger.health()), "{step}");
    // A product that only sold lines name has no title beside a day book.
    let beside = store.beside_days().await.unwrap();
    let mut facts = ledger.facts().clone();
    facts.products.retain(|id, _| beside.products.contains_key(id));
    let told = advice(&Ledger::new(facts, as_of));
    let found = world.store.of_day_book(merchant, as_of, 0, |accounts| advice(accounts)).await.unwrap().unwrap();
    let differs = told.iter().zip(&found).find(|(told, found)| told != found);
    assert!(differs.is_none(), "{step}: {differs:?}");
    for (first, last) in RANGES {
        let days = Days::new(first.parse().unwrap(), last.parse().unwrap());
        let all = || Metric::ALL.iter().copied();
        let found = figures(&read.book.figures(days), all());
        assert_eq!(found, figures(&ledger.figures(days), all()), "{step}: {first}");
        for by in Dimension::ALL {
            let pages: Parts = store.day_parts(&read, by, days).await.unwrap().unwrap();
            let found = parts(&read.book.breakdown(by, days, &pages));
            assert_eq!(found, parts(&ledger.breakdown(by, days)), "{step}: {first} by {}", by.code());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_book_follows_imports_corrections_and_what_is_taken_back() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let store = world.store.merchant(merchant);
        let early = instant("2026-10-05T12:00:00Z");
        let late = instant("2026-11-05T15:00:00Z");
        assert!(store.day_book(early).await.unwrap().is_none(), "nothing was told");

        world.store.import_facts(merchant, "first", &with(&[]), |_| {}).await.unwrap();
        assert!(store.day_book(early).await.unwrap().is_none(), "it is behind, and says nothing");
        assert!(fold(world, merchant, early).await > 0);
        agree(world, merchant, early, "first").await;

        // Time alone.
        assert!(store.day_book(late).await.unwrap().is_none(), "what was scheduled has come");
        assert!(fold(world, merchant, late).await > 0);
        agree(world, merchant, late, "later").await;
        assert!(store.day_book(early).await.unwrap().is_none(), "it has gone on");
        assert_eq!(fold(world, merchant, late).await, 0, "again costs nothing");

        let steps: [(&str, &[(&str, &str)]); 5] = [
            ("a price", &[("\"unit_price\": \"89900\"", "\"unit_price\": \"99900\"")]),
            ("a customer", &[("\"customer_id\": \"beto\"", "\"customer_id\": \"ana\"")]),
            ("a cost", &[("\"unit_cost\": \"", "\"unit_cost\": \"1")]),
            ("a term", &[("\"term_days\": 8", "\"term_days\": 30")]),
            ("a parcel of another order", &[("\"order_id\": \"#1008\"", "\"order_id\": \"#1014\"")]),
        ];
        let mut made = Vec::new();
        for (step, changes) in steps {
            let import = world.store.import_facts(merchant, step, &with(changes), |_| {}).await.unwrap();
            assert!(import.added > 0, "{step}");
            fold(world, merchant, late).await;
            agree(world, merchant, late, step).await;
            made.push(import);
        }
        for import in made.iter().rev() {
            world.store.undo_import(merchant, import.id).await.unwrap();
            assert!(store.day_book(late).await.unwrap().is_none());
            fold(world, merchant, late).await;
            agree(world, merchant, late, &format!("without {}", import.source)).await;
        }

        // The neighbour has nothing of it.
        assert!(world.store.merchant(world.other.id).day_book(late).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_whole_leaves_no_page() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let late = instant("2026-11-05T15:00:00Z");
        let import = world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        fold(world, merchant, late).await;
        assert!(world.number("SELECT COUNT(*) FROM finance_days").await > 100);
        world.store.undo_import(merchant, import.id).await.unwrap();
        fold(world, merchant, late).await;
        // The shop itself stays: of its accounts nothing is known, which is not zero.
        let left = [
            ("pages", world.number("SELECT COUNT(*) FROM finance_days WHERE shelf <> 'held'").await),
            ("roots", world.number("SELECT COUNT(*) FROM finance_roots WHERE root <> 'shop'").await),
            ("links", world.number("SELECT COUNT(*) FROM finance_links").await),
            ("imports", world.number("SELECT COUNT(*) FROM finance_unfolded").await),
            ("marks", world.number("SELECT COUNT(*) FROM finance_dirty").await),
        ];
        assert!(left.iter().all(|(_, count)| *count == 0), "{left:?}");
        agree(world, merchant, late, "nothing").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_fold_at_once_take_turns() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let late = instant("2026-11-05T15:00:00Z");
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        let ones = with(&[("\"unit_price\": \"89900\"", "\"unit_price\": \"99900\"")]);
        // One more import arrives while three fold.
        let import = async { world.store.import_facts(merchant, "meanwhile", &ones, |_| {}).await.unwrap() };
        let folding = || fold(world, merchant, late);
        tokio::join!(folding(), folding(), import, folding());
        fold(world, merchant, late).await;
        agree(world, merchant, late, "three at once").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_of_another_edition_is_folded_anew() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let late = instant("2026-11-05T15:00:00Z");
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        fold(world, merchant, late).await;
        world.execute("UPDATE finance_books SET edition = 7").await;
        assert!(world.store.merchant(merchant).day_book(late).await.unwrap().is_none());
        assert!(fold(world, merchant, late).await > 99);
        agree(world, merchant, late, "another edition").await;
    })
    .await;
}

/// So a book stands whose last transaction took up all there was and ended before it could see that.
#[tokio::test(flavor = "multi_thread")]
async fn a_book_in_which_something_may_be_marked_answers_once_nothing_is() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let late = instant("2026-11-05T15:00:00Z");
        world.store.import_facts(merchant, "all", &with(&[]), |_| {}).await.unwrap();
        fold(world, merchant, late).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM finance_books WHERE marked").await, 0);
        world.execute("UPDATE finance_books SET marked = TRUE").await;
        assert!(world.store.merchant(merchant).day_book(late).await.unwrap().is_none());
        assert_eq!(fold(world, merchant, late).await, 0);
        agree(world, merchant, late, "looked through once more").await;
    })
    .await;
}
