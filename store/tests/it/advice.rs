//! Analyses and recommendations: kept, decided, checked after their horizon, and of one shop only.

use jiff::civil::Date;
use recado_domain::effect::Effect as TurnEffect;
use recado_domain::finance::advice::{
    Analysis, Code, Decision, Kind, Proposal, Status, Verdict, advise, compared, health, reading,
};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::Ledger;
use recado_domain::{Clock as _, MerchantId};
use recado_store::StoreError;

use crate::world::{World, on_both, text};

const GOLDEN: &str = include_str!("../../../domain/tests/it/finance/golden.json");

fn ledger() -> Ledger {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

fn advice() -> (Analysis, Date) {
    let ledger = ledger();
    (advise(&ledger).unwrap(), ledger.today())
}

async fn count(world: &World, status: &str) -> i64 {
    world.number(&format!("SELECT COUNT(*) FROM recommendations WHERE status = '{status}'")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_analysis_comes_back_as_it_was_made() {
    let (analysis, today) = advice();
    let score = health(&ledger(), None).unwrap();
    on_both(async |world: &World| {
        let shop = world.merchant.id;
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        world.store.save_analysis(shop, &score, today).await.unwrap();
        let mine = world.store.merchant(shop);
        let kept = mine.latest_analysis(Kind::Advice).await.unwrap().unwrap();
        assert_eq!(kept, serde_json::to_value(&analysis).unwrap());
        let history = mine.health_history(10).await.unwrap();
        assert_eq!((history.len(), history[0].score, history[0].version.as_str()), (1, Some(71), "advice/1"));
        let told = mine.recommendations(10).await.unwrap();
        assert_eq!(told.len(), analysis.actions.ranked.len());
        for recommendation in &analysis.actions.ranked {
            let one = told.iter().find(|one| one.proposal.code == recommendation.code).unwrap();
            let expected = Proposal::new(recommendation, analysis.currency, today);
            assert_eq!((one.proposal.expected, one.status), (expected.expected, Status::Proposed));
            assert_eq!(
                (&one.proposal.horizon_on, one.proposal.baseline_text()),
                (&expected.horizon_on, expected.baseline_text())
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_each_kind_one_is_open_and_an_accepted_one_keeps_what_was_told() {
    let (analysis, today) = advice();
    let kinds = analysis.actions.ranked.len() as i64;
    on_both(async |world: &World| {
        let shop = world.merchant.id;
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        assert_eq!(count(world, "proposed").await, kinds, "told again it is no second one");

        let mine = world.store.merchant(shop);
        let claim = find(world, shop, Code::CollectCod).await;
        world.store.decide_recommendation(shop, claim.id, Decision::Accept, "Ana").await.unwrap();
        let mut other = analysis.clone();
        other.actions.ranked[0].effect = recado_domain::finance::advice::Effect::Amount(1);
        assert_eq!(other.actions.ranked[0].code, Code::CollectCod);
        world.store.save_analysis(shop, &other, today).await.unwrap();
        let kept = find(world, shop, Code::CollectCod).await;
        assert_eq!((kept.status, kept.proposal.expected), (Status::Accepted, Some((16_670_000, 16_670_000))));
        assert_eq!(kept.decided, Some(("Ana".to_owned(), world.clock.now())));

        // Dismissed, it may be told once more later.
        world.store.decide_recommendation(shop, kept.id, Decision::Dismiss, "Ana").await.unwrap();
        let again = world.store.decide_recommendation(shop, kept.id, Decision::Accept, "Ana").await;
        assert!(matches!(again, Err(StoreError::Missing(_))), "{again:?}");
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        assert_eq!(mine.recommendations(100).await.unwrap().len() as i64, kinds + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_one_is_due_at_its_horizon_and_checked_once() {
    let (analysis, today) = advice();
    let baseline = reading(&ledger(), Code::CollectCod).unwrap();
    on_both(async |world: &World| {
        let shop = world.merchant.id;
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        let mine = world.store.merchant(shop);
        let claim = find(world, shop, Code::CollectCod).await;
        let day = |text: &str| text.parse::<Date>().unwrap();
        assert!(mine.due_follow_ups(day("2027-01-01")).await.unwrap().is_empty(), "nobody accepted anything");
        world.store.decide_recommendation(shop, claim.id, Decision::Accept, "Ana").await.unwrap();
        // Seven days after 5 November.
        assert!(mine.due_follow_ups(day("2026-11-11")).await.unwrap().is_empty());
        let due = mine.due_follow_ups(day("2026-11-12")).await.unwrap();
        assert_eq!((due.len(), due[0].proposal.baseline.clone()), (1, baseline.clone()));

        let nothing = recado_domain::Money::new(0, analysis.currency);
        let found =
            compared(Code::CollectCod, baseline.clone(), Some(recado_domain::finance::advice::Number::Money(nothing)));
        let found = found.unwrap();
        world.store.close_recommendation(shop, claim.id, &found).await.unwrap();
        let kept = find(world, shop, Code::CollectCod).await;
        assert_eq!((kept.status, kept.measured), (Status::Done, Some(16_670_000)));
        assert_eq!(kept.checked, Some((world.clock.now(), Verdict::Better)));
        assert!(world.store.close_recommendation(shop, claim.id, &found).await.is_err());
        assert!(mine.due_follow_ups(day("2026-11-12")).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_or_decides_for_another_shop() {
    let (analysis, today) = advice();
    on_both(async |world: &World| {
        let (shop, other) = (world.merchant.id, world.other.id);
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        let claim = find(world, shop, Code::CollectCod).await;
        let theirs = world.store.merchant(other);
        assert!(theirs.recommendations(10).await.unwrap().is_empty());
        assert!(theirs.health_history(10).await.unwrap().is_empty());
        assert!(theirs.latest_analysis(Kind::Advice).await.unwrap().is_none());
        assert!(theirs.due_follow_ups("2030-01-01".parse().unwrap()).await.unwrap().is_empty());
        let foreign = world.store.decide_recommendation(other, claim.id, Decision::Accept, "Leo").await;
        assert!(matches!(foreign, Err(StoreError::Missing(_))), "{foreign:?}");
        assert_eq!(find(world, shop, Code::CollectCod).await.status, Status::Proposed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_of_a_turn_is_kept_with_it() {
    let (analysis, today) = advice();
    on_both(async |world: &World| {
        let shop = world.merchant.id;
        world.store.save_analysis(shop, &analysis, today).await.unwrap();
        let decided = |code: Code, decision: Decision| {
            let told = analysis.actions.ranked.iter().find(|one| one.code == code).unwrap();
            let proposal = Proposal::new(told, analysis.currency, today);
            TurnEffect::DecideRecommendation { proposal, decision, by: "Ana".to_owned() }
        };
        world.accept(text("wamid.1", "573001112233", "acepto", world.clock.now())).await;
        let effects = vec![decided(Code::CollectCod, Decision::Accept), decided(Code::StockFree, Decision::Dismiss)];
        world.settle_all(&world.engine(), |_| effects.clone()).await;
        assert_eq!(find(world, shop, Code::CollectCod).await.status, Status::Accepted);
        assert_eq!(find(world, shop, Code::StockFree).await.status, Status::Dismissed);
        // What was never kept is kept when it is decided.
        world.execute("DELETE FROM recommendations").await;
        world.accept(text("wamid.2", "573001112233", "acepto", world.clock.now())).await;
        world.settle_all(&world.engine(), |_| effects.clone()).await;
        let kept = find(world, shop, Code::CollectCod).await;
        assert_eq!((kept.status, kept.proposal.expected), (Status::Accepted, Some((16_670_000, 16_670_000))));
    })
    .await;
}

async fn find(world: &World, shop: MerchantId, code: Code) -> recado_store::finance::analyses::KeptRecommendation {
    let all = world.store.merchant(shop).recommendations(100).await.unwrap();
    all.into_iter().find(|one| one.proposal.code == code).unwrap()
}
