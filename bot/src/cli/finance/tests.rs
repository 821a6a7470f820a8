//! The verbs, as they are typed.

use clap::Parser as _;
use recado_domain::finance::figures::Metric;

use super::*;

pub(super) const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests/it/finance/golden.json");

pub(super) fn told(line: &[&str], settings: &Settings) -> Result<String, CliError> {
    let cli = crate::cli::Cli::try_parse_from(["recado", "finance"].iter().chain(line)).unwrap();
    let crate::cli::Verb::Finance(verb) = cli.verb else { panic!("another verb") };
    let mut bytes = Vec::new();
    run(&verb, settings, &mut Output::to(&mut bytes))?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn answered(line: &[&str]) -> Result<String, CliError> {
    told(&[&["report"], line].concat(), &Settings::default())
}

#[test]
fn imported_facts_give_the_same_report_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let settings = crate::cli::store::tests_support::settings(folder.path());
    let days = ["--from", "2026-09-01", "--to", "2026-10-31", "--by", "product", "--json"];
    let expected = answered(&[&["--facts", GOLDEN], &days[..]].concat()).unwrap();

    let row: serde_json::Value =
        serde_json::from_str(&told(&["import", GOLDEN, "--json"], &settings).unwrap()).unwrap();
    assert_eq!((row["told"].as_i64(), row["added"].as_i64()), (Some(99), Some(99)));
    assert_eq!(row["shop"], "Tienda de ejemplo");
    let named = [&["report", "--merchant", "tienda de ejemplo"], &days[..]].concat();
    assert_eq!(told(&named, &settings).unwrap(), expected);

    // A second time nothing is added, and the shop is the same one.
    let again: serde_json::Value =
        serde_json::from_str(&told(&["import", GOLDEN, "--json"], &settings).unwrap()).unwrap();
    assert_eq!((again["added"].as_i64(), &again["merchant"]), (Some(0), &row["merchant"]));
    assert_eq!(told(&["imports"], &settings).unwrap().lines().count(), 3);

    told(&["undo", row["import"].as_str().unwrap()], &settings).unwrap();
    let refused = told(&named, &settings).unwrap_err().to_string();
    assert!(refused.contains("no facts about money"), "{refused}");
}

#[test]
fn facts_of_other_books_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = crate::cli::store::tests_support::settings(folder.path());
    told(&["import", GOLDEN], &settings).unwrap();
    let path = folder.path().join("pesos.json");
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    std::fs::write(&path, golden.replacen("\"currency\": \"COP\"", "\"currency\": \"MXN\"", 1)).unwrap();
    let refused = told(&["import", path.to_str().unwrap()], &settings).unwrap_err().to_string();
    assert!(refused.contains("COP") && refused.contains("MXN"), "{refused}");
}

#[test]
fn a_report_holds_every_figure_as_a_decimal_string_or_null_with_a_reason() {
    let text = answered(&["--facts", GOLDEN, "--from", "2026-10-01", "--to", "2026-10-31", "--json"]).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["metrics"].as_object().unwrap().len(), Metric::ALL.len());
    assert_eq!(report["metrics"]["booked.net_sales"], "605907.57");
    assert_eq!(report["metrics"]["operating_leverage"], serde_json::Value::Null);
    assert_eq!(report["reasons"]["operating_leverage"], "no_profit");
    assert_eq!(report["balances"]["cash_buffer_days"], "59.280778");
    assert_eq!(report["health"]["score"], 71);
}

