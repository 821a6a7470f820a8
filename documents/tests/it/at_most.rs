//! What is missing in a profit is said wherever the profit is: in the report, the workbook and the pictures.

use calamine::{Reader as _, Xlsx, open_workbook_from_rs};
use recado_documents::chart::{Chart, Kind};
use recado_documents::report::pages;
use recado_documents::workbook::workbook;
use recado_domain::Language;
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric};

use crate::shop;

/// The worked example, of whose gateways nobody told what they take.
fn untold() -> Ledger {
    let mut facts = shop::example().facts().clone();
    facts.payments.iter_mut().filter(|payment| payment.pays_out()).for_each(|payment| payment.fee = None);
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

/// Of each language: the figure's word, the sentence of the pictures, and what the report says of what is missing.
const WORDS: [(Language, [&str; 4]); 3] = [
    (
        Language::Es,
        [
            "máx. $",
            "como máximo",
            "lo que cobra la pasarela: la utilidad es como máximo esta",
            "la utilidad es «como máximo»",
        ],
    ),
    (Language::Pt, ["máx. $", "no máximo", "o que o gateway cobra: o lucro é no máximo este", "o lucro é «no máximo»"]),
    (
        Language::En,
        ["max. $", "at most", "gateway charges is not taken off yet: profit is at most this", "profit is “at most”"],
    ),
];

fn said(ledger: &Ledger, days: Days, language: Language) -> String {
    let pages = pages(ledger, days, shop::writer(language)).unwrap();
    for page in &pages {
        let labels: Vec<_> = page.labels().collect();
        for (place, one) in labels.iter().enumerate() {
            assert!(page.frame().holds(one.area()), "{language} {:?}", one.text);
            let other = labels[place + 1..].iter().find(|other| one.area().meets(other.area()));
            assert!(other.is_none(), "{language} {:?} {:?}", one.text, other.map(|other| &other.text));
        }
    }
    let labels = pages.iter().flat_map(recado_documents::scene::Scene::labels);
    labels.map(|label| label.text.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_report_says_that_a_profit_is_at_most_where_fees_are_missing() {
    for (language, [most, word, sentence, missing]) in WORDS {
        let report = said(&untold(), shop::september(), language);
        for wanted in [most, word, sentence, missing] {
            assert!(report.contains(wanted), "{wanted}\n{report}");
        }
        let whole = said(&shop::example(), shop::september(), language);
        assert!(!whole.contains(most) && !whole.contains(sentence), "{whole}");
    }
}

#[test]
fn pictures_of_a_profit_say_what_is_missing_in_it_and_others_do_not() {
    let (untold, days) = (untold(), shop::september());
    let caveat = |ledger: &Ledger, kind: Kind, language| {
        let chart = Chart::of(ledger, kind, days, shop::writer(language)).unwrap();
        chart.head().caveat.clone().unwrap_or_default()
    };
    for (language, [_, word, sentence, _]) in WORDS {
        for kind in [Kind::Profit, Kind::Days(Metric::Cm2), Kind::Parts(Dimension::Month, Metric::OperatingProfit)] {
            assert!(caveat(&untold, kind, language).contains(sentence), "{kind:?}");
            assert!(caveat(&shop::example(), kind, language).is_empty(), "{kind:?}");
        }
        let profit = Chart::of(&untold, Kind::Profit, days, shop::writer(language)).unwrap();
        assert!(profit.head().title.contains(word), "{}", profit.head().title);
        for kind in [Kind::Days(Metric::BookedNetSales), Kind::Parts(Dimension::Product, Metric::Cm1)] {
            assert!(caveat(&untold, kind, language).is_empty(), "{kind:?}");
        }
    }
    // Costs and fees at once: a sentence each.
    let mut facts = untold.facts().clone();
    // Not of the first one, which is a gift card and costs nothing.
    facts.products.get_mut("P1").unwrap().costs.clear();
    let as_of = facts.as_of;
    let both = caveat(&Ledger::new(facts, as_of), Kind::Profit, Language::Es);
    assert!(both.contains("Con costo conocido:") && both.contains("lo que cobra la pasarela"), "{both}");
}

#[test]
fn the_workbook_names_a_profit_as_at_most_and_keeps_its_number() {
    for (language, [_, word, _, missing]) in WORDS {
        let bytes = workbook(&untold(), shop::september(), shop::writer(language)).unwrap();
        let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(&bytes)).unwrap();
        let sheets = book.sheet_names();
        let summary = book.worksheet_range(&sheets[0]).unwrap();
        let row = |id: &str| summary.rows().find(|row| row[4] == id).unwrap_or_else(|| panic!("{id}")).to_vec();
        for id in ["cm2", "operating_profit"] {
            let row = row(id);
            assert!(row[0].to_string().contains(word), "{row:?}");
            assert!(matches!(row[1], calamine::Data::Float(_) | calamine::Data::Int(_)), "{row:?}");
        }
        assert!(!row("booked.net_sales")[0].to_string().contains(word));
        let days = book.worksheet_range(&sheets[1]).unwrap();
        assert!(days.rows().flatten().any(|cell| cell.to_string().contains(word)), "{language}");
        assert!(summary.rows().flatten().any(|cell| cell.to_string().contains(missing)), "{language}");
    }
}
