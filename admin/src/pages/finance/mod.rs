//! The shop's money: its figures beside those of before, drawn, in parts and explained, with the entries behind each.
//!
//! Everything is computed from the books when it is looked at, by the code that answers the chat; who looked is kept.

mod address;
mod asked;
mod door;
mod files;
mod health;
mod parts;
mod period;
mod pictures;
mod proof;
mod told;
mod why;

use std::collections::BTreeMap;

use axum::extract::{Extension, Query, State};
use axum::response::Html;
use recado_documents::comparison::titled;
use recado_domain::finance::figures::{Basis, Dimension, Metric};
use recado_store::finance::Computed;
use serde::Serialize;

use self::address::Address;
use self::asked::asked;
pub(crate) use self::door::Computing;
use self::door::Door;
pub(crate) use self::files::{report, workbook};
use self::period::Named;
pub(crate) use self::proof::proof;
use self::told::{Question, told};
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::right::ASKED;

const PAGE: &str = "/admin/finance";
const PROOF: &str = "/admin/finance/proof";
const PDF: &str = "/admin/finance/report.pdf";
const XLSX: &str = "/admin/finance/workbook.xlsx";
/// Questions at the foot.
const LATEST: u32 = 10;
/// Scores of the line.
const SCORES: u32 = 12;

#[derive(Serialize)]
struct Shop {
    id: String,
    name: String,
}

/// A choice, and where it leads.
#[derive(Serialize)]
struct Choice {
    /// Of its word, when it has one of the page's.
    code: &'static str,
    name: String,
    href: String,
    current: bool,
}

/// Why there is nothing to tell, as the key of its words; empty when there is.
fn closed<T>(computed: &Computed<T>) -> &'static str {
    match computed {
        Computed::Told(_) => "",
        Computed::Behind => "behind",
        Computed::TooLarge => "too_large",
    }
}

/// What the address asks, where it says something that is known; else what is usual.
fn question(address: &Address, door: &Door<'_>) -> Question {
    let basis = if address.get("basis") == "realised" { Basis::Realised } else { Basis::Booked };
    let (sales, _) = Question::sales(basis);
    let by = parts::DIMENSIONS.into_iter().find(|by| by.code() == address.get("by"));
    let of = parts::metrics(basis).into_iter().find(|metric| metric.id() == address.get("of"));
    let why = Metric::of_id(address.get("why")).filter(|metric| told::is_explained(*metric));
    Question {
        chosen: door.chosen(address),
        basis,
        by: by.unwrap_or(Dimension::Product),
        of: of.unwrap_or(sales),
        why: why.unwrap_or(sales),
        writer: door.writer(),
    }
}

/// `GET /admin/finance`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(values): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, PageError> {
    let address = Address::new(values);
    let mut page = Page::new(&desk, &visitor, "finance").await?;
    let shops = door::shops(&page.known, &visitor);
    let shown: Vec<Shop> = shops.iter().map(|shop| Shop { id: shop.id.to_string(), name: shop.name.clone() }).collect();
    page.context.insert("shops", &shown);
    let Some(door) = Door::open(&desk, &visitor, &page.known, &address).await? else {
        page.context.insert("closed", "no_shop");
        return page.render("finance.html");
    };
    page.clock.zone = door.shop.zone();
    let question = question(&address, &door);
    let computed = door.computed(move |accounts| told(accounts, &question)).await?;
    let chosen = question.chosen;
    let object = format!(
        "page {}..{} {} {} {}",
        chosen.days.first,
        chosen.days.last,
        question.of.id(),
        question.by.code(),
        question.why.id()
    );
    let closed = closed(&computed);
    let outcome = if closed.is_empty() { "done".to_owned() } else { format!("failed: {closed}") };
    door.record(&object, &outcome).await?;
    page.context.insert("closed", closed);
    if let Computed::Told(told) = &computed {
        page.context.insert("told", told);
        let named =
            |input: &health::Input| input.key.as_ref().map_or_else(|| input.name.clone(), |key| page.say(key, &[]));
        let names: Vec<String> = told.health.missing.iter().map(named).collect();
        page.context.insert("missing_names", &names.join(", "));
    }
    choices(&mut page, &address, &question);
    let store = &desk.state.store;
    let kept = store.merchant(door.shop.id).health_history(SCORES).await?;
    let zone = door.shop.zone();
    let history = health::history(&kept, |point| question.writer.date(point.as_of.in_zone(&zone).date()));
    page.context.insert("history", &history);
    let latest = store.latest_acts(door.shop.id, ASKED, LATEST).await?;
    let latest: Vec<_> = latest.iter().map(|act| asked(&page, question.writer, act)).collect();
    page.context.insert("latest", &latest);
    page.context.insert("merchant", &door.shop.id.to_string());
    page.context.insert("shop_name", &door.shop.name);
    page.render("finance.html")
}

