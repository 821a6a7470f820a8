//! The story of a dialogue: what a turn adds to it, and how the person who takes over reads it.

use recado_domain::Language;
use recado_domain::principal::Principal;
use recado_domain::request::{Request, RequestStatus};
use recado_domain::story::{Did, LONG, Point};
use serde_json::{Value, json};

use crate::desk::TurnError;
use crate::requests;
use crate::turn::Turn;
use crate::wording::clip;

/// Fewer points than this are no story: the last words say it all.
const LEAST: usize = 2;
/// Letters of a summary in a notice, which has other lines.
const LONGEST_SUMMARY: usize = 280;

/// Adds a decided turn of a person to its story.
pub fn add(turn: &mut Turn<'_>) {
    let with_us = matches!(turn.input.principal, Principal::Shopper { .. } | Principal::Member { .. });
    if !with_us || turn.texts.is_empty() {
        return;
    }
    let order = Did::of(&turn.trace.agent, &turn.trace.decision).and_then(|(did, flow)| match did {
        Did::AskedStatus | Did::AskedContents | Did::AskedDue => turn.session.last_order.clone(),
        // A request that is over has left its order in the point of its beginning.
        _ => {
            let under_way = turn.session.flows.top().filter(|state| Some(state.kind) == flow);
            under_way.and_then(|state| state.order.clone())
        }
    });
    turn.session.story.add_turn(turn.input.now, &turn.trace, order);
}

/// What staff reads of the dialogue before they take it over, in the shop's language: how long it is and in which language,
/// what was wanted and done in order, what was named, and what is open. Facts alone; nothing while there is little to tell.
///
/// # Errors
/// When facts are away.
pub async fn told(turn: &mut Turn<'_>) -> Result<Value, TurnError> {
    let open = requests::own(turn).await?;
    let summary = if turn.session.story.turns >= LONG { summary(turn).await? } else { None };
    let (story, language) = (&turn.session.story, turn.input.merchant.language);
    let phrases = |points: &[Point]| {
        let phrases = points.iter().map(|point| phrase(turn, language, point));
        phrases.collect::<Vec<_>>().join(" · ")
    };
    let long = story.turns >= LONG;
    let other = (turn.language != language || long)
        .then(|| turn.wording.word(language, &format!("language.{}", turn.language.code())).to_owned());
    let open: Vec<String> = open
        .iter()
        .filter(|request| request.status == RequestStatus::Open)
        .map(|request| of_request(turn, language, request))
        .collect();
    // The order that is spoken of stands in a line of its own: what is named counts once there is more.
    let many = story.orders.len() + story.parcels.len() > 1;
    Ok(json!({
        "turns": story.turns,
        "since": story.since.map(|at| turn.moments_in(language).ago(at)),
        "language": other,
        "earlier": (!story.earlier.is_empty()).then(|| phrases(&story.earlier)),
        "points": (story.points.len() >= LEAST).then(|| phrases(&story.points)),
        "named": many.then(|| [story.orders.as_slice(), story.parcels.as_slice()].concat().join(", ")),
        "summary": summary.map(|text| clip(&text, LONGEST_SUMMARY)),
        "open": (!open.is_empty()).then(|| open.join(" · ")),
    }))
}

/// What a model made of the older part, if one did. It is made of what others wrote, and is shown as such.
async fn summary(turn: &Turn<'_>) -> Result<Option<String>, TurnError> {
    Ok(turn.tools.before().await?.summary.map(|summary| summary.body.split_whitespace().collect::<Vec<_>>().join(" ")))
}

fn of_request(turn: &Turn<'_>, language: Language, request: &Request) -> String {
    let kind = turn.wording.word(language, &format!("flow.{}", request.asked.kind.name())).to_owned();
    let order = request.asked.order.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
    format!("{}. {kind}{order}", request.number)
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
