//! Facts about money: kept in versions, taken back as a whole, and the same figures on both databases.

use recado_domain::effect::Effect;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::{put_together, take_apart};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Value};
use recado_domain::finance::note::{Note, Told};
use recado_domain::{EventId, MerchantId, Money};
use recado_store::StoreError;

use crate::world::{World, noon, on_both, text};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");

fn report(facts: FactSet) -> String {
    let as_of = facts.as_of;
    let days = Days::new("2026-09-01".parse().unwrap(), "2026-10-31".parse().unwrap());
    serde_json::to_string(&Ledger::new(facts, as_of).report(days, &Dimension::ALL).unwrap()).unwrap()
}

async fn in_force(world: &World, merchant: MerchantId) -> String {
    let facts = world.store.merchant(merchant).facts_in_force().await.unwrap();
    put_together(facts.iter().map(|(kind, body)| (kind.as_str(), body.as_str())))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worked_example_comes_back_with_the_same_figures() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    let expected = report(facts);
    assert!(expected.contains("\"booked.net_sales\":\"1269701.69\""));
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let mut told = Vec::new();
        let import = world.store.import_facts(merchant, "golden.json", &entries, |gone| told.push(gone)).await.unwrap();
        assert_eq!((import.told, import.added, told), (99, 99, vec![99]));
        assert_eq!(report(FactSet::from_json(&in_force(world, merchant).await).unwrap()), expected);
        // The neighbour has nothing.
        assert!(world.store.merchant(world.other.id).facts_in_force().await.unwrap().is_empty());
        assert!(world.store.merchant(world.other.id).imports().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_another_version_and_can_be_taken_back() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    let before = report(facts);
    let corrected = GOLDEN.replacen("\"unit_price\": \"89900\"", "\"unit_price\": \"99900\"", 1);
    let (facts, corrections) = take_apart(&corrected).unwrap();
    let after = report(facts);
    assert_ne!(before, after);
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let rows = async || world.number("SELECT COUNT(*) FROM finance_entries").await;
        let figures = async || report(FactSet::from_json(&in_force(world, merchant).await).unwrap());
        world.store.import_facts(merchant, "first", &entries, |_| {}).await.unwrap();
        // The same once more adds nothing.
        let again = world.store.import_facts(merchant, "again", &entries, |_| {}).await.unwrap();
        assert_eq!((again.added, rows().await), (0, 99));

        let correction = world.store.import_facts(merchant, "correction", &corrections, |_| {}).await.unwrap();
        assert_eq!((correction.added, rows().await), (1, 100));
        assert_eq!(figures().await, after);

        world.store.undo_import(merchant, correction.id).await.unwrap();
        assert_eq!((rows().await, figures().await), (100, before.clone()), "its row stays, out of force");
        let twice = world.store.undo_import(merchant, correction.id).await;
        assert!(matches!(twice, Err(StoreError::Missing(_))), "{twice:?}");

        // Told once more after it was taken back, it is in force again.
        let told = world.store.import_facts(merchant, "told again", &corrections, |_| {}).await.unwrap();
        assert_eq!((told.added, figures().await), (1, after.clone()));
        let imports = world.store.merchant(merchant).imports().await.unwrap();
        assert_eq!(imports.len(), 4);
        assert_eq!(imports.iter().filter(|import| import.undone_at.is_some()).count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_back_the_import_of_another_shop() {
    let (_, entries) = take_apart(GOLDEN).unwrap();
    on_both(async |world: &World| {
        let import = world.store.import_facts(world.merchant.id, "mine", &entries, |_| {}).await.unwrap();
        let foreign = world.store.undo_import(world.other.id, import.id).await;
        assert!(matches!(foreign, Err(StoreError::Missing(_))), "{foreign:?}");
        assert_eq!(world.store.merchant(world.merchant.id).facts_in_force().await.unwrap().len(), 99);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_fails_half_way_leaves_nothing() {
    let (_, entries) = take_apart(GOLDEN).unwrap();
    // More than one batch, and the last fact of the last one stands twice: the database refuses that version.
    let mut many = Vec::new();
    for copy in 0..12 {
        many.extend(entries.iter().cloned().map(|mut entry| {
            entry.id = format!("{} {copy}", entry.id);
            entry
        }));
    }
    many.push(many[many.len() - 1].clone());
    on_both(async |world: &World| {
        let outcome = world.store.import_facts(world.merchant.id, "twice", &many, |_| {}).await;
        assert!(outcome.is_err());
        assert_eq!(world.number("SELECT COUNT(*) FROM finance_entries").await, 0);
        assert_eq!(world.number("SELECT COUNT(*) FROM finance_imports").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_told_is_recorded_with_the_turn_once_and_taken_back() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let told_by = EventId::derived(&["told"]);
        let note = Note {
            told: Told::Ads { platform: "meta".into() },
            amount: Money::new(35_000_000, world.merchant.currency),
            alternatives: vec![],
            day: noon().in_zone(&world.merchant.zone()).date(),
        };
        let entries = note.entries(&world.merchant, told_by, noon()).unwrap();
        let source = format!("chat:{told_by}");
        let spent = async || {
            let ledger = world.store.merchant(merchant).ledger(&world.merchant, noon()).await.unwrap();
            let all = Days::new("2020-01-01".parse().unwrap(), "2030-12-31".parse().unwrap());
            ledger.figures(all).value(Metric::AdSpend)
        };
        assert_eq!(spent().await, Ok(Value::Money(0)));
        // The same yes twice: a turn that runs again tells the same fact.
        for time in ["one", "two"] {
            let event = text(time, "+573001112233", "sí", noon());
            world.accept(event).await;
            let effect = Effect::RecordFinance { entries: entries.clone(), source: source.clone() };
            assert_eq!(world.settle_all(&world.engine(), |_| vec![effect.clone()]).await, 1);
            assert_eq!(spent().await, Ok(Value::Money(35_000_000)), "{time}");
        }
        assert!(world.store.merchant(world.other.id).facts_in_force().await.unwrap().is_empty());
        let event = text("three", "+573001112233", "deshacer", noon());
        world.accept(event).await;
        let effect = Effect::UndoFinance { source };
        world.settle_all(&world.engine(), |_| vec![effect.clone()]).await;
        assert_eq!(spent().await, Ok(Value::Money(0)));
    })
    .await;
}
