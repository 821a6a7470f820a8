//! Spreadsheets as people keep them, and what becomes of them.

use std::sync::LazyLock;

use jiff::civil::date;
use recado_documents::sheet::{Reading, Request, SheetError, SheetKind, Trouble, load, read};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::take_apart;
use recado_domain::{Currency, Language};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::json;

use crate::shop;

static KNOWN: LazyLock<FactSet> = LazyLock::new(|| FactSet::from_json(&shop::busy_json()).unwrap());

fn with(bytes: &[u8], kind: Option<SheetKind>, map: &[(String, String)]) -> Result<Reading, SheetError> {
    read(bytes, &Request { kind, map, sheet: None, known: &KNOWN, now: KNOWN.as_of }, |_| {})
}

fn of(text: &str) -> Reading {
    with(text.as_bytes(), None, &[]).unwrap()
}

/// The facts as the domain reads them: what is built here is what it accepts.
fn accepted(reading: &Reading) -> FactSet {
    let mut document =
        json!({"merchant": {"timezone": "America/Bogota", "currency": "COP"}, "as_of": "2026-11-21T10:40:00-05:00"});
    document[reading.kind.list()] = reading.list();
    take_apart(&document.to_string()).unwrap().0
}

fn troubles(reading: &Reading) -> Vec<(u32, Trouble)> {
    reading.problems.iter().map(|problem| (problem.row, problem.trouble)).collect()
}

#[test]
fn headings_are_found_below_a_title_and_totals_are_left_out() {
    let reading = of("Casa Lienzo;;;\nGastos de octubre;;;\n;;;\nFecha;Concepto;Valor;IVA\n\
        01/10/2026;Arriendo;2.400.000;456.000\n15/10/2026;Nómina;3.500.000,50;\n;;;\nTotal;;5.900.000,50;\n");
    assert_eq!((reading.kind, reading.head), (SheetKind::Expenses, 4));
    assert_eq!(troubles(&reading), [(8, Trouble::Total)]);
    let facts = accepted(&reading);
    assert_eq!(facts.expenses.len(), 2);
    assert_eq!((facts.expenses[0].amount, facts.expenses[0].vat), (240_000_000, 45_600_000));
    assert_eq!((facts.expenses[1].amount, facts.expenses[1].invoiced_on), (350_000_050, date(2026, 10, 15)));
    assert_eq!(reading.totals[&Currency::Cop], 590_000_050);
}

#[test]
fn every_kind_is_recognised_by_its_headings_and_accepted_by_the_domain() {
    for (text, kind, count) in [
        (
            "Date,Campaign name,Amount spent\n2026-10-01,Noviembre,150000\n2026-10-02,Noviembre,160000\n",
            SheetKind::AdSpend,
            2,
        ),
        ("SKU;Producto;Costo unitario\nv1;Sábanas;17500\nv9;Bolsa;4.200\n", SheetKind::Costs, 2),
        ("Fecha de compra|Proveedor|Valor|Vence\n2026-10-01|Telar|1000000|2026-11-30\n", SheetKind::Purchases, 1),
        (
            "Guía\tValor recaudo\tFlete\tComisión\tFecha de pago\tTransportadora\ng1001\t100000\t9000\t2000\t2026-10-09\tCoordinadora\ng1002\t50000\t9000\t1000\t2026-10-09\tCoordinadora\n",
            SheetKind::Remittances,
            1,
        ),
        (
            "Factura;Cliente;Valor;Fecha;Vence;Abono;Fecha de pago\nFV-1;Hotel;900000;2026-10-01;2026-10-31;400000;2026-10-20\n",
            SheetKind::Invoices,
            1,
        ),
        ("Data;Conta;Saldo\n20/11/2026;Bancolombia;-12.000\n", SheetKind::Cash, 1),
        ("Fecha,Moneda,TRM\n2026-10-01,USD,3985.75\n", SheetKind::Fx, 1),
        ("Pasarela;Comisión;Fijo;IVA;Días de pago\nWompi;2,65 %;700;19 %;2\n", SheetKind::GatewayFees, 1),
    ] {
        let reading = of(text);
        assert_eq!(
            (reading.kind, reading.facts.len(), reading.refused()),
            (kind, count, 0),
            "{text} {:?}",
            reading.problems
        );
        accepted(&reading);
    }
}

