//! Understanding, dialogue and the four agents. Pure decisions: facts come in through the tool box of the turn, effects
//! go out, and nothing here sends, writes or keeps time.

pub mod commands;
pub mod crisis;
pub mod desk;
pub mod finance;
pub mod flows;
pub mod moments;
pub mod orders;
pub mod person;
pub mod router;
pub mod turn;
pub mod understanding;
pub mod wording;

pub use desk::{Desk, DeskError, TurnError};
