//! Orders and tracking.

use recado_domain::Language;
use recado_domain::conversation::{Owner, Pending};
use recado_domain::order::Payment;
use recado_domain::shipment::ShipmentStatus;

use crate::fakes::*;

#[tokio::test]
async fn the_only_order_is_answered_in_three_languages() {
    for (text, language, words) in [
        ("¿dónde está mi pedido?", Language::Es, "va en camino con Coordinadora, guía 2000123456"),
        ("onde está o meu pedido?", Language::Pt, "está a caminho com Coordinadora, rastreio 2000123456"),
        ("where is my order?", Language::En, "is on its way with Coordinadora, tracking number 2000123456"),
    ] {
        let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::InTransit)]);
        let reply = dialogue.says(text).await;
        assert!(reply.contains(words), "{text}: {reply}");
        assert!(
            !reply.to_lowercase().contains("hoy") && !reply.contains("today") && !reply.contains("hoje"),
            "{reply}"
        );
        assert_eq!(dialogue.conversation.as_ref().unwrap().language, Some(language));
        assert_eq!(dialogue.decision(), ("orders", "order_status"));
        assert_eq!(dialogue.buttons(), ["items:1042", "human"]);
        assert_numbers_come_from(&reply, &["1042 2000123456 18:40"]);
    }
}

#[tokio::test]
async fn ways_to_ask_for_an_order_by_its_number_or_guide() {
    for text in
        ["1042", "#1042", "pedido 1042", "hola, ya llegó el #1042?", "mi guía es 2000123456", "meu pedido é o 1042"]
    {
        let mut dialogue = Dialogue::shopper(vec![shipped("#1042", ShipmentStatus::InTransit)]);
        dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("orders", "order_status"), "{text}");
    }
}

#[tokio::test]
async fn today_is_said_only_of_a_parcel_out_for_delivery_today() {
    let mut view = shipped("#1042", ShipmentStatus::OutForDelivery);
    let stale = Dialogue::shopper(vec![view.clone()]).says("pedido 1042").await;
    assert!(stale.contains("salió a reparto") && !stale.contains("hoy"), "{stale}");
    view.shipments[0].last_event_at = at("2026-11-26T13:00:00Z");
    let fresh = Dialogue::shopper(vec![view]).says("pedido 1042").await;
    assert!(fresh.contains("está en reparto hoy") && fresh.contains("hace 4 h"), "{fresh}");
}

#[tokio::test]
async fn a_date_is_given_only_when_the_carrier_gave_one() {
    let mut view = shipped("#1042", ShipmentStatus::InTransit);
    let none = Dialogue::shopper(vec![view.clone()]).says("pedido 1042").await;
    assert!(none.contains("Aún no tengo fecha confiable"), "{none}");
    view.shipments[0].estimated_delivery_at = Some(at("2026-12-01T17:00:00Z"));
    let given = Dialogue::shopper(vec![view.clone()]).says("pedido 1042").await;
    assert!(given.contains("Coordinadora calcula la entrega para el *martes 1 de diciembre*"), "{given}");
    view.shipments[0].estimated_delivery_at = Some(at("2026-11-24T17:00:00Z"));
    let past = Dialogue::shopper(vec![view]).says("pedido 1042").await;
    assert!(past.contains("ya pasó") && !past.contains("24"), "{past}");
}

#[tokio::test]
async fn every_status_has_its_sentence_and_cash_is_due_until_delivered() {
    for status in ShipmentStatus::ALL {
        let mut view = shipped("#1042", status);
        view.order.payment = Payment::Cod;
        view.order.financial_status = Some("pending".into());
        let reply = Dialogue::shopper(vec![view]).says("#1042").await;
        let due = !matches!(
            status,
            ShipmentStatus::Delivered | ShipmentStatus::Returning | ShipmentStatus::Returned | ShipmentStatus::Expired
        );
        assert_eq!(reply.contains("Pago contra entrega: $89.900"), due, "{status:?}: {reply}");
        assert!(reply.contains("#1042") && !reply.contains("status."), "{reply}");
    }
}

