//! Who decides a turn.

use recado_agents::{Desk, TurnError};
use recado_domain::tools::ToolBox;
use recado_domain::turn::{TurnInput, TurnOutcome};

/// Why no decision came. The turn is tried again.
#[derive(Debug, thiserror::Error)]
#[error("no decision: {0}")]
pub struct DecideError(pub String);

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
        self.turn(input, tools).await.map_err(|error: TurnError| DecideError(error.to_string()))
    }
}
