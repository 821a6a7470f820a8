//! What a model may propose for whom. Authority comes from the identity; this list only keeps out what no model has to
//! say at all: consent (stop, resume), proofs of identity, and whatever will be added later.

use recado_domain::command::{Command, Metric};
use recado_domain::intent::Intent;
use recado_domain::period::Period;

use crate::commands::of_intent_alone;

/// Who asks, as far as it decides what may be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A customer.
    Shopper,
    /// A member of the shop.
    Member,
}

/// Names of commands for everybody.
const EVERYBODY: &[&str] =
    &["track_order", "order_contents", "human", "menu", "greet", "small_talk", "escalate", "unclear"];
/// Names of commands for members besides.
const MEMBERS: &[&str] = &["figure", "incident_status"];
/// Figures by name.
const METRICS: &[(&str, Metric)] = &[
    ("sales", Metric::Sales),
    ("orders", Metric::Orders),
    ("average_order", Metric::AverageOrder),
    ("other", Metric::NotYet),
];
/// Periods by name; others are read from the text itself.
const PERIODS: &[(&str, Period)] = &[
    ("today", Period::Today),
    ("yesterday", Period::Yesterday),
    ("this_week", Period::ThisWeek),
    ("last_week", Period::LastWeek),
    ("this_month", Period::ThisMonth),
    ("last_month", Period::LastMonth),
    ("this_year", Period::ThisYear),
];

impl Asker {
    /// The names of commands.
    pub fn commands(self) -> Vec<&'static str> {
        let more: &[&str] = if self == Self::Member { MEMBERS } else { &[] };
        EVERYBODY.iter().chain(more).copied().collect()
    }

    /// Whether a command may come from a model at all. The router and the tool boxes decide about it afterwards, as
    /// about any other.
    pub fn may_be_proposed(self, command: &Command) -> bool {
        match command {
            Command::TrackOrder { .. }
            | Command::OrderContents { .. }
            | Command::Human
            | Command::Menu
            | Command::Greet
            | Command::Unclear => true,
            Command::SmallTalk { intent } => small_talk(*intent),
            Command::Escalate { intent } => escalates(*intent),
            Command::Figure { .. } | Command::IncidentStatus => self == Self::Member,
            Command::Cancel | Command::Stop | Command::Resume | Command::Repeat | Command::Prove { .. } => false,
            // A request is the person's own: its questions are put to them, and their words are read as they stand.
            Command::StartFlow { .. }
            | Command::Answer { .. }
            | Command::SetSlot { .. }
            | Command::Correct { .. }
            | Command::AskSlot { .. }
            | Command::Affirm { .. }
            | Command::Deny { .. }
            | Command::Amend { .. }
            | Command::Skip { .. } => false,
        }
    }
}

/// Whether an intent is a friendly word and nothing else.
pub fn small_talk(intent: Intent) -> bool {
    matches!(of_intent_alone(intent), Command::SmallTalk { .. }) && intent != Intent::No
}

/// Whether an intent goes to a person.
pub fn escalates(intent: Intent) -> bool {
    matches!(of_intent_alone(intent), Command::Escalate { .. })
}

/// Topics that may be named.
pub fn topics() -> Vec<&'static str> {
    Intent::ALL
        .iter()
        .filter(|intent| small_talk(**intent) || escalates(**intent))
        .map(|intent| intent.name())
        .collect()
}

/// Names of figures.
pub fn metric_names() -> Vec<&'static str> {
    METRICS.iter().map(|(name, _)| *name).collect()
}

/// Names of periods.
pub fn period_names() -> Vec<&'static str> {
    PERIODS.iter().map(|(name, _)| *name).collect()
}

/// A figure by name.
pub fn metric(name: &str) -> Option<Metric> {
    METRICS.iter().find(|(known, _)| *known == name).map(|(_, metric)| *metric)
}

/// A period by name.
pub fn period(name: &str) -> Option<Period> {
    PERIODS.iter().find(|(known, _)| *known == name).map(|(_, period)| *period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_proofs_and_figures_are_no_models_business() {
        for command in [Command::Stop, Command::Resume, Command::Cancel, Command::Prove { text: "x".into() }] {
            assert!(!Asker::Shopper.may_be_proposed(&command) && !Asker::Member.may_be_proposed(&command));
        }
        let figure = Command::Figure { metric: Metric::Sales, period: None };
        assert!(Asker::Member.may_be_proposed(&figure) && !Asker::Shopper.may_be_proposed(&figure));
        assert!(!Asker::Shopper.may_be_proposed(&Command::Escalate { intent: Intent::MerchantSales }));
        assert!(!Asker::Shopper.may_be_proposed(&Command::SmallTalk { intent: Intent::StopMarketing }));
        assert!(topics().contains(&"safety_emergency") && !topics().contains(&"stop_marketing"));
        assert!(!topics().iter().any(|name| name.starts_with("merchant_")));
    }
}
