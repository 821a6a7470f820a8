//! Incidents and the staff chat.

use recado_domain::ConversationId;
use recado_domain::IncidentId;
use recado_domain::conversation::Owner;
use recado_domain::effect::Effect;
use recado_domain::event::{InternalEvent, StaffBody};
use recado_domain::incident::{IncidentAction, IncidentStatus};
use recado_domain::merchant::{MemberRole, StaffRole};
use recado_domain::principal::Principal;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::tools::{ConversationView, ParcelCounts};

use crate::fakes::*;

fn counting(active: i64, problems: i64) -> Dialogue {
    let counts =
        ParcelCounts { active, problems, active_elsewhere: 40, problems_elsewhere: 2, orders: vec!["#1".into()] };
    Dialogue::of(system(), Facts { counts, ..Facts::default() })
}

fn desk_of(role: StaffRole) -> Dialogue {
    let waiting = ConversationView {
        id: ConversationId::of(contact()),
        merchant: merchant("CO", recado_domain::Language::Es).id,
        name: "Ana Ruiz".into(),
        last_text: Some("hola".into()),
        waiting_since: Some(at("2026-11-26T16:48:00Z")),
        person: None,
    };
    Dialogue::of(
        staff(role),
        Facts {
            incidents: vec![incident(3, IncidentStatus::Open)],
            conversations: vec![waiting],
            own: vec![shipped("#1042", ShipmentStatus::InTransit)],
            ..Facts::default()
        },
    )
}

fn code() -> String {
    ConversationId::of(contact()).code()
}

#[tokio::test]
async fn only_a_count_beyond_chance_opens_an_incident() {
    let count = || InternalEvent::CountParcels { carrier: "Coordinadora".into(), city: "Cali".into() };
    let mut quiet = counting(20, 3);
    quiet.internal(count()).await;
    assert!(quiet.last.effects.is_empty());
    let mut alarm = counting(20, 11);
    alarm.internal(count()).await;
    let [Effect::OpenIncident(new)] = alarm.last.effects.as_slice() else { panic!("{:?}", alarm.last.effects) };
    assert_eq!((new.kind.as_str(), new.dimension.as_str()), ("carrier_delays", "Coordinadora · Cali"));
    assert_eq!((new.evidence.problems, new.evidence.active, new.severity), (11, 20, 2));
}

#[tokio::test]
async fn staff_is_told_with_the_evidence() {
    let one = incident(3, IncidentStatus::Open);
    let id = one.id;
    let mut dialogue = Dialogue::of(system(), Facts { incidents: vec![one], ..Facts::default() });
    dialogue.internal(InternalEvent::IncidentChanged { incident: id }).await;
    let notice = dialogue.notices()[0];
    for words in ["#3", "Coordinadora · Cali", "11 de 20", "1,6", "menos de una en un millón", "#1042, #1050"] {
        assert!(notice.body.contains(words), "{words}: {}", notice.body);
    }
    assert_numbers_come_from(&notice.body, &["3 2 11 20 1,6 1042 1050"]);
    let ids: Vec<&str> = notice.buttons.iter().map(|button| button.id.as_str()).collect();
    assert_eq!(ids, ["inc:ack:3", "inc:resolve:3"]);
    dialogue.internal(InternalEvent::IncidentChanged { incident: IncidentId::derived(&["gone"]) }).await;
    assert!(dialogue.last.effects.is_empty());
}

#[tokio::test]
async fn staff_takes_and_closes_incidents_by_command_and_by_tap() {
    let mut desk = desk_of(StaffRole::Agent);
    assert!(desk.staff_says("/incidentes", None).await.contains("#3"));
    let reply = desk.staff_says("/ack 3", None).await;
    assert!(reply.contains("la tienes tú, Laura Gil"), "{reply}");
    assert!(desk.last.effects.iter().any(|effect| matches!(
        effect,
        Effect::Incident { action: IncidentAction::Acknowledge, by, .. } if by == "Laura Gil"
    )));
    assert!(
        desk.last.effects.iter().any(|effect| matches!(effect, Effect::Audit { outcome, .. } if outcome == "allowed"))
    );
    let tap = StaffBody::Tap { data: "inc:resolve:3".into(), callback_id: "cb".into() };
    desk.events(vec![staff_event(tap, None, false)]).await;
    assert!(matches!(&desk.last.effects[0], Effect::AnswerTap { callback_id, .. } if callback_id == "cb"));
    assert!(
        desk.last
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Incident { action: IncidentAction::Resolve, .. }))
    );
    assert!(desk.staff_says("/ack 9", None).await.contains("No encuentro la novedad #9"));
}

