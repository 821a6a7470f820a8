//! «Cancela mi pedido y dime dónde está el otro»: several things in one message, each understood by itself.

use recado_domain::Language;
use recado_domain::command::Command;
use recado_domain::intent::Intent;

use crate::commands::{Asked, commands};
use crate::flows::phrases;
use crate::understanding::normalise::normalise;
use crate::understanding::{Role, Understander, rules};

/// Most clauses that are looked at.
const MOST: usize = 6;
/// A clause this sure of itself is a matter of its own.
const SURE: f64 = 0.55;
/// Words between two matters.
const LINKS: &[&str] = &[
    " y además ",
    " y ademas ",
    " y también ",
    " y tambien ",
    " además ",
    " ademas ",
    " y de paso ",
    " y ",
    " e também ",
    " e tambem ",
    " e ",
    " and also ",
    " and ",
    " also ",
    ". ",
    "? ",
    "! ",
    "; ",
    "\n",
];

/// The commands of a text that holds at least two matters; `None` when it holds one.
pub fn several(
    understander: &Understander,
    text: &str,
    hint: Option<Language>,
    role: Role,
    asked: &Asked<'_>,
) -> Option<Vec<Command>> {
    // While something is asked, a text is an answer to it.
    if asked.member || asked.session.pending.is_some() || !asked.session.flows.is_empty() || text.len() > 600 {
        return None;
    }
    if rules::speaks_of_danger(&normalise(text)) || rules::global(&normalise(text)).is_some() {
        return None;
    }
    let mut found: Vec<Command> = Vec::new();
    for clause in clauses(text) {
        let (understanding, readings) = understander.understand_in(&clause, hint, role, &asked.context());
        let intent = understanding.intent.filter(|_| understanding.confidence >= SURE);
        let named = phrases::begun(&normalise(&clause)).is_some();
        if !(named || intent.is_some_and(is_matter)) || normalise(&clause).split(' ').count() < 2 {
            continue;
        }
        for command in commands(&clause, &understanding, &readings, asked) {
            let matter = matches!(
                command,
                Command::TrackOrder { .. }
                    | Command::OrderContents { .. }
                    | Command::AmountDue { .. }
                    | Command::StartFlow { .. }
            );
            let known = found.iter().any(|other| match (other, &command) {
                (Command::StartFlow { flow, .. }, Command::StartFlow { flow: same, .. }) => flow == same,
                (other, command) => other.name() == command.name(),
            });
            if matter && !known {
                found.push(command);
            }
        }
    }
    if found.len() < 2 {
        return None;
    }
    // Answers first, then what asks back; of several requests the first one said is spoken of first, so it comes last.
    let (mut requests, mut answers): (Vec<_>, Vec<_>) = found.into_iter().partition(Command::is_of_flow);
    requests.reverse();
    answers.extend(requests);
    Some(answers)
}

fn is_matter(intent: Intent) -> bool {
    intent == Intent::TrackOrder || recado_domain::flow::FlowKind::of(intent).is_some()
}

/// The parts of a text that may each be a matter of their own, in order.
pub fn clauses(text: &str) -> Vec<String> {
    let mut pieces = vec![text.to_owned()];
    for link in LINKS {
        pieces = pieces.iter().flat_map(|piece| piece.split(*link).map(str::to_owned).collect::<Vec<_>>()).collect();
    }
    pieces.into_iter().map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).take(MOST).collect()
}
