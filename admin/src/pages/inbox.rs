//! Conversations: the list, and one with its timeline.

use std::time::Duration;

use axum::extract::{Extension, Path, Query, State};
use axum::response::{Html, Response};
use recado_domain::command::Entity;
use recado_domain::conversation::Owner;
use recado_domain::event::ReceiptStatus;
use recado_domain::turn::TurnTrace;
use recado_domain::{ConversationId, MessageId, Timestamp};
use recado_store::desk::{ConversationFilter, ConversationRow, TimelineMessage};
use serde::{Deserialize, Serialize};

use super::{course, id, orders};
use crate::Shared;
use crate::context::{Page, Visitor, initials};
use crate::error::PageError;
use crate::file::{ShownFile, served};
use crate::format::{Run, Shown, lines, span};

/// Messages of a timeline before "earlier".
const MESSAGES: i64 = 80;
/// WhatsApp lets a business write freely for so long after a person's last message.
const WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Below this, the rest of the window is worth a warning.
const CLOSING: Duration = Duration::from_secs(3 * 3600);
/// Messages of one author within this belong together.
const TOGETHER: Duration = Duration::from_secs(5 * 60);

#[derive(Serialize)]
struct Tag {
    tone: &'static str,
    icon: &'static str,
    words: String,
}

#[derive(Serialize)]
struct Row {
    id: String,
    initials: String,
    name: String,
    waiting: bool,
    at: Option<Shown>,
    tick: Option<&'static str>,
    last_text: String,
    tags: Vec<Tag>,
}

#[derive(Serialize)]
struct View {
    name: &'static str,
    count: i64,
}

#[derive(Serialize)]
struct Open {
    id: String,
    name: String,
    first_name: String,
    initials: String,
    phone: String,
    language: Option<&'static str>,
    owner: &'static str,
    owner_words: String,
    compose_note: String,
    code: String,
    stopped: bool,
    shop: Option<String>,
}

#[derive(Serialize)]
struct WindowMeter {
    open: bool,
    tone: &'static str,
    percent: u64,
    words: String,
}

#[derive(Serialize)]
struct ShownButton {
    title: String,
    chosen: bool,
}

#[derive(Serialize)]
struct Why {
    time: String,
    agent: String,
    intent: Option<String>,
    confidence: String,
    entities: Vec<String>,
    tools: Vec<String>,
    decision: String,
}

#[derive(Serialize)]
struct Entry {
    kind: &'static str,
    id: String,
    text: String,
    icon: &'static str,
    side: &'static str,
    author: String,
    by: String,
    joined: bool,
    lines: Vec<Vec<Run>>,
    note: Option<String>,
    file: Option<ShownFile>,
    buttons: Vec<ShownButton>,
    failure: Option<String>,
    tick: Option<&'static str>,
    at: Option<Shown>,
    why: Option<Why>,
}

/// Filter and search, in the address.
#[derive(Default, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    before: Option<i64>,
}

/// How much of the window is left; `None` when it is closed.
pub(crate) fn window_left(row: &ConversationRow, now: Timestamp) -> Option<Duration> {
    let since = now.since(row.last_inbound_at?);
    WINDOW.checked_sub(since).filter(|left| !left.is_zero())
}

fn name_of(page: &Page<'_>, row: &ConversationRow) -> String {
    row.name.clone().or_else(|| row.masked_phone.clone()).unwrap_or_else(|| page.say("nobody", &[]))
}

fn owner_words(page: &Page<'_>, owner: &Owner) -> String {
    match owner {
        Owner::Bot => page.say("owner.bot", &[]),
        Owner::Waiting { .. } => page.say("owner.waiting", &[]),
        Owner::Person { name, .. } => page.say("owner.person", &[("name", name)]),
    }
}

fn row(page: &Page<'_>, row: &ConversationRow) -> Row {
    let name = name_of(page, row);
    let mut tags = Vec::new();
    match &row.owner {
        Owner::Waiting { since } => {
            let time = span(page.now().since(*since));
            tags.push(Tag { tone: "danger", icon: "clock", words: page.say("tag.waiting", &[("time", &time)]) });
        }
        Owner::Person { name, .. } => tags.push(Tag { tone: "accent", icon: "hand", words: name.clone() }),
        Owner::Bot => tags.push(Tag { tone: "", icon: "bot", words: page.say("tag.bot", &[]) }),
    }
    match window_left(row, page.now()) {
        None => tags.push(Tag { tone: "", icon: "lock", words: page.say("tag.closed", &[]) }),
        Some(left) if left < CLOSING => {
            tags.push(Tag { tone: "warn", icon: "clock", words: page.say("tag.left", &[("time", &span(left))]) });
        }
        Some(_) => {}
    }
    Row {
        id: row.id.to_string(),
        initials: initials(&name),
        name,
        waiting: matches!(row.owner, Owner::Waiting { .. }),
        at: row.last_message_at.map(|at| page.clock.shown(at)),
        tick: None,
        last_text: row.last_text.clone().unwrap_or_default(),
        tags,
    }
}

