//! What is said of every column that may hold words: that an erasure empties it, or why it may stay. A new column is in
//! neither list, and fails here until somebody has thought of it.

use std::collections::BTreeSet;

use crate::world::{Fresh, World, on_postgres};

/// Columns that an erasure empties, or whose rows it removes.
const ERASED: &[(&str, &[&str])] = &[
    ("actions", &["action"]),
    ("arrivals", &["headers", "body"]),
    ("attachments", &["name", "alt"]),
    ("conversations", &["user_id", "wa_id", "phone_key", "profile_name", "last_text"]),
    ("compliance_requests", &["subject"]),
    ("debtors", &["name", "digits", "phone_key"]),
    ("events", &["content"]),
    ("identities", &["value"]),
    ("messages", &["body"]),
    ("orders", &["phone_key", "email_key", "customer_id", "facts"]),
    ("outbox", &["recipient_key", "recipient", "message"]),
    ("reminders", &["debtor", "body", "template"]),
    ("requests", &["details", "note"]),
    ("shipment_events", &["message", "raw"]),
    ("shipments", &["tracking_url", "last_message"]),
    ("summaries", &["body"]),
    ("things", &["external_id", "facts"]),
    ("turns", &["trace"]),
    ("unanswered", &["question"]),
];

/// Columns that go with the rows that an erasure removes, and hold no words of their own.
const GOES_ALONG: &[(&str, &[&str])] = &[
    ("arrivals", &["source", "body_hash"]),
    ("attachments", &["mime_type", "bytes", "media_id"]),
    ("conversations", &["phone_number_id", "language", "owner", "owner_kind"]),
    ("debtors", &["name_key", "told_by"]),
    ("digests", &["kind", "told_through", "held"]),
    ("identities", &["channel"]),
    ("messages", &["direction", "author", "kind", "buttons", "provider_id"]),
    ("outbox", &["channel", "subject_kind", "provider_id", "reason"]),
    ("reminders", &["debtor_key", "invoices", "tone", "state", "reason", "approved_by", "check_on"]),
    ("summaries", &["language", "model"]),
    ("things", &["kind"]),
    ("timers", &["kind"]),
    ("turns", &["agent", "principal"]),
    ("unanswered", &["language", "state"]),
];

/// Columns that stay, and why.
const KEPT: &[(&str, &[&str], &str)] = &[
    ("merchants", &["name", "language", "country", "timezone", "currency"], "a shop, no person"),
    ("channels", &["kind", "value"], "our own addresses"),
    ("staff", &["name", "role"], "people of the desk; they go with `recado staff rm`"),
    ("members", &["identity", "name", "role"], "people of the shop; they go with `recado members rm`"),
    ("admin_users", &["email", "name", "password_hash", "role", "language"], "people of the desk"),
    ("admin_logins", &["csrf", "token_hash", "ip_hash"], "of people of the desk, hashed, for half a day"),
    ("login_attempts", &["key"], "of people of the desk, for minutes"),
    ("api_tokens", &["name", "token_hash"], "programs of the shop"),
    ("audit", &["actor", "action", "object", "outcome"], "who of the desk did what; it names rows, not customers"),
    ("events", &["source", "kind", "lane_kind", "reason"], "words of ours"),
    (
        "events",
        &["dedupe", "body_dedupe"],
        "by the platform's id a repeated delivery is known (RELIABILITY D10); retention takes it",
    ),
    ("erasures", &["marks"], "hashes under the key below: what has to go again after a restore"),
    ("erasure_key", &["key"], "random bytes"),
    ("lanes", &["kind"], "a word of ours; the row keeps the epoch that fences a late turn"),
    ("tallies", &["name"], "counters"),
    (
        "incidents",
        &["kind", "dimension", "status", "evidence", "acknowledged_by", "resolved_by"],
        "carrier, city and order numbers",
    ),
    (
        "compliance_requests",
        &["request", "confirmed_by", "outcome"],
        "what was asked, and who of the desk confirmed it",
    ),
    (
        "requests",
        &["order_name", "kind", "status", "decided_by"],
        "that something was asked for, and who of the desk decided",
    ),
    (
        "orders",
        &["external_id", "name", "number", "currency", "financial_status", "fulfillment_status"],
        "the shop's books",
    ),
    ("refunds", &["external_id", "facts"], "amounts"),
    ("disputes", &["external_id", "version", "facts"], "amounts, and the bank's word for why"),
    (
        "shipments",
        &["external_id", "carrier", "carrier_key", "city", "city_key", "status", "last_city", "line_ids"],
        "sums by carrier and city",
    ),
    ("shipments", &["tracking_number", "tracking_key"], "by it the carrier's settlement is matched"),
    ("shipment_events", &["status", "city"], "sums by carrier and city"),
    (
        "actions",
        &["kind", "subject", "proposed_by", "confirmed_by", "reason"],
        "an order's number, and who of the desk asked",
    ),
    ("knowledge", &["language", "title", "body", "source", "url", "words"], "the shop's own answers"),
    ("knowledge_meanings", &["model", "vector"], "the shop's own answers"),
    ("knowledge_words", &["shop", "words", "entry"], "the shop's own answers"),
    ("analyses", &["kind", "version", "inputs", "result"], "figures"),
    ("recommendations", &["code", "status", "currency", "baseline", "horizon_on", "decided_by", "verdict"], "figures"),
    ("finance_imports", &["source"], "where figures come from"),
    (
        "finance_entries",
        &["kind", "fact_id", "occurred_on", "body"],
        "facts about money that the shop told; buyers are numbers",
    ),
    ("finance_unfolded", &["after_kind", "after_id"], "places in the above"),
    ("finance_told", &["kind"], "a word of ours"),
    ("finance_dirty", &["node"], "places in the day book"),
    ("finance_links", &["kind", "fact_id", "parent", "body"], "places in the day book; buyers are numbers"),
    ("finance_roots", &["root", "fold"], "sums of the day book"),
    ("finance_days", &["shelf", "period", "body"], "sums of the day book"),
];

