//! The report as PDF and the workbook, of the days that are looked at: the documents that the chat sends.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header;
use recado_documents::report::report as written;
use recado_documents::workbook::workbook as filled;
use recado_store::finance::Computed;

use super::address::Address;
use super::door::Door;
use super::period::Chosen;
use super::{PAGE, closed};
use crate::Shared;
use crate::context::Visitor;
use crate::error::PageError;

const PDF: &str = "application/pdf";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// `GET /admin/finance/report.pdf`.
pub(crate) async fn report(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(values): Query<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let address = Address::new(values);
    let known = desk.state.store.directory().await?;
    let door = Door::open(&desk, &visitor, &known, &address).await?.ok_or(PageError::NotFound)?;
    let (chosen, writer) = (door.chosen(&address), door.writer());
    let made = door.computed(move |accounts| written(accounts, chosen.days, writer).map_err(|error| error.to_string()));
    let made = made.await?;
    give(&door, &address, &chosen, ("pdf", PDF), made).await
}

/// `GET /admin/finance/workbook.xlsx`: it lists every order, so it takes all facts.
pub(crate) async fn workbook(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(values): Query<BTreeMap<String, String>>,
) -> Result<Response, PageError> {
    let address = Address::new(values);
    let store = &desk.state.store;
    let known = store.directory().await?;
    let door = Door::open(&desk, &visitor, &known, &address).await?.ok_or(PageError::NotFound)?;
    let (chosen, writer) = (door.chosen(&address), door.writer());
    let made = if store.reads_all(door.shop.id).await? {
        let _place = door.place().await?;
        let ledger = store.merchant(door.shop.id).ledger(&door.shop, door.as_of).await?;
        let making = move || filled(&ledger, chosen.days, writer).map_err(|error| error.to_string());
        let made = tokio::task::spawn_blocking(making).await;
        Computed::Told(made.map_err(|_| PageError::Unavailable)?)
    } else {
        Computed::TooLarge
    };
    give(&door, &address, &chosen, ("xlsx", XLSX), made).await
}

/// Hands a document over, or leads back to the page, which says why there is none.
async fn give(
    door: &Door<'_>,
    address: &Address,
    chosen: &Chosen,
    (ending, mime_type): (&str, &'static str),
    made: Computed<Result<Vec<u8>, String>>,
) -> Result<Response, PageError> {
    let object = format!("{ending} {}..{}", chosen.days.first, chosen.days.last);
    let back = |told: &str| Redirect::to(&address.with(PAGE, &[("told", told)])).into_response();
    let bytes = match made {
        Computed::Told(Ok(bytes)) => bytes,
        Computed::Told(Err(error)) => {
            door.record(&object, &format!("failed: {error}")).await?;
            return Ok(back("unmade"));
        }
        Computed::Behind | Computed::TooLarge => {
            let why = closed(&made);
            door.record(&object, &format!("failed: {why}")).await?;
            return Ok(back(if ending == "xlsx" { "large_workbook" } else { why }));
        }
    };
    door.record(&object, "done").await?;
    let name = format!("recado-{}-{}.{ending}", chosen.days.first, chosen.days.last);
    http::Response::builder()
        .header(header::CONTENT_TYPE, mime_type)
        .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
        .body(Body::from(bytes))
        .map_err(|_| PageError::NotFound)
}
