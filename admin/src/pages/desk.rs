//! The desk: what needs a person first, then figures.

use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::{Html, IntoResponse, Response};
use recado_domain::event::Source;
use recado_domain::shipment::ShipmentStatus;
use recado_store::desk::{ConversationFilter, SendsWaiting, Today};
use serde::Serialize;

use super::incidents::place;
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::{Shown, span};

/// Rows of "for you now".
const TODO: usize = 5;

#[derive(Serialize)]
struct Todo {
    tone: &'static str,
    icon: &'static str,
    badge: String,
    what: String,
    more: String,
    href: String,
    r#do: String,
}

#[derive(Serialize)]
struct Channel {
    name: &'static str,
    dot: &'static str,
    note: String,
    at: Option<Shown>,
}

#[derive(Serialize)]
struct Figure {
    name: String,
    value: String,
    note: String,
}

#[derive(Serialize)]
struct Part {
    filter: &'static str,
    color: u8,
    count: i64,
    percent: String,
    x: String,
    width: String,
}

#[derive(Serialize)]
struct Problem {
    name: String,
    number: String,
    customer: String,
    status: &'static str,
    carrier: String,
    city: String,
    at: Shown,
}

/// A number of the conservation law.
#[derive(Serialize)]
pub(crate) struct LawPart {
    pub(crate) name: &'static str,
    pub(crate) value: i64,
}

/// `GET /admin`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(&desk, &visitor, "desk").await?;
    let store = &desk.state.store;
    let scope = visitor.scope();
    let (problems, problems_total) = store.parcel_problems(scope).await?;
    let today = store.today(scope, page.clock.day_start()).await?;
    let (todo, todo_total) = todo(&page, &visitor, problems_total).await?;
    page.context.insert("todo", &todo);
    page.context.insert("todo_total", &todo_total);
    let channels = channels(&page, &visitor).await?;
    page.context.insert("channels", &channels);
    page.context.insert("figures", &figures(&page, &today, problems_total));
    let problems: Vec<Problem> = problems
        .into_iter()
        .map(|row| Problem {
            name: row.order_name,
            number: row.order_number,
            customer: row.customer.unwrap_or_default(),
            status: row.status.code(),
            carrier: row.carrier.unwrap_or_default(),
            city: row.city.unwrap_or_default(),
            at: page.clock.shown(row.since),
        })
        .collect();
    page.context.insert("parcel_problems", &problems);
    page.context.insert("problems_total", &problems_total);
    let parts = parcels(&page, &today);
    page.context.insert("parcels", &parts);
    page.context.insert("parcels_total", &today.parcels.values().sum::<i64>());
    // The platform's queues are everybody's: a person who is limited to a shop does not see them.
    let law = if visitor.user.merchant.is_none() { law(&desk, None).await? } else { Vec::new() };
    page.context.insert("law", &law);
    page.render("desk.html")
}

/// The conservation law in numbers: accepted = done + dead + skipped + open.
pub(crate) async fn law(desk: &Shared, duplicates: Option<u64>) -> Result<Vec<LawPart>, PageError> {
    let counts = desk.state.store.counts().await?;
    let mut parts = vec![
        LawPart { name: "accepted", value: counts.accepted },
        LawPart { name: "done", value: counts.done },
        LawPart { name: "dead", value: counts.dead },
        LawPart { name: "skipped", value: counts.skipped },
        LawPart { name: "open", value: counts.open },
    ];
    if let Some(duplicates) = duplicates {
        parts.insert(2, LawPart { name: "duplicates", value: i64::try_from(duplicates).unwrap_or(i64::MAX) });
        parts.retain(|part| !matches!(part.name, "skipped" | "open"));
    }
    Ok(parts)
}

async fn todo(page: &Page<'_>, visitor: &Visitor, problems: i64) -> Result<(Vec<Todo>, i64), PageError> {
    let store = &page.desk.state.store;
    let mut items = Vec::new();
    let mut total = 0;
    if page.counts.waiting > 0 {
        let longest = store.conversations(visitor.scope(), ConversationFilter::Waiting, "").await?.into_iter().next();
        let since = longest.as_ref().and_then(|one| match one.owner {
            recado_domain::conversation::Owner::Waiting { since } => Some(since),
            _ => None,
        });
        let waited = since.map_or(Duration::ZERO, |since| page.now().since(since));
        let name = longest.and_then(|one| one.name.or(one.masked_phone)).unwrap_or_else(|| page.say("nobody", &[]));
        items.push(Todo {
            tone: "danger",
            icon: "clock",
            badge: span(waited),
            what: page.count("desk.todo.waiting", page.counts.waiting, &[]),
            more: page.say("desk.todo.longest", &[("name", &name)]),
            href: "/admin/inbox?show=waiting".to_owned(),
            r#do: page.say("desk.todo.attend", &[]),
        });
        total += page.counts.waiting;
    }
    for incident in store.incidents(visitor.scope(), false).await? {
        let kind = page.say(&format!("incident.{}", page.known_key("incident", &incident.kind)), &[]);
        let what = page.say("desk.todo.incident", &[("kind", &kind), ("where", &place(&incident))]);
        items.push(Todo {
            tone: if incident.severity <= 1 { "danger" } else { "warn" },
            icon: "siren",
            badge: format!("SEV {}", incident.severity),
            what,
            more: page.count("desk.todo.affected", incident.evidence.problems, &[]),
            href: format!("/admin/incidents#i-{}", incident.id),
            r#do: page.say("desk.todo.see_incident", &[]),
        });
        total += 1;
    }
    let mut group = |n: i64, icon, badge: &str, what: &str, more: &str, href: &str, act: &str| {
        if n > 0 {
            items.push(Todo {
                tone: "",
                icon,
                badge: page.say(badge, &[]),
                what: page.count(what, n, &[]),
                more: page.say(more, &[]),
                href: href.to_owned(),
                r#do: page.say(act, &[]),
            });
            total += n;
        }
    };
    group(
        page.counts.dead_events,
        "mail-x",
        "desk.badge.dead",
        "desk.todo.dead",
        "desk.todo.dead_more",
        "/admin/dead",
        "desk.todo.review",
    );
    group(
        page.counts.troubled_sends,
        "circle-alert",
        "desk.badge.sends",
        "desk.todo.sends",
        "desk.todo.sends_more",
        "/admin/dead",
        "desk.todo.review",
    );
    group(
        problems,
        "triangle-alert",
        "desk.badge.problems",
        "desk.todo.problems",
        "desk.todo.problems_more",
        "/admin/orders?parcel=problem",
        "desk.todo.see_parcels",
    );
    items.truncate(TODO);
    Ok((items, total))
}

