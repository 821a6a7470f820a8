//! Every text, in every language, with full and with empty contexts.

use std::path::Path;

use recado_agents::wording::{LONGEST_BODY, LONGEST_TITLE};
use recado_domain::Language;
use serde_json::{Value, json};

use crate::fakes::DESK;

fn full() -> Value {
    json!({
        "name": "Ana", "merchant": "Tienda Luna", "member": false, "options": true, "count": 2, "order": "#1042",
        "again": false, "stage": "parcels", "booked": "lunes 1 de enero", "cancelled": "lunes 1 de enero",
        "cash": "$89.900", "own": true, "lines": [{"quantity": 1, "title": "Faja", "name": "fletes", "value": "$1", "figure": "caja", "then": "$2", "verdict": "better", "invoice": "F1", "amount": "$1", "when": "venció ayer"}], "more": 2, "total": "$1",
        "parcels": [{
            "status": "va en camino", "code": "in_transit", "carrier": "Envía", "number": "1", "when": "ayer 18:40",
            "city": "Cali", "travelling": true, "eta": "martes 1 de diciembre", "late": false, "problem": true,
            "link": "https://x.co/1"
        }, {
            "status": "va en camino", "code": "delivered", "carrier": null, "number": null, "when": "ayer 18:40",
            "city": null, "travelling": false, "eta": null, "late": true, "problem": false, "link": null
        }],
        "period": "En octubre", "partial": true, "net": "$1", "gross": "$1", "discounts": "$1", "returns": "$1",
        "orders": 2, "average": "$1", "names": "#1, #2", "all_names": "#1, #2", "all_more": 1,
        "reversed": "#1", "reversed_count": 1, "foreign": "#1", "foreign_count": 1, "age": "hace 3 min", "units": 2,
        "currency": "COP", "incidents": [{"number": 3, "kind": "x", "dimension": "y", "problems": 1, "active": 2,
            "opened": "hace 1 h", "by": "Laura"}],
        "staff": "Laura", "number": 3, "kind": "x", "dimension": "y", "severity": 2, "status": "open", "active": 20,
        "problems": 11, "expected": "1,6", "chance": "menos", "by": "Laura", "may_act": true, "unknown": true,
        "example": "/ack 3", "id": "5", "most": 4000, "code": "A1B2", "short": "en camino", "cod": true,
        "items": [{"quantity": 1, "title": "Faja azul / M"}], "why": "shipped", "refund": true, "may_change": true,
        "note": "ya salió", "when": "hace 3 min", "rows": [{"what": "copy", "due": "lunes", "late": true, "number": 3, "flow_name": "cambio", "order": "#1", "when": "hace 1 h", "status": "open", "note": "x", "details": "Cra 7", "times": 2, "question": "hacen envios a cuba", "code": "A1B2", "name": "Ana", "waiting": "hace 3 min", "person": null, "text": "hola"}],
        "flow": "cancel_order", "flow_name": "cancelar el pedido", "reason": "dispatched", "country": "CO",
        "address": "Cra 7 # 45-10, Chapinero, Bogotá", "what": "person", "confirmed": true, "due": "viernes 18 de diciembre", "late": false, "conversations": 1, "messages": 42, "under_way": 1, "records": 1,
        "known": [{"slot": "reason", "name": "Motivo", "value": "demora"}], "slot_name": "Motivo", "value": "demora",
        "window": "over", "labelled": true, "proven": true, "street": "Cra 7 •••", "city": "Cali", "request": "devolución",
        "title": "Resumen", "none": false, "before_period": "En septiembre", "dimension": "por producto", "before": "$1",
        "up": true, "same": false, "difference": "+$1", "share": "+1 %", "notes": ["Datos: hace 3 min."], "meaning": "Sin IVA.",
        "about": true, "target": "$1", "negative": false, "part": "Cali", "class": "fijo", "amount": "$1", "other": "$2", "terms": "2,65 % + $700", "payout_days": 2, "since": "lunes 1 de enero",
        "date": "lunes 1 de enero", "realised": "$1", "at_most": true, "lost": true, "nothing": false, "margin": "1 %",
        "cm2": "$1", "marketing": "$1", "fixed": "$1", "form": "pdf", "unmade": false, "behind": true, "day": "lunes", "hour": "8:00", "profit": "$1", "reasons": "volumen +$1", "now": "$1",
        "advice": crate::advice::full_context(),
        "reminded": "$1", "reminded_lines": ["Después del recordatorio, Sol pagó los $1."], "tone": "firm", "debtor": "Boutique Sol",
        "invoice": "F1", "variables": ["Boutique Sol", "Tienda Luna", "$1", "factura F1, venció ayer"], "phone": "+57 300 ··· 4567",
        "source": "profile", "at": "lunes 30 de noviembre a las 8:00", "template": true, "changed": true, "kept": true,
        "blocks": ["*Sol* debe *$1*"], "several": true, "overdue": true, "line": "Nadie debe nada.", "link": "https://wa.me/573001234567",
        "reminders": [{"debtor": "Sol", "phone": "+57 300 ··· 4567", "at": null}, {"debtor": "Luna", "phone": "+57 300 ··· 4568", "at": "lunes a las 8:00"}],
        "checks": true, "days": 7, "approved_by": "Marta", "remaining": "$1",
        "hours": "lunes a viernes de 9 a 6",
        "story": {
            "turns": 26, "since": "hace 12 min", "language": "portugués", "earlier": "se le respondió una pregunta ×9",
            "points": "preguntó dónde va #1042 · no se le entendió ×2", "named": "#1042, #1050", "open": "12. cancelar el pedido #1042",
            "summary": "La persona preguntó dos veces por su pedido.",
        },
        "first": "ventas, pedidos", "last": "ganancia", "near": "Gorra", "best": "Faja", "figure": "ventas netas",
        "moved": {"period": "En octubre", "value": "$1", "before_period": "En septiembre", "before": "$2"},
        "provider": "ollama", "platform": "WhatsApp", "body": "De 2 a 5 días.", "url": "https://x.co", "foreign": "inglés", "topic": "Reclamo", "emergency": "123", "text": "hola", "urgent": true, "danger": true,
    })
}

