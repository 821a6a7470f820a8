//! What members ask about money, and what each question is: the inventory of FINANCE §4 in our own form, and further ways
//! to say it.

mod answered;
mod carried;
mod cash_on;
mod guarded;
mod shaped;
mod spoken;
mod told;
mod whys;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, date};
use recado_agents::understanding::entities::{Context, find};
use recado_agents::understanding::normalise::normalise;
use recado_agents::understanding::questions::{Ground, ask};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::Ledger;
use recado_domain::finance::question::Question;
use recado_domain::merchant::MemberRole;

use crate::fakes::*;

pub const INVENTORY: &str = include_str!("inventory.txt");
const FURTHER: &str = include_str!("further.txt");
/// The worked example of the definitions.
pub const GOLDEN: &str = include_str!("../../../../domain/tests/it/finance/golden.json");
/// The day of the worked example.
const TODAY: Date = date(2026, 11, 5);

/// A question and what it is expected to ask.
pub struct Row {
    pub text: &'static str,
    pub expected: BTreeSet<&'static str>,
}

pub fn rows(file: &'static str) -> Vec<Row> {
    let rows = file.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" => "));
    rows.map(|(text, expected)| Row { text, expected: expected.split(' ').collect() }).collect()
}

pub fn asked(text: &str) -> Option<Question> {
    let entities = find(text, &Context { today: Some(TODAY), country: "CO" });
    ask(&Ground { text, normalised: &normalise(text), entities: &entities, today: TODAY })
}

/// Whether a text asks what is expected, part by part.
fn is_mapped(row: &Row) -> Result<(), String> {
    let question = asked(row.text);
    let shown = question.as_ref().map(ToString::to_string).unwrap_or_default();
    let found: BTreeSet<&str> = shown.split(' ').collect();
    if found == row.expected { Ok(()) } else { Err(format!("{} => {shown:?}, not {:?}", row.text, row.expected)) }
}

/// The worked example's owner, on its day.
pub fn owner() -> Dialogue {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts, as_of)));
    let told_at = Some(at("2026-11-05T11:00:00Z"));
    let facts = Facts { ledger, told_at, ..Facts::default() };
    let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), facts);
    dialogue.now = as_of;
    dialogue
}

#[test]
fn questions_ask_what_they_are_expected_to() {
    for (name, file, least) in [("inventory", INVENTORY, 218), ("further ways", FURTHER, 100)] {
        let rows = rows(file);
        assert!(rows.len() >= least, "{name}: {}", rows.len());
        let wrong: Vec<String> = rows.iter().filter_map(|row| is_mapped(row).err()).collect();
        let share = 100.0 * (rows.len() - wrong.len()) as f64 / rows.len() as f64;
        println!("{name}: {share:.1} % of {} mapped", rows.len());
        for line in &wrong {
            println!("  {line}");
        }
        assert!(share >= 95.0, "{name}: {share:.1} %\n{}", wrong.join("\n"));
    }
}

#[test]
fn control_a_wrong_expectation_is_seen() {
    let mut rows = rows(INVENTORY);
    rows.truncate(40);
    let expected: Vec<_> = rows.iter().map(|row| row.expected.clone()).collect();
    // Each question against what the next but three asks.
    let wrong = rows.iter_mut().enumerate().filter(|(index, row)| {
        let other = expected[(index + 3) % expected.len()].clone();
        let row = Row { text: row.text, expected: other };
        is_mapped(&row).is_err()
    });
    assert!(wrong.count() >= 38);
}

#[test]
fn what_is_no_question_about_money_asks_nothing() {
    for text in [
        "hola",
        "gracias",
        "¿dónde va el pedido 1042?",
        "¿ya despacharon el pedido de Ana?",
        "buenos días equipo",
        "what time do you open",
        "bom dia",
        "tienen la toalla azul?",
        "quiero hablar con alguien",
        "",
        "🙏🙏",
    ] {
        assert_eq!(asked(text).map(|question| question.to_string()), None, "{text}");
    }
}
