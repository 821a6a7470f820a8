//! docs/finance.md defines every figure, with the unit it has.

use super::*;
use recado_domain::Language;
use recado_domain::finance::figures::Unit;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../docs/finance.md");

/// The ids of each row of a table, with the unit beside them.
fn rows() -> Vec<(Vec<&'static str>, &'static str)> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let rows = PAGE.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.filter(|cells| cells.len() == 4)
        .map(|cells| (cells[0].split(", ").map(|id| id.trim_matches('`')).collect(), cells[1]))
        .collect()
}

#[test]
fn every_figure_is_defined_once_with_its_unit() {
    let mut defined = BTreeSet::new();
    for (ids, unit) in rows() {
        for id in ids {
            let metric = Metric::of_id(id).unwrap_or_else(|| panic!("{id} is no figure"));
            let expected = match metric.unit() {
                Unit::Money => "money",
                Unit::Ratio => "ratio",
                Unit::Count => "count",
                Unit::Days => "days",
                Unit::Months => "months",
            };
            assert_eq!(unit, expected, "{id}");
            assert!(defined.insert(id), "{id} is defined twice");
        }
    }
    for metric in Metric::ALL {
        assert!(defined.contains(metric.id()), "{} is not defined in docs/finance.md", metric.id());
    }
}

#[test]
fn ids_and_names_are_told_apart() {
    let ids: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.id()).collect();
    assert_eq!(ids.len(), Metric::ALL.len());
    for language in Language::ALL {
        assert!(Metric::ALL.iter().all(|metric| !metric.name(language).is_empty()));
    }
}