#[tokio::test]
async fn no_sum_is_due_on_delivery_when_the_shop_told_of_a_part_or_gave_back() {
    for (status, due) in [
        (None, true),
        (Some("pending"), true),
        (Some("paid"), false),
        (Some("partially_paid"), false),
        (Some("authorized"), false),
        (Some("refunded"), false),
        (Some("partially_refunded"), false),
        (Some("voided"), false),
    ] {
        let mut view = shipped("#1042", ShipmentStatus::InTransit);
        view.order.payment = Payment::Cod;
        view.order.financial_status = status.map(str::to_owned);
        let told = Dialogue::shopper(vec![view.clone()]).says("#1042").await;
        assert_eq!(told.contains("Pago contra entrega"), due, "{status:?}: {told}");
        // The status and the answer to the question never differ.
        let asked = Dialogue::shopper(vec![view]).says("cuánto tengo que pagar?").await;
        assert_eq!(asked.contains("al recibirlo"), due, "{status:?}: {asked}");
    }
}

#[tokio::test]
async fn orders_that_are_not_on_their_way_are_told_as_they_are() {
    let plain = Dialogue::shopper(vec![order("#7", 50_000)]).says("¿en qué va mi pedido?").await;
    assert!(plain.contains("aún no ha salido") && plain.contains("viernes 20 de noviembre"), "{plain}");
    let mut unpaid = order("#7", 50_000);
    unpaid.order.financial_status = Some("pending".into());
    let reply = Dialogue::shopper(vec![unpaid]).says("dónde está mi pedido").await;
    assert!(reply.contains("espera el pago"), "{reply}");
    let mut gone = order("#7", 50_000);
    gone.order.cancelled_at = Some(at("2026-11-21T15:00:00Z"));
    let reply = Dialogue::shopper(vec![gone]).says("dónde está mi pedido").await;
    assert!(reply.contains("cancelado desde el sábado 21 de noviembre"), "{reply}");
    let mut untracked = order("#7", 50_000);
    untracked.order.fulfillment_status = Some("fulfilled".into());
    let reply = Dialogue::shopper(vec![untracked]).says("dónde está mi pedido").await;
    assert!(reply.contains("ya salió"), "{reply}");
}

#[tokio::test]
async fn several_parcels_are_each_told() {
    let mut view = shipped("#1042", ShipmentStatus::InTransit);
    view.shipments.push(parcel(ShipmentStatus::Delivered));
    let reply = Dialogue::shopper(vec![view]).says("¿dónde está mi pedido?").await;
    assert!(reply.contains("2 paquetes") && reply.contains("va en camino") && reply.contains("entregado"), "{reply}");
}

#[tokio::test]
async fn several_orders_are_offered_and_the_chosen_one_is_told() {
    let own = vec![shipped("#1042", ShipmentStatus::InTransit), order("#1050", 10_000)];
    let mut dialogue = Dialogue::shopper(own);
    dialogue.says("¿dónde está mi pedido?").await;
    assert_eq!(dialogue.buttons(), ["order:1042", "order:1050"]);
    assert!(dialogue.says("el 1050").await.contains("#1050"));
    let mut dialogue = Dialogue::shopper(dialogue.facts.own);
    dialogue.says("¿dónde está mi pedido?").await;
    assert!(dialogue.says("1").await.contains("#1042"));
    assert!(dialogue.taps("order:1050").await.contains("#1050"));
    let many = (0..5).map(|index| order(&format!("#20{index}"), 1_000)).collect();
    let mut dialogue = Dialogue::shopper(many);
    dialogue.says("rastrear mi pedido").await;
    assert_eq!(dialogue.buttons().len(), 5);
    assert!(dialogue.replies()[0].list_label.is_some());
}

