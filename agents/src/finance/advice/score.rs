//! The health score, and why it moved.

use recado_domain::finance::advice::{Given, given, health_change};
use recado_domain::finance::figures::{Accounts, Band, Health, Undefined};
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::Answer;
use super::say::Say;

/// One point, in the unit of scores.
const POINT: i128 = 1_000_000_000_000;
/// Inputs that are named on each side.
const NAMED: usize = 2;
/// Days back to the score that is compared.
const BACK_DAYS: u64 = 30;

fn band(health: &Health) -> &'static str {
    match health.band() {
        Some(Band::Healthy) => "healthy",
        Some(Band::Stable) => "stable",
        Some(Band::Warning) => "warning",
        Some(Band::Critical) | None => "critical",
    }
}

fn points(score: i128) -> Ratio {
    Ratio::new(score, POINT).unwrap_or(Ratio::ZERO)
}

/// What holds the score back: the inputs that give least of what they could.
fn lost(given: &[Given]) -> Vec<&Given> {
    let mut inputs: Vec<&Given> = given.iter().filter(|one| one.most - one.points > POINT).collect();
    inputs.sort_by_key(|one| std::cmp::Reverse(one.most - one.points));
    inputs
}

fn named(say: &Say<'_>, one: &Given) -> String {
    let name = say.figure(one.input);
    match one.value {
        Some(value) => {
            let number = recado_domain::finance::advice::Number::Ratio(value);
            format!("{name} {}", say.value(one.input, &number))
        }
        None => name,
    }
}

/// How healthy is the business?
pub(super) fn score(accounts: &dyn Accounts, say: &Say<'_>) -> Result<Answer, Undefined> {
    let health = accounts.health()?;
    let Some((score, (low, high))) = health.score.zip(health.range) else {
        let missing: Vec<String> = health.missing.iter().take(4).map(|id| say.figure(id)).collect();
        return Ok(Answer::new("advice_score", json!({"score": null, "missing": missing.join(", ")}))
            .button("adv:first", "button.advice_first"));
    };
    let given = given(&health);
    let mut worst = lost(&given);
    worst.truncate(NAMED);
    // What is named as taking most is not also named as giving most.
    let mut best: Vec<&Given> = given.iter().filter(|one| one.points > 0).collect();
    best.retain(|one| !worst.iter().any(|other| other.input == one.input));
    best.sort_by_key(|one| std::cmp::Reverse(one.points));
    let list = |inputs: &[&Given]| inputs.iter().take(NAMED).map(|one| named(say, one)).collect::<Vec<_>>().join(", ");
    let parts: Vec<String> = health
        .components
        .iter()
        .filter_map(|part| {
            let score = points(part.score?).rounded().ok()?;
            Some(format!("{} {score}", say.word(&format!("advice.component.{}", part.id))))
        })
        .collect();
    let cap = health.caps.iter().min_by_key(|(_, at)| *at);
    let context = json!({
        "score": score, "low": low, "high": high,
        "band": say.word(&format!("advice.band.{}", band(&health))),
        "confidence": say.word(&format!("advice.confidence.{}", health.confidence_level())),
        "parts": parts.join(" · "),
        "best": list(&best), "worst": list(&worst),
        "cap": cap.map(|(of, _)| say.figure(of)), "cap_at": cap.map(|(_, at)| at),
        "missing": "",
    });
    let answer = Answer::new("advice_score", context);
    Ok(answer.button("adv:first", "button.advice_first").button("adv:moved", "button.advice_moved"))
}

/// Why did the score move, against thirty days ago?
pub(super) fn moved(accounts: &dyn Accounts, say: &Say<'_>) -> Result<Answer, Undefined> {
    // What was known thirty days ago is in no sum: it takes all facts.
    let Some(ledger) = accounts.all_facts() else {
        return Ok(Answer::missing("earlier_score_of_large", None).button("adv:score", "button.advice_score"));
    };
    let before = accounts.as_of().minus(std::time::Duration::from_secs(BACK_DAYS * 86_400));
    let change = health_change(ledger.as_known_at(before).health()?, ledger.health()?);
    let (Some(then), Some(now)) = (change.then.score, change.now.score) else {
        return Ok(Answer::missing("no_earlier_score", None).button("adv:score", "button.advice_score"));
    };
    let told: Vec<String> = change
        .inputs
        .iter()
        .filter(|one| one.points.abs() >= POINT / 2)
        .take(3)
        .map(|one| {
            let shown = |value: Option<Ratio>| {
                value.map_or_else(
                    || say.word("advice.unknown"),
                    |value| say.value(one.input, &recado_domain::finance::advice::Number::Ratio(value)),
                )
            };
            let sign = if one.points > 0 { "+" } else { "" };
            let moved = say.decimal(points(one.points), 1);
            format!("{} {} → {} ({sign}{moved})", say.figure(one.input), shown(one.then), shown(one.now))
        })
        .collect();
    let caps: Vec<String> = change.caps_new.iter().map(|cap| say.figure(cap)).collect();
    let context = json!({
        "then": then, "now": now, "change": now - then, "lines": told, "caps": caps.join(", "),
        "day": say.day(before.in_zone(&accounts.shop().zone).date()),
    });
    Ok(Answer::new("advice_moved", context).button("adv:first", "button.advice_first"))
}
