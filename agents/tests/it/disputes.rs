//! Disputes of buyers with their banks, in the staff chat: told while they wait for evidence, in plain words.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::InternalEvent;
use recado_domain::finance::facts::{FactSet, ShopFacts};
use recado_domain::finance::figures::Ledger;
use recado_domain::merchant::MemberRole;
use recado_domain::order::{Dispute, DisputeFacts, DisputeTold, DisputedAmount, REMIND_BEFORE, dispute_timer};
use recado_domain::tools::DisputeView;
use recado_domain::{Currency, Language, Money, Timestamp};

use crate::fakes::*;

const DAY: u64 = 86_400;

fn dispute(due: Option<Timestamp>) -> DisputeView {
    let facts = DisputeFacts {
        external_id: "285".to_owned(),
        order_external_id: Some("5".to_owned()),
        kind: "chargeback".to_owned().into(),
        status: "needs_response".to_owned().into(),
        amount: DisputedAmount::Money(Money::new(8_990_000, Currency::Cop)),
        reason: Some("product_not_received".to_owned()),
        network_reason_code: None,
        evidence_due_by: due,
        evidence_sent_on: None,
        finalized_on: None,
        initiated_at: at("2026-11-20T12:00:00Z"),
    };
    DisputeView { facts, order: Some("#1042".to_owned()) }
}

fn open() -> InternalEvent {
    InternalEvent::DisputeOpen { dispute: "285".to_owned() }
}

fn rung() -> InternalEvent {
    InternalEvent::TimerDue { kind: dispute_timer("285"), conversation: None }
}

/// What staff is told, and after how long the lane is woken again.
async fn heard(dispute: DisputeView, language: Language, event: InternalEvent) -> (Vec<String>, Vec<Duration>) {
    let facts = Facts { dispute: Some(dispute), ..Facts::default() };
    let mut dialogue = Dialogue::of(system(), facts);
    dialogue.merchant = merchant("CO", language);
    dialogue.internal(event).await;
    let timers = dialogue.last.effects.iter().filter_map(|effect| match effect {
        Effect::StartTimer { kind, after } if *kind == dispute_timer("285") => Some(*after),
        _ => None,
    });
    (dialogue.notices().into_iter().map(|notice| notice.body.clone()).collect(), timers.collect())
}

#[tokio::test]
async fn a_dispute_that_waits_for_evidence_is_told_with_amount_order_reason_and_deadline() {
    let due = at(NOW).plus(Duration::from_secs(9 * DAY));
    for (language, words) in [
        (
            Language::Es,
            ["Contracargo", "pedido #1042", "no recibió el producto", "Envía las pruebas en Shopify antes del"],
        ),
        (Language::Pt, ["Chargeback", "pedido #1042", "não recebeu o produto", "Envie as provas na Shopify antes de"]),
        (Language::En, ["Chargeback", "order #1042", "never arrived", "Send the evidence in Shopify before"]),
    ] {
        let (told, timers) = heard(dispute(Some(due)), language, open()).await;
        let [notice] = &told[..] else { panic!("{told:?}") };
        assert!(notice.contains("*$89.900*"), "{notice}");
        for word in words {
            assert!(notice.contains(word), "{word:?}: {notice}");
        }
        assert_eq!(timers, [Duration::from_secs(9 * DAY) - REMIND_BEFORE]);
        let (again, timers) = heard(dispute(Some(due)), language, rung()).await;
        assert_eq!((again.len(), timers.len()), (1, 0), "once, and no other timer");
        assert!(again[0] != *notice && again[0].contains("⏰") && again[0].contains(words[3]), "{}", again[0]);
    }
}

#[tokio::test]
async fn what_needs_no_answer_any_more_is_not_told_and_what_is_told_late_says_so() {
    let due = at(NOW).plus(Duration::from_secs(9 * DAY));
    for word in ["under_review", "won", "lost", "accepted", "charge_refunded", "a_new_word"] {
        let mut settled = dispute(Some(due));
        settled.facts.status = word.to_owned().into();
        for event in [open(), rung()] {
            assert_eq!(heard(settled.clone(), Language::Es, event).await, (vec![], vec![]), "{word}");
        }
    }
    let mut answered = dispute(Some(due));
    answered.facts.evidence_sent_on = Some(at(NOW));
    assert_eq!(heard(answered, Language::Es, rung()).await, (vec![], vec![]));
    // Told when its last two days have begun already, it is not told twice.
    let (told, timers) = heard(dispute(Some(at(NOW).plus(Duration::from_secs(DAY)))), Language::Es, open()).await;
    assert_eq!((told.len(), timers.len()), (1, 0));
    let (late, timers) = heard(dispute(Some(at(NOW).minus(Duration::from_secs(DAY)))), Language::Es, open()).await;
    assert!(late[0].contains("venció el") && timers.is_empty(), "{late:?}");
}

