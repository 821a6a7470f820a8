//! What answers mean: kept beside them, found by, kept apart, and never in the way.

use recado_domain::knowledge::meaning::{Background, Meaning, background};
use recado_domain::knowledge::{ANSWERS, Entry};
use recado_domain::spend::ModelCall;
use recado_domain::{Language, MerchantId};

use super::answer;
use crate::world::{World, on_both};

const NUMBERS: usize = 32;

/// A direction for a seed, the same for the same; two different ones are far from each other.
fn direction(seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..NUMBERS).map(|_| next()).collect()
}

fn model(name: &str) -> Background {
    Background::of(name, (0..background().len() as u32).map(|one| direction(one + 1_000)).collect()).unwrap()
}

/// Where a text points to a model that takes these topics apart.
fn topic(text: &str) -> u32 {
    match text {
        text if text.contains("país") || text.contains("costa") => 1,
        text if text.contains("Tarjeta") => 2,
        _ => 3,
    }
}

fn meaning(model: &Background, text: &str) -> Meaning {
    model.meaning(direction(topic(text))).unwrap()
}

/// Makes the meanings of all that has none, as the background task does. Returns how many.
async fn make(world: &World, shop: MerchantId, model: &Background) -> usize {
    let shop = world.store.merchant(shop);
    let waiting = shop.knowledge_without_meaning(model, 50).await.unwrap();
    let made: Vec<(&Entry, Meaning)> = waiting
        .iter()
        .map(|entry| (entry, meaning(model, &format!("{}{}", entry.content.title, entry.content.body))))
        .collect();
    shop.keep_meanings(&made, &[]).await.unwrap();
    made.len()
}

const ASKED: &str = "¿me llega a la costa?";