/// The places where an erasure has something to remove, as `table.column`.
pub fn erased_places() -> Vec<String> {
    ERASED.iter().flat_map(|(table, columns)| columns.iter().map(move |column| format!("{table}.{column}"))).collect()
}

/// What is said of columns: `table.column`, each.
fn said() -> Vec<String> {
    let flat =
        |table: &str, columns: &[&str]| columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>();
    let gone = ERASED.iter().chain(GOES_ALONG).flat_map(|(table, columns)| flat(table, columns));
    gone.chain(KEPT.iter().flat_map(|(table, columns, _)| flat(table, columns))).collect()
}

/// Columns of which nothing is said, of which more than one thing is said, or that are no more.
fn problems(columns: &BTreeSet<String>) -> Vec<String> {
    let all = said();
    let mut known = BTreeSet::new();
    let twice: Vec<String> = all.iter().filter(|one| !known.insert((*one).clone())).cloned().collect();
    let unsaid = columns.difference(&known).map(|column| format!("{column}: erased, or kept for which reason?"));
    let gone = known.difference(columns).map(|column| format!("{column} is no column"));
    unsaid.chain(gone).chain(twice.into_iter().map(|column| format!("{column} is said twice"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_every_column_that_may_hold_words_it_is_said_whether_an_erasure_empties_it() {
    assert!(KEPT.iter().all(|(_, _, why)| why.len() > 5), "each has its reason");
    on_postgres(async |world: &World, _: &Fresh| {
        let columns = super::columns_of(world).await;
        // Ids of ours, instants, amounts and switches hold no words.
        let worded = columns
            .into_iter()
            .filter(|(_, _, kind)| matches!(kind.as_str(), "text" | "jsonb" | "bytea" | "ARRAY" | "json"));
        let mut worded: BTreeSet<String> = worded.map(|(table, column, _)| format!("{table}.{column}")).collect();
        // The full text of answers is a table on SQLite alone.
        worded.extend(["shop", "words", "entry"].map(|column| format!("knowledge_words.{column}")));
        assert!(worded.len() > 150, "{}", worded.len());
        assert_eq!(problems(&worded), Vec::<String>::new());
        // The control: a column that somebody adds without a word is seen.
        worded.insert("conversations.birthday".to_owned());
        assert_eq!(problems(&worded).len(), 1);
    })
    .await;
}