#[test]
fn what_gateways_take_is_percent_or_a_share_and_never_guessed() {
    let reading = of("Pasarela;Comisión;Valor fijo;IVA;Plazo;Desde\n\
        Wompi;2,65 %;$ 700;19;2;\n\
        Mercado Pago;3.29;800;0,19;5;01/10/2026\n\
        PayU;0,0349;;19%;;\n\
        Addi;0,5;;;;\n\
        Bold;2,99%;;;1,5;\n\
        Nequi;-1;;;;\n\
        Otra;300;;;;\n\
        wompi;3 %;;;;\n");
    assert_eq!(reading.kind, SheetKind::GatewayFees);
    assert_eq!(
        troubles(&reading),
        [
            (5, Trouble::Percent),
            (6, Trouble::Days),
            (7, Trouble::Negative),
            (8, Trouble::TooLarge),
            (9, Trouble::SameId(2))
        ]
    );
    let facts = accepted(&reading);
    let told: Vec<_> = facts
        .gateway_fees
        .iter()
        .map(|fee| {
            let rate = fee.rate.unscaled as f64 / 10_f64.powi(fee.rate.scale as i32);
            let vat = fee.vat_rate.unscaled as f64 / 10_f64.powi(fee.vat_rate.scale as i32);
            (fee.gateway.as_str(), rate, fee.fixed, vat, fee.payout_days, fee.from)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("Wompi", 0.0265, 70_000, 0.19, Some(2), None),
            ("Mercado Pago", 0.0329, 80_000, 0.19, Some(5), Some(date(2026, 10, 1))),
            ("PayU", 0.0349, 0, 0.19, None, None),
        ]
    );
    // 100.000 through Wompi: 2.650 + 700, and 19 % of that.
    let fee = facts.gateway_fees[0].of(10_000_000).unwrap();
    assert_eq!((fee.amount, fee.vat), (335_000, 63_650));
}

#[test]
fn guides_of_one_payment_are_one_remittance_whose_net_adds_up() {
    let reading =
        of("guia,recaudo,flete,fecha,transportadora\ng1001,100000,9000,2026-10-09,C\nzz,50000,9000,2026-10-09,C\n");
    let facts = accepted(&reading);
    let [remittance] = facts.remittances.as_slice() else { panic!("one") };
    assert_eq!((remittance.lines.len(), remittance.net), (2, 13_200_000));
    assert!(troubles(&reading).contains(&(3, Trouble::UnknownGuide)));
}

#[test]
fn a_new_cost_keeps_the_costs_before_it() {
    let reading = of("sku,costo,desde\nv1,20000,2026-11-01\nv9,4000,\n");
    let facts = accepted(&reading);
    let costs: Vec<i64> = facts.products["v1"].costs.iter().map(|cost| cost.unit_cost).collect();
    assert_eq!(costs, [1_600_000, 2_000_000]);
    assert_eq!(facts.products["v9"].title, "Bolsa de tela");
    assert_eq!(
        facts.products["v9"].cost_at(recado_domain::Timestamp::parse("2026-01-01T00:00:00Z").unwrap()),
        Some(400_000)
    );
}

#[test]
fn each_problem_says_its_row_and_what_to_do() {
    let reading = of("Fecha;Concepto;Valor;Moneda\n\
        2026-10-01;Arriendo;2400000;COP\n\
        ayer;Nómina;100;COP\n\
        2026-10-03;Luz;doce;COP\n\
        2026-10-04;Software;30;ZZZ\n\
        2026-10-05;;;\n\
        2026-10-01;Arriendo;2400000;COP\n\
        2026-10-07;Nota crédito;-5000;COP\n\
        2026-10-08;Dominio;12;USD\n\
        2026-10-09;Enorme;99999999999999999999;COP\n");
    assert_eq!(
        troubles(&reading),
        [
            (3, Trouble::NotADay),
            (4, Trouble::NotAnAmount),
            (5, Trouble::Currency),
            (6, Trouble::Missing),
            (7, Trouble::SameRow(2)),
            (8, Trouble::Credit),
            (9, Trouble::NoRate),
            (10, Trouble::TooLarge),
        ]
    );
    assert_eq!((reading.facts.len(), reading.refused()), (3, 6));
    for problem in &reading.problems {
        for language in Language::ALL {
            let said = problem.said(language);
            assert!(said.len() > 20 && !said.starts_with("problem."), "{said}");
        }
    }
    assert!(reading.problems[0].said(Language::Es).contains("«ayer»"));
}

#[test]
fn a_number_that_can_be_read_in_two_ways_is_not_guessed() {
    let reading = of("fecha,valor,concepto\n2026-10-01,12.5,a\n2026-10-02,3.75,b\n2026-10-03,1.500,c\n");
    assert_eq!(troubles(&reading), [(4, Trouble::TwoWays)]);
    // The control: alone, the same text groups.
    let reading = of("fecha,valor,concepto\n2026-10-03,1.500,c\n");
    assert_eq!(accepted(&reading).expenses[0].amount, 150_000);
}

#[test]
fn a_negative_price_is_refused_and_a_foreign_cost_too() {
    let reading = of("sku;costo\nv1;-5\nv2;US$ 4\nv3;5\n");
    assert_eq!(troubles(&reading), [(2, Trouble::Negative), (3, Trouble::ForeignCurrency)]);
}

