//! Requests about people's data: what will happen, the two buttons that decide about it, and the copy to hand over.

use axum::body::Body;
use axum::extract::{Extension, Form, Path, State};
use axum::response::{Html, Redirect, Response};
use http::header;
use recado_domain::event::ComplianceRequest;
use recado_domain::privacy::{Origin, Outcome, PrivacyRequest, Reach};
use recado_domain::{MerchantId, PrivacyId};
use recado_store::audit::AuditEntry;
use serde::{Deserialize, Serialize};

use super::id;
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::Shown;

/// A request in a list, and on its page.
#[derive(Serialize)]
pub(crate) struct Row {
    id: String,
    shop: String,
    number: Option<i64>,
    what: &'static str,
    state: &'static str,
    tone: &'static str,
    late: bool,
    by: Option<String>,
    at: Shown,
    due: Shown,
}

impl Row {
    pub(crate) fn new(page: &Page<'_>, shop: &str, request: &PrivacyRequest) -> Self {
        let (state, tone) = match (request.outcome, &request.confirmed) {
            (Some(Outcome::Declined), _) => ("declined", "danger"),
            (Some(Outcome::Erased | Outcome::Delivered), _) => ("done", "ok"),
            (None, Some(_)) => ("working", "info"),
            (None, None) => ("open", "warn"),
        };
        Self {
            id: request.id.to_string(),
            shop: shop.to_owned(),
            number: match &request.origin {
                Origin::Chat { number, .. } => Some(*number),
                Origin::Platform => None,
            },
            what: match request.asked {
                ComplianceRequest::DataRequest => "copy",
                ComplianceRequest::CustomerRedact => "person",
                ComplianceRequest::ShopRedact => "shop",
            },
            state,
            tone,
            late: request.done_at.is_none() && page.clock.now > request.due_at,
            by: request.confirmed.as_ref().map(|(name, _)| name.clone()),
            at: page.clock.shown(request.received_at),
            due: page.clock.shown(request.due_at),
        }
    }
}

/// The request of a visitor's shops, and whose it is.
async fn find(
    desk: &Shared,
    visitor: &Visitor,
    request: &str,
) -> Result<(MerchantId, PrivacyRequest, Reach), PageError> {
    let request: PrivacyId = id(request)?;
    let known = desk.state.store.directory().await?;
    for shop in known.merchants().filter(|shop| visitor.sees(Some(shop.id))) {
        if let Some((found, reach)) = desk.state.store.merchant(shop.id).privacy_request(request).await? {
            return Ok((shop.id, found, reach));
        }
    }
    Err(PageError::NotFound)
}

/// `GET /admin/privacy/{id}`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(request): Path<String>,
) -> Result<Html<String>, PageError> {
    visitor.may_handle()?;
    let (merchant, found, reach) = find(&desk, &visitor, &request).await?;
    let mut page = Page::new(&desk, &visitor, "requests").await?;
    let shop = page.known.merchant(merchant).map(|shop| shop.name.clone()).unwrap_or_default();
    let row = Row::new(&page, &shop, &found);
    let counted = [
        ("conversations", reach.conversations),
        ("messages", reach.messages),
        ("orders", reach.orders),
        ("records", reach.records),
        ("requests", reach.requests),
    ];
    let reaches: Vec<String> =
        counted.into_iter().map(|(what, number)| page.count(&format!("privacy.{what}"), number, &[])).collect();
    let under_way = (reach.under_way > 0).then(|| page.count("privacy.under_way", reach.under_way, &[]));
    page.context.insert("row", &row);
    page.context.insert("reaches", &reaches);
    page.context.insert("under_way", &under_way);
    page.context.insert("erases", &found.erases());
    page.context.insert("open", &found.is_open());
    page.render("privacy.html")
}

/// A decision as the page sends it.
#[derive(Deserialize)]
pub(crate) struct Decided {
    decision: String,
    /// The ticked box under an erasure.
    #[serde(default)]
    sure: String,
}

/// `POST /admin/privacy/{id}`.
pub(crate) async fn decide(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(request): Path<String>,
    Form(decided): Form<Decided>,
) -> Result<Redirect, PageError> {
    // What cannot be undone.
    visitor.may_replay()?;
    let (merchant, found, _) = find(&desk, &visitor, &request).await?;
    let confirmed = match decided.decision.as_str() {
        "confirm" if found.erases() && decided.sure != "yes" => return Err(PageError::BadRequest),
        "confirm" => true,
        "decline" => false,
        _ => return Err(PageError::BadRequest),
    };
    let changed = desk.state.store.decide_privacy(merchant, found.id, confirmed, &visitor.user.name).await?;
    Ok(Redirect::to(&format!("/admin/requests?done={}", if changed { "privacy" } else { "changed" })))
}

/// `GET /admin/privacy/{id}/copy`: everything that is kept of the person, to be handed over.
pub(crate) async fn copy(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(request): Path<String>,
) -> Result<Response, PageError> {
    visitor.may_replay()?;
    let (merchant, found, _) = find(&desk, &visitor, &request).await?;
    let copy = desk.state.store.merchant(merchant).privacy_copy(found.id).await?.ok_or(PageError::NotFound)?;
    let object = found.id.to_string();
    let entry = AuditEntry {
        merchant: Some(merchant),
        actor: &visitor.user.name,
        action: "privacy.copy",
        object: &object,
        outcome: "done",
    };
    desk.state.store.audit(&entry).await?;
    let text = serde_json::to_vec_pretty(&copy).map_err(|error| PageError::Render(error.to_string()))?;
    http::Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.json\"", found.id))
        .body(Body::from(text))
        .map_err(|_| PageError::NotFound)
}
