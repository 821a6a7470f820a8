//! Questions that carry the last one on.

use super::*;

#[tokio::test]
async fn one_thing_changes_and_the_rest_stays() {
    for (first, next, expected) in [
        ("¿cuánto vendí en octubre?", "¿y en septiembre?", "booked.net_sales @month:9"),
        ("¿cuánto gané este mes?", "¿y el pasado?", "operating_profit @last_month"),
        ("¿cuánto vendí esta semana?", "¿y la pasada?", "booked.net_sales @last_week"),
        ("¿cuánto vendí en octubre?", "por producto", "booked.net_sales by=product top @month:10"),
        ("¿cuánto gané en octubre?", "por ciudad", "operating_profit by=city top @month:10"),
        ("¿cuánto vendí en octubre?", "solo contra entrega", "booked.net_sales payment=cod @month:10"),
        ("¿cuánto vendí en octubre?", "solo Bogotá", "booked.net_sales city=Bogotá @month:10"),
        ("¿cuánto vendí en octubre?", "solo sérum", "booked.net_sales any=serum @month:10"),
        ("¿cuánto vendí en octubre?", "¿por qué?", "why:booked.net_sales @month:10"),
        ("¿cuánto gané en octubre?", "por qué?", "why:operating_profit @month:10"),
        ("¿cuánto gané en octubre?", "y por qué bajó?", "why:operating_profit @month:10"),
        ("¿cuánto vendí en octubre?", "¿y contra el año pasado?", "booked.net_sales vs=year @month:10"),
        ("¿cuánto vendí en octubre?", "comparado con agosto", "booked.net_sales vs=month:8 @month:10"),
        // October is the month before: as many days of it as have passed of this one.
        ("¿cuánto vendí este mes?", "comparado con octubre", "booked.net_sales vs=like @this_month"),
        ("hola", "¿cuánto vendí este mes vs octubre?", "booked.net_sales vs=like @this_month"),
        ("hola", "¿cuánto vendí este mes vs septiembre?", "booked.net_sales vs=month:9 @this_month"),
        ("¿cuánto vendí en octubre por producto?", "¿y los que menos?", "booked.net_sales by=product bottom @month:10"),
        ("¿cuánto vendí en octubre por ciudad?", "y la peor", "booked.net_sales by=city bottom @month:10"),
        ("¿cuánto vendí en octubre?", "y el que menos", "booked.net_sales @month:10"),
        ("¿cuánto vendí el mes pasado?", "¿cuántos pedidos?", "orders @last_month"),
        // What names its own figure carries nothing on but its words.
        ("hazme un resumen de octubre", "ventas de septiembre por ciudad", "booked.net_sales by=city @month:9"),
        ("¿cuánto gané en octubre?", "unidades por producto", "booked.units_sold by=product @month:10"),
        ("quanto vendi em outubro?", "e em setembro?", "booked.net_sales @month:9"),
        ("how much did I sell in October?", "why?", "why:booked.net_sales @month:10"),
        ("how much did I sell in October?", "by product", "booked.net_sales by=product top @month:10"),
    ] {
        let mut dialogue = owner();
        dialogue.says(first).await;
        let reply = dialogue.says(next).await;
        let question = dialogue.session.last_question.as_ref().map(ToString::to_string);
        assert_eq!(question.as_deref(), Some(expected), "{first} {next}: {reply}");
    }
}

#[tokio::test]
async fn why_is_told_in_parts_that_add_up() {
    let mut dialogue = owner();
    dialogue.says("¿cuánto gané en octubre?").await;
    let reply = dialogue.says("¿por qué?").await;
    assert_eq!(dialogue.decision(), ("finance", "why"), "{reply}");
    // −19.597,80 − 24.599,61, shown without decimals.
    assert!(reply.contains("La diferencia es *−$44.197*"), "{reply}");
    for driver in ["costo de producto", "pauta y mercadeo: −$5.492", "gastos fijos: −$21.351"] {
        assert!(reply.contains(driver), "{driver}: {reply}");
    }
}

#[tokio::test]
async fn where_a_number_comes_from_is_a_list_of_facts() {
    let mut dialogue = owner();
    dialogue.says("¿cuánto llevo en pauta en octubre?").await;
    let reply = dialogue.says("¿de dónde sale ese número?").await;
    assert_eq!(dialogue.decision(), ("finance", "proof"), "{reply}");
    assert!(reply.contains("2 gastos de pauta: AD3, AD4"), "{reply}");
    // The question before it is still the one that is carried on.
    let question = dialogue.session.last_question.as_ref().map(ToString::to_string);
    assert_eq!(question.as_deref(), Some("ad_spend @month:10"));
}

#[tokio::test]
async fn buttons_below_a_figure_ask_of_the_same_period() {
    let mut dialogue = owner();
    dialogue.says("¿cuánto vendí en septiembre?").await;
    assert!(dialogue.taps("fin:parts").await.contains("por producto"));
    dialogue.says("¿cuánto vendí en septiembre?").await;
    let reply = dialogue.taps("fin:why").await;
    assert_eq!(dialogue.decision(), ("finance", "why"), "{reply}");
    dialogue.says("¿cuánto vendí en septiembre?").await;
    assert!(dialogue.taps("fin:orders").await.starts_with("En septiembre tuviste *9* pedidos"));
}

#[tokio::test]
async fn a_name_that_the_books_do_not_know_is_said() {
    let mut dialogue = owner();
    dialogue.says("¿cuánto vendí en octubre?").await;
    let reply = dialogue.says("solo Leticia").await;
    assert!(reply.contains("No encuentro «Leticia»") || reply.contains("No encuentro «leticia»"), "{reply}");
}