/// The same without what is optional.
fn bare() -> Value {
    let mut context = full();
    for (key, value) in context.as_object_mut().unwrap() {
        let needed =
            matches!(key.as_str(), "orders" | "more" | "all_more" | "reversed_count" | "foreign_count" | "count");
        *value = match &*value {
            Value::Bool(_) => json!(false),
            Value::Number(_) if needed => json!(0),
            Value::String(text) if matches!(key.as_str(), "stage" | "status") => {
                json!(if text == "parcels" { "preparing" } else { "resolved" })
            }
            Value::String(_)
                if matches!(
                    key.as_str(),
                    "name" | "staff" | "topic" | "emergency" | "by" | "age" | "cash" | "average"
                ) =>
            {
                Value::Null
            }
            other => other.clone(),
        };
    }
    // Names without which a text is never said.
    context["name"] = json!("Ana");
    // Cancelled is a day for an order and a number for figures.
    context["cancelled"] = json!(0);
    context
}

#[test]
fn every_text_renders_in_every_language() {
    let wording = DESK.wording();
    assert!(wording.names().count() > 60);
    for name in wording.names() {
        for language in Language::ALL {
            for mut context in [full(), bare()] {
                if name.starts_with("finance") {
                    context["cancelled"] = json!(1);
                }
                if matches!(name, "incident_taken" | "incident_resolved") {
                    context["by"] = json!("Laura");
                }
                let text = wording.say(language, name, &context).unwrap_or_else(|problem| panic!("{problem}"));
                let length = text.chars().count();
                assert!((1..=LONGEST_BODY).contains(&length), "{language}/{name}: {length}");
                for wrong in ["{{", "{%", "Ups", "Oops", "riesgo", "risk", "undefined", "null", "!", "  ", " ."] {
                    assert!(!text.contains(wrong), "{language}/{name} has {wrong:?}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_three_languages_differ_and_say_the_same_things() {
    let wording = DESK.wording();
    let long = ["greeting", "order_status", "finance_sales", "handover", "staff_help", "unclear", "stopped"];
    for name in long {
        let [es, pt, en] = Language::ALL.map(|language| wording.say(language, name, &full()).unwrap());
        assert!(es != pt && pt != en && es != en, "{name}");
    }
}

#[test]
fn titles_fit_their_buttons() {
    let wording = DESK.wording();
    for language in Language::ALL {
        for key in wording.keys(language).filter(|key| key.starts_with("button.") || key.starts_with("intent.")) {
            let title = wording.word(language, key);
            assert!((1..=LONGEST_TITLE).contains(&title.chars().count()), "{language} {key}: {title}");
        }
    }
}

#[test]
fn every_word_that_the_code_asks_for_is_in_the_table() {
    let wording = DESK.wording();
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut files = vec![source.to_path_buf()];
    let mut asked = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for quoted in text.split('"').skip(1).step_by(2) {
            let known = ["button.", "status.", "short.", "stage.", "ago.", "chance.", "date."];
            let plain = quoted.chars().all(|letter| letter.is_ascii_lowercase() || matches!(letter, '.' | '_'));
            if known.iter().any(|start| quoted.starts_with(start)) && plain && !quoted.ends_with('.') {
                asked += 1;
                assert_ne!(wording.word(Language::Es, quoted), quoted, "in {}", path.display());
            }
        }
    }
    assert!(asked > 40, "{asked}");
    for intent in recado_domain::intent::Intent::ALL {
        let key = format!("intent.{}", intent.name());
        assert_ne!(wording.word(Language::Es, &key), key);
    }
}
