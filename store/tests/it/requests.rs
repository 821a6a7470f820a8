//! What customers ask for: kept once, numbered by shop, decided once, told in the conversation.

use recado_domain::effect::Effect;
use recado_domain::event::{EventContent, InternalEvent};
use recado_domain::flow::FlowKind;
use recado_domain::request::{Decision, NewRequest, RequestStatus};
use recado_domain::{ConversationId, MerchantId, RequestId};

use recado_store::requests::Decided;

use crate::world::{NUMBER, OTHER_NUMBER, World, noon, on_both, person, text_to};

fn asked(kind: FlowKind, order: Option<&str>) -> NewRequest {
    let details = [("reason".to_owned(), "demora".to_owned())].into();
    NewRequest { id: RequestId::new(noon()), kind, order: order.map(str::to_owned), details }
}

/// A turn of a person at a shop with this effect.
async fn turn(world: &World, number: &str, from: &str, effect: Effect) -> ConversationId {
    let id = uuid::Uuid::new_v4().to_string();
    world.accept(text_to(number, &id, person(None, Some(from)), "quiero cancelar", noon())).await;
    let engine = world.engine();
    let claim = engine.claim(1).await.unwrap().remove(0);
    let conversation = ConversationId(claim.lane.0);
    engine.commit(vec![world.decide(claim, vec![effect])]).await.remove(0).unwrap();
    conversation
}

/// What the conversations' lanes are told, emptying them.
async fn told(world: &World) -> Vec<(MerchantId, InternalEvent)> {
    let engine = world.engine();
    let mut told = Vec::new();
    for claim in engine.claim(10).await.unwrap() {
        for event in &claim.events {
            if let EventContent::Internal(event) = &event.content {
                told.push((claim.merchant.unwrap(), event.clone()));
            }
        }
        engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_kept_once_while_it_is_open_and_numbered_by_its_shop() {
    on_both(async |world: &World| {
        let cancel = || Effect::Request(asked(FlowKind::CancelOrder, Some("#1042")));
        let ann = turn(world, NUMBER, "573001112233", cancel()).await;
        turn(world, NUMBER, "573001112233", cancel()).await;
        turn(world, NUMBER, "573001112233", Effect::Request(asked(FlowKind::DeleteMyData, None))).await;
        turn(world, NUMBER, "573009998877", cancel()).await;
        turn(world, OTHER_NUMBER, "573001112233", cancel()).await;
        let (uno, dos) = (world.store.merchant(world.merchant.id), world.store.merchant(world.other.id));
        let numbers = |all: &[recado_domain::request::Request]| {
            let mut numbers: Vec<i64> = all.iter().map(|one| one.number).collect();
            numbers.sort_unstable();
            numbers
        };
        assert_eq!(numbers(&uno.requests(None, 50).await.unwrap()), [1, 2, 3]);
        assert_eq!(numbers(&dos.requests(None, 50).await.unwrap()), [1], "each shop counts for itself");
        assert_eq!(numbers(&uno.requests_of(ann).await.unwrap()), [1, 2]);
        let first = uno.request(1).await.unwrap().unwrap();
        assert_eq!((first.asked.order.as_deref(), first.status), (Some("#1042"), RequestStatus::Open));
        assert_eq!(first.asked.details["reason"], "demora");
        assert_eq!(dos.request_of_id(first.asked.id).await.unwrap(), None, "another shop's is not there");
        // Once it is decided, the same may be asked for again.
        assert!(
            world.store.decide(uno.id(), first.asked.id, Decision::Decline, None, "Eva").await.unwrap()
                == Decided::Done
        );
        told(world).await;
        turn(world, NUMBER, "573001112233", cancel()).await;
        assert_eq!(numbers(&uno.requests(None, 50).await.unwrap()), [1, 2, 3, 4]);
        assert_eq!(numbers(&uno.requests(Some(RequestStatus::Declined), 50).await.unwrap()), [1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_made_once_by_whoever_comes_first_and_told_once() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        turn(world, NUMBER, "573001112233", Effect::Request(asked(FlowKind::CancelOrder, Some("#1042")))).await;
        let id = world.store.merchant(merchant).request(1).await.unwrap().unwrap().asked.id;
        let decide = async |decision, by| {
            world.store.decide(merchant, id, decision, Some(" ya salió\0 "), by).await.unwrap() == Decided::Done
        };
        assert!(!decide(Decision::Finish, "Eva").await, "what is not approved cannot be done");
        assert!(
            world.store.decide(world.other.id, id, Decision::Approve, None, "Leo").await.unwrap() != Decided::Done,
            "not theirs"
        );
        assert!(decide(Decision::Approve, "Eva").await);
        assert!(!decide(Decision::Decline, "Leo").await && !decide(Decision::Approve, "Leo").await);
        let heard = told(world).await;
        let [(shop, InternalEvent::RequestDecided { number: 1, status, note, staff_name, .. })] = heard.as_slice()
        else {
            panic!("{heard:?}")
        };
        assert_eq!(
            (*shop, *status, note.as_deref(), staff_name.as_str()),
            (merchant, RequestStatus::Approved, Some("ya salió"), "Eva")
        );
        // A decision of the staff chat takes the same way, within its turn.
        let finish = Effect::DecideRequest {
            merchant,
            request: id,
            decision: Decision::Finish,
            note: None,
            by: "Leo".to_owned(),
        };
        turn(world, NUMBER, "573009998877", finish.clone()).await;
        let heard = told(world).await;
        turn(world, NUMBER, "573009998877", finish).await;
        assert!(told(world).await.is_empty(), "once");
        assert!(
            matches!(heard.as_slice(), [(_, InternalEvent::RequestDecided { status: RequestStatus::Done, .. })]),
            "{heard:?}"
        );
        let kept = world.store.merchant(merchant).request(1).await.unwrap().unwrap();
        assert_eq!(
            (kept.status, kept.decided.unwrap().0.as_str(), kept.note.as_deref()),
            (RequestStatus::Done, "Leo", Some("ya salió"))
        );
        assert_eq!(
            world.number("SELECT COUNT(*) FROM audit WHERE action LIKE 'request.%' AND outcome = 'done'").await,
            2
        );
    })
    .await;
}
