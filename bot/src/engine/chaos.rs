//! A desk with planted faults, for the reliability harness. It is compiled always and used only in a build with the
//! `chaos` feature, so that it cannot rot.

use std::sync::Arc;

use recado_domain::event::EventContent;
use recado_domain::tools::ToolBox;
use recado_domain::turn::{TurnInput, TurnOutcome};

use super::{Decide, DecideError};

/// Reads the fault that a message asks for, then decides as the desk behind it would.
#[derive(Clone)]
pub struct ChaosDesk(pub Arc<dyn Decide>);

impl std::fmt::Debug for ChaosDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChaosDesk").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Decide for ChaosDesk {
    async fn decide(&self, input: &TurnInput, tools: &ToolBox) -> Result<TurnOutcome, DecideError> {
        for event in &input.events {
            let EventContent::Message(message) = &event.content else { continue };
            let words = message.body.words().unwrap_or_default();
            if words.contains("chaos:panic") {
                panic!("a planted fault");
            } else if words.contains("chaos:abort") {
                std::process::abort();
            } else if words.contains("chaos:hang") {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            } else if words.contains("chaos:error") {
                return Err(DecideError("a planted fault".to_owned()));
            } else if words.contains("chaos:slow") {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            }
        }
        recado_store::chaos::point("deciding");
        self.0.decide(input, tools).await
    }
}
