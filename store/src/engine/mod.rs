//! The queues: lanes, turns, the outbox and timers.
//!
//! A worker *claims* lanes that have open events: the claim raises the lane's epoch, writes a lease, and writes on each
//! event it takes which process holds it, in one commit, before anything runs. It then decides, and *commits* the turn: the
//! first statement releases the lane and checks owner and epoch, so a worker that lost its lease writes nothing. Turns
//! that are ready together share a commit. Everything a turn causes (answers, facts, timers, messages to other lanes)
//! is in that commit.
//!
//! Leases live in the database. A wake-up is a hint, the query is the truth.

mod actions;
mod attachments;
mod claim;
mod commit;
mod counts;
mod holders;
mod joining;
mod last_chance;
mod merging;
mod outbox;
mod platforms;
mod readiness;
mod retention;
mod timers;

use std::sync::Arc;
use std::time::Duration;

use recado_domain::conversation::Conversation;
use recado_domain::effect::Effect;
use recado_domain::merchant::Merchant;
use recado_domain::turn::{TurnEvent, TurnTrace};
use recado_domain::{LaneId, MerchantId, ReplicaId, Timestamp, TraceId, TurnId};

use crate::Store;

pub use actions::ActionOutcome;
pub(crate) use actions::{Proposal, start as start_action};
pub use attachments::KeptFile;
pub(crate) use commit::{LOCK_MERCHANT, Target, change_incident, post, start_timer};
pub use counts::Counts;
pub(crate) use counts::tally_internal;
pub(crate) use holders::FORGET_ENDS_OF;
pub(crate) use merging::fence;
pub use outbox::{OutboxStatus, Settled};
pub use retention::Forgotten;

/// The queue operations of one replica.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) replica: ReplicaId,
    pub(crate) rules: Rules,
    pub(crate) last_chance: last_chance::LastChance,
}

/// Times and bounds of the queues.
#[derive(Clone, Debug)]
pub struct Rules {
    /// A lane is another's after this long without a commit. Takeover is due within 20 s (RELIABILITY §1.7).
    pub lease: Duration,
    /// A send is unclear after this long without a result.
    pub send_lease: Duration,
    /// Recorded failures after which an event is dead.
    pub tries: i64,
    /// Processes that ended while they held an event, after which it is dead.
    pub crashes: i64,
    /// Turns that the database did not take in time, after which an event is dead. With the rests between them that is
    /// no sooner than three minutes of a database that answers and does not write.
    pub timeouts: i64,
    /// Sends of one message that got to the platform before it is given up.
    pub send_tries: i64,
    /// For so long a message is tried while its platform is away. An answer of this morning helps in the evening; the
    /// day in which people may be written to freely is not over (CONTRACTS A10).
    pub send_patience: Duration,
    /// Staff is told when an answer has been waiting for WhatsApp for so long.
    pub silence: Duration,
    /// How long a conversation gathers messages before its turn; much less than a person notices.
    pub gather: Duration,
    /// What a person writes is joined to a turn for no longer than this after its first message; zero joins nothing that
    /// comes after the claim.
    pub join: Duration,
    /// Events of one turn in a conversation or order.
    pub burst: i64,
    /// Delivery reports of one turn.
    pub receipts: i64,
    /// The staff chats of every merchant, in addition to the private chats of staff.
    pub staff_chat: Option<i64>,
    /// Switches that break a promise on purpose, so that its test can be seen to fail. All off in a release.
    pub sabotage: Sabotage,
}

/// Promises that a test build can break. Only a build with the `chaos` feature of the binary can set them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sabotage {
    /// Commit without checking owner and epoch.
    pub fencing_off: bool,
    /// Repeat an unclear send at once.
    pub blind_resend: bool,
    /// Take events without counting the attempt.
    pub attempts_off: bool,
    /// Act on outside systems without looking first.
    pub blind_action: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            send_lease: Duration::from_secs(40),
            tries: 5,
            crashes: 3,
            timeouts: 10,
            send_tries: 8,
            send_patience: Duration::from_secs(12 * 3_600),
            silence: Duration::from_secs(180),
            gather: Duration::from_millis(30),
            join: Duration::from_secs(4),
            burst: 50,
            receipts: 400,
            staff_chat: None,
            sabotage: Sabotage::default(),
        }
    }
}

/// A lane that this replica may work on until the lease ends.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Lane.
    pub lane: LaneId,
    /// `conversation`, `order`, `receipts`, `thing`, `staff`, `crisis`.
    pub kind: String,
    /// Whose; `None` for staff.
    pub merchant: Option<MerchantId>,
    /// Fences the commit.
    pub epoch: i64,
    /// What waits, in order; at least one.
    pub events: Vec<TurnEvent>,
    /// Of the first event.
    pub trace: TraceId,
    /// The earliest arrival among them.
    pub received_at: Timestamp,
    /// The latest arrival among them.
    pub newest_at: Timestamp,
    /// The conversation, in a conversation lane that has spoken before.
    pub conversation: Option<Conversation>,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// How often the database did not take a turn of these events in time; the highest among them.
    pub timeouts: i64,
}

/// A decided turn, to be committed.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Its id.
    pub id: TurnId,
    /// What was claimed.
    pub claim: Claim,
    /// The shop.
    pub merchant: Arc<Merchant>,
    /// The conversation as the turn leaves it, in a conversation lane.
    pub conversation: Option<Conversation>,
    /// What was decided.
    pub effects: Vec<Effect>,
    /// Why.
    pub trace: TurnTrace,
    /// Who asked.
    pub principal: &'static str,
    /// When it was decided.
    pub decided_at: Timestamp,
}

/// What became of a decided turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Yes {
        /// Whether it left something to send.
        sends: bool,
        /// Whether it told other lanes something.
        posts: bool,
    },
    /// The lane was no longer ours: nothing was written.
    Stale,
    /// The person wrote more before the commit: nothing was decided, and the lane is free, to be answered as a whole.
    Superseded,
}

impl Engine {
    /// The queue operations of a replica.
    pub fn new(store: Store, replica: ReplicaId, rules: Rules) -> Self {
        Self { store, replica, rules, last_chance: last_chance::LastChance::default() }
    }

    /// The store behind it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// This replica.
    pub fn replica(&self) -> ReplicaId {
        self.replica
    }
}

pub(crate) fn statements() -> &'static [(&'static str, &'static str)] {
    use std::sync::OnceLock;
    static ALL: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    ALL.get_or_init(|| {
        [
            actions::STATEMENTS,
            attachments::STATEMENTS,
            claim::STATEMENTS,
            commit::STATEMENTS,
            counts::STATEMENTS,
            holders::STATEMENTS,
            joining::STATEMENTS,
            merging::STATEMENTS,
            outbox::STATEMENTS,
            retention::STATEMENTS,
            platforms::STATEMENTS,
            timers::STATEMENTS,
        ]
        .concat()
    })
}

/// The texts that differ.
pub(crate) const PAIRS: &[(&str, crate::db::Pair)] = &[
    ("CLAIM_ACTIONS", actions::CLAIM_ACTIONS),
    ("CLAIM_OUTBOX", outbox::CLAIM_OUTBOX),
    ("IS_GONE", crate::replicas::IS_GONE),
];
