//! The head of a long conversation: what somebody who opens it must know before the last words.

use recado_domain::story::{LONG, Point};
use recado_store::desk::{ConversationRow, Course};
use serde::Serialize;

use crate::Shared;
use crate::context::Page;
use crate::error::PageError;
use crate::format::Shown;

/// Letters of the last words.
const WORDS: usize = 160;

#[derive(Serialize)]
pub(crate) struct Head {
    /// «34 mensajes».
    messages: String,
    since: Option<Shown>,
    language: Option<&'static str>,
    earlier: Vec<String>,
    points: Vec<String>,
    named: String,
    open: Vec<Undecided>,
    summary: Option<Worded>,
    last_words: Option<String>,
    last_at: Option<Shown>,
}

/// What a model worded, and until when.
#[derive(Serialize)]
struct Worded {
    text: String,
    until: Shown,
}

#[derive(Serialize)]
struct Undecided {
    number: i64,
    words: String,
}

/// The head of a conversation, if it is long.
pub(crate) async fn head(desk: &Shared, page: &Page<'_>, row: &ConversationRow) -> Result<Option<Head>, PageError> {
    let Some(course) = desk.state.store.course(row, i64::from(LONG)).await? else { return Ok(None) };
    Ok(Some(shown(page, row, course)))
}

fn shown(page: &Page<'_>, row: &ConversationRow, course: Course) -> Head {
    let phrases = |points: &[Point]| points.iter().map(|point| phrase(page, point)).collect();
    let undecided = course.open.iter().map(|request| {
        let kind = page.say(&format!("requests.kind.{}", request.asked.kind.name()), &[]);
        let words = match &request.asked.order {
            Some(order) => format!("{kind} {order}"),
            None => kind,
        };
        Undecided { number: request.number, words }
    });
    Head {
        messages: page.count("course.messages", course.messages, &[]),
        since: course.first_at.map(|at| page.clock.shown(at)),
        language: row.language.map(|language| language.code()),
        earlier: phrases(&course.story.earlier),
        points: phrases(&course.story.points),
        named: [course.story.orders.as_slice(), course.story.parcels.as_slice()].concat().join(", "),
        open: undecided.collect(),
        summary: course
            .summary
            .map(|summary| Worded { until: page.clock.shown(summary.through_at), text: summary.body }),
        last_words: row.last_text.as_deref().map(|text| text.chars().take(WORDS).collect()),
        last_at: course.last_at.map(|at| page.clock.shown(at)),
    }
}

fn phrase(page: &Page<'_>, point: &Point) -> String {
    let mut words = page.say(&format!("course.did.{}", point.did.code()), &[]);
    if let Some(flow) = point.flow {
        words.push_str(": ");
        words.push_str(&page.say(&format!("requests.kind.{}", flow.name()), &[]).to_lowercase());
    }
    if let Some(order) = &point.order {
        words.push_str(&format!(" {order}"));
    }
    if point.times > 1 {
        words.push_str(&format!(" ×{}", point.times));
    }
    words
}
