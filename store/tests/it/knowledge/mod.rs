//! A shop's own answers: kept, found, kept apart; and how well questions find them.

mod meanings;
mod measured;

use recado_domain::effect::Effect;
use recado_domain::knowledge::{ANSWERS, NewEntry, NotKept, UnansweredState};
use recado_domain::{ConversationId, KnowledgeId, Language, UnansweredId};
use recado_store::StoreError;
use recado_store::knowledge::KeepError;

use crate::world::{NUMBER, World, noon, on_both, person, text_to};

fn answer(title: &str, body: &str) -> NewEntry {
    NewEntry { language: Language::Es, title: title.into(), body: body.into(), source: "faq.md".into(), url: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_by_other_words_changed_and_put_away() {
    on_both(async |world: &World| {
        let shop = world.store.merchant(world.merchant.id);
        let id = shop.add_knowledge(answer("¿Cuánto demora el envío?", "De 2 a 5 días."), None, "Eva").await.unwrap();
        shop.add_knowledge(answer("¿Qué medios de pago reciben?", "Tarjeta y PSE."), None, "Eva").await.unwrap();
        let find = async |question: &str| {
            let hits = shop.knowledge_search(question, Language::Es, None).await.unwrap();
            hits.into_iter().find(|hit| hit.score >= ANSWERS).map(|hit| hit.body)
        };
        for question in ["¿CUÁNTO DEMORAN LOS ENVÍOS?", "cuanto demora el envoi", "how long does shipping take"] {
            assert_eq!(find(question).await.as_deref(), Some("De 2 a 5 días."), "{question}");
        }
        for nothing in ["", "¿?", "' OR 1=1 --", "\" * ) NEAR(", "envi:* | pag:* & !x", "xqzt", "\0", "🎉"] {
            assert_eq!(find(nothing).await, None, "{nothing}");
        }
        shop.edit_knowledge(id, answer("¿Cuánto demora el envío?", "De 1 a 3 días."), "Eva").await.unwrap();
        assert_eq!(find("demora del envío").await.as_deref(), Some("De 1 a 3 días."));
        // What it no longer says does not find it any more, and what it says now does.
        shop.edit_knowledge(id, answer("¿Tienen parqueadero?", "Sí, gratis."), "Eva").await.unwrap();
        assert_eq!(find("demora del envío").await, None);
        assert_eq!(find("parqueaderos").await.as_deref(), Some("Sí, gratis."));
        assert!(shop.archive_knowledge(id, "Eva").await.unwrap() && !shop.archive_knowledge(id, "Eva").await.unwrap());
        assert_eq!(find("parqueaderos").await, None);
        assert_eq!(
            (shop.knowledge(false, 50).await.unwrap().len(), shop.knowledge(true, 50).await.unwrap().len()),
            (1, 2)
        );
        assert!(shop.knowledge_entry(id).await.unwrap().unwrap().archived);
        assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action LIKE 'knowledge.%'").await, 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unfit_or_there_already_is_refused_and_an_import_is_all_or_nothing() {
    on_both(async |world: &World| {
        let shop = world.store.merchant(world.merchant.id);
        let unfit = shop.add_knowledge(answer("¿Envíos?", ""), None, "Eva").await.unwrap_err();
        assert!(matches!(unfit, KeepError::Unfit(NotKept::Body)));
        let id = shop.add_knowledge(answer("¿Envíos?", "Sí."), None, "Eva").await.unwrap();
        let twice = shop.add_knowledge(answer("¿Envíos?", "No."), None, "Eva").await.unwrap_err();
        assert!(matches!(twice, KeepError::Twice(_)), "{twice}");
        let missing = shop.edit_knowledge(KnowledgeId::new(noon()), answer("¿Pagos?", "Sí."), "Eva").await.unwrap_err();
        assert!(matches!(missing, KeepError::Store(StoreError::Missing(_))));
        let mixed = vec![answer("¿Pagos?", "Sí."), answer("¿Horario?", "")];
        shop.import_knowledge(mixed, "Eva").await.unwrap_err();
        assert_eq!(shop.knowledge(true, 50).await.unwrap().len(), 1);
        let good = vec![answer("¿Pagos?", "Sí."), answer("¿Envíos?", "A todo el país.")];
        assert_eq!(shop.import_knowledge(good.clone(), "Eva").await.unwrap(), (1, 1));
        assert_eq!(shop.import_knowledge(good, "Eva").await.unwrap(), (0, 2), "the same once more adds nothing");
        assert_eq!(shop.knowledge_entry(id).await.unwrap().unwrap().content.body, "A todo el país.");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_finds_and_changes_nothing_of_another_s_answers() {
    on_both(async |world: &World| {
        let (uno, dos) = (world.store.merchant(world.merchant.id), world.store.merchant(world.other.id));
        let same = answer("¿Cuánto demora el envío?", "De 2 a 5 días.");
        uno.add_knowledge(same.clone(), None, "Eva").await.unwrap();
        let before = uno.knowledge_search("demora envío", Language::Es, None).await.unwrap();
        let theirs = dos.add_knowledge(same, None, "Leo").await.unwrap();
        dos.add_knowledge(answer("¿Envíos con demora?", "Nunca."), None, "Leo").await.unwrap();
        // Neither found nor counted: the same hits with the same scores.
        assert_eq!(uno.knowledge_search("demora envío", Language::Es, None).await.unwrap(), before);
        assert_eq!(before.len(), 1);
        assert_eq!(dos.knowledge_search("demora envío", Language::Es, None).await.unwrap().len(), 2);
        assert_eq!(uno.knowledge(true, 50).await.unwrap().len(), 1);
        assert_eq!(uno.knowledge_entry(theirs).await.unwrap(), None);
        assert!(!uno.archive_knowledge(theirs, "Eva").await.unwrap());
        uno.edit_knowledge(theirs, answer("¿Nuestro?", "No."), "Eva").await.unwrap_err();
        ask(world, "tienen parqueadero").await;
        let question = uno.unanswered(10).await.unwrap().remove(0);
        assert!(dos.unanswered(10).await.unwrap().is_empty());
        assert_eq!(dos.unanswered_question(question.id).await.unwrap(), None);
        assert!(!dos.dismiss_unanswered(question.id, "Leo").await.unwrap());
        dos.add_knowledge(answer("¿Parqueadero?", "Sí."), Some(question.id), "Leo").await.unwrap();
        assert_eq!(uno.unanswered(10).await.unwrap(), [question]);
    })
    .await;
}

/// A turn that found no answer to a question.
async fn ask(world: &World, question: &str) -> ConversationId {
    let text = text_to(NUMBER, &uuid::Uuid::new_v4().to_string(), person(None, Some("573001112233")), question, noon());
    world.accept(text).await;
    let engine = world.engine();
    let claim = engine.claim(1).await.unwrap().remove(0);
    let conversation = ConversationId(claim.lane.0);
    let effect = Effect::Unanswered { question: question.to_owned(), language: Language::Es };
    engine.commit(vec![world.decide(claim, vec![effect])]).await.remove(0).unwrap();
    conversation
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_is_counted_until_somebody_writes_one() {
    on_both(async |world: &World| {
        let shop = world.store.merchant(world.merchant.id);
        let conversation = ask(world, "tienen parqueadero").await;
        ask(world, "venden por catalogo").await;
        ask(world, "tienen parqueadero").await;
        let open = shop.unanswered(10).await.unwrap();
        let seen: Vec<_> = open.iter().map(|one| (one.question.as_str(), one.times, one.state)).collect();
        let expected =
            [("tienen parqueadero", 2, UnansweredState::Open), ("venden por catalogo", 1, UnansweredState::Open)];
        assert_eq!(seen, expected);
        assert_eq!(open[0].conversation, conversation);
        shop.add_knowledge(answer("¿Tienen parqueadero?", "Sí."), Some(open[0].id), "Eva").await.unwrap();
        assert!(shop.dismiss_unanswered(open[1].id, "Eva").await.unwrap());
        assert!(!shop.dismiss_unanswered(open[1].id, "Eva").await.unwrap());
        assert!(!shop.dismiss_unanswered(UnansweredId::new(noon()), "Eva").await.unwrap());
        assert!(shop.unanswered(10).await.unwrap().is_empty());
        // Asked again: an answer that did not help is looked at once more, what was dismissed stays so.
        ask(world, "tienen parqueadero").await;
        ask(world, "venden por catalogo").await;
        let open = shop.unanswered(10).await.unwrap();
        assert_eq!(open.iter().map(|one| one.times).collect::<Vec<_>>(), [3]);
        let dismissed = world.texts("SELECT state FROM unanswered WHERE question = 'venden por catalogo'").await;
        assert_eq!(dismissed, [Some("dismissed".to_owned())]);
    })
    .await;
}
