//! Words that were written in the same breath as a tap: a wish of their own is answered with it.

use recado_domain::Language;
use recado_domain::command::Command;
use recado_domain::conversation::Session;
use recado_domain::flow::FlowStack;

use crate::commands::{Asked, commands};
use crate::understanding::{Role, Understander};

/// Words this sure of themselves want something of their own.
const SURE: f64 = 0.55;

/// What to do about a tap and the words beside it, in order.
#[derive(Debug, PartialEq)]
pub struct Plan {
    /// Answered before the tap.
    pub before: Vec<Command>,
    /// What the tap asks for.
    pub tap: Command,
    /// What asks back, so that its question stands last.
    pub after: Vec<Command>,
}

/// Plans it. Whoever wrote had not seen what the tap brings up, so nothing that only answers or agrees counts: a «sí»
/// beside a tap must not confirm the question that comes after it.
pub fn plan(
    understander: &Understander,
    text: &str,
    hint: Option<Language>,
    role: Role,
    asked: &Asked<'_>,
    tap: Command,
) -> Plan {
    let alone = Session { pending: None, flows: FlowStack::default(), ..asked.session.clone() };
    let asked = Asked { session: &alone, ..*asked };
    let (understanding, readings) = understander.understand_in(text, hint, role, &asked.context());
    let mut plan = Plan { before: Vec::new(), tap, after: Vec::new() };
    let sure = understanding.intent.is_some() && understanding.confidence >= SURE;
    for command in commands(text, &understanding, &readings, &asked) {
        match command {
            // Money that is told is known by its words and figures, however sure the reading is.
            Command::TellFact { .. } => plan.after.push(command),
            _ if !sure => {}
            // The words say of which order what the tap asked for.
            Command::TrackOrder { reference: Some(_) } if plan.tap == (Command::TrackOrder { reference: None }) => {
                plan.tap = command;
            }
            command if command.name() == plan.tap.name() => {}
            Command::TrackOrder { .. }
            | Command::OrderContents { .. }
            | Command::AmountDue { .. }
            | Command::Figure { .. }
            | Command::Advice { .. }
            | Command::IncidentStatus
            | Command::RequestStatus => plan.before.push(command),
            Command::StartFlow { .. } | Command::Escalate { .. } => plan.after.push(command),
            _ => {}
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::Readings;

    /// Words of members whose meaning depends on the country: how figures are written, and which calling code a phone has.
    const WORDS: &[(&str, &str)] = &[
        ("CO", "pagué 1.200.000 de arriendo"),
        ("CO", "gasté 250.000 en publicidad de facebook"),
        ("MX", "gasté 1,200.50 en publicidad de facebook"),
        ("MX", "pagué 1,500 de renta"),
        ("PE", "pagué 1,500 de alquiler"),
        ("BR", "gastei 1.200 em anúncios no facebook"),
        ("CL", "gasté 35.000 en publicidad de facebook"),
        ("AR", "gasté 35.000 en publicidad de facebook"),
    ];

    #[test]
    fn words_beside_a_tap_are_read_as_they_are_alone() {
        let understander = Understander::embedded().unwrap();
        let today = "2026-11-26".parse().unwrap();
        let session = Session::default();
        let mut differs = 0;
        for (country, text) in WORDS {
            let asked = Asked { session: &session, member: true, today, country };
            let read = |(understanding, readings): (_, Readings)| commands(text, &understanding, &readings, &asked);
            let alone = read(understander.understand_in(text, None, Role::Member, &asked.context()));
            let nowhere = Asked { country: "", ..asked }.context();
            differs += usize::from(alone != read(understander.understand_in(text, None, Role::Member, &nowhere)));
            assert!(matches!(alone[..], [Command::TellFact { .. }]), "{country} {text}: {alone:?}");
            let plan = plan(&understander, text, None, Role::Member, &asked, Command::Menu);
            assert_eq!([plan.before, plan.after].concat(), alone, "{country} {text}");
        }
        assert!(differs > 0, "the country decides in at least one of them");
    }
}
