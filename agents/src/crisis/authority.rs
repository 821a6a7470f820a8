//! What a person of the staff may do. Decided from the registered role alone.

use recado_domain::merchant::{Staff, StaffRole};
use recado_domain::request::{Decision, LONGEST_NOTE};
use recado_domain::{ActionId, PrivacyId, RequestId};

/// A command of the staff chat, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffCommand {
    /// What may I do?
    Help,
    /// Open incidents.
    Incidents,
    /// I have it.
    Acknowledge(i64),
    /// It is over.
    Resolve(i64),
    /// Who waits?
    Queue,
    /// I answer this person. Without a code: the one of the notice that is answered.
    Take(Option<String>),
    /// The bot may have them back.
    Back(Option<String>),
    /// Say this to a person.
    Answer {
        /// Whom.
        code: Option<String>,
        /// What.
        text: String,
    },
    /// Show an order.
    Order(String),
    /// Show what cancelling an order means.
    CancelOrder(String),
    /// Do, or drop, a change that was shown.
    Confirm {
        /// Which.
        id: ActionId,
        /// Whether it is to be done.
        confirmed: bool,
    },
    /// Which questions of customers have no answer yet?
    Unanswered,
    /// What do customers ask the shop for?
    Requests,
    /// Decide about one.
    Decide {
        /// Which.
        request: RequestName,
        /// How.
        decision: Decision,
        /// What the customer is told besides.
        note: Option<String>,
    },
    /// What is asked about people's data?
    Privacy,
    /// What would that mean?
    ShowPrivacy(PrivacyId),
    /// Have it carried out, or decline it.
    DecidePrivacy {
        /// Which.
        id: PrivacyId,
        /// Whether it is to be done.
        confirmed: bool,
    },
    /// A known command without what it needs; the example shows how.
    Incomplete(&'static str),
    /// No command of ours.
    Unknown,
}

impl StaffCommand {
    /// The role it asks for.
    pub const fn role(&self) -> StaffRole {
        match self {
            // What cannot be undone.
            Self::CancelOrder(_) | Self::Confirm { .. } | Self::DecidePrivacy { .. } => StaffRole::Lead,
            Self::Acknowledge(_)
            | Self::Resolve(_)
            | Self::Take(_)
            | Self::Back(_)
            | Self::Answer { .. }
            | Self::ShowPrivacy(_)
            | Self::Decide { .. } => StaffRole::Agent,
            _ => StaffRole::Viewer,
        }
    }
    /// Whether a member of staff may do it.
    pub fn allowed(&self, staff: &Staff) -> bool {
        staff.role >= self.role()
    }
    /// A short name for the record.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Incidents => "incidents",
            Self::Acknowledge(_) => "incident.ack",
            Self::Resolve(_) => "incident.resolve",
            Self::Queue => "queue",
            Self::Take(_) => "conversation.take",
            Self::Back(_) => "conversation.back",
            Self::Answer { .. } => "conversation.answer",
            Self::Order(_) => "order.show",
            Self::CancelOrder(_) => "order.cancel",
            Self::Confirm { .. } => "action.decide",
            Self::Unanswered => "knowledge.unanswered",
            Self::Requests => "request.list",
            Self::Decide { decision, .. } => decision.action(),
            Self::Privacy => "privacy.list",
            Self::ShowPrivacy(_) => "privacy.show",
            Self::DecidePrivacy { .. } => "privacy.decide",
            Self::Incomplete(_) => "incomplete",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a command that was typed; `None` when the text is none at all.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let rest = text.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
        let (word, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let argument = argument.trim();
        // In a group the name of the bot follows: /ack@recado_bot 3.
        let word = word.split('@').next().unwrap_or_default().to_lowercase();
        Some(match word.as_str() {
            "start" | "ayuda" | "help" | "ajuda" => Self::Help,
            "incidentes" | "incidents" | "inc" => Self::Incidents,
            "ack" | "tomo" => number(argument).map_or(Self::Incomplete("/ack 3"), Self::Acknowledge),
            "resolve" | "resolver" => number(argument).map_or(Self::Incomplete("/resolver 3"), Self::Resolve),
            "cola" | "queue" | "fila" => Self::Queue,
            "tomar" | "take" | "assumir" => Self::Take(code(argument)),
            "devolver" | "back" => Self::Back(code(argument)),
            "r" | "responder" | "reply" => {
                let (to, words) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
                match (code(to), words.trim()) {
                    (Some(_), "") | (None, _) => Self::Incomplete("/r A1B2 Hola, ya lo reviso"),
                    (to, words) => Self::Answer { code: to, text: words.to_owned() },
                }
            }
            "requests" | "solicitudes" | "solicitacoes" => Self::Requests,
            "approve" | "aprobar" | "aprovar" => decided(argument, Decision::Approve, "/aprobar 12"),
            "decline" | "rechazar" | "recusar" => decided(argument, Decision::Decline, "/rechazar 12 ya salió"),
            "done" | "hecha" | "hecho" | "feito" => decided(argument, Decision::Finish, "/hecha 12"),
            "privacidad" | "privacy" | "privacidade" => Self::Privacy,
            "faq" | "preguntas" | "perguntas" | "questions" => Self::Unanswered,
            "pedido" | "p" | "order" => match argument.split_whitespace().next() {
                Some(reference) => Self::Order(reference.chars().take(40).collect()),
                None => Self::Incomplete("/pedido 1042"),
            },
            "cancelar" | "cancel" => match argument.split_whitespace().next() {
                Some(reference) => Self::CancelOrder(reference.chars().take(40).collect()),
                None => Self::Incomplete("/cancelar 1042"),
            },
            _ => Self::Unknown,
        })
    }

