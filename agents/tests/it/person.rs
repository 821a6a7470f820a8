//! Hand-over to a person, and back.

use recado_domain::conversation::Owner;
use recado_domain::effect::{Effect, Subject};
use recado_domain::event::InternalEvent;
use recado_domain::message::{Media, MediaKind, MessageBody};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{ConversationId, Language};

use crate::fakes::*;

async fn with_person() -> Dialogue {
    let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::InTransit)]);
    dialogue.says("quiero hablar con una persona").await;
    dialogue
}

#[tokio::test]
async fn asking_for_a_person_hands_over_in_three_languages() {
    for text in [
        "quiero hablar con una persona",
        "humano",
        "quero falar com um atendente",
        "talk to a human please",
        "agente",
        "asesor",
    ] {
        let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::InTransit)]);
        let reply = dialogue.says(text).await;
        assert!(!reply.is_empty() && matches!(dialogue.owner(), Owner::Waiting { .. }), "{text}");
        let notice = dialogue.notices()[0];
        for words in ["Ana Ruiz", &ConversationId::of(contact()).code(), "#1042 · en camino", text] {
            assert!(notice.body.contains(words), "{words}: {}", notice.body);
        }
        assert_eq!(notice.buttons[0].id, format!("take:{}", ConversationId::of(contact()).code()));
        assert!(dialogue.last.effects.iter().any(|effect| matches!(
            effect,
            Effect::StartTimer { kind, after } if kind == "handback" && after.as_secs() == 4 * 3600
        )));
        assert!(
            dialogue
                .last
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::NotifyStaff { subject: Subject::Conversation(_), .. }))
        );
    }
}

#[tokio::test]
async fn the_bot_is_quiet_and_passes_everything_on() {
    let mut dialogue = with_person().await;
    let photo = Media {
        media_kind: MediaKind::Image,
        id: "m".into(),
        mime_type: "image/jpeg".into(),
        caption: Some("mira".into()),
        filename: None,
        voice: false,
        transcript: None,
    };
    let reply = dialogue.events(vec![text_event("¿dónde está mi pedido?"), message(MessageBody::Media(photo))]).await;
    assert!(reply.is_empty(), "{reply}");
    assert_eq!(dialogue.notices().len(), 1, "one burst, one notice");
    assert!(
        dialogue.notices()[0].body.contains("¿dónde está mi pedido? / [foto] mira"),
        "{}",
        dialogue.notices()[0].body
    );
    assert!(dialogue.says("quiero cancelar el pedido").await.is_empty());
    assert!(dialogue.taps("track").await.is_empty());
    assert!(dialogue.owner().is_human());
}

fn minutes(dialogue: &mut Dialogue, minutes: u64) {
    dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(minutes * 60));
}

#[tokio::test]
async fn who_waits_long_for_a_person_hears_once_that_it_arrived() {
    let mut dialogue = with_person().await;
    minutes(&mut dialogue, 29);
    assert!(dialogue.says("¿hola?").await.is_empty(), "half an hour is no silence");
    minutes(&mut dialogue, 1);
    let told = dialogue.says("¿hay alguien?").await;
    assert_eq!(
        told,
        "Tu mensaje ya lo tiene el equipo de Tienda Luna. Te responde una persona por aquí, apenas pueda."
    );
    assert_eq!((dialogue.notices().len(), dialogue.buttons()), (1, vec!["menu".to_owned()]));
    assert!(dialogue.owner().is_human(), "the bot says so and stays quiet");
    // Not each time.
    for _ in 0..3 {
        minutes(&mut dialogue, 60);
        assert!(dialogue.says("sigo esperando").await.is_empty());
        assert_eq!(dialogue.notices().len(), 1, "and everything is passed on");
    }
    minutes(&mut dialogue, 60);
    assert!(!dialogue.says("??").await.is_empty(), "after four hours once more");
    // The button leads back, and a later wait begins anew.
    assert!(!dialogue.taps("menu").await.is_empty());
    assert_eq!(dialogue.owner(), &Owner::Bot);
    dialogue.says("humano").await;
    assert!(dialogue.says("hola?").await.is_empty());
    minutes(&mut dialogue, 30);
    assert!(!dialogue.says("hola?").await.is_empty());
}

