//! What to do first, why, and what was decided.

use recado_domain::effect::Effect;
use recado_domain::finance::advice::{Code, Decision, Proposal, Recommendation, advise, first_things};
use recado_domain::finance::figures::{Accounts, Undefined};
use serde_json::json;

use super::Answer;
use super::say::Say;

/// What should I do first?
pub(super) fn first(accounts: &dyn Accounts, say: &Say<'_>) -> Result<Answer, Undefined> {
    let analysis = advise(accounts)?;
    let told = first_things(&analysis);
    let lines: Vec<String> = told.iter().map(|of| say.action(of)).collect();
    let context = json!({
        "lines": lines, "more": analysis.actions.ranked.len().saturating_sub(told.len()),
        "confidence": analysis.confidence.level,
    });
    let answer = Answer::new("advice_first", context);
    Ok(match told.first() {
        Some(of) => {
            decide_buttons(answer, of.code).button(format!("adv:because:{}", of.code.id()), "button.advice_because")
        }
        None => answer.button("adv:score", "button.advice_score"),
    })
}

fn decide_buttons(answer: Answer, code: Code) -> Answer {
    answer
        .button(format!("adv:accept:{}", code.id()), "button.advice_accept")
        .button(format!("adv:dismiss:{}", code.id()), "button.advice_dismiss")
}

fn found(accounts: &dyn Accounts, code: &str) -> Result<Option<Recommendation>, Undefined> {
    let Some(code) = Code::of_id(code) else { return Ok(None) };
    Ok(advise(accounts)?.actions.ranked.into_iter().find(|of| of.code == code))
}

fn gone() -> Answer {
    Answer::missing("recommendation_gone", None).button("adv:first", "button.advice_first")
}

/// Why that, how it was computed, and how it will be checked.
pub(super) fn because(accounts: &dyn Accounts, say: &Say<'_>, code: &str) -> Result<Answer, Undefined> {
    let Some(of) = found(accounts, code)? else { return Ok(gone()) };
    let shown = |named: &recado_domain::finance::advice::Named| {
        let value = named.value.as_ref().ok()?;
        Some(format!("{} {}", say.figure(named.id), say.value(named.id, value)))
    };
    let trigger: Vec<String> = of.trigger.iter().filter_map(shown).collect();
    let (metric, _) = of.code.check();
    let context = json!({
        "action": say.action(&of),
        "trigger": trigger.join(", "),
        "computed": say.word(&format!("advice.computed.{}", of.code.id())),
        "check": say.figure(metric.id()),
        "days": of.code.horizon_days(),
    });
    Ok(decide_buttons(Answer::new("advice_because", context), of.code))
}

/// Records a decision; nothing is done by it.
pub(super) fn decide(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    code: &str,
    decision: Decision,
    by: &str,
) -> Result<Answer, Undefined> {
    let Some(of) = found(accounts, code)? else { return Ok(gone()) };
    let proposal = Proposal::new(&of, say.currency, accounts.today());
    let (metric, _) = of.code.check();
    let context = json!({
        "accepted": decision == Decision::Accept,
        "action": say.action(&of),
        "check": say.figure(metric.id()),
        "day": say.day(proposal.horizon_on),
    });
    let mut answer = Answer::new("advice_decided", context).button("adv:first", "button.advice_first");
    let object = of.code.id().to_owned();
    answer.effects.push(Effect::DecideRecommendation { proposal, decision, by: by.to_owned() });
    answer.effects.push(Effect::Audit {
        actor: by.to_owned(),
        action: match decision {
            Decision::Accept => "finance.accept",
            Decision::Dismiss => "finance.dismiss",
        }
        .to_owned(),
        object,
        outcome: "done".to_owned(),
    });
    Ok(answer)
}