#[test]
fn a_breakdown_and_a_proof_are_told() {
    let line = ["--facts", GOLDEN, "--from", "2026-09-01", "--to", "2026-09-30"];
    let table = answered(&[&line[..], &["--by", "product"]].concat()).unwrap();
    assert!(table.contains("Sérum") && table.contains("$663.794"), "{table}");
    let proof = answered(&[&line[..], &["--proof", "booked.returns"]].concat()).unwrap();
    assert_eq!(proof.split_whitespace().collect::<Vec<_>>(), ["KIND", "ID", "order", "#1007"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("facts.json");
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    std::fs::write(&path, golden.replacen("\"14353.78\"", "\"14.353,78\"", 1)).unwrap();
    let refused = answered(&["--facts", path.to_str().unwrap()]).unwrap_err().to_string();
    assert!(refused.contains("orders[0].lines[0].tax") && refused.contains("14.353,78"), "{refused}");
    assert!(answered(&["--facts", "/nowhere.json"]).is_err());
}

/// A shop with the facts of the worked example.
fn example(folder: &std::path::Path) -> Settings {
    let settings = crate::cli::store::tests_support::settings(folder);
    told(&["import", GOLDEN], &settings).unwrap();
    settings
}

#[test]
fn pictures_and_documents_are_written_from_facts_and_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let settings = example(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let days = ["--from", "2026-09-01", "--to", "2026-09-30"];
    for kind in ["days", "profit", "cod", "cash", "products"] {
        let file = path(&format!("{kind}.png"));
        let line = [&["chart", kind, "--merchant", "tienda de ejemplo", "-o", &file], &days[..]].concat();
        assert!(told(&line, &settings).unwrap().contains(&file));
        assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
    }
    let (from_store, from_file) = (path("store.svg"), path("file.svg"));
    told(&[&["chart", "days", "-o", &from_store], &days[..]].concat(), &settings).unwrap();
    let picture =
        told(&[&["chart", "days", "--facts", GOLDEN, "-o", &from_file, "--json"], &days[..]].concat(), &settings);
    let picture: serde_json::Value = serde_json::from_str(&picture.unwrap()).unwrap();
    assert!(picture["title"].as_str().unwrap().contains("$663.794"), "{picture}");
    assert_eq!(std::fs::read(&from_store).unwrap(), std::fs::read(&from_file).unwrap());
    for (verb, name, start) in [("pdf", "r.pdf", &b"%PDF"[..]), ("xlsx", "r.xlsx", b"PK")] {
        let file = path(name);
        told(&[&[verb, "-o", &file, "--language", "pt"], &days[..]].concat(), &settings).unwrap();
        assert!(std::fs::read(&file).unwrap().starts_with(start), "{name}");
    }
    let refused = told(&["pdf", "--facts", GOLDEN, "-o", &path("r.doc")], &settings).unwrap_err().to_string();
    assert!(refused.contains(".pdf"), "{refused}");
    let nothing =
        ["chart", "days", "--facts", GOLDEN, "-o", &path("x.png"), "--from", "2020-01-01", "--to", "2020-01-31"];
    assert!(told(&nothing, &settings).unwrap_err().to_string().contains("nothing happened"));
}

#[test]
fn a_spreadsheet_is_shown_imported_whole_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let settings = example(folder.path());
    let path = folder.path().join("gastos.csv");
    std::fs::write(&path, "Fecha;Concepto;Valor\n2026-09-10;Contador;300.000\nayer;Luz;1\n2026-09-11;Aseo;50.000\n")
        .unwrap();
    let file = path.to_str().unwrap();
    let fixed = |settings: &Settings| {
        let line = ["report", "--from", "2026-09-01", "--to", "2026-09-30", "--json"];
        let report: serde_json::Value = serde_json::from_str(&told(&line, settings).unwrap()).unwrap();
        report["metrics"]["fixed_expenses"].as_str().unwrap().to_owned()
    };
    let before = fixed(&settings);

    let preview = told(&["import", file, "--dry-run"], &settings).unwrap();
    assert!(
        preview.contains("\"Valor\" → amount") && preview.contains("row 3") && preview.contains("$350.000"),
        "{preview}"
    );
    let refused = told(&["import", file], &settings).unwrap_err().to_string();
    assert!(refused.contains("nothing was imported") && refused.contains("--accept-problems"), "{refused}");
    assert_eq!(fixed(&settings), before);

    let line = ["import", file, "--accept-problems", "--json"];
    let row: serde_json::Value = serde_json::from_str(&told(&line, &settings).unwrap()).unwrap();
    assert_eq!(row["added"], 2);
    let minor = |text: &str| recado_domain::Money::parse(text, recado_domain::Currency::Cop).unwrap().minor;
    assert_eq!(minor(&fixed(&settings)), minor(&before) + 35_000_000);
    let again: serde_json::Value = serde_json::from_str(&told(&line, &settings).unwrap()).unwrap();
    assert_eq!(again["added"], 0);
    told(&["undo", row["import"].as_str().unwrap()], &settings).unwrap();
    assert_eq!(fixed(&settings), before);
}

#[test]
fn a_spreadsheet_for_a_shop_without_facts_begins_its_books() {
    let folder = tempfile::tempdir().unwrap();
    let settings = crate::cli::store::tests_support::settings(folder.path());
    let path = folder.path().join("gastos.csv");
    std::fs::write(&path, "fecha,valor,concepto\n2020-01-10,300000,Contador\n").unwrap();
    let nobody = told(&["import", path.to_str().unwrap()], &settings).unwrap_err().to_string();
    assert!(nobody.contains("there is no database"), "{nobody}");
    let add = [
        "recado",
        "merchants",
        "add",
        "Casa Lienzo",
        "--country",
        "CO",
        "--timezone",
        "America/Bogota",
        "--currency",
        "COP",
    ];
    let crate::cli::Verb::Merchants(verb) = crate::cli::Cli::try_parse_from(add).unwrap().verb else {
        panic!("another verb")
    };
    let mut bytes = Vec::new();
    crate::cli::merchants::run(&verb, &settings, &mut Output::to(&mut bytes)).unwrap();
    told(&["import", path.to_str().unwrap()], &settings).unwrap();
    let report = told(&["report", "--from", "2020-01-01", "--to", "2020-01-31", "--json"], &settings).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["metrics"]["fixed_expenses"], "300000.00");
}
