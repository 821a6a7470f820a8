//! What customers asked for, and the two buttons that decide about it.

use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::{Html, Redirect};
use recado_domain::request::{Decision, Request, RequestStatus};
use recado_domain::{MerchantId, RequestId};
use serde::{Deserialize, Serialize};

use super::id;
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
    tone: &'static str,
    conversation: String,
    note: Option<String>,
    by: Option<String>,
    at: Shown,
}

#[derive(Serialize)]
struct Privacy {
    shop: String,
    request: String,
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
        order: request.asked.order,
        status: request.status.code(),
        tone: match request.status {
            RequestStatus::Open => "warn",
            RequestStatus::Approved => "info",
            RequestStatus::Declined => "danger",
            RequestStatus::Done => "ok",
        },
        conversation: request.conversation.to_string(),
        note: request.note,
        by: request.decided.map(|(name, _)| name),
        at: page.clock.shown(request.asked_at),
    }
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
    let (mut found, mut privacy) = (Vec::new(), Vec::new());
    for shop in &shops {
        let facts = desk.state.store.merchant(shop.id);
        let called = if shops.len() > 1 { shop.name.as_str() } else { "" };
        found.extend(facts.requests(status, SHOWN).await?.into_iter().map(|request| (called.to_owned(), request)));
        if matches!(name, "open" | "all") {
            privacy.extend(facts.privacy_requests().await?.into_iter().map(|one| Privacy {
                shop: shop.name.clone(),
                request: one.request,
                at: page.clock.shown(one.received_at),
            }));
        }
    }
    found.sort_by_key(|(_, request)| std::cmp::Reverse(request.asked_at));
    let rows: Vec<Row> = found.into_iter().map(|(shop, request)| row(&page, &shop, request)).collect();
    page.context.insert("requests", &rows);
    page.context.insert("privacy", &privacy);
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
    let changed = desk.state.store.decide(merchant, request, decided.decision, note, &visitor.user.name).await?;
    let topic = Topic::Conversation(known.conversation);
    desk.state.live.publish(LiveEvent { merchant: Some(merchant), topic });
    Ok(Redirect::to(&format!("/admin/requests?done={}", if changed { "decided" } else { "changed" })))
}
