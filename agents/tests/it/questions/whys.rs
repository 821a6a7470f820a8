//! Why any figure moved: of the figure that was asked for, in parts that add up, against the days before.

use super::*;

#[tokio::test]
async fn a_why_alone_is_about_the_figure_before_it() {
    for (first, next, expected) in [
        ("¿cuánto gané en octubre?", "¿por qué bajó?", "why:operating_profit"),
        ("¿cuánto gané en octubre?", "¿y eso por qué?", "why:operating_profit"),
        ("¿cuánto vendí en octubre?", "¿a qué se debe?", "why:booked.net_sales"),
        ("¿cuánto vendí en octubre?", "pero por qué bajó tanto parce", "why:booked.net_sales"),
        ("¿cuál fue mi ticket promedio en octubre?", "¿por qué subió?", "why:aov"),
        ("¿cuánto llevo en pauta en octubre?", "¿por qué tanto?", "why:ad_spend"),
        ("quanto lucrei em outubro?", "por que caiu?", "why:operating_profit"),
        ("how much did I sell in October?", "how come it dropped?", "why:booked.net_sales"),
    ] {
        let mut dialogue = owner();
        dialogue.says(first).await;
        let reply = dialogue.says(next).await;
        assert_eq!(dialogue.decision(), ("finance", "why"), "{first} {next}: {reply}");
        let question = dialogue.session.last_question.as_ref().map(ToString::to_string).unwrap();
        assert!(question.starts_with(expected) && question.ends_with("@month:10"), "{first} {next}: {question}");
    }
}

#[tokio::test]
async fn a_why_that_names_its_figure_explains_that_one() {
    for (text, parts) in [
        ("¿qué pasó con la ganancia de octubre?", &["utilidad operativa", "La diferencia es *−$44.197*"][..]),
        ("¿por qué vendí menos en octubre?", &["ventas netas $605.908", "La diferencia es *−$57.887*"]),
        ("¿por qué subió la pauta en octubre?", &["meta: +$15.000"]),
        ("¿por qué subió el CAC en octubre?", &["clientes nuevos: +$5.708"]),
        ("¿por qué subieron los gastos fijos en octubre?", &["shopify", "dominio"]),
        ("por que o frete subiu em outubro?", &["Em outubro"]),
        ("why did the delivery rate drop in October?", &["In October"]),
    ] {
        let mut dialogue = owner();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("finance", "why"), "{text}: {reply}");
        for part in parts {
            assert!(reply.contains(part), "{text}: {part:?} is not in {reply}");
        }
    }
}

#[tokio::test]
async fn a_figure_without_parts_says_so_and_offers_what_there_is() {
    let mut dialogue = owner();
    dialogue.says("¿cuánta plata hay en caja?").await;
    let reply = dialogue.says("¿y por qué tan poco?").await;
    assert_eq!(dialogue.decision(), ("finance", "no_why"), "{reply}");
    assert!(reply.starts_with("De caja no tengo las partes") && numbers(&reply).is_empty(), "{reply}");
    assert_eq!(dialogue.buttons().len(), 2);
    let reply = dialogue.taps("ask:why:operating_profit@2026-10-01..2026-10-31").await;
    assert_eq!(dialogue.decision(), ("finance", "why"), "{reply}");
    // What is no single figure is not explained as if it were sales.
    let mut dialogue = owner();
    dialogue.says("¿en qué se me fue la plata en octubre?").await;
    let reply = dialogue.says("¿y por qué?").await;
    assert_eq!(dialogue.decision(), ("finance", "no_why"), "{reply}");
}

#[tokio::test]
async fn what_asks_for_the_reason_of_something_else_is_no_question_about_money() {
    for text in [
        "¿por qué no ha llegado el pedido #1001?",
        "¿qué pasó con el envío de Ana?",
        "¿por qué se demora tanto la transportadora con la devolución?",
        "why is the page so slow",
    ] {
        let mut dialogue = owner();
        dialogue.says("¿cuánto vendí en octubre?").await;
        let reply = dialogue.says(text).await;
        assert_ne!(dialogue.decision(), ("finance", "why"), "{text}: {reply}");
    }
}
