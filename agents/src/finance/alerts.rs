//! What cannot wait for a summary: cash that runs out within thirteen weeks, told when it becomes so and not again before it
//! was not; and whether what a member decided to do has worked, once its horizon is over.

use jiff::civil::Date;
use recado_domain::digest::Digest;
use recado_domain::effect::Effect;
use recado_domain::finance::advice::{FollowUp, Proposal, Verdict, compared, reading};
use recado_domain::finance::figures::{Ledger, Metric, Scenario, Value};
use recado_domain::finance::question::{Advice, Question, Subject};
use recado_domain::tools::MemberTools;
use serde_json::{Value as Json, json};

use super::AGENT;
use super::advice::say::Say;
use super::digest::{Way, as_template};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Checks told at once; the others come the day after.
const MOST: usize = 3;

/// A recommendation after its horizon.
struct Checked {
    proposal: Proposal,
    found: FollowUp,
}

/// Looks, and tells if there is something to tell.
pub(super) async fn tell(
    turn: &mut Turn<'_>,
    tools: &dyn MemberTools,
    digest: Digest,
    day: Date,
    way: Way,
) -> Result<(), TurnError> {
    let ledger = tools.ledger().await?;
    let days = digest.wish.days(day);
    let lowest = ledger.forecast(Scenario::Committed).ok().map(|forecast| forecast.lowest());
    // What is not known changes nothing: neither alarm nor all-clear.
    let short = lowest.map_or(digest.short, |(_, cash)| cash < 0);
    let crossed = lowest.filter(|_| short && !digest.short);
    let checked = checked(&ledger, tools.due_follow_ups(ledger.today()).await?);
    let looked = Digest { told_through: Some(days.last), held: None, short, ..digest.clone() };
    if crossed.is_none() && checked.is_empty() {
        turn.decided(AGENT, "alert_none");
        turn.effects.push(Effect::KeepDigest(looked));
        return Ok(());
    }
    match way {
        Way::Silent => {
            turn.decided(AGENT, "alert_silent");
            turn.effects.push(Effect::KeepDigest(looked));
            return Ok(());
        }
        Way::Waits => {
            // Looked at again when the member writes: an alarm that is over by then is none.
            turn.decided(AGENT, "alert_held");
            turn.effects.push(Effect::KeepDigest(Digest { held: Some(day), ..digest }));
            return Ok(());
        }
        Way::Freely | Way::Template => {}
    }
    let moments = turn.moments();
    let say = Say { moments: &moments, currency: ledger.facts().shop.currency };
    let cash = crossed.map(|(week, cash)| {
        let date = ledger.today().saturating_add(jiff::Span::new().days(7 * week as i64 - 1));
        (say.money(cash), moments.date(date))
    });
    let now = ledger.figures(days).value(Metric::Cash).ok().and_then(|value| match value {
        Value::Money(minor) => Some(say.money(minor)),
        _ => None,
    });
    let context = json!({
        "cash": cash.as_ref().map(|(cash, _)| cash),
        "date": cash.as_ref().map(|(_, date)| date),
        "now": now,
        "lines": checked.iter().map(|one| line(&say, one)).collect::<Vec<_>>(),
    });
    let mut buttons = Vec::new();
    if crossed.is_some() {
        buttons.push(turn.button("fin:chart", "button.chart"));
    }
    buttons.push(turn.button("adv:first", "button.advice_first"));
    buttons.push(turn.button("digest:off", "button.digest_off"));
    let mut message = turn.message("digest_alert", &context, buttons)?;
    if way == Way::Template {
        let about = turn.wording.word(turn.language, "digest.alert").to_owned();
        let first = message.body.lines().next().unwrap_or_default().to_owned();
        as_template(turn, &mut message, &about, &first);
    }
    if crossed.is_some() {
        turn.session.last_question = Some(Question::about(Subject::Advice(Advice::CashForecast)));
    }
    turn.session.last_reply = Some(message.body.clone());
    turn.session.last_options = message.buttons.iter().map(|button| button.id.clone()).collect();
    turn.effects.push(Effect::Reply(message));
    for Checked { proposal, found } in checked {
        turn.effects.push(Effect::CheckRecommendation { code: proposal.code, found });
    }
    turn.decided(AGENT, "alert_told");
    turn.effects.push(Effect::KeepDigest(looked));
    Ok(())
}

/// Those that can be compared now; one whose figure is too large to compute with waits.
fn checked(ledger: &Ledger, due: Vec<Proposal>) -> Vec<Checked> {
    let compare = |proposal: Proposal| {
        let now = reading(ledger, proposal.code).ok()?;
        let found = compared(proposal.code, proposal.baseline.clone(), now).ok()?;
        Some(Checked { proposal, found })
    };
    due.into_iter().filter_map(compare).take(MOST).collect()
}

fn line(say: &Say<'_>, checked: &Checked) -> Json {
    let (metric, _) = checked.proposal.code.check();
    let value = |number: &Option<_>| number.as_ref().map(|number| say.value(metric.id(), number));
    json!({
        "name": say.word(&format!("advice.did.{}", checked.proposal.code.id())),
        "figure": say.figure(metric.id()),
        "then": value(&checked.found.then),
        "value": value(&checked.found.now),
        "verdict": match checked.found.verdict {
            Verdict::Better => "better",
            Verdict::Same => "same",
            Verdict::Worse => "worse",
            Verdict::Unknown => "unknown",
        },
    })
}
