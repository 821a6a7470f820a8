//! Requests about people's data in the staff chat: shown before they are confirmed, by role, and naming nobody.

use recado_domain::effect::Effect;
use recado_domain::event::{ComplianceRequest, InternalEvent, StaffBody};
use recado_domain::flow::FlowKind;
use recado_domain::merchant::StaffRole;
use recado_domain::privacy::{Origin, PrivacyRequest, Reach};
use recado_domain::request::{NewRequest, Request, RequestStatus};
use recado_domain::{ConversationId, Language, PrivacyId, RequestId};

use crate::fakes::*;

const REACH: Reach = Reach { conversations: 1, messages: 42, orders: 3, under_way: 1, records: 2, requests: 1 };

fn asked(what: ComplianceRequest, confirmed: bool) -> (PrivacyRequest, Reach) {
    let origin =
        Origin::Chat { request: RequestId::derived(&["r"]), number: 12, conversation: ConversationId::of(contact()) };
    let request = PrivacyRequest {
        merchant: merchant("CO", Language::Es).id,
        id: PrivacyId(RequestId::derived(&["r"]).0),
        asked: what,
        origin,
        received_at: at("2026-11-26T15:00:00Z"),
        due_at: at("2026-12-17T15:00:00Z"),
        confirmed: confirmed.then(|| ("Eva".to_owned(), at(NOW))),
        done_at: None,
        outcome: None,
    };
    (request, REACH)
}

fn desk(role: StaffRole, what: ComplianceRequest, confirmed: bool) -> Dialogue {
    let kind = if what == ComplianceRequest::DataRequest { FlowKind::ExportMyData } else { FlowKind::DeleteMyData };
    let request = Request {
        merchant: merchant("CO", Language::Es).id,
        number: 12,
        conversation: ConversationId::of(contact()),
        asked: NewRequest { id: RequestId::derived(&["r"]), kind, order: None, details: Default::default() },
        status: RequestStatus::Open,
        asked_at: at("2026-11-26T15:00:00Z"),
        decided: None,
        note: None,
    };
    let facts = Facts { requests: vec![request], privacy: Some(asked(what, confirmed)), ..Facts::default() };
    Dialogue::of(staff(role), facts)
}

async fn tap(dialogue: &mut Dialogue, data: &str) -> String {
    let body = StaffBody::Tap { data: data.into(), callback_id: "cb".into() };
    dialogue.events(vec![staff_event(body, None, false)]).await
}

fn decided(dialogue: &Dialogue) -> Vec<bool> {
    let effects = dialogue.last.effects.iter();
    effects
        .filter_map(|effect| match effect {
            Effect::DecidePrivacy { confirmed, .. } => Some(*confirmed),
            Effect::DecideRequest { .. } => panic!("a request about data is decided with its preview alone"),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn what_an_erasure_reaches_is_shown_and_only_its_button_confirms_it() {
    let mut dialogue = desk(StaffRole::Lead, ComplianceRequest::CustomerRedact, false);
    let reply = dialogue.staff_says("/aprobar 12", None).await;
    for words in ["42 mensajes", "3 pedidos", "1 pedido sigue en curso", "No se puede deshacer", "17 de diciembre"] {
        assert!(reply.contains(words), "{words}: {reply}");
    }
    assert!(decided(&dialogue).is_empty());
    let buttons = dialogue.buttons();
    let yes = buttons.iter().find(|button| button.starts_with("prv:yes:")).unwrap().clone();
    assert!(yes.len() <= 64);
    let reply = tap(&mut dialogue, &yes).await;
    assert_eq!(decided(&dialogue), [true], "{reply}");
    assert!(reply.contains("Empieza a borrarse"), "{reply}");
    // Once it is under way, the same button does nothing.
    let mut dialogue = desk(StaffRole::Lead, ComplianceRequest::CustomerRedact, true);
    assert!(tap(&mut dialogue, &yes).await.contains("Ya está en marcha"));
    assert!(decided(&dialogue).is_empty());
    // Who may only answer people sees it, and confirms nothing.
    let mut agent = desk(StaffRole::Agent, ComplianceRequest::CustomerRedact, false);
    assert!(agent.staff_says("/aprobar 12", None).await.contains("42 mensajes"));
    tap(&mut agent, &yes).await;
    assert!(decided(&agent).is_empty());
}

#[tokio::test]
async fn a_copy_is_handed_over_by_a_person_and_noted() {
    let mut dialogue = desk(StaffRole::Lead, ComplianceRequest::DataRequest, false);
    let reply = dialogue.staff_says("/privacidad", None).await;
    assert!(reply.contains("copia de datos") && reply.contains("#12"), "{reply}");
    let show = dialogue.buttons()[0].clone();
    let reply = tap(&mut dialogue, &show).await;
    assert!(reply.contains("Descarga la copia") && !reply.contains("deshacer"), "{reply}");
    let no = dialogue.buttons().into_iter().find(|button| button.starts_with("prv:no:")).unwrap();
    tap(&mut dialogue, &no).await;
    assert_eq!(decided(&dialogue), [false]);
}

#[tokio::test]
async fn staff_hears_of_what_the_platform_asks_without_a_name() {
    let (mut request, reach) = asked(ComplianceRequest::CustomerRedact, false);
    request.origin = Origin::Platform;
    let id = request.id;
    let mut dialogue = Dialogue::of(system(), Facts { privacy: Some((request, reach)), ..Facts::default() });
    dialogue.internal(InternalEvent::PrivacyAsked { privacy: id }).await;
    let notices = dialogue.notices();
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    assert!(notice.body.contains("17 de diciembre") && notice.body.contains("3 pedidos"), "{}", notice.body);
    assert!(notice.buttons[0].id.starts_with("prv:show:"));
    assert!(!notice.body.contains("Ana"));
}
