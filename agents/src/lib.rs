//! Understanding, dialogue and the four agents. Pure decisions: facts come in through the tool box of the turn, effects
//! go out, and nothing here sends to people, writes or keeps time. The one thing that talks to the outside is the gateway
//! to language models ([`model`]), and every flow goes on without it.

pub mod commands;
pub mod crisis;
pub mod desk;
pub mod disputes;
pub mod finance;
pub mod flows;
pub mod knowledge;
pub mod model;
pub mod moments;
pub mod orders;
pub mod person;
pub mod platforms;
pub mod privacy;
pub mod requests;
pub mod router;
pub mod safety;
pub mod story;
pub mod turn;
pub mod understanding;
pub mod wording;

pub use desk::{Desk, DeskError, TurnError};
pub use model::{Gateway, Proposer};
