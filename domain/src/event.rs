//! What comes in: an HTTP delivery of a platform (an *arrival*) and the events in it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contact::{Channel, PersonIds};
use crate::flow::FlowKind;
use crate::message::InboundMessage;
use crate::order::{CheckoutFacts, CustomerFacts, DisputeFacts, OrderFacts, ProductFacts, Refund};
use crate::request::RequestStatus;
use crate::shipment::{ShipmentEvent, ShipmentFacts};
use crate::{ActionId, ArrivalId, ConversationId, Currency, IncidentId, OutboxId, PrivacyId, Timestamp, TraceId};

/// The platform that sent an arrival.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the word says it")]
pub enum Source {
    WhatsApp,
    Shopify,
    Telegram,
    /// Ourselves: timers, hand-overs, replays.
    Internal,
}

impl Source {
    /// The name in rows and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Shopify => "shopify",
            Self::Telegram => "telegram",
            Self::Internal => "internal",
        }
    }
    /// Reads [`Source::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::WhatsApp, Self::Shopify, Self::Telegram, Self::Internal].into_iter().find(|source| source.code() == code)
    }
}

/// One HTTP delivery, kept as it came: this is what a platform was told "stored" about.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Our id.
    pub id: ArrivalId,
    /// From whom.
    pub source: Source,
    /// The headers worth keeping (never secrets or signatures' keys).
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// SHA-256 of the bytes.
    pub body_hash: [u8; 32],
    /// When the last byte had arrived.
    pub received_at: Timestamp,
    /// Follows it through everything.
    pub trace: TraceId,
}

/// The address on our side that an event was sent to; it decides the merchant.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Destination {
    /// A WhatsApp number.
    PhoneNumber(String),
    /// A WhatsApp business account, when the event names no number.
    WhatsAppAccount(String),
    /// A shop's `*.myshopify.com` domain.
    Shop(String),
    /// A Telegram bot of ours, by the name in its webhook path.
    TelegramBot(String),
}

impl Destination {
    /// Kind and value, as they stand in the `channels` table.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::PhoneNumber(value) => ("whatsapp_number", value),
            Self::WhatsAppAccount(value) => ("whatsapp_account", value),
            Self::Shop(value) => ("shop", value),
            Self::TelegramBot(value) => ("telegram_bot", value),
        }
    }
}

/// What an event must be ordered with.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LaneKey {
    /// A person's conversation.
    Conversation(PersonIds),
    /// An order of a shop, by its external id.
    Order(String),
    /// Delivery reports: commutative, so all of a merchant's number share a lane and are applied many at a time.
    Receipts,
    /// Any other thing of a shop, by kind and key (`product`, `customer`, `checkout`, `account`).
    Thing(&'static str, String),
    /// A staff member in a chat.
    Staff {
        /// Telegram chat.
        chat_id: i64,
        /// Telegram user.
        user_id: i64,
    },
}

/// One event in an arrival.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The provider's own id of it: unique within source and destination.
    pub dedupe: String,
    /// A second key that must be new as well: the body's hash where the id is not covered by the signature.
    pub body_dedupe: Option<String>,
    /// Our address that it was sent to.
    pub destination: Destination,
    /// What it is ordered with.
    pub lane: LaneKey,
    /// When it happened, by the platform's clock.
    pub occurred_at: Timestamp,
    /// What it says.
    pub content: EventContent,
}

/// An arrival and its events, ready to be accepted.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// As it came.
    pub arrival: Arrival,
    /// What is in it; never empty.
    pub events: Vec<Incoming>,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "events are moved, not kept in arrays")]
