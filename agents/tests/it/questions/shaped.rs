//! Answers as pictures and documents: what the words ask for, what goes with the answer, and that the caption says the
//! numbers of the same books.

use recado_agents::understanding::questions::shaped;
use recado_domain::attachment::{Attachment, Form, Picture};
use recado_domain::finance::figures::{Dimension, Metric, Narrowing};
use recado_domain::outbound::OutboundMessage;

use super::*;

fn wanted(text: &str, last: Option<&Question>) -> Option<String> {
    let entities = find(text, &Context { today: Some(TODAY), country: "CO" });
    let ground = Ground { text, normalised: &normalise(text), entities: &entities, today: TODAY };
    shaped(&ground, last).map(|question| question.to_string())
}

#[test]
fn a_picture_or_document_is_asked_for_in_three_languages() {
    let last = asked("¿cuánto gané en septiembre?").unwrap();
    for (text, expected) in [
        ("mándame la gráfica", "operating_profit as=chart @month:9"),
        ("¿me la muestras en un gráfico, por favor?", "operating_profit as=chart @month:9"),
        ("send me the chart", "operating_profit as=chart @month:9"),
        ("me manda o gráfico", "operating_profit as=chart @month:9"),
        ("y en pdf?", "operating_profit as=pdf @month:9"),
        ("pásamelo en excel", "operating_profit as=workbook @month:9"),
        ("la gráfica de octubre", "operating_profit as=chart @month:10"),
        ("pásame el informe de octubre en PDF", "report as=pdf @month:10"),
        ("me manda o relatório de outubro em pdf", "report as=pdf @month:10"),
        ("send me last month's report as a spreadsheet", "report as=workbook @last_month"),
        ("exporta las ventas a excel", "report as=workbook @month:9"),
        ("exporta as vendas do mês passado pra excel", "booked.net_sales as=workbook @last_month"),
        ("gráfica de ventas por ciudad de octubre", "booked.net_sales by=city top as=chart @month:10"),
    ] {
        assert_eq!(wanted(text, Some(&last)).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(wanted("quiero el informe en pdf", None).as_deref(), Some("report as=pdf @this_week"));
    assert_eq!(wanted("mándame la gráfica", None).as_deref(), Some("booked.net_sales as=chart"));
}

#[test]
fn what_gives_a_file_or_asks_for_another_paper_asks_for_none_of_these() {
    for text in [
        "te mando un excel con los gastos",
        "¿cómo subo el excel de costos?",
        "envíame la factura en pdf",
        "necesito el pdf de la guía",
        "send me the receipt as PDF",
        "excelente producto",
        "¿cuánto vendí en octubre?",
    ] {
        assert_eq!(wanted(text, None), None, "{text}");
    }
}

fn sent(dialogue: &Dialogue) -> (OutboundMessage, Attachment) {
    let replies = dialogue.replies();
    assert_eq!(replies.len(), 1, "{replies:?}");
    let attachment = replies[0].attachment.clone().unwrap_or_else(|| panic!("nothing goes with {:?}", replies[0]));
    (replies[0].clone(), *attachment)
}

#[tokio::test]
async fn a_chart_has_the_figure_the_days_and_the_part_that_were_asked_for() {
    for (text, picture, days, parts) in [
        ("gráfica de ventas de octubre", Picture::Days(Metric::BookedNetSales), ("2026-10-01", "2026-10-31"), vec![]),
        (
            "gráfica de ventas por ciudad de octubre",
            Picture::Parts(Dimension::City, Metric::BookedNetSales),
            ("2026-10-01", "2026-10-31"),
            vec![],
        ),
        (
            "gráfica de ventas de sérum de octubre",
            Picture::Days(Metric::BookedNetSales),
            ("2026-10-01", "2026-10-31"),
            vec![Narrowing::Of(Dimension::Product, "P2".to_owned())],
        ),
        ("gráfica de la ganancia de septiembre", Picture::Profit, ("2026-09-01", "2026-09-30"), vec![]),
        ("gráfica del flujo de 13 semanas", Picture::Cash, ("2026-11-01", "2026-11-05"), vec![]),
        ("gráfica de la efectividad de septiembre", Picture::Cod, ("2026-09-01", "2026-09-30"), vec![]),
    ] {
        let mut dialogue = owner();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("finance", "chart"), "{text}: {reply}");
        let (_, attachment) = sent(&dialogue);
        assert_eq!(attachment.form, Form::Picture(picture), "{text}");
        if picture != Picture::Cash {
            assert_eq!((attachment.first.to_string().as_str(), attachment.last.to_string().as_str()), days, "{text}");
        }
        assert_eq!(attachment.parts, parts, "{text}");
        assert_eq!(attachment.as_of, dialogue.facts.ledger.as_ref().unwrap().facts().as_of);
    }
}

#[tokio::test]
async fn the_caption_says_the_numbers_and_fits_below_a_picture() {
    for (text, parts, filename) in [
        ("gráfica de ventas de septiembre", &["En septiembre: ventas netas *$663.794*"][..], "grafica-2026-09.png"),
        ("gráfica de la ganancia de septiembre", &["*$24.600*", "$71.500"], "grafica-2026-09.png"),
        ("pásame el informe de octubre en PDF", &["En octubre", "Aquí va tu informe en PDF."], "informe-2026-10.pdf"),
        (
            "send me the report of October as a spreadsheet",
            &["In October", "Here is your spreadsheet"],
            "report-2026-10.xlsx",
        ),
        ("me manda o relatório de outubro em pdf", &["Em outubro", "seu relatório em PDF"], "relatorio-2026-10.pdf"),
    ] {
        let mut dialogue = owner();
        dialogue.says(text).await;
        let (message, attachment) = sent(&dialogue);
        for part in parts {
            assert!(message.body.contains(part), "{text}: {part:?} is not in {}", message.body);
        }
        assert_eq!(attachment.filename, filename, "{text}");
        assert!(message.body.chars().count() <= 1024 && message.buttons.len() <= 3, "{message:?}");
        assert!(attachment.instead.contains("Pídemelo de nuevo") || attachment.language != recado_domain::Language::Es);
    }
}

#[tokio::test]
async fn buttons_below_a_figure_give_it_as_a_picture_or_document() {
    for (tap, form) in [
        ("fin:chart", Form::Picture(Picture::Days(Metric::BookedNetSales))),
        ("fin:pdf", Form::Report),
        ("fin:excel", Form::Workbook),
    ] {
        let mut dialogue = owner();
        dialogue.says("¿cuánto vendí en septiembre?").await;
        assert!(dialogue.buttons().contains(&tap.to_owned()), "{:?}", dialogue.buttons());
        dialogue.taps(tap).await;
        let (_, attachment) = sent(&dialogue);
        assert_eq!((attachment.form, attachment.first.to_string().as_str()), (form, "2026-09-01"), "{tap}");
        // What follows is asked in words again.
        let reply = dialogue.says("¿y en octubre?").await;
        assert!(dialogue.replies()[0].attachment.is_none(), "{reply}");
        assert!(reply.starts_with("En octubre"), "{reply}");
    }
}

#[tokio::test]
async fn nobody_without_the_right_gets_a_picture_or_document() {
    for (who, text) in [
        (member(MemberRole::Employee, false), "pásame el informe de octubre en PDF"),
        (member(MemberRole::Employee, false), "mándame la gráfica de ventas"),
        (shopper(), "mándame la gráfica de ventas"),
    ] {
        let facts = owner().facts;
        let mut dialogue = Dialogue::of(who, facts);
        let reply = dialogue.says(text).await;
        assert!(dialogue.replies().iter().all(|reply| reply.attachment.is_none()), "{reply}");
        let tapped = dialogue.taps("fin:pdf").await;
        assert!(dialogue.replies().iter().all(|reply| reply.attachment.is_none()), "{tapped}");
    }
    // The control: with the right, an employee gets it.
    let mut dialogue = Dialogue::of(member(MemberRole::Employee, true), owner().facts);
    dialogue.now = owner().now;
    dialogue.says("pásame el informe de octubre en PDF").await;
    assert_eq!(sent(&dialogue).1.form, Form::Report);
}

#[tokio::test]
async fn of_nothing_there_is_no_picture() {
    let mut dialogue = owner();
    let reply = dialogue.says("gráfica de ventas de enero de 2020").await;
    assert!(dialogue.replies()[0].attachment.is_none(), "{reply}");
    assert!(reply.contains("no hubo pedidos"), "{reply}");
}
