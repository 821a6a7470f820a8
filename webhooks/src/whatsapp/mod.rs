//! WhatsApp Cloud API: signature, handshake and payloads (CONTRACTS A1–A8).

mod account;
mod body;
mod message;
mod receipt;

use recado_domain::event::{Destination, Incoming};
use recado_domain::{Secret, Timestamp};
use serde_json::Value;

use crate::json::{self, Part as _, hash_key, value_key};
use crate::part::{plausible_seconds, unknown};
use crate::signature::{MacKey, same_secret, to_hex_header};

/// Meta's challenges have about ten digits.
const CHALLENGE_LIMIT: usize = 512;
/// Stands where an event names no address of ours.
const NOWHERE: &str = "unknown";

/// The `X-Hub-Signature-256` header of a body.
pub fn signature(secret: &Secret, body: &[u8]) -> String {
    to_hex_header(&MacKey::new(secret).sign(body))
}

/// The challenge to be echoed, if the request knows our token. Markup is refused, whoever asks.
pub(crate) fn confirmed_challenge(pairs: &[(String, String)], verify_token: &Secret) -> Option<String> {
    let only = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    let known = same_secret(verify_token, only("hub.verify_token").unwrap_or_default());
    let challenge = only("hub.challenge")?;
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'');
    let sound = (1..=CHALLENGE_LIMIT).contains(&challenge.len()) && challenge.bytes().all(plain);
    (known && sound && only("hub.mode") == Some("subscribe")).then(|| challenge.to_owned())
}

/// The events in a delivery, at least one. What has no known shape becomes one `Unknown` event, its neighbours stay.
pub fn parse(body: &[u8], received_at: Timestamp) -> Vec<Incoming> {
    let whole = |kind: &str, problem: Option<String>, destination| {
        vec![unknown(format!("body:{}", hash_key(body)), destination, kind, problem, received_at)]
    };
    let nowhere = || Destination::WhatsAppAccount(NOWHERE.to_owned());
    let envelope = match json::parse(body) {
        Ok(envelope) => envelope,
        Err(problem) => return whole("whatsapp", Some(problem), nowhere()),
    };
    let mut events = Vec::new();
    for entry in envelope.items("entry") {
        let account = Destination::WhatsAppAccount(entry.id("id").unwrap_or_else(|| NOWHERE.to_owned()));
        for change in entry.items("changes") {
            Change::new(entry, change, &account, received_at).read(&mut events);
        }
    }
    if events.is_empty() {
        let account = envelope.items("entry").iter().find_map(|entry| entry.id("id"));
        let destination = account.map_or_else(nowhere, Destination::WhatsAppAccount);
        return whole("whatsapp", Some("no change in the envelope".to_owned()), destination);
    }
    events
}

/// One change of an entry with what its events share.
struct Change<'a> {
    change: &'a Value,
    field: Option<String>,
    value: &'a Value,
    destination: Destination,
    /// When the entry says that it happened (account fields only).
    at: Timestamp,
    received_at: Timestamp,
}

impl<'a> Change<'a> {
    fn new(entry: &Value, change: &'a Value, account: &Destination, received_at: Timestamp) -> Self {
        let value = change.get("value").unwrap_or(&Value::Null);
        // A handed-over thread names our number as its recipient instead (CONTRACTS A7).
        let number = ["metadata", "recipient"]
            .iter()
            .find_map(|key| value.part(key).and_then(|address| address.id("phone_number_id")));
        Self {
            change,
            // Some documented samples write the field beside the changes.
            field: change.text("field").or_else(|| entry.text("field")),
            value,
            destination: number.map_or_else(|| account.clone(), Destination::PhoneNumber),
            at: plausible_seconds(entry.whole("time"), received_at),
            received_at,
        }
    }

    fn read(&self, events: &mut Vec<Incoming>) {
        let before = events.len();
        match self.field.as_deref() {
            Some("messages") => {
                self.messages(events);
                events.extend(self.value.items("statuses").iter().map(|status| self.receipt(status)));
                if events.len() == before && !self.value.items("errors").is_empty() {
                    events.push(self.errors());
                }
                if events.len() == before {
                    events.push(self.unknown_part(self.change, "messages", "neither messages, statuses nor errors"));
                }
            }
            Some(field) if !self.value.is_object() => {
                events.push(self.unknown_part(self.change, field, "value is not an object"));
            }
            Some(field) => events.push(self.notice(field)),
            None => events.push(self.unknown_part(self.change, "change", "no field")),
        }
    }

    /// A part without the shape of its kind.
    fn unknown_part(&self, part: &Value, kind: &str, problem: &str) -> Incoming {
        let dedupe = format!("part:{}", value_key(part));
        let kind = format!("whatsapp:{kind}");
        unknown(dedupe, self.destination.clone(), &kind, Some(problem.to_owned()), self.at)
    }
}

/// `131047 Re-engagement message: …` of the first error, without what follows its first 200 characters.
fn first_error(owner: &Value) -> Option<String> {
    let error = owner.items("errors").first()?;
    let code = error.id("code").unwrap_or_default();
    let title = error.text("title").or_else(|| error.text("message")).unwrap_or_default();
    let details = error.part("error_data").and_then(|data| data.text("details"));
    let line = match details.filter(|details| *details != title) {
        Some(details) => format!("{code} {title}: {details}"),
        None => format!("{code} {title}"),
    };
    Some(json::cut(line.trim(), 200))
}

#[cfg(test)]
mod tests;
