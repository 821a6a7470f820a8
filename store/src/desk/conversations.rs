//! The inbox: lists of conversations and the timeline of one.

use recado_domain::attachment::File;
use recado_domain::contact::masked_phone;
use recado_domain::conversation::Owner;
use recado_domain::event::ReceiptStatus;
use recado_domain::outbound::Button;
use recado_domain::turn::TurnTrace;
use recado_domain::{ConversationId, Language, MerchantId, MessageId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::Scope;
use crate::db::{At, Json, from_json};
use crate::{Store, StoreError, read};

/// Rows of a list before "more".
const LIST: i64 = 50;

crate::sql! {
    // Those who wait come first, the longest first; then the newest.
    LIST_CONVERSATIONS = "SELECT merchant_id, id, wa_id, profile_name, language, owner, stopped, last_inbound_at, last_message_at, last_text, \
            phone_number_id FROM conversations \
        WHERE (merchant_id = $1 OR $1 IS NULL) AND ($2 = 'all' OR ($2 = 'people' AND owner_kind <> 'bot') OR owner_kind = $2) \
            AND ($3 = '' OR LOWER(COALESCE(profile_name, '')) LIKE $3 OR LOWER(COALESCE(last_text, '')) LIKE $3 OR COALESCE(wa_id, '') LIKE $3) \
        ORDER BY CASE WHEN owner_kind = 'waiting' THEN 0 ELSE 1 END, \
            CASE WHEN owner_kind = 'waiting' THEN waiting_since END, last_message_at DESC, id LIMIT $4";
    CONVERSATION = "SELECT merchant_id, id, wa_id, profile_name, language, owner, stopped, last_inbound_at, last_message_at, last_text, \
            phone_number_id FROM conversations WHERE id = $2 AND (merchant_id = $1 OR $1 IS NULL)";
    TIMELINE = "SELECT m.id, m.direction, m.author, m.kind, m.body, m.buttons, m.at, o.status, o.receipt, o.reason, \
            t.trace, t.claimed_at, t.decided_at, a.mime_type, a.name, a.alt, CAST(LENGTH(a.bytes) AS BIGINT) AS bytes \
        FROM messages m LEFT JOIN outbox o ON o.merchant_id = m.merchant_id AND o.id = m.outbox_id LEFT JOIN turns t ON t.id = m.turn_id \
            LEFT JOIN attachments a ON a.merchant_id = m.merchant_id AND a.id = m.outbox_id \
        WHERE m.merchant_id = $1 AND m.conversation_id = $2 AND m.at < $3 ORDER BY m.at DESC, m.id DESC LIMIT $4";
    SENT_FILE = "SELECT a.mime_type, a.name, a.alt, a.bytes FROM attachments a JOIN messages m ON m.merchant_id = a.merchant_id AND m.outbox_id = a.id \
        WHERE m.id = $3 AND m.conversation_id = $2 AND (m.merchant_id = $1 OR $1 IS NULL)";
    OWNER_TURNS = "SELECT id, trace ->> 'decision' AS decision, committed_at FROM turns WHERE lane_id = $1 AND committed_at < $2 \
        AND trace ->> 'decision' IN ('taken_over', 'handed_back') ORDER BY committed_at DESC LIMIT 40";
}

/// Which conversations a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConversationFilter {
    /// That wait for a person.
    Waiting,
    /// That wait for or are with a person.
    People,
    /// That the bot answers.
    Bot,
    /// All.
    #[default]
    All,
}

impl ConversationFilter {
    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::People => "people",
            Self::Bot => "bot",
            Self::All => "all",
        }
    }
    /// Reads [`ConversationFilter::code`]; anything else is all.
    pub fn from_code(code: &str) -> Self {
        [Self::Waiting, Self::People, Self::Bot].into_iter().find(|filter| filter.code() == code).unwrap_or_default()
    }
}

