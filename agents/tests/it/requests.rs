//! Requests as rows: kept once, told how they go, decided by staff of the right role, told to their person.

use recado_domain::action::Action;
use recado_domain::effect::Effect;
use recado_domain::event::InternalEvent;
use recado_domain::flow::FlowKind;
use recado_domain::merchant::StaffRole;
use recado_domain::request::{Decision, NewRequest, Request, RequestStatus};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{ConversationId, RequestId};

use crate::fakes::*;

pub fn request(kind: FlowKind, order_name: Option<&str>, status: RequestStatus) -> Request {
    Request {
        merchant: merchant("CO", recado_domain::Language::Es).id,
        number: 12,
        conversation: ConversationId::of(contact()),
        asked: NewRequest {
            id: RequestId::derived(&["r"]),
            kind,
            order: order_name.map(str::to_owned),
            details: [("reason".to_owned(), "demora".to_owned())].into(),
        },
        status,
        asked_at: at("2026-11-26T15:00:00Z"),
        decided: (status != RequestStatus::Open).then(|| ("Laura".to_owned(), at(NOW))),
        note: None,
    }
}

fn kept(dialogue: &Dialogue) -> Vec<&NewRequest> {
    let effects = dialogue.last.effects.iter();
    effects.filter_map(|effect| if let Effect::Request(request) = effect { Some(request) } else { None }).collect()
}

#[tokio::test]
async fn a_confirmed_request_is_kept_and_the_same_is_recognised_while_it_is_open() {
    let mut dialogue = Dialogue::shopper(vec![order("#1042", 1_000)]);
    for words in ["quiero cancelar mi pedido", "ya no lo necesito"] {
        dialogue.says(words).await;
        assert!(kept(&dialogue).is_empty());
    }
    dialogue.says("sí").await;
    let [kept_one] = kept(&dialogue)[..] else { panic!("{:?}", dialogue.last.effects) };
    assert_eq!((kept_one.kind, kept_one.order.as_deref()), (FlowKind::CancelOrder, Some("#1042")));
    assert_eq!(dialogue.notices().len(), 1);
    let approve = format!("req:approve:{}", kept_one.id);
    assert!(dialogue.notices()[0].buttons.iter().any(|button| button.id == approve));

    let open = vec![request(FlowKind::CancelOrder, Some("#1042"), RequestStatus::Open)];
    let mut dialogue =
        Dialogue::of(shopper(), Facts { own: vec![order("#1042", 1_000)], requests: open, ..Facts::default() });
    let reply = dialogue.says("quiero cancelar mi pedido").await;
    assert!(reply.contains("solicitud 12") && reply.contains("sigue en revisión"), "{reply}");
    assert!(kept(&dialogue).is_empty() && dialogue.notices().is_empty() && dialogue.session.flows.is_empty());
    // Another request of the same order, and the same one once it was decided, go on as ever.
    let reply = dialogue.says("quiero cambiar la dirección de mi pedido").await;
    assert!(!reply.contains("sigue en revisión"), "{reply}");
    let decided = vec![request(FlowKind::CancelOrder, Some("#1042"), RequestStatus::Declined)];
    let facts = Facts { own: vec![order("#1042", 1_000)], requests: decided, ..Facts::default() };
    let mut dialogue = Dialogue::of(shopper(), facts);
    let reply = dialogue.says("quiero cancelar mi pedido").await;
    assert!(!reply.contains("sigue en revisión") && !dialogue.session.flows.is_empty(), "{reply}");
}

#[tokio::test]
async fn the_asker_hears_how_a_request_goes() {
    let all = vec![request(FlowKind::ReturnOrder, Some("#1042"), RequestStatus::Approved)];
    for question in ["¿cómo va mi solicitud?", "como ficou a minha solicitacao?", "any update on my request?"] {
        let mut dialogue = Dialogue::of(shopper(), Facts { requests: all.clone(), ..Facts::default() });
        let reply = dialogue.says(question).await;
        assert!(reply.contains("#1042") && reply.contains("12"), "{question}: {reply}");
        assert_eq!(dialogue.decision(), ("requests", "status"));
        let mut dialogue = Dialogue::shopper(vec![]);
        dialogue.says(question).await;
        assert_eq!((dialogue.decision(), dialogue.replies().len()), (("requests", "status"), 1));
    }
}