#[test]
fn columns_can_be_said_by_hand_and_what_is_missing_is_named() {
    let text = "Cuándo;Qué;Vr. neto\n2026-10-01;Luz;100\n";
    let map =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let refused =
        with(text.as_bytes(), Some(SheetKind::Expenses), &map(&[("Vr. neto", "amount")])).unwrap_err().to_string();
    assert!(refused.contains("--map") || refused.contains("headings"), "{refused}");
    let reading =
        with(text.as_bytes(), Some(SheetKind::Expenses), &map(&[("vr neto", "amount"), ("CUÁNDO", "day")])).unwrap();
    assert_eq!(reading.facts.len(), 1);
    let wrong = with(
        text.as_bytes(),
        Some(SheetKind::Expenses),
        &map(&[("vr neto", "amount"), ("cuándo", "day"), ("x", "vat")]),
    );
    assert!(wrong.unwrap_err().to_string().contains("there is no column"));
    assert!(matches!(with(b"", None, &[]), Err(SheetError::Empty)));
    assert!(matches!(with(b"hola\nmundo\n", None, &[]), Err(SheetError::NoHeadings(_))));
}

fn book(fill: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Portada").unwrap().write_string(0, 0, "Informe").unwrap();
    fill(book.add_worksheet().set_name("Octubre").unwrap());
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_its_days_its_computed_values_and_its_merged_headings() {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let bytes = book(|sheet| {
        sheet.write_string(0, 0, "GASTOS").unwrap();
        sheet.merge_range(2, 1, 2, 2, "Valor", &Format::new()).unwrap();
        for (column, name) in ["Fecha", "Total", "IVA", "Categoría"].iter().enumerate() {
            sheet.write_string(3, column as u16, *name).unwrap();
        }
        sheet.write_datetime_with_format(4, 0, ExcelDateTime::from_ymd(2026, 10, 1).unwrap(), &day).unwrap();
        sheet.write_formula(4, 1, Formula::new("=1000*2").set_result("2000")).unwrap();
        sheet.write_number(4, 2, 0.1 + 0.2).unwrap();
        sheet.write_string(4, 3, "Luz").unwrap();
        sheet.write_number(5, 0, 46_270.0).unwrap();
        sheet.write_number(5, 1, 1500.5).unwrap();
    });
    let reading = with(&bytes, None, &[]).unwrap();
    assert_eq!((reading.sheet.as_str(), reading.head, reading.refused()), ("Octubre", 4, 0), "{:?}", reading.problems);
    let facts = accepted(&reading);
    assert_eq!((facts.expenses[0].amount, facts.expenses[0].vat), (200_000, 30));
    assert_eq!(facts.expenses[0].invoiced_on, date(2026, 10, 1));
    assert_eq!((facts.expenses[1].amount, facts.expenses[1].invoiced_on), (150_050, date(2026, 9, 5)));
}

/// Workbooks in the forms that our own writer does not write; `tests/data/make.py` makes them.
#[test]
fn old_and_open_workbooks_and_those_that_count_from_1904_say_the_same() {
    for (name, bytes) in [
        ("gastos.xls", include_bytes!("../data/gastos.xls").as_slice()),
        ("gastos-1904.xls", include_bytes!("../data/gastos-1904.xls")),
        ("gastos-1904.xlsx", include_bytes!("../data/gastos-1904.xlsx")),
        ("gastos.ods", include_bytes!("../data/gastos.ods")),
    ] {
        let reading = with(bytes, None, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((reading.kind, reading.sheet.as_str()), (SheetKind::Expenses, "Octubre"), "{name}");
        assert_eq!((reading.head, troubles(&reading)), (3, vec![(6, Trouble::Total)]), "{name}");
        let facts = accepted(&reading);
        let [rent, wages] = &facts.expenses[..] else { panic!("{name}: {:?}", facts.expenses) };
        assert_eq!((rent.invoiced_on, rent.amount, rent.vat), (date(2026, 10, 1), 240_000_000, 45_600_000), "{name}");
        assert_eq!((wages.invoiced_on, wages.amount, wages.vat), (date(2026, 10, 15), 350_000_050, 0), "{name}");
    }
}

#[test]
fn the_same_file_gives_the_same_ids_and_other_rows_others() {
    let text = "fecha,valor,concepto\n2026-10-01,100,a\n2026-10-02,100,a\n";
    let ids = |text: &str| of(text).facts.into_iter().map(|fact| fact.id).collect::<Vec<_>>();
    assert_eq!(ids(text), ids(&format!("titulo,,\n{text}")));
    assert_ne!(ids(text)[0], ids(text)[1]);
}

#[test]
fn a_file_beyond_the_bound_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.csv");
    // A hole: it takes no room on the disk.
    std::fs::File::create(&path).unwrap().set_len(300 << 20).unwrap();
    let refused = load(&path).unwrap_err();
    assert!(matches!(refused, SheetError::TooLarge(300, 200)), "{refused}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), text in "[\\PC;,\n]{0,200}") {
        let _ = with(&bytes, None, &[]);
        let _ = with(format!("fecha;valor;concepto\n{text}").as_bytes(), None, &[]);
        let _ = with(&[b"PK\x03\x04".as_slice(), &bytes].concat(), None, &[]);
    }
}
