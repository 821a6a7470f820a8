//! What the platform says about the account: every field but `messages` (CONTRACTS A7).

use recado_domain::event::{AccountNotice, EventContent, Incoming, LaneKey};
use serde_json::Value;

use super::{Change, first_error};
use crate::json::{Part as _, cut, value_key};
use crate::part::unknown;

/// The documented fields. Another one is stored as unknown, so that somebody looks.
const FIELDS: [&str; 34] = [
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "business_username_update",
    "business_username_updates",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "message_echoes",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "messaging_handovers",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
    "standby",
    "template_category_update",
    "template_correct_category_detection",
    "tracking_events",
    "user_id_update",
    "user_preferences",
];

/// Words worth a line. None of them holds a person's data; texts of people are not among them.
const WORDS: [&str; 18] = [
    "event",
    "decision",
    "type",
    "message_template_name",
    "message_template_language",
    "reason",
    "previous_quality_score",
    "new_quality_score",
    "previous_category",
    "new_category",
    "current_limit",
    "max_daily_conversations_per_business",
    "waba_ban_state",
    "alert_type",
    "alert_severity",
    "configuration_name",
    "solution_status",
    "violation_type",
];
/// Objects in which such words may be.
const GROUPS: [&str; 5] = ["ban_info", "alert_info", "violation_info", "other_info", "rejection_info"];
/// Words of a listed thing.
const ITEM_WORDS: [&str; 5] = ["category", "value", "event", "type", "status"];

impl Change<'_> {
    /// The notice of a field, or an unknown event for an undocumented one.
    pub(super) fn notice(&self, field: &str) -> Incoming {
        // The same change may come again in another envelope, so its own content is the key; the entry's time
        // tells two equal changes apart.
        let dedupe = format!("account:{}:{}", self.at_key(), value_key(self.change));
        if !FIELDS.contains(&field) {
            return unknown(dedupe, self.destination.clone(), &format!("whatsapp:{field}"), None, self.at);
        }
        self.account_event(dedupe, field, summary(self.value))
    }

    /// Errors that came alone.
    pub(super) fn errors(&self) -> Incoming {
        let dedupe = format!("account:{}:{}", self.at_key(), value_key(self.change));
        self.account_event(dedupe, "errors", first_error(self.value).unwrap_or_else(|| "an error without code".into()))
    }

    /// A message of somebody whom it does not name: nobody can be answered, but it is not lost.
    pub(super) fn anonymous(&self, dedupe: String, platform_type: &str) -> Incoming {
        let summary = format!("a message of type {} names no sender", cut(platform_type, 40));
        self.account_event(dedupe, "messages", summary)
    }

    fn account_event(&self, dedupe: String, field: &str, summary: String) -> Incoming {
        Incoming {
            dedupe,
            body_dedupe: None,
            destination: self.destination.clone(),
            lane: LaneKey::Thing("account", field.to_owned()),
            occurred_at: self.at,
            content: EventContent::Account(AccountNotice { field: field.to_owned(), summary }),
        }
    }

    /// The entry's time as a key; when it has none, equal changes are one.
    fn at_key(&self) -> i64 {
        if self.at == self.received_at { 0 } else { self.at.as_micros() }
    }
}

fn summary(value: &Value) -> String {
    let mut parts = words(value, &WORDS);
    for group in GROUPS {
        if let Some(object) = value.part(group) {
            parts.extend(words(object, &WORDS));
        }
    }
    for (name, list) in value.as_object().into_iter().flatten() {
        let Some(items) = list.as_array().filter(|items| !items.is_empty() && name != "contacts") else { continue };
        let first = words(&items[0], &ITEM_WORDS);
        parts.push(format!("{} × {}", items.len(), cut(name, 40)));
        parts.extend(first);
    }
    if let Some(error) = first_error(value) {
        parts.push(error);
    }
    cut(&parts.join(" · "), 300)
}

fn words(object: &Value, keys: &[&str]) -> Vec<String> {
    let spoken = |key: &&str| {
        let text = object.text(key).or_else(|| object.whole(key).map(|number| number.to_string()))?;
        is_impersonal(&text).then(|| format!("{key} {}", cut(&text, 80)))
    };
    keys.iter().filter_map(spoken).collect()
}

/// No e-mail address and nothing as long as a phone number.
fn is_impersonal(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    !text.contains('@') && digits < 7
}
