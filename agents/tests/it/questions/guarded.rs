//! No figure that was not asked for: what names something else gets no number, and what names nothing is asked back.

use super::*;

/// Sentences that name something of which the books keep no figure.
const OF_NO_BOOK: &[&str] = &[
    "¿cuántos seguidores gané este mes?",
    "cuánto creció la cuenta de instagram en seguidores",
    "¿cuántos likes tuvo la foto de ayer?",
    "¿cuántas visitas tuvo la tienda hoy?",
    "cuál es la tasa de conversión de la página",
    "¿cuántos carritos dejaron abandonados en octubre?",
    "¿cuánta gente entró a la página ayer?",
    "cuántos mensajes me llegaron hoy",
    "¿qué calificación tenemos en google?",
    "cuánto vende la competencia en un mes",
    "¿a cómo vende la competencia?",
    "cuánto gana un community manager",
    "cuánto gana un mensajero en bogotá",
    "¿a cómo está el dólar hoy?",
    "¿cuánto subió la inflación este año?",
    "¿cuánto vale la gasolina?",
    "¿cuánto pagué de impuesto de renta?",
    "cuánto me toca de predial",
    "¿cuánto debo de multas?",
    "¿cuánto pagué de intereses en octubre?",
    "cuánto me presta bancolombia",
    "¿cuánto me falta del préstamo?",
    "¿cuánto cupo tengo en la tarjeta de crédito?",
    "¿qué puntaje tengo en datacrédito?",
    "¿cuántas horas trabajó Laura esta semana?",
    "cuántos empleados tenemos",
    "¿cuánto le debo de vacaciones a Camila?",
    "¿cuánto inventario hay en la bodega de Itagüí?",
    "cuántas unidades quedan en la bodega norte",
    "¿cuántas quedan en talla M?",
    "¿cuánto vale mi marca?",
    "¿en cuánto está valorada la empresa?",
    "¿cuánto pesa el paquete más grande?",
    "¿cuánto mide la caja mediana?",
    "cuánto me costó el carro",
    "cuánto pagué de la moto este mes",
    "cuánto gané con la venta de la moto",
    "¿cuánto vendí de unicornios?",
    "cuánto vendimos de paraguas en octubre",
    "ventas de paraguas de septiembre",
    "cuántas sombrillas vendí en octubre",
    "ganancia de septiembre en chancletas",
    "quantos seguidores eu ganhei em outubro?",
    "quantas curtidas teve o post de ontem",
    "quantas visitas teve o site?",
    "qual a taxa de conversão do site?",
    "quantos carrinhos abandonados essa semana?",
    "quanto vende o concorrente?",
    "quanto ganha um motoboy?",
    "quanto tá o dólar?",
    "quanto paguei de imposto de renda?",
    "quanto devo de empréstimo?",
    "quantos funcionários eu tenho?",
    "quanto vale a minha empresa?",
    "quanto vendi de guarda chuva em outubro?",
    "vendas de chinelos em setembro",
    "how many followers did we gain in October?",
    "how many likes did the last post get?",
    "how many visits did the store get?",
    "what is our conversion rate?",
    "how many abandoned carts this week?",
    "how much does the competition sell?",
    "how much does a driver make?",
    "what is the dollar at today?",
    "how much income tax did I pay?",
    "how much do I still owe on the loan?",
    "what is my credit score?",
    "how many employees do we have?",
    "how much is my company worth?",
    "how much did we sell of umbrellas?",
    "sales of sandals in October",
    "how many unicorns did we sell in October?",
];

/// Whether a text is answered with a figure of the books.
async fn gets_a_figure(text: &str) -> (bool, String) {
    let mut dialogue = owner();
    let reply = dialogue.says(text).await;
    let agent = dialogue.decision().0;
    (["finance", "advice"].contains(&agent) && !numbers(&reply).is_empty(), reply)
}

