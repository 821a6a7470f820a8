//! «¿Me alcanza para la nómina del 30?»: the cash of a day, with what is noted counted once.

use super::*;

/// The worked example with a payroll that is noted.
fn with_payroll(due: &str, amount: &str) -> Dialogue {
    let mut facts: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    facts["expenses"].as_array_mut().unwrap().push(serde_json::json!({
        "id": "EX10", "kind": "fixed", "category": "nómina", "amount": amount, "invoiced_on": "2026-11-01",
        "from": "2026-11-01", "to": "2026-11-30", "due_on": due,
    }));
    of(&facts)
}

fn of(facts: &serde_json::Value) -> Dialogue {
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts, as_of)));
    let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), Facts { ledger, ..Facts::default() });
    dialogue.now = as_of;
    dialogue
}

#[tokio::test]
async fn a_payroll_that_is_noted_is_counted_once() {
    let mut dialogue = with_payroll("2026-11-30", "90000");
    let reply = dialogue.says("¿me alcanza para la nómina del 30?").await;
    assert_eq!(dialogue.decision(), ("advice", "cash_on"), "{reply}");
    let ledger = dialogue.facts.ledger.clone().unwrap();
    use recado_domain::finance::figures::Accounts;
    let cash = ledger.cash_on(date(2026, 11, 30)).unwrap().unwrap();
    let shown = |minor: i64| recado_domain::Money::new(minor, recado_domain::Currency::Cop).shown();
    assert!(reply.starts_with("Sí te alcanza para nómina: el lunes 30 de noviembre esperas tener *"), "{reply}");
    assert!(reply.contains(&format!("*{}* en caja, ya descontados $90.000", shown(cash.closing))), "{reply}");
    // Another amount stands in for what is noted.
    let reply = dialogue.says("¿me alcanza para pagar 120 mil de nómina el 30?").await;
    assert!(reply.contains("en vez de los $90.000 anotados"), "{reply}");
    assert!(reply.contains(&format!("te quedan *{}*", shown(cash.closing + 9_000_000 - 12_000_000))), "{reply}");
    // The control: what is not noted is not in it.
    let reply = owner().says("¿me alcanza para pagar 120 mil de nómina el 30?").await;
    assert!(reply.contains(&format!("te quedan *{}*", shown(cash.closing + 9_000_000 - 12_000_000))), "{reply}");
}

#[tokio::test]
async fn what_is_not_noted_is_asked_for_and_what_is_too_much_is_said() {
    let reply = owner().says("¿me alcanza para la nómina del 30?").await;
    assert!(reply.starts_with("El lunes 30 de noviembre esperas tener *"), "{reply}");
    assert!(reply.contains("No tengo anotado cuánto es nómina. Dime el valor"), "{reply}");
    let reply = owner().says("¿me alcanza para pagar 5 millones de nómina el 30?").await;
    assert!(reply.starts_with("No te alcanza para nómina") && reply.contains("te faltan *"), "{reply}");
    let reply = with_payroll("2026-12-02", "90000").says("¿me alcanza para la nómina del 30?").await;
    assert!(reply.contains("Lo anotado son $90.000 para el miércoles 2 de diciembre"), "{reply}");
}

#[tokio::test]
async fn the_end_of_the_month_and_a_weekday_are_days() {
    for (text, start) in [
        ("¿llego a fin de mes?", "El lunes 30 de noviembre esperas tener *"),
        ("¿cuánta plata voy a tener el 20?", "El viernes 20 de noviembre esperas tener *"),
        ("dá pra pagar a folha dia 30?", "Em "),
        ("can I cover payroll on the 30th?", "On "),
    ] {
        let reply = owner().says(text).await;
        assert!(reply.starts_with(start), "{text}: {reply}");
    }
    let reply = owner().says("¿alcanza la plata para pagarle a Andrés 100 mil el viernes?").await;
    assert!(reply.contains("el viernes 6 de noviembre") && reply.contains("Ese día esperas tener"), "{reply}");
}

#[tokio::test]
async fn without_a_balance_it_says_what_is_missing_and_how_to_tell_it() {
    let mut facts: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    facts["cash"] = serde_json::json!([]);
    for text in ["¿me alcanza para la nómina del 30?", "¿llego a fin de mes?"] {
        let reply = of(&facts).says(text).await;
        assert!(
            reply
                .starts_with("No sé cuánta plata hay en caja. Dime el saldo, por ejemplo «hay 3 millones en el banco»"),
            "{reply}"
        );
    }
    // What it says to write is understood.
    let mut dialogue = of(&facts);
    dialogue.says("hay 3 millones en el banco").await;
    assert!(dialogue.session.pending.is_some());
}
