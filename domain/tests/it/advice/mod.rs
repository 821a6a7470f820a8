//! What to do about the figures.

mod cash;
mod collections;
mod golden;
mod health;
mod pricing;
mod properties;
mod rules;

use recado_domain::finance::advice::{Analysis, Code, Effect, Finding, Number, Recommendation, advise};
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Accounts, Ledger};

/// The shop of the worked example (FINANCE §5), with another text of its facts where a test needs one.
pub(crate) fn shop(change: impl FnOnce(&mut serde_json::Value)) -> Ledger {
    let mut facts: serde_json::Value = serde_json::from_str(crate::finance::GOLDEN).unwrap();
    change(&mut facts);
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

pub(crate) fn recommended(ledger: &Ledger, code: Code) -> Option<Recommendation> {
    advise(ledger).unwrap().actions.ranked.into_iter().find(|one| one.code == code)
}

pub(crate) fn effect(ledger: &Ledger, code: Code) -> Effect {
    recommended(ledger, code).unwrap_or_else(|| panic!("{} is not recommended", code.id())).effect
}

/// A number of a finding, as it is published.
pub(crate) fn told(finding: &Finding, id: &str) -> String {
    match finding.number(id) {
        Some(Number::Money(money)) => money.to_decimal(),
        Some(number) => number.shown(),
        None => "null".to_owned(),
    }
}

/// The finding of a code about something.
pub(crate) fn about<'a>(analysis: &'a Analysis, code: &str, subject: &str) -> &'a Finding {
    let found = analysis.findings.iter().find(|one| one.code == code && one.subject.as_deref() == Some(subject));
    found.unwrap_or_else(|| panic!("nothing says {code} of {subject}"))
}