#[tokio::test]
async fn what_names_something_else_gets_no_figure() {
    assert!(OF_NO_BOOK.len() >= 60, "{}", OF_NO_BOOK.len());
    let mut given = Vec::new();
    for text in OF_NO_BOOK {
        let (figure, reply) = gets_a_figure(text).await;
        if figure {
            given.push(format!("{text}: {reply}"));
        }
    }
    assert!(given.is_empty(), "{} figures that nobody asked for:\n{}", given.len(), given.join("\n"));
}

#[tokio::test]
async fn control_what_names_a_figure_gets_it() {
    for text in [
        "¿cuánto gané este mes?",
        "¿cuánto vendí en octubre?",
        "cuánto vendimos de sérum en octubre",
        "¿cuánto inventario tengo?",
        "¿cuántas fajas vendí en septiembre?",
        "quanto vendi em outubro?",
        "how many orders in October?",
    ] {
        let (figure, reply) = gets_a_figure(text).await;
        assert!(figure, "{text}: {reply}");
    }
}

#[tokio::test]
async fn what_is_not_kept_is_said_with_what_is_near() {
    for (text, parts, button) in [
        ("¿cuántas visitas tuvo la tienda ayer?", &["No llevo las visitas", "pedidos"][..], "ask:orders@"),
        (
            "¿cuánto pagué de impuesto de renta?",
            &["No llevo los impuestos de renta", "IVA por apartar"],
            "ask:vat_set_aside",
        ),
        (
            "¿cuánto inventario hay en la bodega norte?",
            &["No llevo el inventario por bodega", "valor del inventario"],
            "ask:inventory",
        ),
        ("quantos seguidores eu tenho?", &["Não acompanho seguidores"], "ask:new_customers"),
        ("how much income tax did I pay?", &["I do not keep income"], "ask:vat_set_aside"),
    ] {
        let mut dialogue = owner();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("finance", "not_kept"), "{text}: {reply}");
        for part in parts {
            assert!(reply.contains(part), "{text}: {part:?} is not in {reply}");
        }
        let buttons = dialogue.buttons();
        assert!(buttons.len() == 3 && buttons[0].starts_with(button), "{text}: {buttons:?}");
    }
}

#[tokio::test]
async fn a_kind_of_question_alone_is_asked_back_and_a_tap_answers_of_the_same_days() {
    let mut dialogue = owner();
    let reply = dialogue.says("cuéntame de la rentabilidad del local en septiembre").await;
    assert_eq!(dialogue.decision(), ("finance", "which"), "{reply}");
    assert!(reply.starts_with("¿Qué quieres saber: ") && numbers(&reply).is_empty(), "{reply}");
    let buttons = dialogue.buttons();
    assert!((2..=3).contains(&buttons.len()), "{buttons:?}");
    let profit = buttons.iter().find(|id| id.starts_with("ask:operating_profit")).unwrap().clone();
    let reply = dialogue.taps(&profit).await;
    assert!(reply.contains("$24.600"), "{reply}");
}

#[tokio::test]
async fn a_product_that_the_books_do_not_know_gets_the_nearest_or_the_best_sellers() {
    let mut dialogue = owner();
    let reply = dialogue.says("¿cuánto vendí de gorras en septiembre?").await;
    assert_eq!(dialogue.decision(), ("finance", "unknown_part"), "{reply}");
    assert!(reply.starts_with("No encuentro «gorras»") && reply.contains("Lo que más vendiste:"), "{reply}");
    assert!(!reply.contains("663.794"), "the whole shop's figure: {reply}");
    let buttons = dialogue.buttons();
    assert_eq!(buttons.last().map(String::as_str), Some("fin:whole"), "{buttons:?}");
    // A best seller of the same days.
    let reply = dialogue.taps(&buttons[0]).await;
    assert!(reply.starts_with("En septiembre · "), "{reply}");
    let mut dialogue = owner();
    dialogue.says("¿cuánto vendí de gorras en septiembre?").await;
    let reply = dialogue.taps("fin:whole").await;
    assert!(reply.contains("$663.794"), "{reply}");
    // A slip of the pen is near.
    let reply = owner().says("¿cuánto vendí de serun en septiembre?").await;
    assert!(reply.contains("No encuentro «serun»") && reply.contains("Sérum"), "{reply}");
}
