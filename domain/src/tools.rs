//! What agents may read. Each box is bound to its principal when it is made: a shopper's box reaches only that person's
//! orders, a member's only that shop's, and nothing in a message can widen it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;

use crate::action::ActionView;
use crate::digest::Digest;
use crate::finance::advice::Proposal;
use crate::finance::figures::day_book::{Behind, Beside, Gathered, Parts, Reading, Want};
use crate::finance::figures::{Days, Dimension, Ledger, Metric, Narrowing};
use crate::finance::reminder::{Debt, DebtorContact, DueReminder, NoPhone, Reminder, Returned};
use crate::incident::Incident;
use crate::knowledge::meaning::Meaning;
use crate::knowledge::{Hit, Unanswered};
use crate::order::{DisputeFacts, OrderFacts};
use crate::privacy::{PrivacyRequest, Reach};
use crate::request::Request;
use crate::shipment::ShipmentView;
use crate::summary::Before;
use crate::{ActionId, ConversationId, Language, MerchantId, PrivacyId, ReminderId, RequestId, Timestamp};

/// Facts could not be read. The turn is tried again later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// The database was away or too slow, which says little of the turn.
    #[error("facts are not available: {0}")]
    Away(String),
    /// The disk under the database refused, which says nothing of the turn.
    #[error("facts are not available: {0}")]
    DiskFull(String),
    /// The database answered, and what it said cannot be read.
    #[error("facts cannot be read: {0}")]
    Broken(String),
}

/// An order with its parcels.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderView {
    /// The order.
    pub order: OrderFacts,
    /// Its parcels, newest first.
    pub shipments: Vec<ShipmentView>,
    /// When the shop last told about it.
    pub told_at: Timestamp,
}

/// The outcome of naming an order with a proof. A wrong proof and an unknown order look the same on purpose.
#[derive(Clone, Debug, PartialEq)]
pub enum ProofOutcome {
    /// It matches.
    Proven(Box<OrderView>),
    /// It does not.
    NotProven,
    /// Too many failures in 24 hours for this person.
    Locked,
}

/// A shopper's box.
#[async_trait::async_trait]
pub trait ShopperTools: Send + Sync {
    /// The asker's own orders (matched by the identity, never by a message), newest first, at most 10.
    async fn own_orders(&self) -> Result<Vec<OrderView>, ToolError>;
    /// One of the asker's own orders by order number or tracking number.
    async fn own_order(&self, reference: &str) -> Result<Option<OrderView>, ToolError>;
    /// Another's order: its number and the e-mail or phone on it. Counts failures.
    async fn prove(&self, reference: &str, email_or_phone: &str) -> Result<ProofOutcome, ToolError>;
    /// What the asker asked the shop for, newest first, at most 10.
    async fn requests(&self) -> Result<Vec<Request>, ToolError>;
    /// What was said before in the asker's conversation.
    async fn before(&self) -> Result<Before, ToolError> {
        Ok(Before::default())
    }
    /// A reminder to the asker that a member approved, and whether what it says is still owed.
    async fn reminder(&self, _id: ReminderId) -> Result<Option<DueReminder>, ToolError> {
        Ok(None)
    }
    /// The last reminder that the asker got, if they wrote nothing since and may still mean it.
    async fn unanswered_reminder(&self) -> Result<Option<Reminder>, ToolError> {
        Ok(None)
    }
    /// The shop's own answers that fit a question best, at most 5; for everybody to read. Found by words, and by what the
    /// question means where that is known.
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError>;
}

