//! The course of a dialogue, in a few points: for the person who takes it over, and for a model that is asked about its
//! next message. Points and codes only, no words of anybody; bounded, however long the dialogue is.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::flow::FlowKind;

/// What a turn was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the word says it")]
pub enum Did {
    AskedStatus,
    AskedContents,
    AskedDue,
    AskedFigures,
    GotAnswer,
    WasAskedOrder,
    WasAskedProof,
    Began,
    HandedIn,
    Left,
    WasRefused,
    WasNotUnderstood,
    WentToPerson,
}

impl Did {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::AskedStatus,
        Self::AskedContents,
        Self::AskedDue,
        Self::AskedFigures,
        Self::GotAnswer,
        Self::WasAskedOrder,
        Self::WasAskedProof,
        Self::Began,
        Self::HandedIn,
        Self::Left,
        Self::WasRefused,
        Self::WasNotUnderstood,
        Self::WentToPerson,
    ];

    /// A stable code, for words and models.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AskedStatus => "asked_status",
            Self::AskedContents => "asked_contents",
            Self::AskedDue => "asked_due",
            Self::AskedFigures => "asked_figures",
            Self::GotAnswer => "got_answer",
            Self::WasAskedOrder => "was_asked_order",
            Self::WasAskedProof => "was_asked_proof",
            Self::Began => "began",
            Self::HandedIn => "handed_in",
            Self::Left => "left",
            Self::WasRefused => "was_refused",
            Self::WasNotUnderstood => "was_not_understood",
            Self::WentToPerson => "went_to_person",
        }
    }
}

/// A point of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// What.
    pub did: Did,
    /// Which request, if it was about one.
    #[serde(default)]
    pub flow: Option<FlowKind>,
    /// The name of the order, if it was about one.
    #[serde(default)]
    pub order: Option<String>,
    /// How often in a row.
    pub times: u16,
}

/// The course of a dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Turns of the person so far.
    #[serde(default)]
    pub turns: u32,
    /// The first of them.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The last points, oldest first.
    #[serde(default)]
    pub points: Vec<Point>,
}

impl Story {
    /// Points that are kept.
    pub const MOST: usize = 8;

    /// Adds a turn. What repeats the last point is counted with it; what a request came to takes the place of its beginning.
    pub fn add(&mut self, at: Timestamp, point: Option<(Did, Option<FlowKind>, Option<String>)>) {
        self.turns = self.turns.saturating_add(1);
        self.since.get_or_insert(at);
        let Some((did, flow, order)) = point else { return };
        let order = order.map(|name| name.chars().take(24).collect::<String>());
        if let Some(last) = self.points.last_mut() {
            if (last.did, last.flow, &last.order) == (did, flow, &order) {
                // Several questions of one request are one beginning.
                let counts = did != Did::Began;
                last.times = last.times.saturating_add(u16::from(counts));
                return;
            }
            if last.did == Did::Began && flow.is_some() && last.flow == flow {
                last.did = did;
                last.order = order.or_else(|| last.order.take());
                return;
            }
        }
        self.points.push(Point { did, flow, order, times: 1 });
        if self.points.len() > Self::MOST {
            self.points.remove(0);
        }
    }

    /// The points as codes without names or numbers of anybody: what a model may know.
    pub fn codes(&self) -> Vec<String> {
        let code = |point: &Point| match point.flow {
            Some(flow) => format!("{} {}", point.did.code(), flow.name()),
            None => point.did.code().to_owned(),
        };
        self.points.iter().map(code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + second)
    }

    #[test]
    fn a_story_is_short_however_long_the_dialogue() {
        let mut story = Story::default();
        for turn in 0..10_000 {
            let did = Did::ALL[turn % Did::ALL.len()];
            story.add(at(turn as i64), Some((did, None, Some("x".repeat(500)))));
        }
        assert_eq!((story.turns, story.points.len(), story.since), (10_000, Story::MOST, Some(at(0))));
        assert!(serde_json::to_string(&story).unwrap().len() < 1_000);
        assert_eq!(story.points.last().unwrap().did, Did::ALL[9_999 % Did::ALL.len()]);
    }

    #[test]
    fn what_repeats_is_counted_and_a_request_is_one_point() {
        let mut story = Story::default();
        let order = || Some("#1042".to_owned());
        for _ in 0..3 {
            story.add(at(0), Some((Did::WasNotUnderstood, None, None)));
        }
        let cancel = Some(FlowKind::CancelOrder);
        story.add(at(1), Some((Did::Began, cancel, None)));
        story.add(at(2), Some((Did::Began, cancel, None)));
        story.add(at(3), None);
        story.add(at(4), Some((Did::HandedIn, cancel, order())));
        assert_eq!(story.turns, 7);
        let points: Vec<_> = story.points.iter().map(|point| (point.did, point.times)).collect();
        assert_eq!(points, [(Did::WasNotUnderstood, 3), (Did::HandedIn, 1)]);
        assert_eq!(story.points[1].order, order());
        assert_eq!(story.codes(), ["was_not_understood", "handed_in cancel_order"]);
    }
}
