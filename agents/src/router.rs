//! Which agent takes a command. Total and pure: every asker, every command, every state has exactly one answer, and
//! the asker's identity alone opens the way to figures and incidents.

use recado_domain::command::Command;
use recado_domain::conversation::Owner;
use recado_domain::intent::Intent;
use recado_domain::principal::Principal;

/// The agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the word says it")]
pub enum Agent {
    Orders,
    Finance,
    Advice,
    Crisis,
    Flows,
    Person,
    Desk,
}

impl Agent {
    /// The name in traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Finance => "finance",
            Self::Advice => "advice",
            Self::Crisis => "crisis",
            Self::Flows => "flows",
            Self::Person => "person",
            Self::Desk => "desk",
        }
    }
}

/// Picks the agent.
pub fn route(principal: &Principal, command: &Command, owner: &Owner) -> Agent {
    let member = match principal {
        Principal::Staff(_) | Principal::Stranger | Principal::System { .. } => return Agent::Crisis,
        Principal::Member { .. } => true,
        Principal::Shopper { .. } => false,
    };
    if owner.is_human() {
        // The bot is quiet while a person answers; only these two words call it back.
        return if matches!(command, Command::Menu | Command::Cancel) { Agent::Desk } else { Agent::Person };
    }
    match command {
        // Requests are the customers'; the people of the shop make none to themselves.
        command if command.is_of_flow() => {
            if member {
                Agent::Desk
            } else {
                Agent::Flows
            }
        }
        Command::RequestStatus if !member => Agent::Flows,
        Command::TrackOrder { .. }
        | Command::OrderContents { .. }
        | Command::AmountDue { .. }
        | Command::Prove { .. } => Agent::Orders,
        // How long a delivery takes is answered from the asker's own order, if there is one.
        Command::Escalate { intent: Intent::DeliveryPeriod } => Agent::Orders,
        Command::Advice { .. } if member => Agent::Advice,
        Command::Figure { .. }
        | Command::Digest { .. }
        | Command::TellFact { .. }
        | Command::KeepFact
        | Command::DropFact
        | Command::UndoFact
        | Command::Remind { .. }
        | Command::SendReminders { .. }
        | Command::LeaveReminders
        | Command::DebtorPhone { .. }
        | Command::DebtPaid { .. }
            if member =>
        {
            Agent::Finance
        }
        Command::IncidentStatus if member => Agent::Crisis,
        Command::IncidentStatus | Command::Human | Command::Escalate { .. } => Agent::Person,
        _ => Agent::Desk,
    }
}
