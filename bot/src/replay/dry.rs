//! Senders that write down what they were given.

use std::sync::{Arc, Mutex, PoisonError};

use recado_domain::outbound::{OutboundMessage, Recipient, SendResult, Sendable, Sender, Settlement};
use recado_domain::{Clock, Timestamp, TraceId};
use serde::Serialize;

/// A message that would have been sent.
#[derive(Clone, Debug, Serialize)]
pub struct WouldSend {
    /// When, by the recording's clock.
    pub at: Timestamp,
    /// To whom.
    pub to: Recipient,
    /// What.
    pub message: OutboundMessage,
    /// Follows it back to its webhook.
    pub trace: TraceId,
}

/// What was written down since it was last taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Written(Arc<Mutex<Vec<WouldSend>>>);

impl Written {
    pub(super) fn take(&self) -> Vec<WouldSend> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

pub(super) struct DrySender {
    written: Written,
    clock: Arc<dyn Clock>,
}

impl DrySender {
    pub(super) fn new(written: Written, clock: Arc<dyn Clock>) -> Self {
        Self { written, clock }
    }
}

#[async_trait::async_trait]
impl Sender for DrySender {
    async fn send(&self, message: &Sendable) -> SendResult {
        let provider_id = match message.recipient {
            // Telegram's message ids are numbers, by which a reply finds its conversation.
            Recipient::Telegram { .. } => (message.id.0.as_u128() as u32).to_string(),
            Recipient::WhatsApp { .. } => format!("dry.{}", message.id),
        };
        self.written.0.lock().unwrap_or_else(PoisonError::into_inner).push(WouldSend {
            at: self.clock.now(),
            to: message.recipient.clone(),
            message: message.message.clone(),
            trace: message.trace,
        });
        SendResult::Sent { provider_id }
    }

    fn settlement(&self) -> Settlement {
        Settlement::Staff
    }
}
