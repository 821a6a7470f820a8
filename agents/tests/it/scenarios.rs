//! Whole dialogues, declared in `scenarios/*.toml` (docs/dialogue.md says how), and customers that play them.

mod customer;
mod minds;
mod spec;

use std::collections::BTreeMap;
use std::sync::Arc;

use recado_agents::Desk;
use recado_domain::effect::Effect;
use recado_domain::shipment::ShipmentStatus;

use crate::fakes::*;
use spec::{Scenario, Turn, load};

/// A build that breaks a promise on purpose: the judgement must see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    None,
    /// Requests are forgotten between turns.
    Forgetful,
    /// What was confirmed reaches nobody.
    Mute,
    /// No parcel ever seems to have left.
    Unguarded,
    /// Everybody's orders are everybody's.
    Credulous,
}

/// Words that would claim what nobody did, in any reply of any scenario.
const NEVER: &[&str] = &[
    "ya lo cambié",
    "ya la cambié",
    "ya quedó cambiad",
    "ya cancelé",
    "lo cancelé",
    "he cancelado",
    "ya lo mudei",
    "já mudei",
    "já cancelei",
    "cancelei",
    "i changed your",
    "i have changed",
    "i cancelled",
    "has been cancelled",
    "te reembolsé",
    "reembolsei",
    "i refunded",
    "{{",
    "{%",
    "ignora tus",
];

/// What a turn did, for judging.
struct Seen {
    templates: Vec<String>,
    requests: Vec<String>,
}

fn seen(dialogue: &Dialogue) -> Seen {
    let templates = dialogue.replies().iter().flat_map(|reply| reply.template.split('+')).map(str::to_owned).collect();
    let requests = dialogue.last.effects.iter().filter_map(|effect| match effect {
        Effect::Audit { action, object, .. } => action
            .strip_prefix("request.")
            .map(|kind| format!("{kind} {}", object.split(' ').next_back().unwrap_or("-"))),
        _ => None,
    });
    Seen { templates, requests: requests.collect() }
}

async fn turn(dialogue: &mut Dialogue, turn: &Turn, sabotage: Sabotage) -> String {
    if let Some(minutes) = turn.after_minutes {
        dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(minutes * 60));
    }
    if turn.forget {
        dialogue.session = Default::default();
    }
    if sabotage == Sabotage::Forgetful {
        dialogue.session.flows.clear();
    }
    for (name, code) in &turn.moves {
        let status = ShipmentStatus::from_code(code).expect("a status");
        let view = dialogue.facts.own.iter_mut().find(|view| view.order.name == *name).expect("an order");
        view.shipments = vec![parcel(status)];
    }
    let reply = match (&turn.tap, turn.texts()) {
        (Some(id), _) => dialogue.taps(id).await,
        (None, texts) => dialogue.events(texts.iter().map(|text| text_event(text)).collect()).await,
    };
    if sabotage == Sabotage::Mute {
        dialogue.last.effects.retain(|effect| !matches!(effect, Effect::NotifyStaff { .. } | Effect::Audit { .. }));
    }
    reply
}

/// Plays a scenario; what is not as declared is told.
async fn play(scenario: &Scenario, sabotage: Sabotage) -> Result<Dialogue, String> {
    play_at(scenario, sabotage, None, Strictness::Course, &|_| None).await
}

/// How much of what is declared is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// The whole course of the dialogue.
    Course,
    /// That no harm is done: one reply to each burst, nothing forbidden in it, no request that nobody agreed to.
    Harm,
}