/// A conversation in a list.
#[derive(Clone, Debug)]
pub struct ConversationRow {
    /// Id.
    pub id: ConversationId,
    /// Shop.
    pub merchant: MerchantId,
    /// Name on the profile.
    pub name: Option<String>,
    /// Phone with its middle hidden; `None` when the platform gave none.
    pub masked_phone: Option<String>,
    /// Language.
    pub language: Option<Language>,
    /// Who answers.
    pub owner: Owner,
    /// Whether the person asked for no unasked messages.
    pub stopped: bool,
    /// The last message of the person.
    pub last_inbound_at: Option<Timestamp>,
    /// The last message of anyone.
    pub last_message_at: Option<Timestamp>,
    /// The person's last words.
    pub last_text: Option<String>,
    /// Our number.
    pub phone_number_id: String,
}

/// A message in a timeline, oldest first.
#[derive(Clone, Debug)]
pub struct TimelineMessage {
    /// Id.
    pub id: MessageId,
    /// Whether the person wrote it.
    pub inbound: bool,
    /// `person`, `bot` or `staff`.
    pub author: String,
    /// Kind of content, or the template of an answer.
    pub kind: String,
    /// Words.
    pub body: String,
    /// Answers to tap.
    pub buttons: Vec<Button>,
    /// Instant.
    pub at: Timestamp,
    /// State in the outbox, of ours.
    pub outbox_status: Option<i64>,
    /// How far it got, of ours.
    pub receipt: Option<ReceiptStatus>,
    /// Why it failed.
    pub reason: Option<String>,
    /// Why it was said, of the bot's.
    pub trace: Option<TurnTrace>,
    /// Milliseconds from claim to decision.
    pub decided_millis: Option<u64>,
    /// The picture or document that went with it, while its bytes are kept.
    pub file: Option<TimelineFile>,
}

/// A picture or document in a timeline.
#[derive(Clone, Debug)]
pub struct TimelineFile {
    /// MIME type.
    pub mime_type: String,
    /// Name.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// Size.
    pub bytes: i64,
}

/// A change of who answers, as the timeline shows it.
#[derive(Clone, Debug)]
pub struct TimelineOwner {
    /// Id of its turn.
    pub id: Uuid,
    /// Whether a person took it; otherwise it went back to the bot.
    pub taken: bool,
    /// Instant.
    pub at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    merchant_id: Uuid,
    id: Uuid,
    wa_id: Option<String>,
    profile_name: Option<String>,
    language: Option<String>,
    owner: Json<serde_json::Value>,
    stopped: bool,
    last_inbound_at: Option<At>,
    last_message_at: Option<At>,
    last_text: Option<String>,
    phone_number_id: String,
}

impl TryFrom<Row> for ConversationRow {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConversationId(row.id),
            merchant: MerchantId(row.merchant_id),
            name: row.profile_name.filter(|name| !name.trim().is_empty()),
            masked_phone: row.wa_id.as_deref().map(masked_phone),
            language: row.language.as_deref().and_then(Language::from_tag),
            owner: from_json(row.owner.0, "conversations", "owner")?,
            stopped: row.stopped,
            last_inbound_at: row.last_inbound_at.map(|at| at.0),
            last_message_at: row.last_message_at.map(|at| at.0),
            last_text: row.last_text,
            phone_number_id: row.phone_number_id,
        })
    }
}

#[derive(FromRow)]
struct MessageRow {
    id: Uuid,
    direction: String,
    author: String,
    kind: String,
    body: String,
    buttons: Json<serde_json::Value>,
    at: At,
    status: Option<i64>,
    receipt: Option<i64>,
    reason: Option<String>,
    trace: Option<Json<serde_json::Value>>,
    claimed_at: Option<At>,
    decided_at: Option<At>,
    mime_type: Option<String>,
    name: Option<String>,
    alt: Option<String>,
    bytes: Option<i64>,
}

#[derive(FromRow)]
struct FileRow {
    mime_type: String,
    name: String,
    alt: String,
    bytes: Vec<u8>,
}

