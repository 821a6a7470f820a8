//! What the person who takes over reads of a long dialogue.

use recado_domain::Language;
use recado_domain::flow::FlowKind;
use recado_domain::request::RequestStatus;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::story::{Did, Story};

use crate::fakes::*;

fn dialogue() -> Dialogue {
    Dialogue::shopper(vec![order("#1042", 89_900), shipped("#1050", ShipmentStatus::InTransit)])
}

/// A dialogue of some turns, and the notice at its end.
async fn notice_after(texts: &[&str]) -> String {
    let mut dialogue = dialogue();
    for text in texts {
        dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(120));
        dialogue.says(text).await;
    }
    dialogue.says("quiero hablar con una persona").await;
    dialogue.notices()[0].body.clone()
}

#[tokio::test]
async fn who_takes_over_reads_what_went_before() {
    let long =
        ["¿dónde va mi pedido 1050?", "asdf qwer zxcv", "quiero cancelar el pedido 1042", "ya no lo necesito", "sí"];
    let notice = notice_after(&long).await;
    for words in [
        "Antes (escribió 5 veces, la primera hace",
        "preguntó dónde va #1050",
        "no se le entendió",
        "solicitó: cancelar el pedido #1042",
    ] {
        assert!(notice.contains(words), "{words}: {notice}");
    }
    // In the order in which it went.
    assert!(notice.find("#1050").unwrap() < notice.find("solicitó").unwrap(), "{notice}");
    // A short dialogue has no story: the last words say it all.
    for short in [&[][..], &["¿dónde va mi pedido 1050?"][..], &["hola", "gracias"][..]] {
        let notice = notice_after(short).await;
        assert!(!notice.contains("Antes ("), "{notice}");
    }
}

/// Half a day of talk: what went before the last points is counted, and what is open and named is said.
#[tokio::test]
async fn of_a_long_dialogue_staff_reads_how_it_began_what_was_named_and_what_is_open() {
    let mut dialogue = dialogue();
    dialogue.facts.requests = vec![crate::requests::request(FlowKind::CancelOrder, Some("#1042"), RequestStatus::Open)];
    for round in 0..30 {
        dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(300));
        let texts = ["¿dónde va mi pedido 1050?", "asdf qwer zxcv", "¿qué trae el pedido 1042?", "cancelar"];
        dialogue.says(texts[round % texts.len()]).await;
    }
    dialogue.says("quiero hablar con una persona").await;
    let notice = dialogue.notices()[0].body.clone();
    for words in [
        "Antes (escribió 30 veces, la primera hace 2 h, en español): al principio: preguntó dónde va ×",
        " · … · ",
        "Nombró: #1050, #1042",
        "Sin decidir: 12. cancelar el pedido #1042",
        "«quiero hablar con una persona»",
    ] {
        assert!(notice.contains(words), "{words}: {notice}");
    }
    assert!(notice.chars().count() < 900, "{notice}");
}

#[tokio::test]
async fn staff_reads_in_which_language_a_person_writes_where_it_is_not_theirs() {
    let mut dialogue = dialogue();
    for text in ["where is my order 1050?", "asdf qwer zxcv", "what is in order 1042?"] {
        dialogue.says(text).await;
    }
    dialogue.says("i want to talk to a human").await;
    let notice = &dialogue.notices()[0].body;
    assert!(notice.contains("en inglés): preguntó dónde va #1050"), "{notice}");
}

#[tokio::test]
async fn a_story_is_bounded_and_has_no_words_of_anybody() {
    let mut dialogue = dialogue();
    for round in 0..60 {
        let texts = ["¿dónde va mi pedido 1050?", "secretísimo asdf qwer", "¿qué trae el pedido 1042?", "cancelar"];
        dialogue.says(texts[round % texts.len()]).await;
    }
    let story = &dialogue.session.story;
    assert_eq!((story.turns, story.points.len()), (60, recado_domain::story::Story::MOST));
    let kept = serde_json::to_string(story).unwrap();
    assert!(!kept.contains("secret") && kept.len() < 2_000, "{kept}");
    assert!(!story.codes().concat().contains("1050"), "a model hears of no order");
}

/// Losing the memory loses the waiting question and not the story.
#[tokio::test]
async fn a_lost_story_is_told_again_from_the_turns() {
    let mut dialogue = dialogue();
    let mut turns = Vec::new();
    for text in ["¿dónde va mi pedido 1050?", "quiero cancelar el pedido 1042", "cancelar", "asdf qwer zxcv"] {
        dialogue.says(text).await;
        turns.push((dialogue.now, dialogue.last.trace.clone()));
    }
    let (kept, again) = (dialogue.session.story.clone(), Story::of_turns(&turns));
    assert_eq!(kept.codes(), again.codes());
    assert_eq!(kept.turns, again.turns);
    assert!(kept.codes().len() >= 3, "{:?}", kept.codes());
}

#[test]
fn every_point_of_a_story_has_its_words() {
    for language in Language::ALL {
        for did in Did::ALL {
            let key = format!("story.{}", did.code());
            assert_ne!(DESK.wording().word(language, &key), key, "{language}");
            assert_eq!(serde_json::to_value(did).unwrap(), did.code());
        }
    }
}
