//! The language model of a replica: the gateway, and who is told of its outages.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use recado_agents::model::purse::Purse;
use recado_agents::model::settings::Settings;
use recado_agents::model::{Gateway, Meant, Proposer, Question, Rewording};
use recado_domain::command::Command;
use recado_domain::knowledge::meaning::Meaning;
use recado_store::volatile::Volatile;

use crate::ledger::SharedLedger;

/// Staff is told of the same provider's outage once in so long, by whichever replica notices first.
const ONCE_IN: Duration = Duration::from_secs(3600);

/// A gateway whose outages are told once by all replicas together, as far as they share a Redis.
struct Shared {
    gateway: Arc<Gateway>,
    volatile: Arc<dyn Volatile>,
}

/// The gateway of the configuration.
///
/// # Errors
/// When a client cannot be made.
pub fn gateway(settings: &Settings, ledger: Arc<SharedLedger>) -> Result<Arc<Gateway>, String> {
    let gateway = Gateway::new(settings.clone(), ledger);
    gateway.map(Arc::new).map_err(|error| error.to_string())
}

/// Asks the gateway for the desk.
pub fn proposer(gateway: Arc<Gateway>, volatile: &Arc<dyn Volatile>) -> Arc<dyn Proposer> {
    let settings = gateway.settings();
    let names: Vec<&str> = settings.providers.iter().map(|provider| provider.name.as_str()).collect();
    if !names.is_empty() {
        let providers = names.join(",");
        tracing::info!(model.providers = providers, "language models are asked where the built-in reading is unsure");
    }
    Arc::new(Shared { gateway, volatile: Arc::clone(volatile) })
}

#[async_trait]
impl Proposer for Shared {
    fn purse(&self) -> Purse {
        self.gateway.purse()
    }
    fn wants_before(&self, question: &Question<'_>) -> bool {
        self.gateway.wants_before(question)
    }
    async fn propose(&self, question: &Question<'_>, purse: &Purse) -> Option<Vec<Command>> {
        self.gateway.propose(question, purse).await
    }
    async fn reword(&self, answer: &Rewording<'_>, purse: &Purse) -> Option<String> {
        self.gateway.reword(answer, purse).await
    }
    async fn meanings(&self, meant: &Meant<'_>, purse: &Purse) -> Vec<Meaning> {
        self.gateway.meanings(meant, purse).await
    }
    async fn outage(&self) -> Option<String> {
        let provider = self.gateway.outage().await?;
        let times = self.volatile.count(&format!("model-outage:{provider}"), ONCE_IN).await;
        (times == 1).then_some(provider)
    }
}
