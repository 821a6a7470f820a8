//! Requests about people's data, in the staff chat: what will happen is shown before it is confirmed, and none of these
//! messages names the person, since a staff chat cannot be erased by us.

use recado_domain::PrivacyId;
use recado_domain::effect::{Effect, Subject};
use recado_domain::event::ComplianceRequest;
use recado_domain::merchant::Staff;
use recado_domain::privacy::{Origin, PrivacyRequest, Reach};
use recado_domain::tools::{StaffTools, ToolBox};
use recado_domain::{Language, Timestamp};
use serde_json::{Value, json};

use crate::desk::TurnError;
use crate::turn::Turn;

/// The name in traces.
const AGENT: &str = "privacy";
/// Requests of a list; each has a button.
const SHOWN: usize = 3;

fn context(turn: &Turn<'_>, language: Language, request: &PrivacyRequest, reach: Reach) -> Value {
    let day = |at: Timestamp| turn.moments_in(language).day_of(at);
    json!({
        "what": match request.asked {
            ComplianceRequest::DataRequest => "copy",
            ComplianceRequest::CustomerRedact => "person",
            ComplianceRequest::ShopRedact => "shop",
        },
        "number": match &request.origin {
            Origin::Chat { number, .. } => Some(*number),
            Origin::Platform => None,
        },
        "status": match (request.done_at, &request.confirmed) {
            (Some(_), _) => "done",
            (None, Some(_)) => "working",
            (None, None) => "open",
        },
        "due": day(request.due_at),
        "late": turn.input.now > request.due_at,
        "conversations": reach.conversations,
        "messages": reach.messages,
        "orders": reach.orders,
        "under_way": reach.under_way,
        "records": reach.records,
    })
}

fn show_button(turn: &Turn<'_>, request: &PrivacyRequest) -> (String, String) {
    let what = context(turn, turn.language, request, Reach::default());
    let number = what["number"].as_i64().map(|number| format!(" #{number}")).unwrap_or_default();
    let title = format!("{}{number}", turn.wording.word(turn.language, "button.privacy_show"));
    (format!("prv:show:{}", request.id.0.simple()), title)
}

/// `/privacy`: what is open or under way, due first.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn list(turn: &mut Turn<'_>, tools: &dyn StaffTools) -> Result<(), TurnError> {
    let all = tools.privacy_requests().await?;
    turn.used(format!("privacy_requests: {}", all.len()));
    turn.decided(AGENT, "list");
    let rows: Vec<Value> =
        all.iter().take(SHOWN).map(|one| context(turn, turn.language, one, Reach::default())).collect();
    let buttons = all.iter().take(SHOWN).filter(|one| one.is_open()).map(|one| {
        let (id, title) = show_button(turn, one);
        turn.titled(&id, &title)
    });
    let buttons = buttons.collect();
    turn.reply("privacy_list", &json!({"rows": rows, "more": all.len().saturating_sub(SHOWN)}), buttons)
}

/// A request that staff named, and what it reaches; where there is none, that is said.
async fn found(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    id: PrivacyId,
) -> Result<Option<(PrivacyRequest, Reach)>, TurnError> {
    let found = tools.privacy_request(id).await?;
    turn.used(format!("privacy_request: {}", usize::from(found.is_some())));
    if found.is_none() {
        turn.decided(AGENT, "not_found");
        turn.reply("privacy_none", &json!({}), vec![])?;
    }
    Ok(found)
}

/// What a request means, with the buttons that decide about it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn show(turn: &mut Turn<'_>, tools: &dyn StaffTools, id: PrivacyId) -> Result<(), TurnError> {
    let Some((request, reach)) = found(turn, tools, id).await? else { return Ok(()) };
    turn.decided(AGENT, "shown");
    let words = context(turn, turn.language, &request, reach);
    let simple = request.id.0.simple();
    let buttons = if request.is_open() {
        let yes = if request.erases() { "button.privacy_erase" } else { "button.privacy_delivered" };
        vec![
            turn.button(&format!("prv:yes:{simple}"), yes),
            turn.button(&format!("prv:no:{simple}"), "button.privacy_decline"),
        ]
    } else {
        Vec::new()
    };
    turn.reply("privacy_preview", &words, buttons)
}

/// Confirms a request, or declines it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn decide(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    id: PrivacyId,
    confirmed: bool,
) -> Result<(), TurnError> {
    let Some((request, reach)) = found(turn, tools, id).await? else { return Ok(()) };
    let mut words = context(turn, turn.language, &request, reach);
    if !request.is_open() {
        turn.decided(AGENT, "unchanged");
        return turn.reply("privacy_preview", &words, vec![]);
    }
    turn.decided(AGENT, if confirmed { "confirmed" } else { "declined" });
    let by = staff.name.clone();
    turn.effects.push(Effect::DecidePrivacy { merchant: request.merchant, privacy: id, confirmed, by });
    words["confirmed"] = json!(confirmed);
    turn.reply("privacy_decided", &words, vec![])
}

/// The shop platform asks for something: staff is told, with the day until which it has to be done.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn asked(turn: &mut Turn<'_>, id: PrivacyId) -> Result<(), TurnError> {
    let ToolBox::System(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(());
    };
    let found = tools.privacy_request(id).await?;
    turn.used(format!("privacy_request: {}", usize::from(found.is_some())));
    let Some((request, reach)) = found.filter(|(request, _)| request.is_open()) else {
        turn.decided(AGENT, "not_open");
        return Ok(());
    };
    turn.decided(AGENT, "told");
    let words = context(turn, turn.input.merchant.language, &request, reach);
    let button = (format!("prv:show:{}", id.0.simple()), "button.privacy_show");
    turn.notify(Subject::General, "notice_privacy", &words, &[button])
}
