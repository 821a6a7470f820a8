//! Advice, as it is typed.

use clap::Parser as _;
use recado_domain::finance::ratio::Ratio;

use super::books::share;
use super::tests::{GOLDEN, told};
use super::*;

#[test]
fn every_advisor_tells_the_worked_example() {
    for kind in ["health", "pricing", "growth", "cash", "collections", "advice"] {
        let text = told(&["analyse", kind, "--facts", GOLDEN, "--json"], &Settings::default()).unwrap();
        let analysis: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&analysis["kind"], &analysis["currency"]), (&kind.into(), &"COP".into()));
        let table = told(&["analyse", kind, "--facts", GOLDEN], &Settings::default()).unwrap();
        assert!(table.contains("ABOUT") && table.contains("confidence low"), "{table}");
    }
}

#[test]
fn what_to_do_first_stands_first() {
    let table = told(&["analyse", "advice", "--facts", GOLDEN], &Settings::default()).unwrap();
    let first = table.lines().nth(1).unwrap();
    assert!(first.contains("collect-cod") && first.contains("$166.700 once"), "{table}");
    assert!(table.contains("returns-fix") && table.contains("$4.976 to $9.953 a month"), "{table}");
}

#[test]
fn a_price_is_told_for_a_margin() {
    let line = ["price", "--facts", GOLDEN, "--product", "sérum", "--margin", "35%"];
    let table = told(&line, &Settings::default()).unwrap();
    assert!(table.contains("$57.627") && table.contains("$57.900") && table.contains("0.388448"), "{table}");
    let refused = told(&["price", "--facts", GOLDEN, "--product", "zapato"], &Settings::default());
    assert!(refused.unwrap_err().to_string().contains("zapato"));
    assert!(crate::cli::Cli::try_parse_from(["recado", "finance", "price", "--margin", "140%"]).is_err());
}

#[test]
fn a_share_is_read_as_people_write_it() {
    let forty = Ratio::new(2, 5).unwrap();
    for text in ["40%", "40", "0.4", "0,4", " 40 %"] {
        assert_eq!(share(&text.replace(" %", "%")).unwrap(), forty, "{text}");
    }
    assert!(share("100%").is_err() && share("-1%").is_err() && share("x").is_err());
}

#[test]
fn a_forecast_and_a_payment_are_told_by_week() {
    let table = told(&["forecast", "--facts", GOLDEN], &Settings::default()).unwrap();
    assert!(table.contains("Lowest: week 13, $162.220."), "{table}");
    let line = ["forecast", "--facts", GOLDEN, "--pay", "200000", "--on", "2026-11-10"];
    let paid = told(&line, &Settings::default()).unwrap();
    assert!(paid.contains("Below zero first in week 12. At most $162.220 could leave then."), "{paid}");
    let weeks = told(&["forecast", "--facts", GOLDEN, "--scenario", "new-sales", "--json"], &Settings::default());
    assert_eq!(weeks.unwrap().lines().count(), 13);
}

#[test]
fn recommendations_are_kept_decided_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let settings = crate::cli::store::tests_support::settings(folder.path());
    told(&["import", GOLDEN], &settings).unwrap();
    told(&["analyse", "advice", "--save"], &settings).unwrap();
    let listed = || -> Vec<serde_json::Value> {
        let text = told(&["recommendations", "ls", "--json"], &settings).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let claim = listed().into_iter().find(|row| row["code"] == "collect-cod").unwrap();
    assert_eq!((&claim["status"], &claim["expected_low"]), (&"proposed".into(), &"166700.00".into()));
    assert_eq!(claim["horizon_on"], "2026-11-12");
    let id = claim["id"].as_str().unwrap();
    told(&["recommendations", "accept", id], &settings).unwrap();
    let stock = listed().into_iter().find(|row| row["code"] == "stock-free").unwrap();
    told(&["recommendations", "dismiss", stock["id"].as_str().unwrap()], &settings).unwrap();
    let status = |code: &str| listed().into_iter().find(|row| row["code"] == code).unwrap()["status"].clone();
    assert_eq!((status("collect-cod"), status("stock-free")), ("accepted".into(), "dismissed".into()));
    assert!(told(&["recommendations", "accept", stock["id"].as_str().unwrap()], &settings).is_err());
    let unknown = uuid::Uuid::now_v7().to_string();
    assert!(told(&["recommendations", "dismiss", &unknown], &settings).is_err());
}
