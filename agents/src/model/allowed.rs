//! What a model may propose for whom. Authority comes from the identity; this list only keeps out what no model has to
//! say at all: consent (stop, resume), proofs of identity, and whatever will be added later.

use recado_domain::command::Command;
use recado_domain::finance::figures::Metric;
use recado_domain::finance::question::{Question, Subject};
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
    &["track_order", "order_contents", "amount_due", "human", "menu", "greet", "small_talk", "escalate", "unclear"];
/// Names of commands for members besides.
const MEMBERS: &[&str] = &["figure", "incident_status"];
/// Figures by name.
const METRICS: &[(&str, Metric)] = &[
    ("sales", Metric::BookedNetSales),
    ("orders", Metric::Orders),
    ("average_order", Metric::Aov),
    ("units", Metric::BookedUnitsSold),
    ("returns", Metric::BookedReturns),
    ("profit", Metric::OperatingProfit),
    ("margin", Metric::Cm2Pct),
    ("ads", Metric::AdSpend),
    ("ads_return", Metric::ContributionRoas),
    ("new_customers", Metric::NewCustomers),
    ("delivery_rate", Metric::CodDeliveryRate),
    ("cash", Metric::Cash),
    ("receivables", Metric::Receivables),
    ("inventory", Metric::Inventory),
];
/// Questions by name that are no single figure.
const SUBJECTS: &[(&str, Subject)] =
    &[("costs", Subject::Costs), ("report", Subject::Report), ("other", Subject::Unknown)];
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
            | Command::AmountDue { .. }
            | Command::Human
            | Command::Menu
            | Command::Greet
            | Command::Unclear => true,
            Command::SmallTalk { intent } => small_talk(*intent),
            Command::Escalate { intent } => escalates(*intent),
            Command::Figure { .. } | Command::IncidentStatus => self == Self::Member,
            Command::Cancel | Command::Stop | Command::Resume | Command::Repeat | Command::Prove { .. } => false,
            // What is decided about advice is decided with a button.
            Command::Advice { .. } => false,
            // What is told unasked is consent, which is the member's own.
            Command::Digest { .. } => false,
            // What is recorded about money is told, confirmed and taken back by the member alone.
            Command::TellFact { .. } | Command::KeepFact | Command::DropFact | Command::UndoFact => false,
            // Whom the shop writes to, and that it does, is said by the member alone.
            Command::Remind { .. }
            | Command::SendReminders { .. }
            | Command::LeaveReminders
            | Command::DebtorPhone { .. }
            | Command::DebtPaid { .. } => false,
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
            // Told from the asker's own rows; the rules hear it, and a model has nothing to add.
            Command::RequestStatus => false,
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
    METRICS.iter().map(|(name, _)| *name).chain(SUBJECTS.iter().map(|(name, _)| *name)).collect()
}

/// Names of periods.
pub fn period_names() -> Vec<&'static str> {
    PERIODS.iter().map(|(name, _)| *name).collect()
}

/// A question by name.
pub fn question(name: &str) -> Option<Question> {
    let metric = METRICS.iter().find(|(known, _)| *known == name).map(|(_, metric)| Question::of(*metric));
    let subject = SUBJECTS.iter().find(|(known, _)| *known == name);
    metric.or_else(|| subject.map(|(_, subject)| Question::about(subject.clone())))
}

/// A period by name.
pub fn period(name: &str) -> Option<Period> {
    PERIODS.iter().find(|(known, _)| *known == name).map(|(_, period)| *period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use recado_domain::finance::reminder::Whom;

    #[test]
    fn consent_proofs_and_figures_are_no_models_business() {
        for command in [Command::Stop, Command::Resume, Command::Cancel, Command::Prove { text: "x".into() }] {
            assert!(!Asker::Shopper.may_be_proposed(&command) && !Asker::Member.may_be_proposed(&command));
        }
        let figure = Command::Figure { question: Box::new(Question::of(Metric::BookedNetSales)) };
        for command in [Command::KeepFact, Command::DropFact, Command::UndoFact, Command::LeaveReminders] {
            assert!(!Asker::Member.may_be_proposed(&command));
        }
        for command in [Command::SendReminders { batch: None }, Command::Remind { whom: Whom::Overdue }] {
            assert!(!Asker::Member.may_be_proposed(&command));
        }
        assert!(Asker::Member.may_be_proposed(&figure) && !Asker::Shopper.may_be_proposed(&figure));
        assert!(!Asker::Shopper.may_be_proposed(&Command::Escalate { intent: Intent::MerchantSales }));
        assert!(!Asker::Shopper.may_be_proposed(&Command::SmallTalk { intent: Intent::StopMarketing }));
        assert!(topics().contains(&"safety_emergency") && !topics().contains(&"stop_marketing"));
        assert!(!topics().iter().any(|name| name.starts_with("merchant_")));
    }
}
