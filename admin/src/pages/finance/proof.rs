//! The entries behind a figure, page by page.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Extension, Query, State};
use axum::response::Html;
use jiff::civil::Date;
use recado_documents::comparison::{titled, written};
use recado_domain::finance::figures::{FactKind, Metric};
use recado_domain::order::order_number;
use recado_store::finance::{Computed, FOLDS};
use serde::Serialize;

use super::address::Address;
use super::door::Door;
use super::period::Chosen;
use super::{PAGE, PROOF, closed};
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::guard::percent;

/// Entries of a page.
const ENTRIES: usize = 50;

#[derive(Serialize)]
struct Entry {
    /// What kind, in words.
    kind: String,
    id: String,
    /// Of an order, where the facts are at hand.
    day: Option<String>,
    href: Option<String>,
}

/// Some entries, and from where on the next ones are.
struct Listed {
    value: Option<String>,
    why: Option<String>,
    facts: Vec<(FactKind, String)>,
    /// When orders were made, as far as it is at hand.
    days: BTreeMap<String, Date>,
    all: Option<usize>,
    next: Option<String>,
}

/// `GET /admin/finance/proof`.
pub(crate) async fn proof(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(values): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, PageError> {
    let address = Address::new(values);
    let mut page = Page::new(&desk, &visitor, "finance").await?;
    let door = Door::open(&desk, &visitor, &page.known, &address).await?.ok_or(PageError::NotFound)?;
    let metric = Metric::of_id(address.get("figure")).ok_or(PageError::NotFound)?;
    let (chosen, writer) = (door.chosen(&address), door.writer());
    let listed = listed(&desk, &door, metric, chosen, address.get("after")).await?;
    let object = format!("proof {}..{} {}", chosen.days.first, chosen.days.last, metric.id());
    door.record(&object, if matches!(listed, Computed::Told(_)) { "done" } else { "failed: not at hand" }).await?;
    page.context.insert("figure", &titled(writer, metric));
    page.context.insert("days", &writer.days(chosen.days));
    page.context.insert("shop_name", &door.shop.name);
    page.context.insert("back", &address.with(PAGE, &[]));
    page.context.insert("closed", closed(&listed));
    if let Computed::Told(listed) = listed {
        let entries: Vec<Entry> = listed
            .facts
            .into_iter()
            .map(|(kind, id)| Entry {
                kind: writer.code("fact", kind.code()),
                day: listed.days.get(&id).filter(|_| kind == FactKind::Order).map(|day| writer.date(*day)),
                href: (kind == FactKind::Order).then(|| format!("/admin/orders?q={}", percent(&order_number(&id)))),
                id,
            })
            .collect();
        let more = listed.next.map(|next| address.with(PROOF, &[("figure", metric.id()), ("after", &next)]));
        page.context.insert("entries", &entries);
        page.context.insert("all", &listed.all);
        page.context.insert("more_entries", &more);
        page.context.insert("value", &listed.value);
        page.context.insert("why", &listed.why);
    }
    page.render("finance_proof.html")
}

/// Of a large shop from its day book, as far as one page; else from all facts.
async fn listed(
    desk: &Shared,
    door: &Door<'_>,
    metric: Metric,
    chosen: Chosen,
    after: &str,
) -> Result<Computed<Listed>, PageError> {
    let (store, writer, days) = (&desk.state.store, door.writer(), chosen.days);
    if let Some(read) = store.folded_day_book(door.shop.id, door.as_of, FOLDS).await? {
        let _place = door.place().await?;
        let from = Some(after).filter(|after| !after.is_empty());
        let found = store.merchant(door.shop.id).behind(&read, (metric, &[], days), from, ENTRIES).await?;
        let Some(found) = found else { return Ok(Computed::Behind) };
        let value = read.book.figures(days).value(metric);
        return Ok(Computed::Told(Listed {
            value: value.is_ok().then(|| written(writer, metric, value)),
            why: value.err().map(|why| writer.code("why", &why.to_string())),
            facts: found.facts.into_iter().collect(),
            days: BTreeMap::new(),
            all: None,
            next: found.next,
        }));
    }
    let from: usize = after.parse().unwrap_or(0);
    let told = door.computed(move |accounts| {
        let value = accounts.figures(days).value(metric);
        let ledger = accounts.all_facts();
        let all = ledger.map(|ledger| ledger.figures(days).proof(metric)).unwrap_or_default();
        let count = all.len();
        let facts: Vec<_> = all.into_iter().skip(from).take(ENTRIES).collect();
        let shown: BTreeSet<&str> = facts.iter().map(|(_, id)| id.as_str()).collect();
        let zone = &accounts.shop().zone;
        let orders = ledger.iter().flat_map(|ledger| &ledger.facts().orders);
        let orders = orders.filter(|order| shown.contains(order.id.as_str()));
        let made = orders.map(|order| (order.id.clone(), order.processed_at.in_zone(zone).date())).collect();
        let reached = from.saturating_add(facts.len());
        Listed {
            value: value.is_ok().then(|| written(writer, metric, value)),
            why: value.err().map(|why| writer.code("why", &why.to_string())),
            facts,
            days: made,
            all: Some(count),
            next: (reached < count).then(|| reached.to_string()),
        }
    });
    told.await
}