pub enum EventContent {
    /// A person wrote to a merchant's number.
    Message(InboundMessage),
    /// A delivery report on a message of ours.
    Receipt(Receipt),
    /// The platform speaks about the account: quality, templates, bans, preferences.
    Account(AccountNotice),
    /// A shop's fact.
    Commerce(CommerceEvent),
    /// A person of the staff wrote or tapped on Telegram.
    Staff(StaffMessage),
    /// From another lane of ours, or a timer.
    Internal(InternalEvent),
    /// A kind that we do not know, or a body that does not have the shape of its kind. Stored, counted, answered with
    /// success.
    Unknown {
        /// The platform's word, e.g. `shopify:metaobjects/create`.
        kind: String,
        /// What was wrong, if it was malformed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
}

impl EventContent {
    /// A short stable name for rows, lists and metrics (`message.text`, `commerce.order`).
    pub fn kind(&self) -> String {
        match self {
            Self::Message(message) => format!("message.{}", message.body.label()),
            Self::Receipt(receipt) => format!("receipt.{}", receipt.status.code()),
            Self::Account(notice) => format!("account.{}", notice.field),
            Self::Commerce(event) => format!("commerce.{}", event.label()),
            Self::Staff(message) => match message.body {
                StaffBody::Text { .. } => "staff.text".to_owned(),
                StaffBody::Tap { .. } => "staff.tap".to_owned(),
                StaffBody::Other { .. } => "staff.other".to_owned(),
            },
            Self::Internal(event) => format!("internal.{}", event.label()),
            Self::Unknown { .. } => "unknown".to_owned(),
        }
    }
}

/// How far a message of ours got. Ordered: it never goes back (CONTRACTS A6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the word says it")]
pub enum ReceiptStatus {
    Failed,
    Sent,
    Delivered,
    Read,
    Played,
}

impl ReceiptStatus {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
    /// The number by which rows compare it; a later delivery outranks a failure.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Sent => 1,
            Self::Failed => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Played => 5,
        }
    }
    /// Reads [`ReceiptStatus::rank`].
    pub const fn from_rank(rank: i64) -> Option<Self> {
        Some(match rank {
            1 => Self::Sent,
            2 => Self::Failed,
            3 => Self::Delivered,
            4 => Self::Read,
            5 => Self::Played,
            _ => return None,
        })
    }
}

/// A delivery report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's id of our message.
    pub provider_id: String,
    /// How far it got.
    pub status: ReceiptStatus,
    /// Our own id, if the platform echoes it.
    pub outbox: Option<OutboxId>,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// Error code and text of a failure.
    pub error: Option<String>,
}

/// A platform's word about the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountNotice {
    /// The field or event name (`phone_number_quality_update`).
    pub field: String,
    /// One line for people, without personal data.
    pub summary: String,
}

/// A shop's fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "events are moved, not kept in arrays")]
pub enum CommerceEvent {
    /// An order was made or changed.
    Order {
        /// The topic that told it.
        topic: String,
        /// The whole order.
        order: OrderFacts,
    },
    /// An order was deleted in the shop.
    OrderDeleted {
        /// Which.
        external_id: String,
    },
    /// A parcel was made or changed.
    Shipment(ShipmentFacts),
    /// A scan.
    ShipmentEvent(ShipmentEvent),
    /// A refund.
    Refund {
        /// Of which order.
        order_external_id: String,
        /// Currency of its amounts.
        currency: Currency,
        /// The refund.
        refund: Refund,
    },
    /// A buyer disputes a payment with their bank.
    Dispute {
        /// The dispute, as it is now.
        dispute: DisputeFacts,
        /// When the shop told it: a dispute has no version of its own.
        at: Timestamp,
    },
    /// A checkout.
    Checkout(CheckoutFacts),
    /// A product.
    Product(ProductFacts),
    /// A product was deleted.
    ProductDeleted {
        /// Which.
        external_id: String,
    },
    /// A customer.
    Customer(CustomerFacts),
    /// The app was removed: the token is dead.
    Uninstalled,
    /// A privacy request of the platform.
    Compliance {
        /// `data_request`, `customer_redact` or `shop_redact`.
        request: ComplianceRequest,
        /// The customer's id, e-mail and phone, as far as given.
        customer: Option<CustomerFacts>,
        /// Orders named in it.
        orders: Vec<String>,
    },
    /// Any other documented topic: stored and counted.
    Other {
        /// The topic.
        topic: String,
    },
}

impl CommerceEvent {
    /// A short word.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Order { .. } => "order",
            Self::OrderDeleted { .. } => "order_deleted",
            Self::Shipment(_) => "shipment",
            Self::ShipmentEvent(_) => "shipment_event",
            Self::Refund { .. } => "refund",
            Self::Dispute { .. } => "dispute",
            Self::Checkout(_) => "checkout",
            Self::Product(_) => "product",
            Self::ProductDeleted { .. } => "product_deleted",
            Self::Customer(_) => "customer",
            Self::Uninstalled => "uninstalled",
            Self::Compliance { .. } => "compliance",
            Self::Other { .. } => "other",
        }
    }
}

/// Shopify's three compliance topics.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the word says it")]
pub enum ComplianceRequest {
    DataRequest,
    CustomerRedact,
    ShopRedact,
}

impl ComplianceRequest {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DataRequest => "data_request",
            Self::CustomerRedact => "customer_redact",
            Self::ShopRedact => "shop_redact",
        }
    }
    /// Reads [`ComplianceRequest::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::DataRequest, Self::CustomerRedact, Self::ShopRedact].into_iter().find(|request| request.code() == code)
    }
}

