//! What cannot wait for a summary: cash that runs out within thirteen weeks, told when it becomes so and not again before it
//! was not; and whether what a member decided to do has worked, once its horizon is over.

use jiff::civil::Date;
use recado_domain::Currency;
use recado_domain::digest::Digest;
use recado_domain::effect::Effect;
use recado_domain::finance::advice::{FollowUp, Proposal, Verdict, compared, reading};
use recado_domain::finance::figures::{Accounts, Days, Metric, Scenario, Value};
use recado_domain::finance::question::{Advice, Question, Subject};
use recado_domain::finance::reminder::Returned;
use recado_domain::tools::MemberTools;
use serde_json::{Value as Json, json};

use super::AGENT;
use super::advice::say::Say;
use super::digest::{Way, as_template};
use super::gathering::{computed, opened, put_off};
use super::reminders::sums;
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
    let days = digest.wish.days(day);
    let today = turn.input.now.in_zone(&turn.input.merchant.zone()).date();
    let due = tools.due_follow_ups(today).await?;
    let reminded = tools.due_reminders(today).await?;
    let of_book = match opened(tools).await? {
        Some(book) => computed(tools, book, |accounts| Look::at(accounts, &due, days)).await?,
        None => None,
    };
    let look = match of_book {
        Some(look) => look,
        None if !tools.reads_all().await? => {
            put_off(turn, digest.wish.kind.timer());
            return Ok(());
        }
        None => Look::at(tools.ledger().await?.as_ref(), &due, days),
    };
    let Look { lowest, checked, cash, currency } = look;
    // What is not known changes nothing: neither alarm nor all-clear.
    let short = lowest.map_or(digest.short, |(_, cash)| cash < 0);
    let crossed = lowest.filter(|_| short && !digest.short);
    let looked = Digest { told_through: Some(days.last), held: None, short, ..digest.clone() };
    if crossed.is_none() && checked.is_empty() && reminded.is_empty() {
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
    let say = Say { moments: &moments, currency };
    let short_of = crossed.map(|(week, cash)| {
        let date = today.saturating_add(jiff::Span::new().days(7 * week as i64 - 1));
        (say.money(cash), moments.date(date))
    });
    let context = json!({
        "cash": short_of.as_ref().map(|(cash, _)| cash),
        "date": short_of.as_ref().map(|(_, date)| date),
        "now": cash.map(|minor| say.money(minor)),
        "lines": checked.iter().map(|one| line(&say, one)).collect::<Vec<_>>(),
        "reminded_lines": reminded.iter().take(MOST).map(|one| returned(&say, one)).collect::<Vec<_>>(),
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
    turn.effects.extend(reminded.iter().take(MOST).map(|one| Effect::CheckReminder { id: one.id }));
    turn.decided(AGENT, "alert_told");
    turn.effects.push(Effect::KeepDigest(looked));
    Ok(())
}

/// Whether the money came after a reminder.
fn returned(say: &Say<'_>, one: &Returned) -> String {
    let key = match &one.open {
        open if open.is_empty() => "advice.reminded.paid",
        open if *open == one.then => "advice.reminded.none",
        _ => "advice.reminded.part",
    };
    say.word(key)
        .replace("{debtor}", &one.debtor)
        .replace("{then}", &sums(&one.then))
        .replace("{open}", &sums(&one.open))
}

/// What there is to tell.
struct Look {
    /// The lowest week of the forecast, where it is known.
    lowest: Option<(usize, i64)>,
    checked: Vec<Checked>,
    /// Cash now.
    cash: Option<i64>,
    currency: Currency,
}

impl Look {
    fn at(accounts: &dyn Accounts, due: &[Proposal], days: Days) -> Self {
        let cash = match accounts.figures(days).value(Metric::Cash) {
            Ok(Value::Money(minor)) => Some(minor),
            _ => None,
        };
        let lowest = accounts.forecast(Scenario::Committed).ok().map(|forecast| forecast.lowest());
        Self { lowest, checked: checked(accounts, due), cash, currency: accounts.currency() }
    }
}

/// Those that can be compared now; one whose figure is too large to compute with waits.
fn checked(accounts: &dyn Accounts, due: &[Proposal]) -> Vec<Checked> {
    let compare = |proposal: &Proposal| {
        let now = reading(accounts, proposal.code).ok()?;
        let found = compared(proposal.code, proposal.baseline.clone(), now).ok()?;
        Some(Checked { proposal: proposal.clone(), found })
    };
    due.iter().filter_map(compare).take(MOST).collect()
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
