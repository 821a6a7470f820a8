//! One step of a lane: everything that waited, decided at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::command::Understanding;
use crate::conversation::{Conversation, Session};
use crate::effect::Effect;
use crate::event::EventContent;
use crate::merchant::Merchant;
use crate::principal::Principal;
use crate::{EventId, Timestamp};

/// An accepted event as a turn sees it.
#[derive(Clone, Debug)]
pub struct TurnEvent {
    /// Its id.
    pub id: EventId,
    /// The platform's clock.
    pub occurred_at: Timestamp,
    /// What it says.
    pub content: EventContent,
}

/// What a turn is given.
#[derive(Clone, Debug)]
pub struct TurnInput {
    /// The shop. Staff lanes that belong to no shop get the first one that the staff member may see.
    pub merchant: Arc<Merchant>,
    /// The conversation, in conversation lanes.
    pub conversation: Option<Conversation>,
    /// What is remembered of the dialogue.
    pub session: Session,
    /// Who asks.
    pub principal: Principal,
    /// What waited, in order.
    pub events: Vec<TurnEvent>,
    /// The instant of the turn.
    pub now: Timestamp,
}

/// What a turn came to.
#[derive(Clone, Debug, Default)]
pub struct TurnOutcome {
    /// To be committed.
    pub effects: Vec<Effect>,
    /// To be remembered.
    pub session: Session,
    /// Why.
    pub trace: TurnTrace,
}

/// What is kept of how a turn was decided, for "why did it answer that?". No personal data beyond the conversation's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TurnTrace {
    /// What was understood.
    pub understanding: Option<Understanding>,
    /// What was then done, by name (`start_flow`, `answer`), in order.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Which agent took it (`orders`, `finance`, `crisis`, `person`, `desk`).
    pub agent: String,
    /// Its decision, one word or two (`order_status`, `handed_over`).
    pub decision: String,
    /// Tools called, with what they found (`own_orders: 2`).
    pub tools: Vec<String>,
    /// Microseconds spent deciding.
    pub micros: u64,
}
