//! Entities in texts: what is found, where, and how often it is right.

mod held_out;
mod labelled;
mod score;
mod tables;

use proptest::prelude::*;
use recado_agents::understanding::entities::{Context, find};
use recado_domain::command::{Entity, Understanding};

fn of(text: &str) -> Vec<String> {
    find(text, &Context::default())
        .into_iter()
        .filter_map(|mention| match mention.entity {
            Entity::OrderNumber { value } => Some(format!("order {value}")),
            Entity::TrackingNumber { value, .. } => Some(format!("parcel {value}")),
            Entity::Email { value } => Some(format!("email {value}")),
            Entity::Phone { value } => Some(format!("phone {value}")),
            Entity::Period { .. } => Some("period".to_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn numbers_are_told_apart() {
    assert_eq!(of("¿dónde está mi pedido #1042?"), ["order 1042"]);
    assert_eq!(of("pedido 1042, por favor"), ["order 1042"]);
    assert_eq!(of("1042"), ["order 1042"]);
    assert_eq!(of("mi guía es 2000123456"), ["parcel 2000123456"]);
    assert_eq!(of("rastreio AA123456789BR"), ["parcel AA123456789BR"]);
    assert_eq!(of("es ana.ruiz+a@correo.co."), ["email ana.ruiz+a@correo.co"]);
    assert_eq!(of("+57 300 123 4567"), ["phone +573001234567"]);
    assert_eq!(of("mi cel 3001234567"), ["phone 3001234567"]);
    assert_eq!(of("300 123 4567"), ["phone 3001234567"]);
    assert_eq!(of("1042 3001234567")[0], "order 1042");
    assert_eq!(of("pedido 1042 cel 300 123 4567"), ["order 1042", "phone 3001234567"]);
    assert_eq!(of("3001234567"), ["parcel 3001234567", "phone 3001234567"]);
}

#[test]
fn amounts_and_years_are_no_orders() {
    assert!(of("pagué $89.900").is_empty());
    assert_eq!(of("octubre 2025"), ["period"]);
    assert!(of("'; DROP TABLE orders; --").is_empty());
}

#[test]
fn old_and_unknown_forms_of_stored_entities_do_not_break_reading() {
    let stored = r##"{"intent":null,"confidence":0.5,"language":"es","entities":[
        {"type":"order_number","value":"1042"},
        {"type":"tracking_number","value":"36412345678"},
        {"type":"period","value":{"period":"last_days","days":7}},
        {"type":"period","value":{"period":"of_the_moon"}},
        {"type":"a_thing_of_tomorrow","value":7},
        "nonsense"]}"##;
    let read: Understanding = serde_json::from_str(stored).unwrap();
    assert_eq!(read.entities.len(), 3);
    assert_eq!(read.entities[0].entity, Entity::OrderNumber { value: "1042".to_owned() });
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<Understanding>(&written).unwrap(), read);
}

#[test]
fn every_form_survives_being_stored() {
    let text = "Soy Ana Pérez, quiero 2 unidades, pago contraentrega $ 59.900, Cra 43A #10-50 apto 301 barrio Laureles \
                Medellín, cel 300 123 4567, ana@correo.co, cc 1020304050, guía RR473124829CO, llega mañana, no ayer";
    let context = Context { today: Some(jiff::civil::Date::constant(2026, 11, 26)), country: "CO" };
    let found = find(text, &context);
    assert!(found.len() >= 11, "{found:#?}");
    for mention in found {
        assert!(mention.end > mention.start && text.get(mention.start..mention.end).is_some(), "{mention:?}");
        let written = serde_json::to_string(&mention).unwrap();
        assert_eq!(serde_json::from_str::<recado_domain::command::Mention>(&written).unwrap(), mention, "{written}");
    }
}

proptest! {
    #[test]
    fn any_text_is_harmless(text in "\\PC{0,160}") {
        check_spans(&text);
    }

    #[test]
    fn pieces_of_everything_are_harmless(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        check_spans(&pieces.concat());
        check_spans(&pieces.join(" "));
    }
}

const PIECES: &[&str] = &[
    "$",
    "R$",
    "1.234",
    "20k",
    "mil",
    "palos",
    "y",
    "de",
    "el",
    "15",
    "octubre",
    "vs",
    "#",
    "Cra",
    "43A",
    "-",
    "calle",
    "99999999999999999999",
    "0",
    "é",
    "\u{301}",
    "ñ",
    "🙏",
    "soy",
    "Ana",
    "@",
    "a@b.co",
    "+57",
    "300",
    "cc",
    "nit",
    "x3",
    "un",
    "par",
    "último",
    "2025",
    "31/02/2026",
    "3/10",
    "q3",
    "semestre",
    "desde",
    "mz",
    "A",
    "lt",
    "CEP",
    "01310-100",
    "RR473124829CO",
    "1Z",
    "٣",
    "Ⅷ",
    "\n",
    ",",
    ".",
    "entre",
    "al",
    "hace",
    "billones",
    "trimestre",
    "e",
    "m",
    "M",
];

fn check_spans(text: &str) {
    for country in ["CO", "BR", "MX", ""] {
        let context = Context { today: Some(jiff::civil::Date::constant(2026, 1, 31)), country };
        let found = find(text, &context);
        for mention in &found {
            assert!(
                text.get(mention.start..mention.end).is_some_and(|written| !written.is_empty()),
                "{text:?} {mention:?}"
            );
        }
        assert_eq!(found, find(text, &context));
    }
}

/// Prints what long texts take: four times the text should take about four times as long.
#[test]
fn what_long_texts_cost_is_printed() {
    let one = "Soy Ana Pérez, Cra 43A #10-50, cel 300 123 4567, 5 mil pesos, del 3 al 10 de octubre. ";
    let context = Context { today: Some(jiff::civil::Date::constant(2026, 11, 26)), country: "CO" };
    let timed = |text: &str| {
        let started = std::time::Instant::now();
        for _ in 0..20 {
            let _ = find(text, &context);
        }
        started.elapsed()
    };
    let texts = [
        ("short", one.repeat(6)),
        ("long", one.repeat(24)),
        ("digits", "1 ".repeat(2_000)),
        ("streets", "calle ".repeat(700)),
    ];
    for (name, text) in texts {
        println!("{name}, {} letters: {:?}", text.len(), timed(&text));
    }
    let found = |times: usize| find(&one.repeat(times), &context).len();
    assert!((1..=found(6) * 4).contains(&found(24)), "{} then {}", found(6), found(24));
}

/// Prints the time of a message; the profile decides what it means.
#[test]
fn what_finding_costs_is_printed() {
    let text = "Hola, soy Ana Pérez, mi pedido #1042 con guía 36412345678 no llega, vivo en la Cra 43A #10-50 apto 301, \
                Medellín; pagué $ 59.900 por Nequi el 15 de octubre, cel 300 123 4567";
    let context = Context { today: Some(jiff::civil::Date::constant(2026, 11, 26)), country: "CO" };
    let started = std::time::Instant::now();
    for _ in 0..500 {
        let _ = find(text, &context);
    }
    println!("{} letters: {:.1} µs", text.chars().count(), started.elapsed().as_secs_f64() * 2_000.0);
}
