//! Adding what changed to the pages.

use std::collections::HashMap;

use recado_domain::MerchantId;
use recado_domain::finance::figures::day_book::Changes;
use recado_domain::finance::figures::day_book::pages::Place;
use serde_json::json;
use sqlx::FromRow;

use super::{DELETE_PAGES, KEEP_PAGES, PAGES_AT};
use crate::db::Tx;
use crate::{StoreError, on};

/// Pages of one statement.
const LIST: usize = 500;

#[derive(FromRow)]
struct PageRow {
    shelf: String,
    period: String,
    page: i64,
    body: Vec<u8>,
}

/// A page that holds what no page can.
pub(super) fn damaged(
    column: &'static str,
) -> impl Fn(recado_domain::finance::figures::day_book::Damaged) -> StoreError {
    move |error| StoreError::Corrupt { table: "finance_days", column, problem: error.to_string() }
}

fn at(place: &Place) -> serde_json::Value {
    json!({"shelf": place.shelf, "period": place.period, "page": place.page})
}

/// Rewrites the pages that changed, some at a time.
pub(super) async fn add(tx: &mut Tx, merchant: MerchantId, changes: Changes) -> Result<(), StoreError> {
    let (read, keep, forget) = (tx.pick(PAGES_AT), tx.pick(KEEP_PAGES), tx.pick(DELETE_PAGES));
    let mut pages = changes.pages().into_iter();
    loop {
        let some: Vec<_> = pages.by_ref().take(LIST).collect();
        if some.is_empty() {
            return Ok(());
        }
        let places = serde_json::Value::from_iter(some.iter().map(|(place, _)| at(place))).to_string();
        let rows: Vec<PageRow> = on!(&mut *tx, connection => sqlx::query_as(read)
            .bind(merchant.0).bind(&places).fetch_all(connection).await)?;
        let mut before: HashMap<(String, String, i64), Vec<u8>> =
            rows.into_iter().map(|row| ((row.shelf, row.period, row.page), row.body)).collect();
        let (mut kept, mut empty) = (Vec::new(), Vec::new());
        for (place, addition) in some {
            let known = before.remove(&(place.shelf.to_owned(), place.period.clone(), place.page));
            match addition.onto(known.as_deref()).map_err(damaged("body"))? {
                None => empty.push(at(&place)),
                Some(body) => {
                    let mut row = at(&place);
                    row["body"] = hex::encode(body).into();
                    kept.push(row);
                }
            }
        }
        for (text, rows) in [(keep, kept), (forget, empty)] {
            if !rows.is_empty() {
                let rows = serde_json::Value::from(rows).to_string();
                on!(&mut *tx, connection => sqlx::query(text)
                    .bind(merchant.0).bind(&rows).execute(connection).await.map(|_| ()))?;
            }
        }
    }
}
