//! Lines as people write them, in three languages.

use recado_domain::intent::Intent;
use recado_domain::shipment::ShipmentStatus;

use crate::fakes::*;

fn customer() -> Dialogue {
    Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::InTransit)])
}

#[tokio::test]
async fn where_it_is_can_be_asked_in_many_ways() {
    for text in [
        "oe parce y mi paquete q",
        "ya casi llega??",
        "cuándo llega",
        "1042",
        "donde viene mi pedido",
        "quando chega",
        "já tá chegando?",
        "cadê meu pacote",
        "where's my stuff",
        "when will it arrive",
    ] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("orders", "order_status"), "{text}: {reply}");
    }
}

#[tokio::test]
async fn small_words_get_small_answers() {
    for (text, decision) in [
        ("👍", "thanks"),
        ("👍🏽", "thanks"),
        ("ok gracias", "thanks"),
        ("listo", "thanks"),
        ("jajaja", "noted"),
        ("no", "noted"),
        ("sí", "menu"),
        ("sim", "menu"),
        ("yes", "menu"),
        ("necesito ayuda", "menu"),
        ("una pregunta", "menu"),
        ("i need help", "menu"),
        ("estás ahí?", "greeting"),
        ("u there?", "greeting"),
        ("no me escriban más", "stopped"),
        ("stop texting me", "stopped"),
        ("você é um robô?", "who_are_you"),
    ] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("desk", decision), "{text}: {reply}");
    }
}

#[tokio::test]
async fn what_is_not_of_the_shop_is_declined_kindly_and_nobody_is_called() {
    for text in [
        "haz mi tarea",
        "quién ganó el partido",
        "who won the match",
        "do my homework",
        "faz minha lição de casa",
        "quem ganhou o jogo",
        "me cuentas un chiste?",
        "what is the capital of Peru",
    ] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("desk", "out_of_scope"), "{text}: {reply}");
        assert!(!dialogue.owner().is_human());
    }
}

#[tokio::test]
async fn troubles_go_to_a_person() {
    for text in [
        "no me ha llegado nada",
        "me llegó roto",
        "no era lo que pedí",
        "me llamó el repartidor y no alcancé",
        "i haven't received anything",
        "los voy a denunciar",
        "la plancha hizo corto y casi se incendia",
        "the iron shorted and nearly caught fire",
        "tienen la toalla azul?",
        "do you have the blue towel?",
    ] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert!(dialogue.owner().is_human(), "{text}: {reply}");
    }
}

/// The parcel has left: that is said, and a person is offered and taken with a yes.
#[tokio::test]
async fn what_cannot_be_cancelled_any_more_is_explained_and_a_person_offered() {
    for (text, yes) in [("quiero cancelar", "sí"), ("quero cancelar", "sim"), ("i want to cancel", "yes")] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("flows", "cancel_order.blocked.dispatched"), "{text}: {reply}");
        assert!(reply.contains("#1042") && !dialogue.owner().is_human(), "{reply}");
        dialogue.says(yes).await;
        assert!(dialogue.owner().is_human(), "{text}");
    }
}

#[tokio::test]
async fn who_is_no_danger() {
    for text in ["quem ganhou o jogo", "quem é você", "faz minha lição de casa"] {
        let found = DESK.understand(text, None);
        assert_ne!(found.intent, Some(Intent::SafetyEmergency), "{text}");
    }
}

#[tokio::test]
async fn what_is_to_be_paid_is_the_total_of_the_order() {
    for text in [
        "cuánto tengo que pagar?",
        "cuanto me falta por pagar",
        "cuánto es en total?",
        "cuanto le doy al mensajero",
        "quanto tenho que pagar?",
        "quanto pago na entrega?",
        "how much do I have to pay?",
        "what's the total of my order",
    ] {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert!(reply.contains("89.900"), "{text}: {reply}");
        assert_eq!(dialogue.decision(), ("orders", "order_due"), "{text}");
    }
    for text in ["cuánto vale el envío en total", "cuánto se demora en total"] {
        let mut dialogue = customer();
        dialogue.says(text).await;
        assert_ne!(dialogue.decision(), ("orders", "order_due"), "{text}");
    }
}

