//! The verbs, as they are typed.

use clap::Parser as _;
use recado_domain::finance::figures::Metric;

use super::*;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests/it/finance/golden.json");

fn told(line: &[&str], settings: &Settings) -> Result<String, CliError> {
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
