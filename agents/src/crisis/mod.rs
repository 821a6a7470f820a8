//! Incidents: found by counting, told to staff with their evidence, handled by command.

pub mod authority;
pub mod staff;
pub mod watch;

use recado_domain::incident::{Incident, IncidentStatus};
use recado_domain::tools::ToolBox;
use serde_json::{Value, json};

use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::clip;

/// Name in traces.
pub const AGENT: &str = "crisis";
/// Incidents shown in one list.
const LISTED: usize = 8;
/// Orders named in a notice.
const NAMED: usize = 8;

/// A member asks whether something is wrong.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn member_status(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let incidents = tools.incidents().await?;
    turn.used(format!("incidents: {}", incidents.len()));
    list(turn, &incidents, false)
}

/// Says which incidents there are.
fn list(turn: &mut Turn<'_>, incidents: &[Incident], staff: bool) -> Result<(), TurnError> {
    turn.decided(AGENT, "incidents");
    if incidents.is_empty() {
        return turn.reply("incidents_none", &json!({}), vec![]);
    }
    let rows: Vec<Value> = incidents.iter().take(LISTED).map(|incident| incident_context(turn, incident)).collect();
    let mut buttons = Vec::new();
    if let (true, [one]) = (staff, incidents) {
        buttons = incident_buttons(one).iter().map(|(id, word)| turn.button(id, word)).collect();
    }
    let more = incidents.len().saturating_sub(LISTED);
    turn.reply(
        "incidents",
        &json!({"incidents": rows, "count": incidents.len(), "more": more, "staff": staff}),
        buttons,
    )
}

fn incident_buttons(incident: &Incident) -> Vec<(String, &'static str)> {
    let number = incident.number;
    let resolve = (format!("inc:resolve:{number}"), "button.resolve");
    match incident.status {
        IncidentStatus::Open => vec![(format!("inc:ack:{number}"), "button.ack"), resolve],
        IncidentStatus::Acknowledged => vec![resolve],
        IncidentStatus::Resolved => Vec::new(),
    }
}

/// The context of every text about an incident.
fn incident_context(turn: &Turn<'_>, incident: &Incident) -> Value {
    let moments = turn.moments();
    let evidence = &incident.evidence;
    let kind_key = format!("incident.{}", incident.kind);
    let named: Vec<&str> = evidence.orders.iter().take(NAMED).map(String::as_str).collect();
    json!({
        "number": incident.number,
        "kind": turn.wording.word(turn.language, &kind_key),
        "dimension": clip(&incident.dimension, 80),
        "severity": incident.severity,
        "status": incident.status.code(),
        "active": evidence.active,
        "problems": evidence.problems,
        "expected": one_decimal(evidence.expected, turn.language),
        "chance": turn.wording.word(turn.language, chance_key(evidence.chance)),
        "orders": named.join(", "),
        "more": evidence.orders.len().saturating_sub(NAMED),
        "opened": moments.ago(incident.opened_at),
        "by": incident.resolved.as_ref().or(incident.acknowledged.as_ref()).map(|(name, _)| clip(name, 40)),
    })
}

/// The chance in words, since nobody reads `2.3e-7`.
fn chance_key(chance: f64) -> &'static str {
    if chance < 1e-6 {
        "chance.million"
    } else if chance < 1e-4 {
        "chance.ten_thousand"
    } else {
        "chance.thousand"
    }
}

fn one_decimal(value: f64, language: recado_domain::Language) -> String {
    let text = format!("{value:.1}");
    if language == recado_domain::Language::En { text } else { text.replace('.', ",") }
}