/// The same at a desk of its own; `look` may object to what a turn came to.
async fn play_at(
    scenario: &Scenario,
    sabotage: Sabotage,
    desk: Option<Arc<Desk>>,
    strictness: Strictness,
    look: &(dyn Fn(&Dialogue) -> Option<String> + Sync),
) -> Result<Dialogue, String> {
    let mut dialogue = scenario.dialogue(sabotage);
    dialogue.desk = desk;
    let mut requests: Vec<String> = Vec::new();
    for (index, step) in scenario.turns.iter().enumerate() {
        let was_human = dialogue.owner().is_human();
        let reply = turn(&mut dialogue, step, sabotage).await;
        let wrong = |what: String| {
            Err(format!(
                "{} / {}, turn {}: {what}\n  said {:?} {:?}\n  reply: {reply}\n  {:?} {:?}",
                scenario.lang,
                scenario.name,
                index + 1,
                step.texts(),
                step.tap,
                dialogue.decision(),
                dialogue.last.trace.commands
            ))
        };
        if let Some(bad) = look(&dialogue) {
            return wrong(format!("shows {bad:?}"));
        }
        let seen = seen(&dialogue);
        if !was_human && dialogue.replies().len() != 1 {
            return wrong(format!("{} replies", dialogue.replies().len()));
        }
        let length = reply.chars().count();
        if length > 1024 {
            return wrong(format!("{length} letters"));
        }
        let low = reply.to_lowercase();
        if let Some(bad) = NEVER
            .iter()
            .find(|bad| low.contains(*bad))
            .map(|bad| (*bad).to_owned())
            .or_else(|| scenario.never.iter().find(|bad| low.contains(&bad.to_lowercase())).cloned())
        {
            return wrong(format!("says {bad:?}"));
        }
        let handed_in = dialogue.notices().iter().filter(|one| one.template == "notice_request").count();
        if handed_in != seen.requests.len() {
            return wrong(format!("{handed_in} notices of {} requests", seen.requests.len()));
        }
        if strictness == Strictness::Harm {
            requests.extend(seen.requests);
            continue;
        }
        if let Some(does) = &step.does {
            let (agent, decision) = dialogue.decision();
            let done = format!("{agent}/{decision}");
            if done != *does && decision != does {
                return wrong(format!("{done}, not {does}"));
            }
        }
        if let Some(commands) = &step.commands
            && dialogue.last.trace.commands != *commands
        {
            return wrong(format!("not the commands {commands:?}"));
        }
        if let Some(text) = step.templates.iter().find(|text| !seen.templates.contains(text)) {
            return wrong(format!("no {text} in {:?}", seen.templates));
        }
        if let Some(words) = step.has.iter().find(|words| !low.contains(&words.to_lowercase())) {
            return wrong(format!("does not say {words:?}"));
        }
        if let Some(words) =
            step.notice.iter().find(|words| !dialogue.notices().iter().any(|one| one.body.contains(*words)))
        {
            return wrong(format!("staff does not hear {words:?}: {:?}", dialogue.notices()));
        }
        requests.extend(seen.requests);
    }
    let end = |what: String| Err(format!("{} / {}, at the end: {what}", scenario.lang, scenario.name));
    if strictness == Strictness::Harm {
        let beyond = requests.iter().find(|request| !scenario.requests.contains(request));
        return beyond.map_or(Ok(dialogue), |request| end(format!("the request {request:?} is nobody's")));
    }
    if requests != scenario.requests {
        return end(format!("requests {requests:?}, not {:?}", scenario.requests));
    }
    if scenario.owner != "any" && dialogue.owner().is_human() != (scenario.owner == "person") {
        return end(format!("{:?}, not {}", dialogue.owner(), scenario.owner));
    }
    let flow = dialogue.session.flows.top().map(|state| state.kind.name()).unwrap_or_default();
    if scenario.flow != "any" && flow != scenario.flow {
        return end(format!("the request {flow:?} is open, not {:?}", scenario.flow));
    }
    let language = dialogue.conversation.as_ref().and_then(|one| one.language);
    if !scenario.mixed && language.is_some_and(|heard| heard.code() != scenario.lang) {
        return end(format!("speaks {language:?}"));
    }
    Ok(dialogue)
}

#[tokio::test]
async fn every_scenario_goes_as_declared() {
    let all = load();
    let mut failures = Vec::new();
    let mut tallies: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for scenario in &all {
        let tally = tallies.entry(scenario.lang.clone()).or_default();
        tally[0] += 1;
        tally[2] += usize::from(scenario.repair);
        match play(scenario, Sabotage::None).await {
            Ok(dialogue) => {
                tally[1] += usize::from(!dialogue.owner().is_human());
                tally[3] += usize::from(scenario.repair);
            }
            Err(problem) => failures.push(problem),
        }
    }
    for (language, [count, contained, repairs, repaired]) in &tallies {
        println!("{language}: {count} scenarios; contained {contained}; repairs {repaired} of {repairs}");
    }
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), all.len(), failures.join("\n"));
    let hostile = all.iter().filter(|one| one.hostile).count();
    assert!(all.len() >= 50 && hostile >= 10, "{} scenarios, {hostile} hostile", all.len());
}

/// The control: each broken promise makes scenarios fail.
#[tokio::test]
async fn control_a_broken_build_is_seen_by_the_scenarios() {
    let all = load();
    for (sabotage, least) in
        [(Sabotage::Forgetful, 20), (Sabotage::Mute, 15), (Sabotage::Unguarded, 3), (Sabotage::Credulous, 2)]
    {
        let mut red = 0;
        for scenario in &all {
            red += usize::from(play(scenario, sabotage).await.is_err());
        }
        println!("{sabotage:?}: {red} of {} scenarios fail", all.len());
        assert!(red >= least, "{sabotage:?} is seen by {red} only");
    }
}