#[tokio::test]
async fn staff_decides_by_role_and_an_old_decision_stands() {
    let facts =
        |status| Facts { requests: vec![request(FlowKind::CancelOrder, Some("#1042"), status)], ..Facts::default() };
    let mut viewer = Dialogue::of(staff(StaffRole::Viewer), facts(RequestStatus::Open));
    let listed = viewer.staff_says("/solicitudes", None).await;
    assert!(listed.contains("#12") && listed.contains("#1042") && listed.contains("demora"), "{listed}");
    viewer.staff_says("/aprobar 12", None).await;
    let decisions = |dialogue: &Dialogue| {
        let effects = dialogue.last.effects.iter();
        effects
            .filter_map(|effect| match effect {
                Effect::DecideRequest { decision, note, .. } => Some((*decision, note.clone())),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    assert!(decisions(&viewer).is_empty(), "a viewer decides nothing");
    let mut agent = Dialogue::of(staff(StaffRole::Agent), facts(RequestStatus::Open));
    agent.staff_says("/rechazar 12 ya salió", None).await;
    assert_eq!(decisions(&agent), [(Decision::Decline, Some("ya salió".to_owned()))]);
    agent.staff_says("/approve 12", None).await;
    assert_eq!(decisions(&agent), [(Decision::Approve, None)]);
    agent.staff_says("/hecha 12", None).await;
    assert!(decisions(&agent).is_empty(), "not approved yet");
    agent.staff_says("/aprobar 99", None).await;
    assert!(decisions(&agent).is_empty());
    let mut agent = Dialogue::of(staff(StaffRole::Agent), facts(RequestStatus::Declined));
    let reply = agent.staff_says("/aprobar 12", None).await;
    assert!(decisions(&agent).is_empty() && reply.contains("ya se rechazó (Laura)"), "{reply}");
}

#[tokio::test]
async fn a_decision_is_told_inside_the_window_and_staff_hears_when_it_is_closed() {
    let event = || InternalEvent::RequestDecided {
        number: 12,
        kind: FlowKind::CancelOrder,
        order: Some("#1042".into()),
        status: RequestStatus::Declined,
        note: Some("ya salió de bodega".into()),
        why: None,
        staff_name: "Laura".into(),
    };
    let mut dialogue = Dialogue::of(system(), Facts::default());
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(at("2026-11-26T16:00:00Z"));
    let reply = dialogue.internal(event()).await;
    assert!(
        reply.contains("no se pudo") && reply.contains("«ya salió de bodega»") && dialogue.notices().is_empty(),
        "{reply}"
    );
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(at("2026-11-24T16:00:00Z"));
    let reply = dialogue.internal(event()).await;
    assert_eq!((reply.as_str(), dialogue.notices().len()), ("", 1));
}

fn proposed(dialogue: &Dialogue) -> Vec<(Action, Option<RequestId>)> {
    let effects = dialogue.last.effects.iter();
    effects
        .filter_map(|effect| match effect {
            Effect::ProposeAction { action, request, .. } => Some((action.clone(), *request)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn approving_what_we_can_do_in_the_shop_shows_it_first_and_decides_nothing_yet() {
    let asked = |kind| {
        let mut asked = request(kind, Some("#1042"), RequestStatus::Open);
        asked.asked.details = [("street", "Cra 7 # 45-10"), ("area", "Chapinero"), ("city", "Bogotá")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        asked
    };
    for (kind, words) in [
        (FlowKind::ChangeShippingAddress, "Nueva: *Cra 7 # 45-10, Chapinero, Bogotá"),
        (FlowKind::CancelOrder, "No se puede deshacer"),
    ] {
        let facts = Facts { own: vec![order("#1042", 1_000)], requests: vec![asked(kind)], ..Facts::default() };
        let mut dialogue = Dialogue::of(staff(StaffRole::Lead), facts);
        let reply = dialogue.staff_says("/aprobar 12", None).await;
        assert!(reply.contains(words) && reply.contains("solicitud #12 queda aprobada"), "{reply}");
        let kept = proposed(&dialogue);
        let [(action, Some(of))] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!((action.name(), *of), ("#1042", asked(kind).asked.id));
        let decides = |effect: &Effect| matches!(effect, Effect::DecideRequest { .. });
        assert!(!dialogue.last.effects.iter().any(decides), "the button under it does");
        // What has left is refused kindly, and nothing is kept of it.
        let mut gone = shipped("#1042", ShipmentStatus::InTransit);
        gone.order.name = "#1042".to_owned();
        let facts = Facts { own: vec![gone], requests: vec![asked(kind)], ..Facts::default() };
        let mut dialogue = Dialogue::of(staff(StaffRole::Lead), facts);
        let reply = dialogue.staff_says("/aprobar 12", None).await;
        assert!(reply.contains("ya salió") && reply.contains("/rechazar 12"), "{reply}");
        assert!(proposed(&dialogue).is_empty());
    }
}

#[tokio::test]
async fn who_asked_hears_kindly_why_the_shop_could_not_do_it() {
    let event = InternalEvent::RequestDecided {
        number: 12,
        kind: FlowKind::ChangeShippingAddress,
        order: Some("#1042".into()),
        status: RequestStatus::Declined,
        note: None,
        why: Some("shipped".into()),
        staff_name: "recado".into(),
    };
    let mut dialogue = Dialogue::of(system(), Facts::default());
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(at("2026-11-26T16:00:00Z"));
    let reply = dialogue.internal(event).await;
    assert!(
        reply.contains("no se pudo") && reply.contains("ya había salido") && reply.contains("*persona*"),
        "{reply}"
    );
}
