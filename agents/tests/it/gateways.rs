//! What gateways take: what is missing of it, how it is told, and what is said once it is known.

use std::sync::Arc;

use recado_domain::finance::facts::{FactSet, ShopFacts};
use recado_domain::finance::figures::Ledger;
use recado_domain::merchant::MemberRole;
use recado_domain::order::Received;
use serde_json::{Value as Json, json};

use crate::fakes::*;
use crate::large::Kept;

/// A shop that only its webhooks speak of: one order of $100.000, paid through Wompi.
fn owner(fees: Json) -> Dialogue {
    owner_of(fees, false)
}

/// The same; of a large one all facts cannot be read.
fn owner_of(fees: Json, large: bool) -> Dialogue {
    let mut sold = order("#1", 100_000).order;
    let booked = sold.processed_at;
    (sold.gateways, sold.paid_at) = (vec!["wompi".to_owned()], Some(booked));
    sold.received = vec![Received { amount: sold.total, first_at: booked, last_at: booked }];
    let shop = json!({"merchant": {"name": "T", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true},
        "as_of": "2026-11-21T17:00:00Z", "gateway_fees": fees});
    let told = ShopFacts { orders: vec![sold], told_at: Some(booked), ..ShopFacts::default() };
    let facts = FactSet::from_json(&shop.to_string()).unwrap().with_shop(&told).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts.clone(), as_of)));
    let day_book = large.then(|| {
        let mut kept = Kept::of(facts);
        kept.too_large = true;
        Arc::new(kept)
    });
    let facts = Facts { ledger, day_book, told_at: Some(booked), ..Facts::default() };
    let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), facts);
    dialogue.now = as_of;
    dialogue
}

#[tokio::test]
async fn what_is_missing_of_a_gateway_is_said_in_one_line_that_can_be_written_back() {
    for (text, start, example, echo) in [
        (
            "¿cuánto me cobra Wompi este mes?",
            "me falta cuánto te cobra Wompi.",
            ("«", "»"),
            "te cobra *2,65 % + $700 + IVA 19 %*",
        ),
        (
            "¿cuánto falta por liquidar en Wompi?",
            "me falta a los cuántos días te paga Wompi.",
            ("«", "»"),
            "te cobra *2,65 % + $700 + IVA 19 %*",
        ),
        (
            "¿cuánto gané este mes?",
            "Es como máximo: me falta cuánto te cobra Wompi.",
            ("«", "»"),
            "te cobra *2,65 % + $700 + IVA 19 %*",
        ),
        (
            "quanto o gateway me cobra este mês?",
            "falta eu saber quanto Wompi cobra de você.",
            ("«", "»"),
            "cobra de você *3,99 %",
        ),
        (
            "how much does the gateway charge this month?",
            "I don’t know yet what Wompi charges you.",
            ("“", "”"),
            "takes *2,65% + $700 + VAT 19%* of each charge",
        ),
    ] {
        let mut dialogue = owner(json!([]));
        let reply = dialogue.says(text).await;
        assert!(reply.contains(start), "{text}: {reply}");
        let after = &reply[reply.find(start).unwrap()..];
        let (from, to) = (after.find(example.0).unwrap() + example.0.len(), after.find(example.1).unwrap());
        let written = after[from..to].to_owned();
        let reply = dialogue.says(&written).await;
        assert_eq!(dialogue.decision(), ("finance", "ask_record"), "{written}: {reply}");
        assert!(reply.contains(echo), "{written}: {reply}");
    }
}

#[tokio::test]
async fn once_it_is_told_the_figure_is_there_with_what_the_gateway_takes() {
    let fees = json!([{"gateway": "Wompi", "rate": "0.0265", "fixed": "700", "vat_rate": "0.19", "payout_days": 2}]);
    let mut dialogue = owner(fees);
    let reply = dialogue.says("¿cuánto me cobra Wompi este mes?").await;
    assert!(reply.contains("*$3.350*"), "{reply}");
    assert!(reply.contains("Wompi cobra 2,65 % + $700 + IVA 19 % por cada cobro y paga a los 2 días."), "{reply}");
    let reply = dialogue.says("¿cuánto falta por liquidar en Wompi?").await;
    assert!(reply.contains("*$96.014*"), "{reply}");
    let reply = dialogue.says("¿cuánto gané este mes?").await;
    assert!(!reply.contains("me falta cuánto"), "{reply}");
}

#[tokio::test]
async fn a_large_shop_names_its_gateways_as_a_small_one_does() {
    let known = json!([{"gateway": "Wompi", "rate": "0.0265", "fixed": "700", "vat_rate": "0.19", "payout_days": 2}]);
    for fees in [json!([]), known] {
        for text in [
            "¿cuánto me cobra Wompi este mes?",
            "¿cuánto falta por liquidar en Wompi?",
            "¿cuánto gané este mes?",
            "¿cuánto me deben en total?",
            "quanto o gateway me cobra este mês?",
            "how much did I make this month?",
        ] {
            let [mut small, mut large] = [false, true].map(|large| owner_of(fees.clone(), large));
            let (told, found) = (small.says(text).await, large.says(text).await);
            assert!(format!("{:?}", large.last.trace).contains("day book: "), "{text}: {found}");
            assert_eq!(told, found, "{text}");
            assert!(told.contains("Wompi") || fees != json!([]) || text.contains("en total"), "{text}: {told}");
        }
    }
}

#[tokio::test]
async fn a_bill_that_is_no_gateway_s_is_none() {
    for text in [
        "la transportadora me cobra 9 mil por envío",
        "Coordinadora me cobra 3 %",
        "me cobra 3 %",
        "¿Wompi me cobra 3 %?",
    ] {
        let mut dialogue = owner(json!([]));
        let reply = dialogue.says(text).await;
        assert_ne!(dialogue.decision().1, "ask_record", "{text}: {reply}");
    }
}
