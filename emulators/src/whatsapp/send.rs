//! What becomes of a message that somebody sends.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::emulator::{Inner, fresh_wamid};
use super::errors::{Refusal, known};
use super::{statuses, validate};
use crate::behaviour::Behaviour;
use crate::ledger::SentMessage;
use crate::server::{Answer, Call};

impl Inner {
    pub(super) async fn send(self: Arc<Self>, call: &Call) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
            return Refusal::new(100, "The body is not JSON.").answer();
        };
        if body["status"] == "read" {
            return match body["message_id"].as_str() {
                Some(_) => Answer::json(200, &json!({ "success": true })),
                None => Refusal::new(131008, "The parameter message_id is required.").answer(),
            };
        }
        let message = match validate::message(&body, self.ledger.now()) {
            Ok(message) => message,
            Err(refusal) => {
                tracing::debug!(code = refusal.code, "refused a malformed message");
                return refusal.answer();
            }
        };
        let now = self.ledger.now();
        let file = message.media.as_ref().map_or(Ok(()), |media| self.media.may_be_sent(&media.kind, &media.id, now));
        if let Err(refusal) = file {
            self.ledger.sent(message);
            return refusal.answer();
        }
        if let Some(refusal) = self.policy(&message) {
            self.ledger.sent(message);
            return refusal.answer();
        }
        self.behave(message).await
    }

    /// `POST /{phone_number_id}/media`, met as the plan for uploads says.
    pub(super) async fn upload(self: Arc<Self>, call: &Call) -> Answer {
        let take = || self.media.upload(call, self.ledger.now());
        match self.uploads.draw() {
            Behaviour::Accept => take(),
            Behaviour::AcceptThenCut => {
                take();
                Answer::Cut
            }
            Behaviour::AcceptThen500 => {
                take();
                Answer::broken()
            }
            Behaviour::AcceptThenGarbage => {
                take();
                Answer::garbage()
            }
            Behaviour::Cut => Answer::Cut,
            Behaviour::Fail500 => Answer::broken(),
            Behaviour::Refuse { code, description } => {
                Refusal::new(code, description.unwrap_or_else(|| known(code).1.to_owned())).answer()
            }
            Behaviour::Throttle { code, retry_after } => Refusal::new(code, known(code).1).answer().after(retry_after),
            Behaviour::Hang { millis, .. } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                take()
            }
        }
    }

    fn policy(&self, message: &SentMessage) -> Option<Refusal> {
        let digits: String = message.to.chars().filter(char::is_ascii_digit).collect();
        let (enforce_window, unreachable) = {
            let settings = self.settings();
            (settings.enforce_window, settings.undeliverable.contains(&digits))
        };
        if unreachable {
            return Some(Refusal::new(131026, "Message Undeliverable."));
        }
        let closed = enforce_window && message.kind != "template" && !self.window_is_open(message);
        closed.then(|| {
            Refusal::new(131047, "More than 24 hours have passed since the customer last replied to this number.")
        })
    }

    async fn behave(self: Arc<Self>, message: SentMessage) -> Answer {
        let refused = |inner: &Self, message: SentMessage| inner.ledger.sent(message);
        match self.plan.draw() {
            Behaviour::Accept => {
                let accepted = self.accept(message).await;
                reply(&accepted)
            }
            Behaviour::AcceptThenCut => {
                self.accept(message).await;
                Answer::Cut
            }
            Behaviour::AcceptThen500 => {
                self.accept(message).await;
                Answer::broken()
            }
            Behaviour::AcceptThenGarbage => {
                self.accept(message).await;
                Answer::garbage()
            }
            Behaviour::Cut => {
                refused(&self, message);
                Answer::Cut
            }
            Behaviour::Fail500 => {
                refused(&self, message);
                Answer::broken()
            }
            Behaviour::Refuse { code, description } => {
                refused(&self, message);
                Refusal::new(code, description.unwrap_or_else(|| known(code).1.to_owned())).answer()
            }
            Behaviour::Throttle { code, retry_after } => {
                refused(&self, message);
                Refusal::new(code, known(code).1).answer().after(retry_after)
            }
            Behaviour::Hang { millis, accepted: true } => {
                let accepted = self.accept(message).await;
                tokio::time::sleep(Duration::from_millis(millis)).await;
                reply(&accepted)
            }
            Behaviour::Hang { millis, accepted: false } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                let accepted = self.accept(message).await;
                reply(&accepted)
            }
        }
    }

    async fn accept(self: &Arc<Self>, mut message: SentMessage) -> SentMessage {
        message.id = fresh_wamid(&message.to);
        message.accepted = true;
        self.ledger.sent(message.clone());
        statuses::follow(self, message.clone()).await;
        message
    }
}

fn reply(message: &SentMessage) -> Answer {
    let digits: String = message.to.chars().filter(char::is_ascii_digit).collect();
    let contact = match &message.user_id {
        Some(user) if message.to.is_empty() => json!({ "input": user, "user_id": user }),
        _ => json!({ "input": message.to, "wa_id": digits }),
    };
    Answer::json(
        200,
        &json!({ "messaging_product": "whatsapp", "contacts": [contact], "messages": [{ "id": message.id }] }),
    )
}