async fn with_list<'a>(desk: &'a Shared, visitor: &Visitor, search: &Search) -> Result<Page<'a>, PageError> {
    let mut page = Page::new(desk, visitor, "inbox").await?;
    let filter = ConversationFilter::from_code(&search.show);
    let found = desk.state.store.conversations(visitor.scope(), filter, &search.q).await?;
    let rows: Vec<Row> = found.iter().map(|one| row(&page, one)).collect();
    page.context.insert("conversations", &rows);
    page.context.insert("show", filter.code());
    page.context.insert("q", &search.q);
    let view = |filter: ConversationFilter, count| View { name: filter.code(), count };
    page.context.insert(
        "views",
        &[
            view(ConversationFilter::Waiting, page.counts.waiting),
            view(ConversationFilter::People, 0),
            view(ConversationFilter::Bot, 0),
            view(ConversationFilter::All, 0),
        ],
    );
    page.context.insert("open", &None::<Open>);
    page.context.insert("timeline", &Vec::<Entry>::new());
    Ok(page)
}

/// `GET /admin/inbox`.
pub(crate) async fn list(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(search): Query<Search>,
) -> Result<Html<String>, PageError> {
    with_list(&desk, &visitor, &search).await?.render("inbox.html")
}

/// `GET /admin/inbox/{conversation}`.
pub(crate) async fn open(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(conversation): Path<String>,
    Query(search): Query<Search>,
) -> Result<Html<String>, PageError> {
    let store = &desk.state.store;
    let id: ConversationId = id(&conversation)?;
    let row = store.conversation(visitor.scope(), id).await?.ok_or(PageError::NotFound)?;
    let mut page = with_list(&desk, &visitor, &search).await?;
    let before = Timestamp::from_micros(search.before.unwrap_or(i64::MAX / 2));
    let messages = store.timeline(&row, before, MESSAGES).await?;
    let older = (messages.len() as i64 == MESSAGES).then(|| messages.first().map(|one| one.at.as_micros())).flatten();
    let first = messages.first().map_or(before, |one| one.at);
    let changes = store.owner_changes(&row, before).await?;
    let changes = changes.into_iter().filter(|change| change.at >= first || older.is_none());
    let events: Vec<Entry> = changes
        .map(|change| {
            let someone = page.say("event.someone", &[]);
            let (icon, key) = if change.taken { ("hand", "event.taken") } else { ("bot", "event.handed_back") };
            Entry {
                at: Some(page.clock.shown(change.at)),
                ..event(&change.id.to_string(), icon, page.say(key, &[("name", &someone)]))
            }
        })
        .collect();
    let timeline = timeline(&page, row.id, &messages, events);
    page.context.insert("timeline", &timeline);
    page.context.insert("older", &older);
    let head = course::head(&desk, &page, &row).await?;
    page.context.insert("course", &head);
    page.context.insert("form_key", &uuid::Uuid::new_v4().to_string());
    page.context.insert("window", &meter(&page, &row));
    let orders: Vec<orders::View> = store
        .orders_of_person(row.merchant, row.id)
        .await?
        .into_iter()
        .map(|order| orders::view(&page, order))
        .collect();
    page.context.insert("person_orders", &orders);
    let name = name_of(&page, &row);
    let open = Open {
        id: row.id.to_string(),
        first_name: row.name.as_deref().and_then(|name| name.split_whitespace().next()).unwrap_or(&name).to_owned(),
        initials: initials(&name),
        name,
        phone: row.masked_phone.clone().unwrap_or_default(),
        language: row.language.map(|language| language.code()),
        owner: match row.owner {
            Owner::Bot => "bot",
            Owner::Waiting { .. } => "waiting",
            Owner::Person { .. } => "person",
        },
        owner_words: owner_words(&page, &row.owner),
        compose_note: page.say(
            if matches!(row.owner, Owner::Person { .. }) { "inbox.answering_yours" } else { "inbox.answering" },
            &[],
        ),
        code: row.id.code(),
        stopped: row.stopped,
        // Only where there are several is the shop worth a line.
        shop: visitor
            .user
            .merchant
            .is_none()
            .then(|| page.merchant(row.merchant))
            .flatten()
            .map(|shop| shop.name.clone()),
    };
    page.context.insert("open", &Some(open));
    page.render("inbox.html")
}

