//! Orders on two axes: what the shop says and what the carrier says.

use axum::extract::{Extension, Query, State};
use axum::response::Html;
use recado_domain::Timestamp;
use recado_domain::order::Payment;
use recado_domain::shipment::ShipmentStatus;
use recado_store::desk::{OrderRow, ParcelFilter};
use serde::{Deserialize, Serialize};

use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::Shown;
use crate::guard::percent;

/// An order as lists show it.
#[derive(Serialize)]
pub(crate) struct View {
    id: String,
    name: String,
    customer: String,
    order_state: String,
    order_tone: &'static str,
    payment: String,
    parcel: Option<&'static str>,
    parcel_tone: &'static str,
    carrier: String,
    tracking: String,
    total: String,
    at: Shown,
}

/// Search and filter, in the address.
#[derive(Default, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    parcel: String,
    before: Option<i64>,
}

fn tone(status: ShipmentStatus) -> &'static str {
    match status {
        status if status.is_problem() => "warn",
        ShipmentStatus::Delivered => "ok",
        ShipmentStatus::Returned | ShipmentStatus::Cancelled | ShipmentStatus::Expired => "",
        ShipmentStatus::OutForDelivery | ShipmentStatus::AvailableForPickup => "accent",
        _ => "info",
    }
}

/// Makes a view of a row.
pub(crate) fn view(page: &Page<'_>, row: OrderRow) -> View {
    let facts = row.facts;
    let state = if facts.cancelled_at.is_some() {
        "cancelled".to_owned()
    } else {
        let told = facts.financial_status.as_deref().unwrap_or("unknown").to_lowercase();
        let known = page.clock.words.find(page.clock.language, &format!("order_state.{told}"), None, &[]).is_some();
        if known { told } else { "unknown".to_owned() }
    };
    let name = facts.customer.as_ref().and_then(|customer| customer.name.clone());
    let customer = name.or_else(|| facts.address.as_ref().and_then(|address| address.name.clone())).unwrap_or_default();
    View {
        id: row.id.to_string(),
        name: facts.name,
        customer,
        order_tone: match state.as_str() {
            "paid" => "ok",
            "cancelled" | "voided" | "unknown" => "",
            _ => "warn",
        },
        order_state: page.say(&format!("order_state.{state}"), &[]),
        payment: page.say(if facts.payment == Payment::Cod { "orders.cod" } else { "orders.prepaid" }, &[]),
        parcel: row.parcel.as_ref().map(|parcel| parcel.status.code()),
        parcel_tone: row.parcel.as_ref().map_or("", |parcel| tone(parcel.status)),
        carrier: row.parcel.as_ref().and_then(|parcel| parcel.carrier.clone()).unwrap_or_default(),
        tracking: row.parcel.and_then(|parcel| parcel.tracking_number).unwrap_or_default(),
        total: facts.total.shown(),
        at: page.clock.shown(row.processed_at),
    }
}

/// `GET /admin/orders`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(search): Query<Search>,
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(&desk, &visitor, "orders").await?;
    let filter = ParcelFilter::from_code(&search.parcel);
    let before = Timestamp::from_micros(search.before.unwrap_or(i64::MAX / 2));
    let (rows, more) = desk.state.store.orders(visitor.scope(), before, &search.q, filter).await?;
    let last = rows.last().map(|row| row.processed_at);
    let orders: Vec<View> = rows.into_iter().map(|row| view(&page, row)).collect();
    let next = last.filter(|_| more).map(|last| {
        let parcel = filter.map_or("", ParcelFilter::code);
        format!("/admin/orders?q={}&parcel={parcel}&before={}", percent(&search.q), last.as_micros())
    });
    page.context.insert("orders", &orders);
    page.context.insert("more_orders", &next);
    page.context.insert("q", &search.q);
    page.context.insert("parcel", filter.map_or("", ParcelFilter::code));
    page.context.insert("views", &ParcelFilter::ALL.map(ParcelFilter::code));
    page.render("orders.html")
}