    /// Reads the data of a tapped button.
    pub fn tapped(data: &str) -> Self {
        let parts: Vec<&str> = data.split(':').collect();
        match parts.as_slice() {
            ["inc", "ack", text] => number(text).map_or(Self::Unknown, Self::Acknowledge),
            ["inc", "resolve", text] => number(text).map_or(Self::Unknown, Self::Resolve),
            ["take", text] => code(text).map_or(Self::Unknown, |code| Self::Take(Some(code))),
            ["back", text] => code(text).map_or(Self::Unknown, |code| Self::Back(Some(code))),
            ["act", answer @ ("yes" | "no"), text] => {
                text.parse().map_or(Self::Unknown, |id| Self::Confirm { id, confirmed: *answer == "yes" })
            }
            ["incidents"] => Self::Incidents,
            ["queue"] => Self::Queue,
            ["faq"] => Self::Unanswered,
            ["requests"] => Self::Requests,
            ["prv", "show", text] => text.parse().map_or(Self::Unknown, Self::ShowPrivacy),
            ["prv", answer @ ("yes" | "no"), text] => {
                text.parse().map_or(Self::Unknown, |id| Self::DecidePrivacy { id, confirmed: *answer == "yes" })
            }
            ["req", "approve", id] => of_id(id, Decision::Approve),
            ["req", "decline", id] => of_id(id, Decision::Decline),
            ["req", "done", id] => of_id(id, Decision::Finish),
            _ => Self::Unknown,
        }
    }
}

/// How a request is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestName {
    /// As people say it.
    Number(i64),
    /// As a button says it.
    Id(RequestId),
}

fn decided(argument: &str, decision: Decision, example: &'static str) -> StaffCommand {
    let (which, words) = argument.split_once(char::is_whitespace).unwrap_or((argument, ""));
    let note: String = words.trim().chars().take(LONGEST_NOTE).collect();
    match number(which) {
        Some(number) => StaffCommand::Decide {
            request: RequestName::Number(number),
            decision,
            note: Some(note).filter(|note| !note.is_empty()),
        },
        None => StaffCommand::Incomplete(example),
    }
}

fn of_id(text: &str, decision: Decision) -> StaffCommand {
    let id = text.parse().ok();
    id.map_or(StaffCommand::Unknown, |id| StaffCommand::Decide { request: RequestName::Id(id), decision, note: None })
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('#');
    text.split_whitespace().next()?.parse().ok().filter(|number| *number > 0)
}

fn code(text: &str) -> Option<String> {
    let code = text.split_whitespace().next()?.trim_start_matches('#').to_uppercase();
    (code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_aliases() {
        let table = [
            ("/start", StaffCommand::Help),
            ("/INCIDENTES", StaffCommand::Incidents),
            ("/ack@recado_bot #3", StaffCommand::Acknowledge(3)),
            ("/resolver 12", StaffCommand::Resolve(12)),
            ("/tomar a1b2", StaffCommand::Take(Some("A1B2".to_owned()))),
            ("/tomar", StaffCommand::Take(None)),
            (
                "/r A1B2 ya va\nen camino",
                StaffCommand::Answer { code: Some("A1B2".to_owned()), text: "ya va\nen camino".to_owned() },
            ),
            ("/pedido #1042", StaffCommand::Order("#1042".to_owned())),
            ("/cancelar #1042 ya no lo quiere", StaffCommand::CancelOrder("#1042".to_owned())),
            ("/cancel", StaffCommand::Incomplete("/cancelar 1042")),
            ("/faq", StaffCommand::Unanswered),
            ("/solicitudes", StaffCommand::Requests),
            (
                "/decline #12 ya salió",
                StaffCommand::Decide {
                    request: RequestName::Number(12),
                    decision: Decision::Decline,
                    note: Some("ya salió".to_owned()),
                },
            ),
            ("/aprobar", StaffCommand::Incomplete("/aprobar 12")),
            ("/ack", StaffCommand::Incomplete("/ack 3")),
            ("/ack -1", StaffCommand::Incomplete("/ack 3")),
            ("/rm -rf", StaffCommand::Unknown),
        ];
        for (text, command) in table {
            assert_eq!(StaffCommand::parse(text), Some(command), "{text}");
        }
        assert_eq!(StaffCommand::parse("hola equipo"), None);
        assert_eq!(StaffCommand::parse("// nota"), None);
    }

    #[test]
    fn forged_taps_are_no_command() {
        let forged = [
            "",
            "req:approve:12",
            "inc:ack:0",
            "inc:ack:x",
            "take:zz",
            "take:A1B2:extra",
            "act:yes:1",
            "act:maybe:x",
            "prv:yes:1",
            "prv:all",
        ];
        for data in forged.into_iter().chain(["drop table"]) {
            assert_eq!(StaffCommand::tapped(data), StaffCommand::Unknown, "{data}");
        }
    }
}