/// A member's box.
#[async_trait::async_trait]
pub trait MemberTools: Send + Sync {
    /// The books of the shop, as they are known now.
    async fn ledger(&self) -> Result<Arc<Ledger>, ToolError>;
    /// The day book of a large shop, as it is known now, and what is beside it; `None` when the shop keeps none, or it is
    /// behind and cannot be brought up to date at once: then the ledger answers.
    async fn day_book(&self) -> Result<Option<(Reading, Beside)>, ToolError> {
        Ok(None)
    }
    /// The sums of the parts of some days; `None` when the book has moved on since it was read.
    async fn day_parts(&self, _book: &Reading, _by: Dimension, _days: Days) -> Result<Option<Parts>, ToolError> {
        Ok(None)
    }
    /// Brings what was asked of the accounts of a large shop and was not there; `false` when its book has moved on.
    async fn gather(&self, _accounts: &mut Gathered, _wanted: BTreeSet<Want>) -> Result<bool, ToolError> {
        Ok(false)
    }
    /// Whether the ledger may be asked for: of a shop with more orders than that, all facts are too many for a turn.
    async fn reads_all(&self) -> Result<bool, ToolError> {
        Ok(true)
    }
    /// The first facts behind a figure, at least so many where there are; `None` when the book has moved on.
    async fn behind(
        &self,
        _book: &Reading,
        _metric: Metric,
        _narrowing: &[Narrowing],
        _days: Days,
        _least: usize,
    ) -> Result<Option<Behind>, ToolError> {
        Ok(None)
    }
    /// All that belongs to an order of a large shop, by its name; `None` when the shop keeps no day book, it is behind, or the
    /// order is not known: then the ledger answers.
    async fn order_ledger(&self, _name: &str) -> Result<Option<Arc<Ledger>>, ToolError> {
        Ok(None)
    }
    /// When the shop last told us anything about orders; `None` = never.
    async fn told_at(&self) -> Result<Option<Timestamp>, ToolError>;
    /// An order of the shop by order number or tracking number.
    async fn order(&self, reference: &str) -> Result<Option<OrderView>, ToolError>;
    /// Open and acknowledged incidents, worst first.
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError>;
    /// As [`ShopperTools::knowledge`].
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError>;
    /// As [`ShopperTools::before`].
    async fn before(&self) -> Result<Before, ToolError> {
        Ok(Before::default())
    }
    /// What the asker wants to be told unasked.
    async fn digests(&self) -> Result<Vec<Digest>, ToolError>;
    /// Recommendations that the shop accepted and whose horizon has come, the oldest first.
    async fn due_follow_ups(&self, today: Date) -> Result<Vec<Proposal>, ToolError>;
    /// Who owes on invoices now, whoever owes longest first, with the reminders that they got.
    async fn debts(&self) -> Result<Vec<Debt>, ToolError> {
        Ok(Vec::new())
    }
    /// How a debtor can be reached, as far as the shop knows.
    async fn debtor_contact(&self, _debtor: &str) -> Result<Result<DebtorContact, NoPhone>, ToolError> {
        Ok(Err(NoPhone::Unknown))
    }
    /// The same of a phone that a member just told: digits with the country's code.
    async fn contact_of_phone(&self, digits: &str) -> Result<DebtorContact, ToolError>;
    /// What came of reminders whose horizon has come, the oldest first, at most 10.
    async fn due_reminders(&self, _today: Date) -> Result<Vec<Returned>, ToolError> {
        Ok(Vec::new())
    }
}

/// A conversation as staff sees it in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationView {
    /// Id.
    pub id: ConversationId,
    /// Shop.
    pub merchant: MerchantId,
    /// Name or masked phone.
    pub name: String,
    /// What they wrote last.
    pub last_text: Option<String>,
    /// Since when they wait for a person; `None` = they do not.
    pub waiting_since: Option<Timestamp>,
    /// Which person answers, by name.
    pub person: Option<String>,
}

