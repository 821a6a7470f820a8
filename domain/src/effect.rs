//! What a turn decided to do. Agents return these; the engine commits them with the turn, in one transaction, or not
//! at all. Nothing outside happens but through them.

use std::time::Duration;

use jiff::civil::Date;

use crate::action::Action;
use crate::conversation::Owner;
use crate::digest::{Digest, DigestKind};
use crate::event::InternalEvent;
use crate::finance::advice::{Code, Decision, FollowUp, Proposal};
use crate::finance::facts::entry::Entry;
use crate::finance::reminder::{Dropped, NewReminder};
use crate::incident::{IncidentAction, NewIncident};
use crate::outbound::OutboundMessage;
use crate::request::{self, NewRequest};
use crate::{ActionId, ConversationId, IncidentId, Language, MerchantId, Money, PrivacyId, ReminderId, RequestId};

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer in this turn's conversation or staff chat.
    Reply(OutboundMessage),
    /// Stop the spinner of a tapped Telegram button.
    AnswerTap {
        /// Of the tap.
        callback_id: String,
        /// A toast, if any.
        text: Option<String>,
    },
    /// Tell the staff chats of a merchant.
    NotifyStaff {
        /// Whose staff.
        merchant: MerchantId,
        /// What.
        message: OutboundMessage,
        /// What it is about, so that an answer to it finds its way.
        subject: Subject,
    },
    /// Who answers from now on.
    SetOwner(Owner),
    /// The person's language, from now on.
    SetLanguage(Language),
    /// No unasked messages (true) or again (false).
    SetStopped(bool),
    /// Tell a conversation's lane.
    Post {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        conversation: ConversationId,
        /// What.
        event: InternalEvent,
    },
    /// Open an incident, or join the open one of the same kind and dimension within its window.
    OpenIncident(NewIncident),
    /// Change one.
    Incident {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        incident: IncidentId,
        /// How.
        action: IncidentAction,
        /// By whom, by name.
        by: String,
    },
    /// Keep a change on an outside system, to be confirmed.
    ProposeAction {
        /// Whose shop.
        merchant: MerchantId,
        /// Its id.
        id: ActionId,
        /// What.
        action: Action,
        /// By whom, by name.
        by: String,
        /// The customer's request that it carries out.
        request: Option<RequestId>,
    },
    /// Confirm it, or drop it. Nothing happens when it is no longer valid.
    DecideAction {
        /// Whose shop.
        merchant: MerchantId,
        /// Which.
        id: ActionId,
        /// Whether it is to be done.
        confirmed: bool,
        /// By whom, by name.
        by: String,
    },
    /// Wake this conversation later.
    StartTimer {
        /// Its kind; a newer one of the same kind replaces it.
        kind: String,
        /// From the turn's instant.
        after: Duration,
    },
    /// Forget a timer.
    CancelTimer {
        /// Its kind.
        kind: String,
    },
    /// Keep what the member of this conversation wants to be told unasked, and what became of it.
    KeepDigest(Digest),
    /// They want nothing of the kind any more; `None` = nothing at all.
    DropDigest(Option<DigestKind>),
    /// A recommendation was checked after its horizon. It is checked once.
    CheckRecommendation {
        /// Which kind.
        code: Code,
        /// What was found.
        found: FollowUp,
    },
    /// Keep what a member decided about a recommendation. It is only recorded: nothing is sent and nothing changes by it.
    DecideRecommendation {
        /// Which one, with what it is checked against.
        proposal: Proposal,
        /// What was decided.
        decision: Decision,
        /// By whom, by name.
        by: String,
    },
    /// Keep facts about money that a member told and confirmed, all or none. What is in force already changes nothing.
    RecordFinance {
        /// Which; their ids come from the message, so that a turn that runs twice tells them once.
        entries: Vec<Entry>,
        /// Where they come from, and the name by which they can be taken back (`chat:<event>`).
        source: String,
    },
    /// Take back what was recorded under a source.
    UndoFinance {
        /// Which.
        source: String,
    },
    /// Have a debtor reminded, in their own conversation's lane, when its time has come. A member saw and confirmed it.
    Remind(Box<NewReminder>),
    /// A reminder of this conversation left with this turn, or is dropped.
    SettleReminder {
        /// Which.
        id: ReminderId,
        /// Why it is not sent; `None` = it leaves now.
        dropped: Option<Dropped>,
    },
    /// The debtor wrote something after it.
    ReminderAnswered {
        /// Which.
        id: ReminderId,
    },
    /// It was looked whether the money came after a reminder. It is looked once.
    CheckReminder {
        /// Which.
        id: ReminderId,
    },
    /// Keep the phone of a debtor that a member told.
    KeepDebtor {
        /// Who, as the invoices say it.
        debtor: String,
        /// Digits with the country's code.
        digits: String,
        /// Who told it, by name.
        by: String,
    },
    /// Keep what a debtor paid on invoices, as a member told and confirmed it; [`Effect::UndoFinance`] takes it back.
    RecordPayment {
        /// How much on which invoice.
        parts: Vec<(String, Money)>,
        /// The shop's day of it.
        day: Date,
        /// As in [`Effect::RecordFinance`].
        source: String,
    },
    /// Collect a question that the shop has no answer to yet.
    Unanswered {
        /// In normalised spelling, without what tells who asks.
        question: String,
        /// Its language.
        language: Language,
    },
    /// Keep what the person of this conversation asks the shop for.
    Request(NewRequest),
    /// Decide about a request, if nobody did meanwhile; its conversation is told.
    DecideRequest {
        /// Whose.
        merchant: MerchantId,
        /// Which.
        request: RequestId,
        /// How.
        decision: request::Decision,
        /// What is said about it.
        note: Option<String>,
        /// By whom, by name.
        by: String,
    },
    /// Have a request about somebody's data carried out, or decline it. Nothing happens when somebody decided already.
    DecidePrivacy {
        /// Whose shop.
        merchant: MerchantId,
        /// Which.
        privacy: PrivacyId,
        /// Whether it is to be done.
        confirmed: bool,
        /// By whom, by name.
        by: String,
    },
    /// Keep for the record who did what.
    Audit {
        /// By whom.
        actor: String,
        /// What, e.g. `incident.ack`.
        action: String,
        /// On what, e.g. an id.
        object: String,
        /// Allowed, or why not.
        outcome: String,
    },
}

/// What a staff notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A conversation.
    Conversation(ConversationId),
    /// An incident.
    Incident(IncidentId),
    /// Nothing in particular.
    General,
}