/// What can be chosen, and what is.
fn choices(page: &mut Page<'_>, address: &Address, question: &Question) {
    let (chosen, writer) = (question.chosen, question.writer);
    let periods = Named::ALL.into_iter().filter(|named| *named != Named::Dates).map(|named| Choice {
        code: named.code(),
        name: String::new(),
        href: address.with(PAGE, &[("period", named.code()), ("from", ""), ("to", "")]),
        current: named == chosen.named,
    });
    let bases = [("booked", Basis::Booked), ("realised", Basis::Realised)].map(|(code, basis)| Choice {
        code,
        name: String::new(),
        href: address.with(PAGE, &[("basis", code), ("of", ""), ("why", "")]),
        current: basis == question.basis,
    });
    let dimensions = parts::DIMENSIONS.map(|by| Choice {
        code: by.code(),
        name: String::new(),
        href: format!("{}#parts", address.with(PAGE, &[("by", by.code())])),
        current: by == question.by,
    });
    let metrics = parts::metrics(question.basis).map(|metric| Choice {
        code: metric.id(),
        name: titled(writer, metric),
        href: format!("{}#parts", address.with(PAGE, &[("of", metric.id())])),
        current: metric == question.of,
    });
    let explained = Question::figures(question.basis).into_iter().filter(|metric| told::is_explained(*metric));
    let explained = explained.map(|metric| Choice {
        code: metric.id(),
        name: titled(writer, metric),
        href: format!("{}#why", address.with(PAGE, &[("why", metric.id())])),
        current: metric == question.why,
    });
    let context = &mut page.context;
    context.insert("periods", &periods.collect::<Vec<_>>());
    context.insert("bases", &bases);
    context.insert("dimensions", &dimensions);
    context.insert("metrics", &metrics);
    context.insert("explained", &explained.collect::<Vec<_>>());
    context.insert("dated", &(chosen.named == Named::Dates));
    context.insert("from", &chosen.days.first.to_string());
    context.insert("to", &chosen.days.last.to_string());
    context.insert("days", &writer.days(chosen.days));
    context.insert("before", &writer.days(chosen.before));
    context.insert("partial", &chosen.partial);
    context.insert("wrong", &chosen.problem);
    let told =
        Some(address.get("told")).filter(|told| ["unmade", "behind", "too_large", "large_workbook"].contains(told));
    context.insert("told_why", &told);
    // A figure's name follows.
    let joined = |path: &str, name: &str| {
        let query = address.with(path, &[("why", "")]);
        format!("{query}{}{name}=", if query.contains('?') { '&' } else { '?' })
    };
    context.insert("proof_href", &joined(PROOF, "figure"));
    context.insert("why_href", &joined(PAGE, "why"));
    context.insert("pdf_href", &address.with(PDF, &[]));
    context.insert("xlsx_href", &address.with(XLSX, &[]));
    context.insert("basis", if question.basis == Basis::Realised { "realised" } else { "booked" });
}
