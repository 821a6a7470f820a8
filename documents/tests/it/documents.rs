//! The report and the workbook: pages hold what they say, words stay words, numbers stay numbers.

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use recado_documents::report::{pages, report};
use recado_documents::scene::{Scene, png};
use recado_documents::workbook::workbook;
use recado_domain::Language;
use recado_domain::finance::figures::Days;

use crate::shop;

fn texts(pages: &[Scene]) -> String {
    let labels = pages.iter().flat_map(Scene::labels);
    labels.map(|label| label.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn pages_hold_their_words_apart_and_every_part_of_the_report() {
    for language in Language::ALL {
        for (ledger, days) in [(shop::busy(), shop::november()), (shop::example(), shop::september())] {
            let pages = pages(&ledger, days, shop::writer(language)).unwrap();
            assert!((3..=8).contains(&pages.len()), "{} pages", pages.len());
            for (number, page) in pages.iter().enumerate() {
                let labels: Vec<_> = page.labels().collect();
                for (place, one) in labels.iter().enumerate() {
                    assert!(page.frame().holds(one.area()), "{language} page {number} {:?}", one.text);
                    for other in &labels[place + 1..] {
                        assert!(
                            !one.area().meets(other.area()),
                            "{language} page {number}: {:?} {:?}",
                            one.text,
                            other.text
                        );
                    }
                }
            }
        }
    }
    let said = texts(&pages(&shop::example(), shop::september(), shop::writer(Language::Es)).unwrap());
    for part in [
        "Informe de septiembre de 2026",
        "$663.794",
        "De las ventas a la utilidad",
        "Contra entrega",
        "Qué falta",
        "Qué significa cada cifra",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn the_pdf_is_whole_and_its_words_are_words() {
    let bytes = report(&shop::example(), shop::september(), shop::writer(Language::Es)).unwrap();
    assert!(bytes.starts_with(b"%PDF-") && bytes.windows(5).any(|window| window == b"%%EOF"));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("ToUnicode"), "letters can be copied and searched");
    assert!(bytes.len() < 2_000_000, "{}", bytes.len());
}

#[test]
fn a_shop_without_facts_gets_a_report_that_says_so() {
    let nobody = Days::month(jiff::civil::date(2020, 1, 1));
    let said = texts(&pages(&shop::example(), nobody, shop::writer(Language::Es)).unwrap());
    assert!(said.contains("No hubo movimientos"), "{said}");
}

#[test]
fn the_workbook_holds_numbers_as_numbers_and_strangers_text_as_text() {
    let facts =
        shop::busy_json().replace("Bolsa de tela", "=HYPERLINK(\\\"http://x\\\")").replace("\"#1001\"", "\"+1001\"");
    let facts = recado_domain::finance::facts::FactSet::from_json(&facts).unwrap();
    let as_of = facts.as_of;
    let ledger = recado_domain::finance::figures::Ledger::new(facts, as_of);
    let all = Days::new(jiff::civil::date(2026, 9, 1), jiff::civil::date(2026, 11, 21));
    let bytes = workbook(&ledger, all, shop::writer(Language::Es)).unwrap();
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(&bytes)).unwrap();
    let names = ["Resumen", "Por día", "Por producto", "Pedidos", "Hechos detrás", "Qué significa cada cifra"];
    assert_eq!(book.sheet_names(), names);
    for name in names {
        let formulas = book.worksheet_formula(name).unwrap();
        assert!(formulas.rows().flatten().all(String::is_empty), "{name} holds a formula");
    }
    let products = book.worksheet_range("Por producto").unwrap();
    let bag = products.rows().find(|row| row[0].to_string().starts_with("=HYPERLINK")).expect("the bag was sold");
    assert!(matches!(bag[0], Data::String(_)) && matches!(bag[2], Data::Float(_) | Data::Int(_)));

    // The sum of the products is the figure of the summary.
    let number = |data: &Data| match data {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        other => panic!("no number: {other:?}"),
    };
    let summary = book.worksheet_range("Resumen").unwrap();
    let net = summary.rows().find(|row| row[4] == "booked.net_sales").unwrap();
    let sum: f64 = products.rows().skip(4).map(|row| number(&row[6])).sum();
    assert!((number(&net[1]) - sum).abs() < 0.005, "{} {sum}", number(&net[1]));
    let orders = book.worksheet_range("Pedidos").unwrap();
    assert!(orders.rows().any(|row| row[0] == "+1001"));
    assert!(matches!(orders.rows().nth(4).unwrap()[1], Data::DateTime(_)));
}

/// The report and workbook in every language, to be looked at: `RECADO_PICTURES=/tmp/x cargo test`.
#[test]
fn every_document_can_be_written_to_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let folder = option_env!("RECADO_PICTURES").map_or_else(|| folder.path().to_owned(), Into::into);
    for language in Language::ALL {
        let writer = shop::writer(language);
        let path = folder.join(format!("report-{language}.pdf"));
        std::fs::write(&path, report(&shop::busy(), shop::november(), writer).unwrap()).unwrap();
        std::fs::write(path.with_extension("xlsx"), workbook(&shop::busy(), shop::november(), writer).unwrap())
            .unwrap();
    }
    let first = &pages(&shop::busy(), shop::november(), shop::writer(Language::Es)).unwrap()[0];
    assert!(png(first, 1.5).unwrap().len() > 20_000);
}
