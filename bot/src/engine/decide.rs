//! Who decides a turn.

use recado_agents::{Desk, TurnError};
use recado_domain::tools::{ToolBox, ToolError};
use recado_domain::turn::{TurnInput, TurnOutcome};

/// Why no decision came. The turn is tried again.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The facts for it could not be read.
    #[error(transparent)]
    Facts(#[from] ToolError),
    /// The desk failed.
    #[error("no decision: {0}")]
    Desk(String),
}

/// Decides turns. The desk in a usual build; a desk with planted faults in the reliability harness.
#[async_trait::async_trait]
pub trait Decide: Send + Sync + 'static {
    /// Decides one turn, without doing anything.
    ///
    /// # Errors
    /// When facts could not be read.
    async fn decide(&self, input: &TurnInput, tools: &ToolBox) -> Result<TurnOutcome, DecideError>;
}

#[async_trait::async_trait]
impl Decide for Desk {
    async fn decide(&self, input: &TurnInput, tools: &ToolBox) -> Result<TurnOutcome, DecideError> {
        self.turn(input, tools).await.map_err(|error| match error {
            TurnError::Tools(error) => DecideError::Facts(error),
            error @ TurnError::Wording(_) => DecideError::Desk(error.to_string()),
        })
    }
}