#[tokio::test]
async fn who_was_answered_by_a_person_never_hears_the_bot_between() {
    for event in [
        InternalEvent::StaffReply { staff_name: "Laura Gil".into(), text: "ya miro".into() },
        InternalEvent::TakenOver { staff_name: "Laura Gil".into() },
    ] {
        let mut dialogue = with_person().await;
        dialogue.internal(event).await;
        minutes(&mut dialogue, 600);
        assert!(dialogue.says("¿y entonces?").await.is_empty());
    }
    // Nor is danger answered with a line of comfort.
    let mut dialogue = with_person().await;
    minutes(&mut dialogue, 60);
    assert!(dialogue.says("el termo explotó y me quemé la mano").await.is_empty());
    assert!(dialogue.notices()[0].body.starts_with("🆘"), "{}", dialogue.notices()[0].body);
}

#[tokio::test]
async fn who_waits_reads_the_shops_hours_where_it_tells_them() {
    let mut dialogue = with_person().await;
    dialogue.facts.knowledge = answers("## Horario de atención\nLunes a viernes de 9 a 6.\n");
    minutes(&mut dialogue, 45);
    let told = dialogue.says("¿hola?").await;
    assert!(told.ends_with("Te responde una persona por aquí en su horario: Lunes a viernes de 9 a 6."), "{told}");
    let mut dialogue = with_person().await;
    dialogue.facts.knowledge = answers("## Cambios\nTienes 30 días.\n");
    minutes(&mut dialogue, 45);
    assert!(!dialogue.says("¿hola?").await.contains("30 días"));
}

#[tokio::test]
async fn menu_or_cancel_calls_the_bot_back() {
    for text in ["menú", "cancelar", "bot", "menu", "cancel"] {
        let mut dialogue = with_person().await;
        let reply = dialogue.says(text).await;
        assert!(!reply.is_empty() && dialogue.owner() == &Owner::Bot, "{text}");
        assert!(dialogue.last.effects.contains(&Effect::CancelTimer { kind: "handback".into() }));
        assert_eq!(dialogue.notices().len(), 1);
    }
}

#[tokio::test]
async fn staffs_words_go_out_as_they_are() {
    let mut dialogue = with_person().await;
    let words = "Hola Ana {{ name }} <b>*ya*</b>\n¡va!";
    let reply =
        dialogue.internal(InternalEvent::StaffReply { staff_name: "Laura Gil".into(), text: words.into() }).await;
    assert_eq!(reply, words);
    assert!(matches!(dialogue.owner(), Owner::Person { name, .. } if name == "Laura Gil"));
    let silent = dialogue.internal(InternalEvent::TakenOver { staff_name: "Laura Gil".into() }).await;
    assert!(silent.is_empty(), "already with Laura");
    let back = dialogue.internal(InternalEvent::HandedBack { staff_name: None }).await;
    assert!(back.contains("Tienda Luna") && dialogue.owner() == &Owner::Bot);
    let mut dialogue = with_person().await;
    let reply = dialogue.internal(InternalEvent::TakenOver { staff_name: "Laura Gil".into() }).await;
    assert_eq!(reply, "Laura te va a atender.");
}

#[tokio::test]
async fn the_timer_asks_and_never_takes_back_silently() {
    let mut dialogue = with_person().await;
    let due = || InternalEvent::TimerDue { kind: "handback".into(), conversation: None };
    assert!(dialogue.internal(due()).await.is_empty());
    assert!(dialogue.notices()[0].body.ends_with("¿Lo devuelvo al bot?"), "{}", dialogue.notices()[0].body);
    assert!(dialogue.owner().is_human());
    dialogue.says("menú").await;
    dialogue.internal(due()).await;
    assert!(dialogue.last.effects.is_empty());
}

#[tokio::test]
async fn safety_comes_first_and_law_is_answered_with_care() {
    for (country, number) in [("CO", "123"), ("MX", "911"), ("BR", "190 / 192 / 193")] {
        let mut dialogue = Dialogue::shopper(vec![]);
        dialogue.merchant = merchant(country, Language::Es);
        let reply = dialogue.says("el termo explotó y me quemé la mano, pedido #1042").await;
        assert!(reply.contains(number) && reply.contains("Aléjate"), "{reply}");
        assert!(dialogue.notices()[0].body.starts_with("🆘"));
        assert_numbers_come_from(&reply, &[number]);
    }
    let mut dialogue = Dialogue::shopper(vec![]);
    let reply = dialogue.says("los voy a demandar ante la SIC, hablaré con mi abogado").await;
    assert!(reply.contains("queda registrado"), "{reply}");
}

#[tokio::test]
async fn what_the_desk_cannot_do_goes_to_a_person_by_its_name() {
    let mut dialogue = Dialogue::shopper(vec![]);
    let reply = dialogue.taps("intent:stock_question").await;
    assert!(reply.contains("*Disponibilidad*"), "{reply}");
    assert!(dialogue.notices()[0].body.contains("Disponibilidad"));
}