/// `GET /admin/inbox/{conversation}/files/{message}`: the picture or document that went with a message.
pub(crate) async fn file(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path((conversation, message)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (conversation, message): (ConversationId, MessageId) = (id(&conversation)?, id(&message)?);
    let file = desk.state.store.sent_file(visitor.scope(), conversation, message).await?;
    served(file.ok_or(PageError::NotFound)?)
}

fn meter(page: &Page<'_>, row: &ConversationRow) -> WindowMeter {
    match window_left(row, page.now()) {
        Some(left) => WindowMeter {
            open: true,
            tone: if left < CLOSING { "warn" } else { "" },
            percent: (left.as_secs() * 100 / WINDOW.as_secs()).max(1),
            words: page.say("inbox.window_open", &[("left", &span(left))]),
        },
        None => WindowMeter { open: false, tone: "danger", percent: 0, words: page.say("inbox.window_shut", &[]) },
    }
}

fn blank(kind: &'static str, id: &str) -> Entry {
    Entry {
        kind,
        id: id.to_owned(),
        text: String::new(),
        icon: "",
        side: "",
        author: String::new(),
        by: String::new(),
        joined: false,
        lines: Vec::new(),
        note: None,
        file: None,
        buttons: Vec::new(),
        failure: None,
        tick: None,
        at: None,
        why: None,
    }
}

fn event(id: &str, icon: &'static str, text: String) -> Entry {
    Entry { icon, text, ..blank("event", id) }
}

/// Messages and events in one line of time, with a heading for each day.
fn timeline(
    page: &Page<'_>,
    conversation: ConversationId,
    messages: &[TimelineMessage],
    events: Vec<Entry>,
) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(messages.len() + events.len() + 4);
    let mut events = events.into_iter().peekable();
    let mut day = String::new();
    let mut before: Option<&TimelineMessage> = None;
    for (index, message) in messages.iter().enumerate() {
        let at = message.at.to_string();
        while events.peek().and_then(|event| event.at.as_ref()).is_some_and(|shown| shown.iso < at) {
            entries.extend(events.next());
            before = None;
        }
        let (key, words) = page.clock.day(message.at);
        if key != day {
            entries.push(Entry { text: words, ..blank("day", &key) });
            day = key;
            before = None;
        }
        let joined = before.is_some_and(|last| {
            last.author == message.author && message.at.since(last.at) < TOGETHER && last.inbound == message.inbound
        });
        // The tap that answers a message of ours is the next thing the person says.
        let answer = messages[index + 1..].iter().find(|next| next.inbound).map(|next| next.body.as_str());
        let mut entry = entry(page, message, joined, answer);
        entry.file = message.file.as_ref().map(|file| {
            let href = format!("/admin/inbox/{conversation}/files/{}", message.id);
            let bytes = usize::try_from(file.bytes).unwrap_or(0);
            ShownFile::new(href, &file.mime_type, &file.name, &file.alt, bytes)
        });
        entries.push(entry);
        before = Some(message);
    }
    entries.extend(events);
    entries
}

fn entry(page: &Page<'_>, message: &TimelineMessage, joined: bool, answer: Option<&str>) -> Entry {
    let tick = if message.inbound { None } else { Some(tick(message.outbox_status, message.receipt)) };
    let media = message.inbound && !matches!(message.kind.as_str(), "text" | "choice");
    let note = media.then(|| page.say(&format!("kind.{}", known_kind(page, &message.kind)), &[]));
    let failure = match message.outbox_status {
        Some(4) => {
            let words = page.say("failure.failed", &[]);
            Some(message.reason.as_ref().map_or(words.clone(), |reason| format!("{words}: {reason}")))
        }
        Some(5) => Some(page.say("failure.uncertain", &[])),
        _ => None,
    };
    Entry {
        side: if message.inbound { "in" } else { "out" },
        by: match message.author.as_str() {
            "bot" => {
                let agent = message.trace.as_ref().map(|trace| page.known_key("agent", &trace.agent));
                match agent.filter(|agent| agent != "other") {
                    Some(agent) => format!("Recado · {}", page.say(&format!("agent.{agent}"), &[]).to_lowercase()),
                    None => "Recado".to_owned(),
                }
            }
            "staff" => page.say("play.kind.staff", &[]),
            _ => String::new(),
        },
        author: message.author.clone(),
        joined,
        lines: lines(&message.body),
        note,
        buttons: message
            .buttons
            .iter()
            .map(|button| ShownButton { title: button.title.clone(), chosen: answer == Some(button.title.as_str()) })
            .collect(),
        failure,
        tick,
        at: Some(page.clock.shown(message.at)),
        why: message.trace.as_ref().map(|trace| why(page, trace, message.decided_millis)),
        ..blank("message", &message.id.to_string())
    }
}

