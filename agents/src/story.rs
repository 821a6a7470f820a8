//! The story of a dialogue: what a turn adds to it, how it is made again when the memory is lost, and how the person who
//! takes over reads it.

use recado_domain::flow::FlowKind;
use recado_domain::principal::Principal;
use recado_domain::story::{Did, Point, Story};
use recado_domain::turn::TurnTrace;
use recado_domain::{Language, Timestamp};

use crate::turn::Turn;

/// Fewer points than this are no story: the last words say it all.
const LEAST: usize = 2;

/// What a decision means to somebody who was not there.
fn did(agent: &str, decision: &str) -> Option<(Did, Option<FlowKind>)> {
    if let Some((kind, step)) = decision.split_once('.')
        && let Some(kind) = FlowKind::from_name(kind)
    {
        let did = match step {
            "done" => Did::HandedIn,
            "left" => Did::Left,
            "prove" => Did::WasAskedProof,
            "offer_person" | "gave_up" => Did::WasNotUnderstood,
            _ if step.starts_with("blocked") => Did::WasRefused,
            _ => Did::Began,
        };
        return Some((did, Some(kind)));
    }
    let did = match (agent, decision) {
        ("orders", "order_status" | "proven_status") => Did::AskedStatus,
        ("orders", "order_items") => Did::AskedContents,
        ("orders", "order_due") => Did::AskedDue,
        ("orders", "ask_reference" | "pick_order" | "order_not_found") => Did::WasAskedOrder,
        ("orders", "ask_proof" | "proof_wrong") => Did::WasAskedProof,
        ("desk", "unclear" | "unclear_again") => Did::WasNotUnderstood,
        ("knowledge" | "requests", _) => Did::GotAnswer,
        ("finance" | "advice", _) => Did::AskedFigures,
        ("person", "handed_over") => Did::WentToPerson,
        _ => return None,
    };
    Some((did, None))
}

/// Adds a decided turn of a person to its story.
pub fn add(turn: &mut Turn<'_>) {
    let with_us = matches!(turn.input.principal, Principal::Shopper { .. } | Principal::Member { .. });
    if !with_us || turn.texts.is_empty() {
        return;
    }
    let point = did(&turn.trace.agent, &turn.trace.decision).map(|(did, flow)| {
        // A request that is over has left its order in the point of its beginning.
        let under_way = turn.session.flows.top().filter(|state| Some(state.kind) == flow);
        let order = match did {
            Did::AskedStatus | Did::AskedContents | Did::AskedDue => turn.session.last_order.clone(),
            _ => under_way.and_then(|state| state.order.clone()),
        };
        (did, flow, order)
    });
    turn.session.story.add(turn.input.now, point);
}

/// The story again, from what is kept of the turns, oldest first. Which orders they were about is not.
pub fn of_turns(turns: &[(Timestamp, TurnTrace)]) -> Story {
    let mut story = Story::default();
    for (at, trace) in turns {
        story.add(*at, did(&trace.agent, &trace.decision).map(|(did, flow)| (did, flow, None)));
    }
    story
}

/// The story so far for staff, in the shop's language; nothing while there is little to tell.
pub fn told(turn: &Turn<'_>) -> Option<String> {
    let story = &turn.session.story;
    if story.points.len() < LEAST {
        return None;
    }
    let language = turn.input.merchant.language;
    Some(story.points.iter().map(|point| phrase(turn, language, point)).collect::<Vec<_>>().join(" · "))
}

fn phrase(turn: &Turn<'_>, language: Language, point: &Point) -> String {
    let mut text = turn.wording.word(language, &format!("story.{}", point.did.code())).to_owned();
    if let Some(flow) = point.flow {
        text.push_str(": ");
        text.push_str(turn.wording.word(language, &format!("flow.{}", flow.name())));
    }
    if let Some(order) = &point.order {
        text.push_str(&format!(" {order}"));
    }
    if point.times > 1 {
        text.push_str(&format!(" ×{}", point.times));
    }
    text
}
