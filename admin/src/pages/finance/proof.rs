//! The entries behind a figure, page by page, each with how much it moved the figure, so that it can be added up.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Extension, Query, State};
use axum::response::Html;
use recado_documents::comparison::{titled, written};
use recado_documents::write::Writer;
use recado_domain::finance::figures::{FactKind, Metric, Moved, Undefined, Value};
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
    /// When it moved the figure.
    day: Option<String>,
    /// Its order as people call it, and where that is shown.
    order: Option<String>,
    href: Option<String>,
    /// How much it moved the figure.
    amount: Option<String>,
    negative: bool,
}

/// The amounts of the entries.
#[derive(Serialize)]
struct Money {
    /// What they are amounts of, and the currency.
    name: String,
    currency: &'static str,
    /// Of all entries; `None` = it is not known.
    total: Option<String>,
    /// Of those on this page, when there are others.
    page: Option<String>,
}

/// Some entries, and from where on the next ones are.
struct Listed {
    value: Option<String>,
    why: Option<String>,
    facts: Vec<(FactKind, String)>,
    moved: BTreeMap<(FactKind, String), Moved>,
    /// What all entries moved together.
    total: Option<Result<Value, Undefined>>,
    all: Option<usize>,
    next: Option<String>,
}

impl Listed {
    fn entry(&self, fact: &(FactKind, String), writer: Writer) -> Entry {
        let (kind, id) = fact;
        let moved = self.moved.get(fact);
        let amount = moved.and_then(|moved| moved.amount.ok());
        let own = (*kind == FactKind::Order).then_some(id);
        let order = own.or_else(|| moved.and_then(|moved| moved.order.as_ref()));
        Entry {
            kind: writer.code("fact", kind.code()),
            id: id.clone(),
            day: moved.and_then(|moved| moved.day).map(|day| writer.date(day)),
            order: order.cloned(),
            href: order.map(|order| format!("/admin/orders?q={}", percent(&order_number(order)))),
            amount: amount.map(|amount| writer.money(amount)),
            negative: amount.is_some_and(|amount| amount < 0),
        }
    }

    /// The amounts in money, where the figure has any; `first` is whether the page is the first.
    fn money(&self, metric: Metric, writer: Writer, first: bool) -> Option<Money> {
        let money = metric.in_money()?;
        let total = self.total.filter(Result::is_ok).map(|total| written(writer, money, total));
        let parted = !first || self.next.is_some();
        let mut moved = self.facts.iter().filter_map(|fact| self.moved.get(fact));
        let page = moved.try_fold(0_i64, |sum, moved| sum.checked_add(moved.amount.ok()?));
        let page = page.filter(|_| parted).map(|sum| writer.money(sum));
        Some(Money { name: titled(writer, money), currency: writer.currency.code(), total, page })
    }
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
        let entries: Vec<Entry> = listed.facts.iter().map(|fact| listed.entry(fact, writer)).collect();
        page.context.insert("money", &listed.money(metric, writer, address.get("after").is_empty()));
        // A column that would stand empty is left out.
        let with_orders = entries.iter().any(|entry| entry.order.is_some());
        let with_days = entries.iter().any(|entry| entry.day.is_some());
        page.context.insert("with_orders", &with_orders);
        page.context.insert("with_days", &with_days);
        page.context.insert("label_columns", &(1 + usize::from(with_orders) + usize::from(with_days)));
        page.context.insert("entries", &entries);
        page.context.insert("all", &listed.all);
        let more = listed.next.map(|next| address.with(PROOF, &[("figure", metric.id()), ("after", &next)]));
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
        let figures = read.book.figures(days);
        let value = figures.value(metric);
        return Ok(Computed::Told(Listed {
            value: value.is_ok().then(|| written(writer, metric, value)),
            why: value.err().map(|why| writer.code("why", &why.to_string())),
            facts: found.facts.into_iter().collect(),
            moved: found.moved,
            total: metric.in_money().map(|money| figures.value(money)),
            all: None,
            next: found.next,
        }));
    }
    let from: usize = after.parse().unwrap_or(0);
    let told = door.computed(move |accounts| {
        let figures = accounts.figures(days);
        let value = figures.value(metric);
        let ledger = accounts.all_facts();
        let all = ledger.map(|ledger| ledger.figures(days).proof(metric)).unwrap_or_default();
        let count = all.len();
        let facts: Vec<_> = all.into_iter().skip(from).take(ENTRIES).collect();
        let shown: BTreeSet<(FactKind, String)> = facts.iter().cloned().collect();
        let moved = ledger.zip(metric.in_money()).map(|(ledger, money)| ledger.moved(money, days, &shown));
        let reached = from.saturating_add(facts.len());
        Listed {
            value: value.is_ok().then(|| written(writer, metric, value)),
            why: value.err().map(|why| writer.code("why", &why.to_string())),
            facts,
            moved: moved.unwrap_or_default(),
            total: metric.in_money().map(|money| figures.value(money)),
            all: Some(count),
            next: (reached < count).then(|| reached.to_string()),
        }
    });
    told.await
}
