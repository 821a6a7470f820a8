//! What holds of any shop.

use proptest::prelude::*;
use recado_domain::finance::advice::cash::what_if;
use recado_domain::finance::advice::collections::in_order;
use recado_domain::finance::advice::{Certainty, Kind, ranked};
use recado_domain::finance::figures::{Forecast, Undefined};

use super::*;

fn ledger_of(facts: &serde_json::Value) -> Ledger {
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

fn any_effect() -> impl Strategy<Value = Effect> {
    use recado_domain::finance::advice::Omitted;
    prop_oneof![
        any::<i64>().prop_map(Effect::Amount),
        (any::<i64>(), any::<i64>()).prop_map(|(one, other)| Effect::between(one, other)),
        Just(Effect::Omitted(Omitted::Protects)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever order they come in, the same one comes first; more urgent ones always come before.
    #[test]
    fn the_order_is_total_and_the_same_whatever_came_first(
        effects in proptest::collection::vec((any_effect(), 0_i128..=1_000_000_000_000), Code::ALL.len()),
        shuffle in Just(Code::ALL.to_vec()).prop_shuffle(),
    ) {
        let made = |code: Code| {
            let (effect, certainty) = effects[Code::ALL.iter().position(|one| *one == code).unwrap()];
            Recommendation { code, trigger: vec![], details: vec![], effect, certainty: Certainty(certainty), baseline: None }
        };
        let one = ranked(Code::ALL.iter().copied().map(made).collect());
        let other = ranked(shuffle.into_iter().map(made).collect());
        prop_assert_eq!(&one, &other);
        prop_assert!(one.windows(2).all(|pair| pair[0].code.urgency() >= pair[1].code.urgency()));
        for pair in one.windows(2).filter(|pair| pair[0].code.urgency() == pair[1].code.urgency()) {
            let worth = |of: &Recommendation| i128::from(of.effect.middle()) * of.certainty.0;
            prop_assert!(worth(&pair[0]) >= worth(&pair[1]));
        }
    }

    /// Advice on any shop is made without panic, each recommendation at most once, and an effect that needs a figure which is
    /// not there is not told.
    #[test]
    fn effects_are_never_invented(facts in crate::finance::shop::shop()) {
        let ledger = ledger_of(&facts);
        let analysis = advise(&ledger).unwrap();
        let mut codes: Vec<Code> = analysis.actions.ranked.iter().map(|one| one.code).collect();
        codes.sort();
        codes.dedup();
        prop_assert_eq!(codes.len(), analysis.actions.ranked.len());
        for one in &analysis.actions.ranked {
            if let Effect::Range(low, high) = one.effect {
                prop_assert!(low < high);
            }
            // Whatever calls for it is known: a trigger that is undefined is silence, unless another one spoke.
            prop_assert!(one.trigger.iter().any(|named| named.value.is_ok()), "{}", one.code.id());
        }
        prop_assert!(serde_json::to_string(&analysis).is_ok());
    }

    /// Owing more never asks for less, and never leaves the order by what is expected.
    #[test]
    fn collections_are_in_order_and_grow_with_what_is_owed(facts in crate::finance::shop::shop(), more in 1_i64..1_000_000) {
        let invoice = |amount: i64| serde_json::json!({"id": "F", "customer": "x", "amount": amount.to_string(), "issued_on": "2026-10-01", "due_on": "2026-11-01"});
        let expected = |amount| {
            let mut facts = facts.clone();
            facts["invoices"] = serde_json::json!([invoice(amount)]);
            let items = in_order(&ledger_of(&facts)).unwrap();
            assert!(items.windows(2).all(|pair| pair[0].expected >= pair[1].expected));
            items.iter().find(|open| open.item.id == "F").map(|open| open.expected).unwrap()
        };
        prop_assert!(expected(1_000) < expected(1_000 + more));
    }

    /// A larger payment never leaves more cash, in no week; an earlier one never leaves more than a later one.
    #[test]
    fn a_payment_is_monotone(
        closing in proptest::array::uniform13(-1_000_000_i64..1_000_000),
        amount in 1_i64..1_000_000, more in 0_i64..1_000_000, days in 0_i64..84,
    ) {
        let forecast = Forecast { closing, left_out: vec![] };
        let today = crate::finance::day("2026-11-05");
        let on = |days: i64| today.saturating_add(jiff::Span::new().days(days));
        let one = what_if(&forecast, today, amount, on(days)).unwrap();
        let larger = what_if(&forecast, today, amount + more, on(days)).unwrap();
        let later = what_if(&forecast, today, amount, on(days + 7)).unwrap();
        prop_assert!(larger.after.closing.iter().zip(one.after.closing).all(|(large, small)| *large <= small));
        prop_assert!(one.after.closing.iter().zip(later.after.closing).all(|(early, late)| *early <= late));
        prop_assert!(!larger.is_affordable() || one.is_affordable());
        prop_assert!(later.most >= one.most);
        // What is affordable leaves no later week below zero.
        let later_weeks = &one.after.closing[one.week - 1..];
        prop_assert_eq!(one.is_affordable() && one.amount <= one.most, later_weeks.iter().all(|cash| *cash >= 0));
    }
}

#[test]
fn control_an_order_that_forgets_urgency_is_seen() {
    let made = |code: Code, minor| Recommendation {
        code,
        trigger: vec![],
        details: vec![],
        effect: Effect::Amount(minor),
        certainty: Certainty::CERTAIN,
        baseline: None,
    };
    let order = ranked(vec![made(Code::StockFree, 1_000_000), made(Code::CashFreeze, 1)]);
    assert_eq!(order[0].code, Code::CashFreeze, "survival comes before any amount");
}

#[test]
fn amounts_that_do_not_fit_are_an_error_and_never_wrap() {
    let huge = "90000000000000000";
    let ledger = shop(|facts| {
        facts["invoices"] = serde_json::json!([
            {"id": "A", "customer": "x", "amount": huge, "issued_on": "2026-08-01", "due_on": "2026-10-01"},
            {"id": "B", "customer": "y", "amount": huge, "issued_on": "2026-08-01", "due_on": "2026-10-01"}]);
    });
    assert_eq!(advise(&ledger).unwrap_err(), Undefined::TooLarge);
    let wish = recado_domain::finance::advice::planning::required(&shop(|_| {}), i64::MAX, i64::MAX);
    assert_eq!(wish.unwrap_err(), Undefined::TooLarge);
    assert_eq!(Kind::of_code("cash"), Some(Kind::Cash));
}
