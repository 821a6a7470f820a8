//! What customers asked for, and the two buttons that decide about it.

use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::{Html, Redirect};
use recado_domain::change::Obstacle;
use recado_domain::flow::FlowKind;
use recado_domain::request::{Decision, Request, RequestStatus};
use recado_domain::{MerchantId, RequestId};
use recado_store::requests::Decided as Outcome;
use serde::{Deserialize, Serialize};

use super::{id, privacy};
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::Shown;
use crate::live::{LiveEvent, Topic};

/// Rows of a list.
const SHOWN: u32 = 200;

#[derive(Serialize)]
struct Detail {
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    merchant: String,
    shop: String,
    number: i64,
    kind: String,
    order: Option<String>,
    details: Vec<Detail>,
    status: &'static str,
    /// Approving it changes the order in the shop: `cancel_order` or `change_shipping_address`.
    changes: Option<&'static str>,
    /// It asks for the person's data, and has a page that shows what that means.
    of_data: bool,
    tone: &'static str,
    conversation: String,
    note: Option<String>,
    by: Option<String>,
    at: Shown,
}

/// Which requests.
#[derive(Default, Deserialize)]
pub(crate) struct Show {
    #[serde(default)]
    show: String,
}

fn row(page: &Page<'_>, shop: &str, request: Request) -> Row {
    let named = |name: &str| page.say(&format!("requests.slot.{}", page.known_key("requests.slot", name)), &[]);
    let details = request.asked.details.iter();
    Row {
        id: request.asked.id.to_string(),
        merchant: request.merchant.to_string(),
        shop: shop.to_owned(),
        number: request.number,
        kind: page.say(&format!("requests.kind.{}", request.asked.kind.name()), &[]),
        details: details.map(|(name, value)| Detail { name: named(name), value: value.clone() }).collect(),
        status: request.status.code(),
        changes: (request.asked.order.is_some() && starts_a_change(request.asked.kind))
            .then(|| request.asked.kind.name()),
        of_data: matches!(request.asked.kind, FlowKind::DeleteMyData | FlowKind::ExportMyData),
        tone: match request.status {
            RequestStatus::Open => "warn",
            RequestStatus::Approved => "info",
            RequestStatus::Declined => "danger",
            RequestStatus::Done => "ok",
        },
        order: request.asked.order,
        conversation: request.conversation.to_string(),
        note: request.note,
        by: request.decided.map(|(name, _)| name),
        at: page.clock.shown(request.asked_at),
    }
}

/// Whether approving a request starts a change in the shop.
const fn starts_a_change(kind: FlowKind) -> bool {
    matches!(kind, FlowKind::CancelOrder | FlowKind::ChangeShippingAddress)
}

/// `GET /admin/requests`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(show): Query<Show>,
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(&desk, &visitor, "requests").await?;
    let (name, status) = match show.show.as_str() {
        "all" => ("all", None),
        "approved" => ("approved", Some(RequestStatus::Approved)),
        "declined" => ("declined", Some(RequestStatus::Declined)),
        "done" => ("done", Some(RequestStatus::Done)),
        _ => ("open", Some(RequestStatus::Open)),
    };
    let shops: Vec<_> = page.known.merchants().filter(|shop| visitor.sees(Some(shop.id))).cloned().collect();
    let (mut found, mut about_data) = (Vec::new(), Vec::new());
    for shop in &shops {
        let facts = desk.state.store.merchant(shop.id);
        let called = if shops.len() > 1 { shop.name.as_str() } else { "" };
        found.extend(facts.requests(status, SHOWN).await?.into_iter().map(|request| (called.to_owned(), request)));
        if matches!(name, "open" | "all") {
            let asked = facts.privacy_requests(name == "all", SHOWN).await?;
            about_data.extend(asked.iter().map(|one| privacy::Row::new(&page, &shop.name, one)));
        }
    }
    found.sort_by_key(|(_, request)| std::cmp::Reverse(request.asked_at));
    let rows: Vec<Row> = found.into_iter().map(|(shop, request)| row(&page, &shop, request)).collect();
    page.context.insert("requests", &rows);
    page.context.insert("privacy", &about_data);
    page.context.insert("show", name);
    page.render("requests.html")
}

/// A decision as the page sends it.
#[derive(Deserialize)]
pub(crate) struct Decided {
    merchant: String,
    decision: Decision,
    #[serde(default)]
    note: String,
}

/// `POST /admin/requests/{id}`.
pub(crate) async fn decide(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(request): Path<String>,
    Form(decided): Form<Decided>,
) -> Result<Redirect, PageError> {
    visitor.may_handle()?;
    let merchant: MerchantId = id(&decided.merchant)?;
    if !visitor.sees(Some(merchant)) {
        return Err(PageError::NotFound);
    }
    let request: RequestId = id(&request)?;
    let facts = desk.state.store.merchant(merchant);
    let known = facts.request_of_id(request).await?.ok_or(PageError::NotFound)?;
    let note = Some(decided.note.trim()).filter(|note| !note.is_empty());
    // What is done in the shop by approving cannot be undone there.
    if decided.decision == Decision::Approve && starts_a_change(known.asked.kind) {
        visitor.may_replay()?;
    }
    let outcome = desk.state.store.decide(merchant, request, decided.decision, note, &visitor.user.name).await?;
    let topic = Topic::Conversation(known.conversation);
    desk.state.live.publish(LiveEvent { merchant: Some(merchant), topic });
    let done = match outcome {
        Outcome::Done => "decided",
        Outcome::Unchanged => "changed",
        Outcome::Blocked(Obstacle::Shipped) => "shipped",
        Outcome::Blocked(Obstacle::Cancelled) => "cancelled",
    };
    Ok(Redirect::to(&format!("/admin/requests?done={done}")))
}