async fn channels(page: &Page<'_>, visitor: &Visitor) -> Result<Vec<Channel>, PageError> {
    let store = &page.desk.state.store;
    let pulses = store.channel_pulse(visitor.scope()).await?;
    let waiting = store.sends_waiting(visitor.scope()).await?;
    let waiting = |source: Source| {
        let of = |one: &&SendsWaiting| match one.channel {
            recado_domain::contact::Channel::WhatsApp => source == Source::WhatsApp,
            recado_domain::contact::Channel::Telegram => source == Source::Telegram,
        };
        waiting.iter().find(of)
    };
    Ok(pulses
        .into_iter()
        // Telegram is the staff's, and has no merchant.
        .filter(|pulse| pulse.source != Source::Telegram || visitor.user.merchant.is_none())
        .map(|pulse| {
            let name = match pulse.source {
                Source::WhatsApp => "WhatsApp",
                Source::Telegram => "Telegram",
                Source::Shopify => "Shopify",
                Source::Internal => "Recado",
            };
            let (dot, note, at) = match (waiting(pulse.source), pulse.at) {
                (Some(behind), _) => ("danger", page.count("channel.away", behind.messages, &[]), Some(behind.since)),
                (None, Some(at)) => ("ok", page.say("channel.last", &[]), Some(at)),
                (None, None) => ("off", page.say("channel.quiet", &[]), None),
            };
            Channel { name, dot, note, at: at.map(|at| page.clock.shown(at)) }
        })
        .collect())
}

fn figures(page: &Page<'_>, today: &Today, problems: i64) -> Vec<Figure> {
    let figure = |name: &str, value: String, note: String| Figure { name: page.say(name, &[]), value, note };
    let answers = today.answer_millis.len();
    let median =
        today.answer_millis.get(answers / 2).map_or_else(|| "–".to_owned(), |millis| page.clock.millis(*millis));
    let under_way: i64 = today.parcels.values().sum();
    let out = today.parcels.get(&ShipmentStatus::OutForDelivery).copied().unwrap_or(0);
    let totals = match today.order_totals.as_slice() {
        [] => page.say("figure.no_orders", &[]),
        [one] => page.say("figure.orders_note", &[("total", &one.shown())]),
        // Two currencies on a page: the code comes first.
        many => {
            let totals: Vec<String> =
                many.iter().map(|total| format!("{} {}", total.currency, total.shown())).collect();
            page.say("figure.orders_note", &[("total", &totals.join(" · "))])
        }
    };
    let share = if under_way > 0 { problems as f64 / under_way as f64 } else { 0.0 };
    vec![
        figure(
            "figure.conversations",
            today.conversations.to_string(),
            page.count("figure.conversations_note", today.messages, &[]),
        ),
        figure(
            "figure.with_people",
            today.with_people.to_string(),
            page.count("figure.with_people_note", page.counts.waiting, &[]),
        ),
        figure("figure.response", median, page.count("figure.response_note", answers as i64, &[])),
        figure("figure.orders", today.orders.to_string(), totals),
        figure("figure.parcels", under_way.to_string(), page.count("figure.parcels_note", out, &[])),
        figure(
            "figure.problems",
            problems.to_string(),
            page.say("figure.problems_note", &[("percent", &page.clock.percent(share))]),
        ),
    ]
}

/// Parcels under way in groups that mean something to a shop, in the order and colours of the guide.
fn parcels(page: &Page<'_>, today: &Today) -> Vec<Part> {
    use ShipmentStatus as S;
    const GROUPS: [(&str, u8, &[ShipmentStatus]); 4] = [
        ("delivery", 1, &[S::OutForDelivery]),
        ("transit", 3, &[S::InfoReceived, S::InTransit]),
        ("pickup", 5, &[S::AvailableForPickup]),
        ("problem", 2, &[S::AttemptFailed, S::Exception, S::Returning]),
    ];
    let total: i64 = today.parcels.values().sum();
    if total == 0 {
        return Vec::new();
    }
    let mut x = 0.0;
    GROUPS
        .iter()
        .map(|(filter, color, statuses)| {
            let count: i64 = statuses.iter().filter_map(|status| today.parcels.get(status)).sum();
            let share = count as f64 / total as f64;
            let part = Part {
                filter,
                color: *color,
                count,
                percent: page.clock.percent(share),
                x: format!("{:.2}", x * 100.0),
                width: format!("{:.2}", share * 100.0),
            };
            x += share;
            part
        })
        .collect()
}

/// `GET /admin/counts`: the counters of the navigation, to be swapped in out of band.
pub(crate) async fn counts(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, PageError> {
    let page = Page::new(&desk, &visitor, "desk").await?;
    Ok(page.render("counts.html")?.into_response())
}