fn known_kind(page: &Page<'_>, kind: &str) -> String {
    let known = page.clock.words.find(page.clock.language, &format!("kind.{kind}"), None, &[]).is_some();
    if known { kind.to_owned() } else { "unsupported".to_owned() }
}

/// The tick of a message of ours, from its state in the outbox and its delivery report.
pub(crate) fn tick(status: Option<i64>, receipt: Option<ReceiptStatus>) -> &'static str {
    match (status, receipt) {
        (Some(4), _) => "failed",
        (Some(5), _) => "uncertain",
        (Some(6), _) => "dismissed",
        (_, Some(receipt)) => receipt.code(),
        (Some(2), None) => "sent",
        (Some(1 | 3), None) => "sending",
        _ => "queued",
    }
}

/// The words of an intent where we have them, else its fixed name.
pub(crate) fn intent_words(page: &Page<'_>, name: &str) -> String {
    words_of(page, "intent", name)
}

/// The words of a decision where we have them, else its fixed name.
pub(crate) fn decision_words(page: &Page<'_>, name: &str) -> String {
    words_of(page, "decision", name)
}

fn words_of(page: &Page<'_>, group: &str, name: &str) -> String {
    page.clock
        .words
        .find(page.clock.language, &format!("{group}.{name}"), None, &[])
        .unwrap_or_else(|| name.replace('_', " "))
}

fn why(page: &Page<'_>, trace: &TurnTrace, decided: Option<u64>) -> Why {
    let understood = trace.understanding.as_ref();
    let micros = if trace.micros > 0 { trace.micros / 1_000 } else { decided.unwrap_or(0) };
    Why {
        time: page.clock.millis(micros),
        agent: page.known_key("agent", &trace.agent),
        intent: understood.and_then(|one| one.intent).map(|intent| intent_words(page, intent.name())),
        confidence: understood.map_or_else(String::new, |one| page.clock.decimal(one.confidence, 2)),
        entities: understood.map_or_else(Vec::new, |one| one.entities.iter().map(|mention| entity(mention)).collect()),
        tools: trace.tools.clone(),
        decision: decision_words(page, &trace.decision),
    }
}

fn entity(entity: &Entity) -> String {
    match entity {
        Entity::OrderNumber { value } => format!("#{value}"),
        Entity::TrackingNumber { value, .. }
        | Entity::Email { value }
        | Entity::City { value, .. }
        | Entity::PersonName { value } => value.clone(),
        Entity::Phone { value } => recado_domain::contact::masked_phone(value),
        Entity::Period { value, .. } => format!("{value:?}"),
        Entity::Date { value } => value.to_string(),
        Entity::Quantity { value } => format!("× {value}"),
        Entity::PaymentMethod { value } => value.clone(),
        // Who may see the conversation sees the words; documents and addresses are not repeated here.
        Entity::Document { kind, .. } => kind.clone(),
        Entity::Address(address) => address.city.clone().unwrap_or_else(|| address.country.clone()),
        Entity::Money { minor, currency, .. } => match currency {
            Some(currency) => recado_domain::Money::new(*minor, *currency).shown(),
            None => format!("{}.{:02}", minor / 100, minor % 100),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_says_how_far_a_message_got_and_never_more() {
        assert_eq!(tick(Some(0), None), "queued");
        assert_eq!(tick(Some(1), None), "sending");
        assert_eq!(tick(Some(2), None), "sent");
        assert_eq!(tick(Some(2), Some(ReceiptStatus::Read)), "read");
        assert_eq!(tick(Some(4), Some(ReceiptStatus::Sent)), "failed");
        assert_eq!(tick(Some(5), None), "uncertain");
    }
}