/// A staff member's box, limited to the merchants they may see.
#[async_trait::async_trait]
pub trait StaffTools: Send + Sync {
    /// Open and acknowledged incidents, worst first.
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError>;
    /// One by its number (`3`); if several shops have that number, the newest open one.
    async fn incident(&self, number: i64) -> Result<Option<Incident>, ToolError>;
    /// Conversations that wait for or are with a person, longest first, at most 20.
    async fn with_people(&self) -> Result<Vec<ConversationView>, ToolError>;
    /// One of the conversations that wait for or are with a person, else the most recent of all, by its short code.
    async fn conversation(&self, code: &str) -> Result<Option<ConversationView>, ToolError>;
    /// The conversation that a notice of ours in this chat was about.
    async fn conversation_of_notice(
        &self,
        chat_id: i64,
        message_id: i64,
    ) -> Result<Option<ConversationView>, ToolError>;
    /// An order by its number or tracking number, and whose it is.
    async fn order(&self, reference: &str) -> Result<Option<(MerchantId, OrderView)>, ToolError>;
    /// An order of one shop by its name.
    async fn order_of(&self, merchant: MerchantId, name: &str) -> Result<Option<OrderView>, ToolError>;
    /// A change on an outside system.
    async fn action(&self, id: ActionId) -> Result<Option<ActionView>, ToolError>;
    /// Open requests of customers, newest first, at most 20.
    async fn requests(&self) -> Result<Vec<Request>, ToolError>;
    /// One by its number; if several shops have that number, the newest open one.
    async fn request(&self, number: i64) -> Result<Option<Request>, ToolError>;
    /// One by its id.
    async fn request_of_id(&self, id: RequestId) -> Result<Option<Request>, ToolError>;
    /// Requests about people's data that are open or under way, those due first, at most 20.
    async fn privacy_requests(&self) -> Result<Vec<PrivacyRequest>, ToolError>;
    /// One by its id, and how much it reaches.
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError>;
    /// Questions of customers without an answer, those asked most first, at most 10.
    async fn unanswered(&self) -> Result<Vec<Unanswered>, ToolError>;
}

/// The shop's own box, for facts that arrive: what detection counts.
#[async_trait::async_trait]
pub trait SystemTools: Send + Sync {
    /// Parcels of a carrier in a city that were active in the last three days, and over all of the merchant's: the
    /// counts behind detection.
    async fn parcel_counts(&self, carrier: &str, city: &str) -> Result<ParcelCounts, ToolError>;
    /// An incident by id.
    async fn incident(&self, id: crate::IncidentId) -> Result<Option<Incident>, ToolError>;
    /// A change on an outside system, and why it ended as it did.
    async fn action(&self, id: ActionId) -> Result<Option<(ActionView, Option<String>)>, ToolError>;
    /// A request about somebody's data, and how much it reaches.
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError>;
    /// A dispute by the shop's id of it.
    async fn dispute(&self, external_id: &str) -> Result<Option<DisputeView>, ToolError>;
}

/// A dispute as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeView {
    /// What holds of it.
    pub facts: DisputeFacts,
    /// The name of its order; `None` = the order is not known.
    pub order: Option<String>,
}

/// Counts for detection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParcelCounts {
    /// Active parcels of this carrier and city.
    pub active: i64,
    /// Of them with a problem.
    pub problems: i64,
    /// Active parcels of the merchant elsewhere.
    pub active_elsewhere: i64,
    /// Of them with a problem.
    pub problems_elsewhere: i64,
    /// Names of the orders with a problem here, at most 20.
    pub orders: Vec<String>,
}

/// The box of a turn.
pub enum ToolBox {
    /// Of a shopper.
    Shopper(Box<dyn ShopperTools>),
    /// Of a member.
    Member(Box<dyn MemberTools>),
    /// Of staff.
    Staff(Box<dyn StaffTools>),
    /// Of the shop itself.
    System(Box<dyn SystemTools>),
    /// Of nobody.
    Empty,
}

impl ToolBox {
    /// What was said before in the asker's conversation; nothing where there is none.
    ///
    /// # Errors
    /// When facts are away.
    pub async fn before(&self) -> Result<Before, ToolError> {
        match self {
            Self::Shopper(tools) => tools.before().await,
            Self::Member(tools) => tools.before().await,
            Self::Staff(_) | Self::System(_) | Self::Empty => Ok(Before::default()),
        }
    }
}