#[tokio::test]
async fn what_is_left_to_pay_is_said_as_the_shop_told_it() {
    use recado_domain::order::Payment::{Cod, Prepaid};
    let moving = ShipmentStatus::InTransit;
    for (payment, status, parcel, words) in [
        (Cod, Some("pending"), moving, "se pagan *$89.900* al recibirlo"),
        (Cod, Some("paid"), moving, "ya está pagado"),
        (Prepaid, Some("paid"), moving, "ya está pagado"),
        (Prepaid, Some("pending"), moving, "espera el pago de *$89.900*"),
        // Delivered, and the money not told of: whoever brought it may have it.
        (Cod, Some("pending"), ShipmentStatus::Delivered, "no sé cuánto de eso queda"),
        (Cod, Some("pending"), ShipmentStatus::Returning, "no sé cuánto de eso queda"),
        (Prepaid, Some("partially_paid"), moving, "no sé cuánto de eso queda"),
        (Prepaid, Some("refunded"), moving, "no sé cuánto de eso queda"),
    ] {
        let mut view = shipped("#1042", parcel);
        view.order.payment = payment;
        view.order.financial_status = status.map(str::to_owned);
        let reply = Dialogue::shopper(vec![view]).says("cuánto tengo que pagar?").await;
        assert!(reply.contains(words), "{payment:?} {status:?} {parcel:?}: {reply}");
    }
    let mut view = shipped("#1042", moving);
    view.order.cancelled_at = Some(at("2026-11-21T15:00:00Z"));
    assert!(Dialogue::shopper(vec![view]).says("cuánto tengo que pagar?").await.contains("está cancelado"));
}

#[tokio::test]
async fn a_change_of_what_was_ordered_is_not_a_question_for_its_contents() {
    for text in ["quiero cambiar la talla de lo que pedí", "quero trocar o que pedi", "I want to change what I ordered"]
    {
        let mut dialogue = customer();
        let reply = dialogue.says(text).await;
        assert_ne!(dialogue.decision(), ("orders", "order_items"), "{text}: {reply}");
    }
}

#[tokio::test]
async fn a_number_picks_the_option_that_stood_there() {
    let mut dialogue = customer();
    dialogue.says("hola").await;
    dialogue.says("2").await;
    assert_eq!(dialogue.decision(), ("orders", "order_items"));
    let mut two = Dialogue::shopper(vec![
        shipped("#1055", ShipmentStatus::InTransit),
        shipped("#1039", ShipmentStatus::InTransit),
    ]);
    two.says("dónde está mi pedido").await;
    assert!(two.says("el segundo").await.contains("#1039"));
    two.says("mi pedido").await;
    two.says("ambos").await;
    assert_eq!(two.replies().len(), 1, "one burst, one reply");
    assert!(two.replies()[0].body.contains("#1055") && two.replies()[0].body.contains("#1039"));
    assert_eq!(two.decision(), ("orders", "order_status"));
    two.says("qué trae").await;
    assert_eq!(two.decision(), ("orders", "order_items"));
}

#[tokio::test]
async fn an_offered_person_is_taken_with_a_yes_and_only_at_once() {
    for yes in ["sí", "dale", "👍", "ok"] {
        let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::AttemptFailed)]);
        assert!(dialogue.says("dónde está mi pedido").await.contains("te paso con una persona"));
        dialogue.says(yes).await;
        assert!(dialogue.owner().is_human(), "{yes}");
    }
    let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::AttemptFailed)]);
    dialogue.says("dónde está mi pedido").await;
    dialogue.says("gracias").await;
    dialogue.says("ok").await;
    assert!(!dialogue.owner().is_human());
}

#[tokio::test]
async fn who_does_not_remember_gets_a_person() {
    for (text, lost) in [("mi pedido", "no me acuerdo"), ("1042", "no sé"), ("1042", "no lo tengo a la mano")] {
        let mut dialogue = Dialogue::shopper(vec![]);
        dialogue.says(text).await;
        dialogue.says(lost).await;
        assert!(dialogue.owner().is_human(), "{lost}");
    }
}

#[tokio::test]
async fn only_menu_calls_the_bot_back_not_a_cry_for_help() {
    let mut dialogue = customer();
    dialogue.says("quiero hablar con alguien").await;
    for text in ["ayuda", "2", "ok", "quiero cancelar"] {
        dialogue.says(text).await;
        assert!(dialogue.owner().is_human(), "{text}");
        assert!(dialogue.replies().is_empty(), "{text}");
    }
    dialogue.says("menú").await;
    assert!(!dialogue.owner().is_human());
}

#[tokio::test]
async fn no_keeps_the_language() {
    let mut dialogue = customer();
    dialogue.says("where is my order?").await;
    dialogue.says("no").await;
    assert_eq!(dialogue.conversation.as_ref().unwrap().language, Some(recado_domain::Language::En));
}