#[tokio::test]
async fn an_inquiry_an_unknown_order_and_words_that_we_do_not_know_are_told_as_what_they_are() {
    let mut odd = dispute(None);
    odd.facts.kind = "inquiry".to_owned().into();
    odd.facts.reason = Some("cosmic_rays".to_owned());
    odd.facts.amount = DisputedAmount::Written("11.50 CAD".to_owned());
    odd.order = None;
    let (told, timers) = heard(odd.clone(), Language::Es, open()).await;
    for word in [
        "pregunta por un pago",
        "11.50 CAD",
        "aún no conozco",
        "cosmic rays",
        "no han retirado",
        "Envía las pruebas en Shopify.",
    ] {
        assert!(told[0].contains(word), "{word:?}: {}", told[0]);
    }
    assert!(timers.is_empty(), "no day is known");
    odd.facts.kind = "retrieval".to_owned().into();
    odd.facts.reason = None;
    let (told, _) = heard(odd, Language::Es, open()).await;
    assert!(told[0].contains("Disputa de") && !told[0].contains("Motivo") && !told[0].contains("retir"), "{}", told[0]);
}

#[test]
fn every_reason_that_shopify_gives_has_words_in_each_language() {
    const REASONS: [&str; 15] = [
        "bank_cannot_process",
        "bank_not_process",
        "credit_not_processed",
        "customer_initiated",
        "debit_not_authorized",
        "duplicate",
        "fraudulent",
        "general",
        "incorrect_account_details",
        "insufficient_funds",
        "noncompliant",
        "product_not_received",
        "product_unacceptable",
        "subscription_canceled",
        "unrecognized",
    ];
    for language in Language::ALL {
        for reason in REASONS {
            assert!(DESK.wording().known(language, &format!("dispute.{reason}")).is_some(), "{language} {reason}");
        }
    }
}

/// The owner of a shop whose webhooks told one order and a chargeback of it, and another that was won.
fn owner() -> Dialogue {
    let mut sold = order("#1", 100_000).order;
    sold.gateways = vec!["shopify_payments".to_owned()];
    let began = at("2026-11-10T15:00:00Z");
    let telling = |id: &str, status: &str, minor: i64| {
        let facts = DisputeFacts {
            external_id: id.to_owned(),
            order_external_id: Some(sold.external_id.clone()),
            status: status.to_owned().into(),
            amount: DisputedAmount::Money(Money::new(minor, Currency::Cop)),
            finalized_on: (status == "won").then(|| at("2026-11-15T15:00:00Z")),
            initiated_at: began,
            ..dispute(None).facts
        };
        Dispute::of(vec![DisputeTold { facts, first_at: began, last_at: began }]).unwrap()
    };
    let disputes = vec![telling("1", "needs_response", 4_000_000), telling("2", "won", 2_500_000)];
    let shop = serde_json::json!({"merchant": {"name": "T", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true},
        "as_of": "2026-11-21T17:00:00Z"});
    let told = ShopFacts { orders: vec![sold], disputes, told_at: Some(began), ..ShopFacts::default() };
    let facts = FactSet::from_json(&shop.to_string()).unwrap().with_shop(&told).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts, as_of)));
    let facts = Facts { ledger, told_at: Some(began), ..Facts::default() };
    let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), facts);
    dialogue.now = as_of;
    dialogue
}

#[tokio::test]
async fn who_asks_for_chargebacks_gets_their_figure() {
    for text in [
        "¿cuántos contracargos tuve este mes?",
        "¿cuánto llevo en contracargos este mes?",
        "contracargos de noviembre",
        "quantos chargebacks eu tive este mês?",
        "how many chargebacks did I have this month?",
        "how much did I lose to chargebacks this month?",
    ] {
        let mut dialogue = owner();
        let reply = dialogue.says(text).await;
        assert!(reply.contains("$40.000"), "{text}: {reply}");
        let proof = dialogue.says("¿de dónde sale?").await;
        assert!(proof.contains("#1 dispute 1 1"), "{text}: {proof}");
    }
}