#[tokio::test]
async fn what_is_in_an_order_is_listed() {
    let mut dialogue = Dialogue::shopper(vec![order("#1042", 89_900)]);
    for text in ["¿qué hay en mi pedido?", "o que tem no meu pedido?", "what's in my order?"] {
        let reply = dialogue.says(text).await;
        assert!(reply.contains("1 × Faja azul / M") && reply.contains("$89.900"), "{reply}");
        assert_numbers_come_from(&reply, &["1042 1 89.900"]);
    }
    assert!(dialogue.taps("items:1042").await.contains("Faja"));
}

#[tokio::test]
async fn nobodys_number_is_asked_for_the_order() {
    let mut dialogue = Dialogue::shopper(vec![]);
    let reply = dialogue.says("¿dónde está mi pedido?").await;
    assert!(reply.contains("¿Cuál es el número"), "{reply}");
    assert_eq!(dialogue.session.pending, Some(Pending::OrderReference));
}

#[tokio::test]
async fn anothers_order_needs_a_proof_and_shows_its_status_only() {
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.facts.others = vec![shipped("#1042", ShipmentStatus::InTransit)];
    let asked = dialogue.says("¿dónde está el pedido #1042?").await;
    assert!(asked.contains("correo o teléfono") && !asked.contains("Coordinadora"), "{asked}");
    let wrong = dialogue.says("otra@correo.co").await;
    assert!(wrong.contains("no coincide"), "{wrong}");
    let right = dialogue.says("ana@correo.co").await;
    assert!(right.contains("va en camino"), "{right}");
    for secret in ["Coordinadora", "2000123456", "Cali", "89.900", "ana@", "300"] {
        assert!(!right.contains(secret), "{secret}: {right}");
    }
    assert_eq!(dialogue.decision(), ("orders", "proven_status"));
    assert_eq!(dialogue.session.last_order, None, "the contents stay closed");
}

#[tokio::test]
async fn number_and_proof_in_one_message_are_enough() {
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.facts.others = vec![shipped("#1042", ShipmentStatus::InTransit)];
    let reply = dialogue.says("hola, pedido #1042, mi correo es ana@correo.co").await;
    assert!(reply.contains("va en camino"), "{reply}");
}

#[tokio::test]
async fn two_wrong_proofs_or_a_lock_bring_a_person() {
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.facts.others = vec![shipped("#1042", ShipmentStatus::InTransit)];
    dialogue.says("pedido #1042").await;
    dialogue.says("a@b.co").await;
    let last = dialogue.says("3110000000").await;
    assert!(last.contains("persona") && matches!(dialogue.owner(), Owner::Waiting { .. }), "{last}");
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.facts.locked = true;
    dialogue.says("pedido #1042").await;
    dialogue.says("ana@correo.co").await;
    assert!(matches!(dialogue.owner(), Owner::Waiting { .. }));
}

#[tokio::test]
async fn a_waiting_question_does_not_hold_anyone_captive() {
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.says("pedido #1042").await;
    dialogue.says("menú").await;
    assert_eq!((dialogue.decision(), dialogue.session.pending.clone()), (("desk", "menu"), None));
    dialogue.says("pedido #1042").await;
    dialogue.says("quiero hablar con una persona").await;
    assert!(dialogue.owner().is_human());
}

#[tokio::test]
async fn facts_that_are_away_fail_the_turn_and_decide_nothing() {
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.facts.away = true;
    let failed = dialogue.try_events(vec![text_event("¿dónde está mi pedido?")]).await;
    assert!(matches!(failed, Err(recado_agents::TurnError::Tools(_))));
}

#[tokio::test]
async fn a_member_may_track_any_order_of_the_shop() {
    let mut dialogue = Dialogue::of(member(recado_domain::merchant::MemberRole::Employee, false), Facts::default());
    dialogue.facts.others = vec![shipped("#1042", ShipmentStatus::InTransit)];
    let reply = dialogue.says("¿dónde está el pedido 1042?").await;
    assert!(reply.starts_with("El pedido *#1042* va en camino"), "{reply}");
    let reply = dialogue.says("pedido 9999").await;
    assert!(reply.contains("No encuentro #9999"), "{reply}");
}