async fn said(world: &World, shop: MerchantId, asked: Option<&Meaning>) -> Option<String> {
    let hits = world.store.merchant(shop).knowledge_search(ASKED, Language::Es, asked).await.unwrap();
    hits.into_iter().next().filter(|hit| hit.score >= ANSWERS).map(|hit| hit.title)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_by_its_meaning_until_it_changes_and_again_when_that_is_made_anew() {
    on_both(async |world: &World| {
        let (id, shop) = (world.merchant.id, world.store.merchant(world.merchant.id));
        let model = model("m");
        let all = answer("Despachamos a todo el país", "Con Servientrega.");
        let entry = shop.add_knowledge(all.clone(), None, "Eva").await.unwrap();
        shop.add_knowledge(answer("Medios de pago", "Tarjeta y PSE."), None, "Eva").await.unwrap();
        let asked = meaning(&model, ASKED);
        assert_eq!(said(world, id, Some(&asked)).await, None, "nothing is made yet, and saving waited for nothing");
        assert_eq!(world.store.shops_without_meanings(&model).await.unwrap(), [id]);
        assert_eq!(make(world, id, &model).await, 2);
        assert_eq!(world.store.shops_without_meanings(&model).await.unwrap(), []);
        assert_eq!(make(world, id, &model).await, 0, "once is enough");
        assert_eq!(said(world, id, Some(&asked)).await.as_deref(), Some("Despachamos a todo el país"));
        assert_eq!(said(world, id, None).await, None, "the control: its words do not find it");
        let hit = shop.knowledge_search(ASKED, Language::Es, Some(&asked)).await.unwrap().remove(0);
        assert!(hit.likeness.is_some_and(|likeness| likeness > 2.5) && hit.source == "faq.md", "{hit:?}");

        // A changed answer is not said for what it meant before, though the process still remembers that.
        world.clock.advance(std::time::Duration::from_secs(1));
        shop.edit_knowledge(entry, answer("Despachos", "Ya no hacemos."), "Eva").await.unwrap();
        assert_eq!(said(world, id, Some(&asked)).await, None);
        world.clock.advance(std::time::Duration::from_secs(1));
        shop.edit_knowledge(entry, all, "Eva").await.unwrap();
        assert_eq!(said(world, id, Some(&asked)).await, None, "the same words at another time are another text");
        assert_eq!(make(world, id, &model).await, 1);
        assert!(said(world, id, Some(&asked)).await.is_some());
        assert!(shop.archive_knowledge(entry, "Eva").await.unwrap());
        assert_eq!(said(world, id, Some(&asked)).await, None);
        assert_eq!(make(world, id, &model).await, 0, "what is put away needs no meaning");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_makes_all_meanings_anew_and_compares_with_its_own_alone() {
    on_both(async |world: &World| {
        let (id, shop) = (world.merchant.id, world.store.merchant(world.merchant.id));
        let (old, new) = (model("old"), model("new"));
        shop.add_knowledge(answer("Despachamos a todo el país", "Con Servientrega."), None, "Eva").await.unwrap();
        make(world, id, &old).await;
        assert!(said(world, id, Some(&meaning(&old, ASKED))).await.is_some());
        assert_eq!(said(world, id, Some(&meaning(&new, ASKED))).await, None);
        assert_eq!(make(world, id, &new).await, 1);
        assert!(said(world, id, Some(&meaning(&new, ASKED))).await.is_some());
        assert_eq!(world.number("SELECT COUNT(*) FROM knowledge_meanings").await, 1, "the old ones are gone");
        // The same name with vectors of another length is another model.
        let longer = |seed: u32| [direction(seed), direction(seed + 7)].concat();
        let longer: Vec<Vec<f32>> = (0..background().len() as u32).map(longer).collect();
        let longer = Background::of("new", longer).unwrap();
        assert_eq!(world.store.shops_without_meanings(&longer).await.unwrap(), [id]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_neither_finds_nor_keeps_meanings_of_another_s_answers() {
    on_both(async |world: &World| {
        let (uno, dos) = (world.merchant.id, world.other.id);
        let model = model("m");
        let asked = meaning(&model, ASKED);
        let all = answer("Despachamos a todo el país", "Con Servientrega.");
        world.store.merchant(uno).add_knowledge(all.clone(), None, "Eva").await.unwrap();
        make(world, uno, &model).await;
        assert!(said(world, uno, Some(&asked)).await.is_some());
        assert_eq!(said(world, dos, Some(&asked)).await, None);
        assert!(world.store.merchant(dos).knowledge_without_meaning(&model, 5).await.unwrap().is_empty());
        // A row that names another's answer stands under its own shop, and finds nothing.
        let theirs = world.store.merchant(uno).knowledge(false, 5).await.unwrap().remove(0);
        world.store.merchant(dos).keep_meanings(&[(&theirs, asked.clone())], &[]).await.unwrap();
        assert_eq!(said(world, dos, Some(&asked)).await, None);
        assert!(said(world, uno, Some(&asked)).await.is_some(), "and takes nothing away");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_made_meanings_stand_in_the_record_and_a_damaged_one_is_as_good_as_none() {
    on_both(async |world: &World| {
        let shop = world.store.merchant(world.merchant.id);
        let model = model("m");
        shop.add_knowledge(answer("¿Llega a la costa?", "Sí."), None, "Eva").await.unwrap();
        let call = ModelCall {
            provider: "embedding".to_owned(),
            model: "m".to_owned(),
            purpose: "meaning",
            outcome: "ok",
            prompt_tokens: 9,
            completion_tokens: 0,
            micro_dollars: 0,
            millis: 3,
        };
        shop.keep_meanings(&[], &[call]).await.unwrap();
        let lines = world.texts("SELECT object FROM audit WHERE action = 'model.call'").await;
        assert!(lines[0].as_deref().is_some_and(|line| line.contains("embedding meaning: ok")), "{lines:?}");
        let id = world.merchant.id;
        shop.add_knowledge(answer("Despachamos a todo el país", "Con Servientrega."), None, "Eva").await.unwrap();
        make(world, id, &model).await;
        world.execute("UPDATE knowledge_meanings SET spread = 0").await;
        let hits = shop.knowledge_search(ASKED, Language::Es, Some(&meaning(&model, ASKED))).await.unwrap();
        assert!(hits.iter().all(|hit| hit.likeness.is_none()), "{hits:?}");
        assert_eq!(hits[0].title, "¿Llega a la costa?", "its words find it");
    })
    .await;
}
