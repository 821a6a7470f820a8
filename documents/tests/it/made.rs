//! What goes with a message: of the right kind, of the right part, within its bound, the same bytes each time.

use jiff::civil::date;
use recado_documents::chart::{Chart, ChartError, Kind};
use recado_documents::make::{MakeError, make};
use recado_domain::Language;
use recado_domain::attachment::{Attachment, Form};
use recado_domain::finance::figures::day_book::{Beside, Gathered, Reading, Shelves};
use recado_domain::finance::figures::{Accounts, Dimension, Metric, Narrowing, Value};

use crate::shop;

fn attachment(form: Form, parts: Vec<Narrowing>) -> Attachment {
    Attachment {
        form,
        first: date(2026, 10, 1),
        last: date(2026, 10, 31),
        parts,
        as_of: shop::busy().facts().as_of,
        language: Language::Es,
        filename: format!("octubre.{}", form.extension()),
        instead: "no".to_owned(),
    }
}

fn medellin() -> Vec<Narrowing> {
    vec![Narrowing::Of(Dimension::City, "Medellín".to_owned())]
}

#[test]
fn every_form_is_made_within_its_bound_and_the_same_each_time() {
    let ledger = shop::busy();
    for (form, begins) in [
        (Form::Picture(Kind::Days(Metric::BookedNetSales)), &b"\x89PNG\r\n"[..]),
        (Form::Picture(Kind::Profit), b"\x89PNG\r\n"),
        (Form::Picture(Kind::Cash), b"\x89PNG\r\n"),
        (Form::Picture(Kind::Parts(Dimension::City, Metric::Orders)), b"\x89PNG\r\n"),
        (Form::Report, b"%PDF-"),
        (Form::Workbook, b"PK\x03\x04"),
    ] {
        let wanted = attachment(form, Vec::new());
        let file = make(&ledger, &wanted).unwrap();
        println!("{form:?}: {} bytes", file.bytes.len());
        assert!(file.bytes.starts_with(begins), "{form:?}");
        assert!(file.bytes.len() <= form.most_bytes());
        assert_eq!((file.mime_type.as_str(), file.name), (form.mime_type(), wanted.filename.clone()));
        assert!(!file.alt.is_empty());
        if matches!(form, Form::Picture(_)) {
            assert_eq!(make(&ledger, &wanted).unwrap().bytes, file.bytes, "{form:?}");
        }
    }
}

/// What is computed from the day book of the busy shop alone.
fn of_day_book<T>(compute: impl Fn(&Gathered) -> T) -> T {
    let ledger = shop::busy();
    let facts = ledger.facts();
    let (shelves, fold) = Shelves::of(facts.clone()).unwrap();
    let book = shelves.book(&facts.shop, (facts.as_of, facts.synced_at), Some(fold)).unwrap();
    let reading = Reading { book, shop: facts.shop.clone(), synced_at: facts.synced_at, version: 1 };
    let beside = Beside { products: facts.products.clone(), last_balance: None };
    shelves.computed(Gathered::new(reading, beside), &Shelves::beside_sales(facts), compute).unwrap()
}

#[test]
fn what_is_made_from_a_day_book_is_what_is_made_from_all_facts() {
    let ledger = shop::busy();
    for (kind, parts) in [
        (Kind::Days(Metric::BookedNetSales), Vec::new()),
        (Kind::Days(Metric::BookedNetSales), medellin()),
        (Kind::Parts(Dimension::Month, Metric::BookedNetSales), medellin()),
        (Kind::Parts(Dimension::Product, Metric::BookedNetSales), Vec::new()),
        (Kind::Parts(Dimension::City, Metric::Orders), Vec::new()),
        (Kind::Profit, Vec::new()),
        (Kind::Cash, Vec::new()),
        (Kind::Cod, Vec::new()),
    ] {
        let wanted = attachment(Form::Picture(kind), parts);
        let told = make(&ledger, &wanted).unwrap();
        let found = of_day_book(|accounts| make(accounts, &wanted)).unwrap();
        assert_eq!((found.alt, found.bytes == told.bytes), (told.alt, true), "{kind:?}");
    }
    let pages = |accounts: &dyn Accounts| {
        let pages = recado_documents::report::pages(accounts, shop::october(), shop::writer(Language::Es)).unwrap();
        pages.iter().map(recado_documents::scene::Scene::to_svg).collect::<Vec<_>>()
    };
    assert!(of_day_book(|accounts| pages(accounts)) == pages(&ledger), "the pages of the report differ");
    let workbook = of_day_book(|accounts| make(accounts, &attachment(Form::Workbook, Vec::new())));
    assert!(matches!(workbook, Err(MakeError::AllFacts)), "a workbook lists every order");
}

#[test]
fn a_picture_of_a_part_draws_the_figures_of_that_part() {
    let ledger = shop::busy();
    let kind = Kind::Days(Metric::BookedNetSales);
    let draw = |parts: &[Narrowing]| {
        let Chart::Trend(trend) =
            Chart::of_part(&ledger, kind, parts, shop::october(), shop::writer(Language::Es)).unwrap()
        else {
            panic!("no trend")
        };
        trend
    };
    let (part, whole) = (draw(&medellin()), draw(&[]));
    let sum = |values: &[i64]| values.iter().sum::<i64>();
    let Ok(Value::Money(expected)) = ledger.part(&medellin(), shop::october()).value(Metric::BookedNetSales) else {
        panic!("no sales in Medellín")
    };
    assert_eq!(sum(&part.now.values), expected);
    assert!(part.head.note.ends_with("Medellín"), "{}", part.head.note);
    // The control: the whole is another picture.
    assert!(sum(&whole.now.values) > expected && !whole.head.note.contains("Medellín"));
}

#[test]
fn what_only_the_whole_shop_has_is_not_drawn_of_a_part() {
    for kind in [Kind::Profit, Kind::Cash] {
        let made = make(&shop::busy(), &attachment(Form::Picture(kind), medellin()));
        assert!(matches!(made, Err(MakeError::Chart(ChartError::Whole))), "{kind:?}");
    }
}
