//! Incidents with their evidence; staff acknowledges and resolves.

use axum::extract::{Extension, Path, Query, State};
use axum::response::{Html, Redirect};
use recado_domain::IncidentId;
use recado_domain::incident::{Incident, IncidentAction, IncidentStatus};
use recado_domain::order::order_number;
use serde::{Deserialize, Serialize};

use super::id;
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::Shown;
use crate::live::{LiveEvent, Topic};

#[derive(Serialize)]
struct Order {
    name: String,
    number: String,
}

#[derive(Serialize)]
struct Step {
    at: Shown,
    words: String,
}

#[derive(Serialize)]
struct View {
    id: String,
    number: i64,
    severity: i64,
    tone: &'static str,
    kind: String,
    r#where: String,
    status: &'static str,
    status_tone: &'static str,
    evidence: String,
    chance: String,
    orders: Vec<Order>,
    history: Vec<Step>,
}

/// Which incidents.
#[derive(Default, Deserialize)]
pub(crate) struct Show {
    #[serde(default)]
    show: String,
}

/// Where it shows, for people: `Coordinadora, Cali`.
pub(crate) fn place(incident: &Incident) -> String {
    let evidence = &incident.evidence;
    if evidence.carrier.is_empty() && evidence.city.is_empty() {
        return incident.dimension.clone();
    }
    [evidence.city.as_str(), evidence.carrier.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

fn view(page: &Page<'_>, incident: &Incident) -> View {
    let evidence = &incident.evidence;
    let say_evidence = || {
        page.say(
            "incidents.evidence",
            &[
                ("problems", &evidence.problems.to_string()),
                ("active", &evidence.active.to_string()),
                ("carrier", &evidence.carrier),
                ("city", &evidence.city),
                ("expected", &page.clock.decimal(evidence.expected, 1)),
            ],
        )
    };
    let chance = if evidence.chance < 0.000_01 {
        format!("< {}", page.clock.percent_with(0.000_01, 3))
    } else {
        page.clock.percent_with(evidence.chance, 3)
    };
    let mut history = vec![Step { at: page.clock.shown(incident.opened_at), words: page.say("incidents.opened", &[]) }];
    for (key, done) in [("incidents.acked", &incident.acknowledged), ("incidents.resolved", &incident.resolved)] {
        if let Some((name, at)) = done {
            history.push(Step { at: page.clock.shown(*at), words: page.say(key, &[("name", name)]) });
        }
    }
    View {
        id: incident.id.to_string(),
        number: incident.number,
        severity: incident.severity,
        tone: if incident.severity <= 1 { "danger" } else { "warn" },
        kind: page.known_key("incident", &incident.kind),
        r#where: place(incident),
        status: incident.status.code(),
        status_tone: match incident.status {
            IncidentStatus::Open => "danger",
            IncidentStatus::Acknowledged => "info",
            IncidentStatus::Resolved => "ok",
        },
        evidence: say_evidence(),
        chance: page.say("incidents.chance", &[("chance", &chance)]),
        orders: evidence.orders.iter().map(|name| Order { name: name.clone(), number: order_number(name) }).collect(),
        history,
    }
}

/// `GET /admin/incidents`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(show): Query<Show>,
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(&desk, &visitor, "incidents").await?;
    let all = show.show == "all";
    let incidents = desk.state.store.incidents(visitor.scope(), all).await?;
    let views: Vec<View> = incidents.iter().map(|incident| view(&page, incident)).collect();
    page.context.insert("incidents", &views);
    page.context.insert("show", if all { "all" } else { "open" });
    page.render("incidents.html")
}

async fn handle(desk: &Shared, visitor: &Visitor, text: &str, action: IncidentAction) -> Result<bool, PageError> {
    visitor.may_handle()?;
    let incident: IncidentId = id(text)?;
    let handled = desk.state.store.handle_incident(visitor.scope(), incident, action, &visitor.user.name).await?;
    let (merchant, changed) = handled.ok_or(PageError::NotFound)?;
    desk.state.live.publish(LiveEvent { merchant: Some(merchant), topic: Topic::Incidents });
    Ok(changed)
}

fn back(changed: bool, done: &str) -> Redirect {
    Redirect::to(&format!("/admin/incidents?done={}", if changed { done } else { "changed" }))
}

/// `POST /admin/incidents/{incident}/ack`.
pub(crate) async fn acknowledge(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(incident): Path<String>,
) -> Result<Redirect, PageError> {
    handle(&desk, &visitor, &incident, IncidentAction::Acknowledge).await.map(|changed| back(changed, "acknowledged"))
}

/// `POST /admin/incidents/{incident}/resolve`.
pub(crate) async fn resolve(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(incident): Path<String>,
) -> Result<Redirect, PageError> {
    handle(&desk, &visitor, &incident, IncidentAction::Resolve).await.map(|changed| back(changed, "resolved"))
}
