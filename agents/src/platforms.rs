//! A platform takes nothing from us: staff is told, since shoppers wait for answers that are there.

use recado_domain::Timestamp;
use recado_domain::contact::Channel;
use recado_domain::effect::Subject;
use serde_json::json;

use crate::desk::TurnError;
use crate::turn::Turn;

/// The name in traces.
const AGENT: &str = "platforms";

/// So many messages have been waiting for a platform since an instant, for a reason by its word.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub fn away(
    turn: &mut Turn<'_>,
    channel: Channel,
    since: Timestamp,
    messages: i64,
    why: Option<&str>,
) -> Result<(), TurnError> {
    let language = turn.input.merchant.language;
    let context = json!({
        "platform": match channel {
            Channel::WhatsApp => "WhatsApp",
            Channel::Telegram => "Telegram",
        },
        "since": turn.moments_in(language).day_and_hour(since),
        "messages": messages,
        "why": why,
    });
    turn.decided(AGENT, "told");
    turn.notify(Subject::General, "notice_platform", &context, &[])
}