impl From<MessageRow> for TimelineMessage {
    fn from(row: MessageRow) -> Self {
        let inbound = row.direction == "in";
        let bot = row.author == "bot";
        Self {
            id: MessageId(row.id),
            inbound,
            kind: row.kind,
            body: row.body,
            // What a later version wrote must not hide the message itself.
            buttons: serde_json::from_value(row.buttons.0).unwrap_or_default(),
            at: row.at.0,
            outbox_status: row.status,
            receipt: row.receipt.and_then(ReceiptStatus::from_rank),
            reason: row.reason,
            trace: row.trace.filter(|_| bot).and_then(|trace| serde_json::from_value(trace.0).ok()),
            decided_millis: match (row.claimed_at, row.decided_at) {
                (Some(claimed), Some(decided)) if bot => Some(decided.0.since(claimed.0).as_millis() as u64),
                _ => None,
            },
            author: row.author,
            file: match (row.mime_type, row.name, row.alt, row.bytes) {
                (Some(mime_type), Some(name), Some(alt), Some(bytes)) => {
                    Some(TimelineFile { mime_type, name, alt, bytes })
                }
                _ => None,
            },
        }
    }
}

#[derive(FromRow)]
struct OwnerRow {
    id: Uuid,
    decision: String,
    committed_at: At,
}

/// `%words%` for `LIKE`, with the reader's own wildcards taken out.
pub(super) fn like(words: &str) -> String {
    let words: String =
        words.trim().to_lowercase().chars().filter(|letter| !matches!(letter, '%' | '_' | '\\')).take(80).collect();
    if words.is_empty() { words } else { format!("%{words}%") }
}

impl Store {
    /// Conversations, those who wait first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn conversations(
        &self,
        scope: Scope,
        filter: ConversationFilter,
        words: &str,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let rows: Vec<Row> = read!(&self.db, pool => sqlx::query_as(LIST_CONVERSATIONS)
            .bind(scope.bound()).bind(filter.code()).bind(like(words)).bind(LIST).fetch_all(pool).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One conversation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn conversation(&self, scope: Scope, id: ConversationId) -> Result<Option<ConversationRow>, StoreError> {
        let row: Option<Row> = read!(&self.db, pool => sqlx::query_as(CONVERSATION)
            .bind(scope.bound()).bind(id.0).fetch_optional(pool).await)?;
        row.map(TryInto::try_into).transpose()
    }

    /// The newest messages of a conversation before an instant, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn timeline(
        &self,
        conversation: &ConversationRow,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<TimelineMessage>, StoreError> {
        let rows: Vec<MessageRow> = read!(&self.db, pool => sqlx::query_as(TIMELINE)
            .bind(conversation.merchant.0).bind(conversation.id.0).bind(At(before)).bind(limit).fetch_all(pool).await)?;
        Ok(rows.into_iter().rev().map(TimelineMessage::from).collect())
    }

    /// The picture or document that went with a message of a conversation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sent_file(
        &self,
        scope: Scope,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Option<File>, StoreError> {
        let row: Option<FileRow> = read!(&self.db, pool => sqlx::query_as(SENT_FILE)
            .bind(scope.bound()).bind(conversation.0).bind(message.0).fetch_optional(pool).await)?;
        Ok(row.map(|row| File { mime_type: row.mime_type, name: row.name, alt: row.alt, bytes: row.bytes }))
    }

    /// The newest changes of who answers before an instant, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn owner_changes(
        &self,
        conversation: &ConversationRow,
        before: Timestamp,
    ) -> Result<Vec<TimelineOwner>, StoreError> {
        let rows: Vec<OwnerRow> = read!(&self.db, pool => sqlx::query_as(OWNER_TURNS)
            .bind(conversation.id.0).bind(At(before)).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .rev()
            .map(|row| TimelineOwner { id: row.id, taken: row.decision == "taken_over", at: row.committed_at.0 })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_cannot_search_with_wildcards_of_the_database() {
        assert_eq!(like(" Deisy% "), "%deisy%");
        assert_eq!(like("%_"), "");
    }
}
