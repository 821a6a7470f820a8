//! Every figure that is answered is the books' own.

use recado_domain::Currency;
use recado_domain::Money;
use recado_domain::finance::figures::{Days, Metric, Unit, Value};
use recado_domain::finance::question::Subject;
use recado_domain::money::grouped;

use super::*;

/// A value as the answer is expected to write it.
fn written(metric: Metric, value: Value) -> Option<String> {
    Some(match (value, metric.unit()) {
        (Value::Money(minor), _) => {
            // A loss is told as «perdiste», without its sign.
            let minor = if metric == Metric::OperatingProfit { minor.abs() } else { minor };
            Money::new(minor, Currency::Cop).shown()
        }
        (Value::Count(count), _) => grouped(count.unsigned_abs(), '.'),
        (Value::Ratio(_), Unit::Days | Unit::Months) => return None,
        (Value::Ratio(ratio), _) => {
            // Two ways to write a ratio; both start with its whole part in percent or as a multiple.
            let percent = ratio.published().ok()?.parse::<f64>().ok()?.abs() * 100.0;
            format!("{percent:.1}").replace('.', ",").trim_end_matches(",0").to_owned()
        }
    })
}

#[tokio::test]
async fn the_answer_is_the_figure_of_the_books() {
    let mut told = 0;
    let all: Vec<Row> = rows(INVENTORY).into_iter().chain(rows(FURTHER)).collect();
    for row in &all {
        let Some(question) = asked(row.text) else { continue };
        let Subject::Metrics(metrics) = &question.subject else { continue };
        if question.by.is_some() || question.versus.is_some() || !question.filters.is_empty() {
            continue;
        }
        let metric = metrics[0];
        let mut dialogue = owner();
        let ledger = dialogue.facts.ledger.clone().unwrap();
        let zone = dialogue.merchant.zone();
        let span = question.period().resolve(dialogue.now, &zone);
        let value = ledger.figures(Days::new(span.first, span.last)).value(metric);
        let reply = dialogue.says(row.text).await;
        let agent = dialogue.decision().0;
        assert!(["finance", "advice"].contains(&agent), "{} by {agent}: {reply}", row.text);
        match value {
            Err(_) => assert_eq!(dialogue.decision().1, "undefined", "{}: {reply}", row.text),
            Ok(value) => {
                let multiple = metric.id().contains("roas") || metric == Metric::PaybackRatio || metric == Metric::Mer;
                if let Some(text) = written(metric, value).filter(|_| !multiple) {
                    let none = dialogue.decision().1 == "no_orders";
                    assert!(none || reply.contains(&text), "{}: {text} is not in {reply}", row.text);
                }
            }
        }
        assert!(reply.chars().count() <= 1024, "{reply}");
        told += 1;
    }
    println!("{told} answers");
    assert!(told > 150, "{told}");
}

#[tokio::test]
async fn every_question_gets_one_answer_of_finance() {
    for row in rows(INVENTORY).iter().chain(&rows(FURTHER)) {
        let mut dialogue = owner();
        let reply = dialogue.says(row.text).await;
        let agent = dialogue.decision().0;
        assert!(["finance", "advice"].contains(&agent), "{} by {agent}: {reply}", row.text);
        assert_eq!(dialogue.replies().len(), 1, "{}", row.text);
        assert!(reply.chars().count() <= 1024 && !reply.contains("metric."), "{}: {reply}", row.text);
    }
}

#[tokio::test]
async fn the_worked_example_is_told_as_it_is_defined() {
    let rows: &[(&str, &[&str])] = &[
        (
            "¿cuánto vendí en septiembre?",
            &["vendiste *$663.794* netos en 9 pedidos", "Entregado y cobrado: $512.702"][..],
        ),
        (
            "¿cuánto gané en septiembre?",
            &["ganaste *$24.600* de operación (4,6 % del ingreso neto)", "$204.775 de contribución", "$71.500"],
        ),
        ("¿cuánto gané en octubre?", &["perdiste *$19.598* de operación (−3,7 % del ingreso neto)"]),
        (
            "¿cómo va la efectividad de septiembre?",
            &["efectividad *75 %*", "efectividad mínima: 53,7 %", "Muestra pequeña: 4"],
        ),
        ("¿cuánta plata hay en caja?", &["Al jueves 5 de noviembre", "caja *$410.000*", "días de caja: 59 días"]),
        ("¿cuánto me debe la transportadora?", &["$166.700"]),
        (
            "¿me consignaron completo?",
            &["#1014 · envia: sin consignar $164.800", "#1008 · envia: consignado de menos $1.900"],
        ),
        ("¿quién me debe?", &["Boutique Sol: $138.000 ($138.000 vencidos)", "Tienda Luna: $119.000"]),
        ("¿cuánto me dejó el pedido #1001?", &["#1001", "margen de contribución"]),
        ("¿cómo está de salud mi negocio?", &["*71 de 100*: estable", "entre 56 y 87"]),
        ("hazme el flujo de 13 semanas", &["$162.220", "13"]),
        ("¿qué producto me deja más plata?", &["por producto", "1. "]),
        ("¿cuánto vendí de sérum en septiembre?", &["Sérum"]),
        (
            "¿cuánto gasté en arriendo en septiembre?",
            &["En septiembre: arriendo *$70.000*. Gastos fijos en total: $71.500.", "• empaques: $12.000"],
        ),
        (
            "¿cuánto gasté en nómina en septiembre?",
            &["En septiembre no hay nada registrado de nómina.", "• arriendo: $70.000"],
        ),
        ("how much did I spend on rent in September?", &["In September: arriendo *$70.000*"]),
        ("how much did I sell in September?", &["In September you sold *$663.794* net in 9 orders"]),
        ("quanto lucrei em setembro?", &["você lucrou *$24.600* de operação"]),
    ];
    for (text, parts) in rows {
        let reply = owner().says(text).await;
        for part in *parts {
            assert!(reply.contains(part), "{text}: {part:?} is not in {reply}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_told_says_what_is_missing() {
    let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), Facts::default());
    for (text, part) in [
        ("¿cómo va el ROAS de octubre?", "no hay gasto en anuncios registrado; ¿lo agrego?"),
        ("qual é o meu ROAS?", "não há gasto com anúncios registrado"),
        ("what's my blended ROAS?", "there is no ad spend recorded; shall I add it?"),
        ("¿cuánta plata hay en caja?", "no hay un saldo de caja registrado"),
        ("¿cuál es mi ticket promedio?", "no hay pedidos con que calcular un promedio"),
        ("¿para cuántos días tengo mercancía?", "falta un conteo de inventario"),
    ] {
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("finance", "undefined"), "{text}: {reply}");
        assert!(reply.contains(part), "{text}: {reply}");
    }
    let reply = dialogue.says("¿cuál es mi EBITDA?").await;
    assert_eq!(dialogue.decision(), ("finance", "unknown"), "{reply}");
    assert!(numbers(&reply).is_empty(), "{reply}");
}
