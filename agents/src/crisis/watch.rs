//! Counting parcels, and telling staff of incidents.

use recado_domain::IncidentId;
use recado_domain::detection::judge;
use recado_domain::effect::{Effect, Subject};
use recado_domain::incident::{Evidence, NewIncident};
use recado_domain::tools::ToolBox;

use super::{AGENT, incident_buttons, incident_context};
use crate::desk::TurnError;
use crate::turn::Turn;

/// The kind of incident that counting finds.
pub const CARRIER_DELAYS: &str = "carrier_delays";

/// Counts again and opens an incident when the count is more than chance.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn count(turn: &mut Turn<'_>, carrier: &str, city: &str) -> Result<(), TurnError> {
    let ToolBox::System(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(());
    };
    let counts = tools.parcel_counts(carrier, city).await?;
    turn.used(format!("parcel_counts: {} of {}", counts.problems, counts.active));
    let verdict = judge(&counts);
    if !verdict.alarm {
        turn.decided(AGENT, "within_chance");
        return Ok(());
    }
    turn.decided(AGENT, "incident_opened");
    turn.effects.push(Effect::OpenIncident(NewIncident {
        merchant: turn.merchant(),
        kind: CARRIER_DELAYS.to_owned(),
        dimension: format!("{carrier} · {city}"),
        severity: verdict.severity,
        evidence: Evidence {
            carrier: carrier.to_owned(),
            city: city.to_owned(),
            active: counts.active,
            problems: counts.problems,
            expected: verdict.expected,
            chance: verdict.chance,
            orders: counts.orders.into_iter().take(20).collect(),
        },
    }));
    Ok(())
}

/// Tells staff that an incident was opened, taken or closed.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn changed(turn: &mut Turn<'_>, id: IncidentId) -> Result<(), TurnError> {
    let ToolBox::System(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(());
    };
    let found = tools.incident(id).await?;
    turn.used(format!("incident: {}", usize::from(found.is_some())));
    let Some(incident) = found else {
        turn.decided(AGENT, "incident_gone");
        return Ok(());
    };
    turn.decided(AGENT, "incident_told");
    // The notice is in the shop's language, and so are its moments.
    turn.language = turn.input.merchant.language;
    let context = incident_context(turn, &incident);
    let buttons = incident_buttons(&incident);
    turn.notify(Subject::Incident(incident.id), "notice_incident", &context, &buttons)
}
