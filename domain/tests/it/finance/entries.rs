//! A fact set taken apart and put together is the same fact set.

use recado_domain::finance::facts::entry::{put_together, take_apart};

use super::*;

#[test]
fn a_fact_set_taken_apart_and_put_together_gives_the_same_report() {
    let (facts, entries) = take_apart(GOLDEN).unwrap();
    // 2 of its own, 5 rates, 4 products, 18 orders, 14 parcels, 21 charges, 12 payments, 2 remittances, 4 ads,
    // 9 expenses, 2 purchases, 2 counts of stock, 2 invoices, 2 balances.
    assert_eq!(entries.len(), 99);
    let hugo = entries.iter().find(|entry| entry.id == "#1009").unwrap();
    assert_eq!((hugo.kind.as_str(), hugo.occurred_on.as_deref()), ("orders", Some("2026-09-30")));

    // In whatever order they come back.
    let text = put_together(entries.iter().rev().map(|entry| (entry.kind.as_str(), entry.body.as_str())));
    let again = FactSet::from_json(&text).unwrap();
    let report = |facts: FactSet| {
        let as_of = facts.as_of;
        serde_json::to_string(&Ledger::new(facts, as_of).report(days("2026-09-01", "2026-10-31"), &[]).unwrap())
            .unwrap()
    };
    assert_eq!(report(facts), report(again));
}

#[test]
fn of_a_repeated_id_the_last_copy_remains() {
    let doubled = GOLDEN.replacen("\"other_cash\": []", "\"other_cash\": [{\"id\":\"x\",\"date\":\"2026-09-01\",\"kind\":\"owner\",\"amount\":\"1\"}, {\"id\":\"x\",\"date\":\"2026-09-02\",\"kind\":\"owner\",\"amount\":\"2\"}]", 1);
    let (facts, entries) = take_apart(&doubled).unwrap();
    let kept: Vec<_> = entries.iter().filter(|entry| entry.kind == "other_cash").collect();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].body.contains("\"2\"") && kept[0].occurred_on.as_deref() == Some("2026-09-02"));
    assert_eq!(facts.other_cash.len(), 1);
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    let refused = take_apart(
        "{\"merchant\":{\"timezone\":\"America/Macondo\",\"currency\":\"COP\"},\"as_of\":\"2026-01-01T00:00:00Z\"}",
    );
    assert_eq!(refused.unwrap_err().to_string(), "merchant.timezone: unknown time zone \"America/Macondo\"");
    let refused = take_apart(
        "{\"merchant\":{\"timezone\":\"America/Bogota\",\"currency\":\"COP\"},\"as_of\":\"2026-01-01T00:00:00Z\",\
        \"orders\":[{\"id\":\"1\",\"processed_at\":\"2026-01-01T00:00:00Z\",\"payment\":\"prepaid\",\"lines\":[{\"id\":\"1\",\"qty\":1,\"unit_price\":10}]}]}",
    );
    let text = refused.unwrap_err().to_string();
    assert!(text.starts_with("orders[0].lines[0].unit_price: ") && text.contains("decimal string"), "{text}");
}