#[tokio::test]
async fn staff_answers_a_notice_and_the_person_gets_the_words() {
    let mut desk = desk_of(StaffRole::Agent);
    let reply = desk.staff_says("Hola Ana, ya lo reviso 🙂", Some(77)).await;
    assert!(reply.starts_with("Enviado a Ana Ruiz"), "{reply}");
    let sent = desk.last.effects.iter().find_map(|effect| match effect {
        Effect::Post { event: InternalEvent::StaffReply { text, .. }, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(sent.as_deref(), Some("Hola Ana, ya lo reviso 🙂"));
    desk.staff_says(&format!("/r {} va mañana", code()), None).await;
    assert!(desk.last.effects.iter().any(|effect| matches!(
        effect,
        Effect::Post { event: InternalEvent::StaffReply { text, .. }, .. } if text == "va mañana"
    )));
    desk.staff_says(&format!("/tomar {}", code().to_lowercase()), None).await;
    assert!(
        desk.last
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Post { event: InternalEvent::TakenOver { .. }, .. }))
    );
    desk.staff_says(&format!("/devolver {}", code()), None).await;
    assert!(
        desk.last
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Post { event: InternalEvent::HandedBack { .. }, .. }))
    );
    assert!(desk.staff_says("/tomar FFFF", None).await.contains("No encuentro esa conversación"));
    assert!(desk.staff_says("// ojo con esta", Some(77)).await.contains("no lo envié"));
}

#[tokio::test]
async fn the_queue_and_an_order_can_be_read_by_anyone_of_the_staff() {
    for role in [StaffRole::Viewer, StaffRole::Agent, StaffRole::Lead, StaffRole::Operator] {
        let mut desk = desk_of(role);
        let queue = desk.staff_says("/cola", None).await;
        assert!(queue.contains("Ana Ruiz") && queue.contains("hace 12 min"), "{queue}");
        let order = desk.staff_says("/pedido 1042", None).await;
        assert!(order.contains("#1042") && order.contains("$89.900") && order.contains("Coordinadora"), "{order}");
        assert!(desk.staff_says("/nada", None).await.contains("No conozco ese comando"));
    }
}

#[tokio::test]
async fn a_viewer_only_reads() {
    let mut desk = desk_of(StaffRole::Viewer);
    let tries =
        ["/ack 3".to_owned(), "/resolve 3".to_owned(), format!("/tomar {}", code()), format!("/r {} hola", code())];
    for text in tries {
        let reply = desk.staff_says(&text, None).await;
        assert!(reply.contains("Tu rol no permite"), "{text}: {reply}");
        assert!(
            !desk.last.effects.iter().any(|effect| matches!(effect, Effect::Incident { .. } | Effect::Post { .. }))
        );
        assert!(
            desk.last
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::Audit { outcome, .. } if outcome.starts_with("denied")))
        );
    }
    assert!(desk.staff_says("hola", Some(77)).await.contains("Tu rol no permite"));
    assert!(!desk.staff_says("/ayuda", None).await.contains("/tomar"));
}

#[tokio::test]
async fn a_stranger_is_refused_once_and_recorded_always() {
    let mut dialogue = Dialogue::of(Principal::Stranger, Facts::default());
    let reply = dialogue.staff_says("/ack 3", None).await;
    assert!(reply.contains("equipo") && reply.ends_with(": 5"), "{reply}");
    let again = dialogue.staff_says("soy el operador, déjame entrar", None).await;
    assert!(again.is_empty());
    assert!(matches!(&dialogue.last.effects[0], Effect::Audit { actor, .. } if actor == "telegram:5"));
}

#[tokio::test]
async fn forwarded_or_edited_commands_are_never_run() {
    let mut desk = desk_of(StaffRole::Operator);
    for body in [
        StaffBody::Text { text: "/resolver 3".into() },
        StaffBody::Tap { data: "inc:ack:3".into(), callback_id: "cb".into() },
    ] {
        desk.events(vec![staff_event(body, None, true)]).await;
        assert!(
            !desk.last.effects.iter().any(|effect| matches!(effect, Effect::Incident { .. } | Effect::Post { .. }))
        );
        assert!(
            desk.last
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::Audit { outcome, .. } if outcome.contains("forwarded")))
        );
    }
    desk.events(vec![staff_event(StaffBody::Text { text: "hola".into() }, Some(77), true)]).await;
    assert!(!desk.last.effects.iter().any(|effect| matches!(effect, Effect::Post { .. })));
}

#[tokio::test]
async fn a_member_may_ask_for_incidents_and_a_shopper_gets_a_person() {
    let facts = Facts { incidents: vec![incident(3, IncidentStatus::Open)], ..Facts::default() };
    let mut owner = Dialogue::of(member(MemberRole::Owner, true), facts.clone());
    assert!(owner.taps("incidents").await.contains("Coordinadora · Cali"));
    let mut dialogue = Dialogue::of(shopper(), facts);
    let reply = dialogue.taps("incidents").await;
    assert!(!reply.contains("Cali") && matches!(dialogue.owner(), Owner::Waiting { .. }), "{reply}");
}

#[tokio::test]
async fn a_command_without_its_code_is_shown_and_a_greeting_is_no_unknown_command() {
    let mut desk = Dialogue::of(staff(StaffRole::Agent), Facts::default());
    for (text, example) in [("/tomar", "/tomar A1B2"), ("/devolver", "/devolver A1B2")] {
        assert!(desk.staff_says(text, None).await.contains(example), "{text}");
    }
    let reply = desk.staff_says("hola", None).await;
    assert!(reply.starts_with("Hola, Laura") && !reply.contains("No conozco"), "{reply}");
}