/// What a person of the staff sent to the bot on Telegram. Whether they are staff is decided from `user_id` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMessage {
    /// Telegram chat.
    pub chat_id: i64,
    /// Telegram user.
    pub user_id: i64,
    /// Name as shown, never an authority.
    pub display_name: String,
    /// The message of ours that it answers, if any.
    pub reply_to: Option<i64>,
    /// Whether it was forwarded or edited; such a message is never a command (RELIABILITY S14).
    pub second_hand: bool,
    /// What.
    pub body: StaffBody,
}

/// Kinds of staff input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum StaffBody {
    /// Text or a command.
    Text {
        /// The words.
        text: String,
    },
    /// A tapped button.
    Tap {
        /// Our data (≤ 64 bytes).
        data: String,
        /// To be answered, so that the spinner stops.
        callback_id: String,
    },
    /// Anything else Telegram can carry.
    Other {
        /// Its key.
        what: String,
    },
}

/// What a lane tells another lane, in the same transaction that decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum InternalEvent {
    /// Staff answers a person.
    StaffReply {
        /// Who, by name.
        staff_name: String,
        /// The words, sent as they are.
        text: String,
    },
    /// Staff takes a conversation.
    TakenOver {
        /// Who, by name.
        staff_name: String,
    },
    /// Staff hands a conversation back to the bot.
    HandedBack {
        /// Who, by name; `None` = the time ran out.
        staff_name: Option<String>,
    },
    /// Parcels of a carrier and city should be counted again.
    CountParcels {
        /// Carrier.
        carrier: String,
        /// City.
        city: String,
    },
    /// An incident was opened or changed: tell staff.
    IncidentChanged {
        /// Which.
        incident: IncidentId,
    },
    /// A change on an outside system came to an end: tell staff.
    ActionSettled {
        /// Which.
        action: ActionId,
    },
    /// A message showed that the person of this lane is another one too, who stays.
    SamePerson {
        /// Who stays.
        into: ConversationId,
        /// The id of this person that was shown beside one of theirs (`phone:573001112233`).
        shown: String,
    },
    /// A dispute waits for the shop's evidence: tell staff.
    DisputeOpen {
        /// The shop's id of the dispute.
        dispute: String,
    },
    /// A platform takes nothing from us: tell staff.
    PlatformAway {
        /// Which.
        channel: Channel,
        /// When the oldest message that waits was decided.
        since: Timestamp,
        /// How many wait.
        messages: i64,
        /// The code of an [`crate::outbound::Away`].
        why: Option<String>,
    },
    /// The shop platform asks for a copy or the erasure of somebody's data: tell staff.
    PrivacyAsked {
        /// Which request.
        privacy: PrivacyId,
    },
    /// The people of the shop decided about a request of this conversation.
    RequestDecided {
        /// Its number.
        number: i64,
        /// What was asked for.
        kind: FlowKind,
        /// Of which order.
        order: Option<String>,
        /// What it is now.
        status: RequestStatus,
        /// What they said about it.
        note: Option<String>,
        /// Why it could not be done: the code of an obstacle in the shop.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// Who, by name.
        staff_name: String,
    },
    /// A timer is due.
    TimerDue {
        /// Its kind.
        kind: String,
        /// For which conversation, if any.
        conversation: Option<ConversationId>,
    },
}

impl InternalEvent {
    /// A short word.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::StaffReply { .. } => "staff_reply",
            Self::TakenOver { .. } => "taken_over",
            Self::HandedBack { .. } => "handed_back",
            Self::CountParcels { .. } => "count_parcels",
            Self::IncidentChanged { .. } => "incident_changed",
            Self::ActionSettled { .. } => "action_settled",
            Self::SamePerson { .. } => "same_person",
            Self::DisputeOpen { .. } => "dispute_open",
            Self::PlatformAway { .. } => "platform_away",
            Self::PrivacyAsked { .. } => "privacy_asked",
            Self::RequestDecided { .. } => "request_decided",
            Self::TimerDue { .. } => "timer_due",
        }
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Acceptance {
    /// Events that are new and now durable.
    pub accepted: usize,
    /// Events that were there already.
    pub duplicates: usize,
}

/// Why a delivery was not accepted. In each case the platform must be told to come back (503).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The store did not commit in time, or is away.
    #[error("the store is not available: {reason}")]
    Unavailable {
        /// For the log.
        reason: String,
        /// When to come back.
        retry_after: Duration,
    },
    /// Too much is waiting already.
    #[error("too many deliveries are waiting")]
    Overloaded {
        /// When to come back.
        retry_after: Duration,
    },
}

/// The durable inbox, as the edges see it. `Ok` means committed.
#[async_trait::async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// Stores a delivery durably, each event once.
    ///
    /// # Errors
    /// When nothing was promised: the platform must repeat the delivery.
    async fn accept(&self, delivery: Delivery) -> Result<Acceptance, AcceptError>;
}
