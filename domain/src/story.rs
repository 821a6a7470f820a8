//! The course of a dialogue, in a few points: for the person who takes it over, and for a model that is asked about its
//! next message. Points, codes, and the numbers of orders and parcels only, no words of anybody. Bounded, however long the
//! dialogue is: its last points stand one by one, and those before them are folded into how often each came.
//!
//! It follows from the traces of its turns alone, so one that is lost is told again from them.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::command::Entity;
use crate::flow::FlowKind;
use crate::turn::TurnTrace;

/// From so many turns of the person on, a dialogue is long: whoever opens it reads a summary first.
pub const LONG: u32 = 12;

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

    /// What a decision means to somebody who was not there, and which request it was about; `None` when it tells nothing.
    pub fn of(agent: &str, decision: &str) -> Option<(Self, Option<FlowKind>)> {
        if let Some((kind, step)) = decision.split_once('.')
            && let Some(kind) = FlowKind::from_name(kind)
        {
            let did = match step {
                "done" => Self::HandedIn,
                "left" => Self::Left,
                "prove" => Self::WasAskedProof,
                "offer_person" | "gave_up" => Self::WasNotUnderstood,
                _ if step.starts_with("blocked") => Self::WasRefused,
                _ => Self::Began,
            };
            return Some((did, Some(kind)));
        }
        let did = match (agent, decision) {
            ("orders", "order_status" | "proven_status") => Self::AskedStatus,
            ("orders", "order_items") => Self::AskedContents,
            ("orders", "order_due") => Self::AskedDue,
            ("orders", "ask_reference" | "pick_order" | "order_not_found") => Self::WasAskedOrder,
            ("orders", "ask_proof" | "proof_wrong") => Self::WasAskedProof,
            ("desk", "unclear" | "unclear_again") => Self::WasNotUnderstood,
            ("knowledge" | "requests", _) => Self::GotAnswer,
            ("finance" | "advice", _) => Self::AskedFigures,
            ("person", "handed_over") => Self::WentToPerson,
            _ => return None,
        };
        Some((did, None))
    }

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
    /// How often: in a row, or in all where points are folded.
    pub times: u16,
}

/// What a point is made of: what, which request, the name of the order.
pub type Told = (Did, Option<FlowKind>, Option<String>);

/// The course of a dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// Turns of the person so far.
    #[serde(default)]
    pub turns: u32,
    /// The first of them.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// What went before the last points, folded: each kind once, with how often it came, in the order in which it first
    /// came.
    #[serde(default)]
    pub earlier: Vec<Point>,
    /// The last points, oldest first.
    #[serde(default)]
    pub points: Vec<Point>,
    /// Orders that were named or spoken of, in the order in which they first were; the last of them.
    #[serde(default)]
    pub orders: Vec<String>,
    /// The same of parcels.
    #[serde(default)]
    pub parcels: Vec<String>,
}

impl Story {
    /// Points that are kept one by one.
    pub const MOST: usize = 8;
    /// Kinds of folded points that are told apart by their request.
    const MOST_FOLDED: usize = 12;
    /// Orders and parcels that are kept.
    const MOST_NAMED: usize = 6;
    /// Letters of the name of an order or parcel.
    const LONGEST_NAME: usize = 24;

    /// Adds a turn. What repeats the last point is counted with it; what a request came to takes the place of its beginning.
    pub fn add(&mut self, at: Timestamp, point: Option<Told>) {
        self.turns = self.turns.saturating_add(1);
        self.since.get_or_insert(at);
        let Some((did, flow, order)) = point else { return };
        let order = order.map(|name| name.chars().take(Self::LONGEST_NAME).collect::<String>());
        if let Some(name) = &order {
            named(&mut self.orders, name);
        }
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
            let oldest = self.points.remove(0);
            self.fold(oldest);
        }
    }

    /// Adds a turn as it was decided, with the orders and parcels that were named in it. `order` is the one that it was
    /// about, where that is known.
    pub fn add_turn(&mut self, at: Timestamp, trace: &TurnTrace, order: Option<String>) {
        // The shop's own name of an order comes before the way in which somebody wrote it.
        self.add(at, Did::of(&trace.agent, &trace.decision).map(|(did, flow)| (did, flow, order)));
        for mention in trace.understanding.iter().flat_map(|understood| &understood.entities) {
            match &mention.entity {
                Entity::OrderNumber { value } if value.bytes().all(|letter| letter.is_ascii_digit()) => {
                    named(&mut self.orders, &format!("#{value}"));
                }
                Entity::OrderNumber { value } => named(&mut self.orders, value),
                Entity::TrackingNumber { value, .. } => named(&mut self.parcels, value),
                _ => {}
            }
        }
    }

    /// The story again, from what is kept of a conversation's turns, oldest first. Which orders they were about is known as
    /// far as they were named.
    pub fn of_turns(turns: &[(Timestamp, TurnTrace)]) -> Self {
        let mut story = Self::default();
        for (at, trace) in turns.iter().filter(|(_, trace)| is_of_person(trace)) {
            story.add_turn(*at, trace, None);
        }
        story
    }

    /// Counts a point among those of before. When there are many kinds, requests are no longer told apart.
    fn fold(&mut self, point: Point) {
        let full = self.earlier.len() >= Self::MOST_FOLDED;
        let same = |one: &&mut Point| one.did == point.did && (one.flow == point.flow || full);
        match self.earlier.iter_mut().find(same) {
            Some(one) => {
                one.times = one.times.saturating_add(point.times);
                if one.flow != point.flow {
                    one.flow = None;
                }
            }
            None => self.earlier.push(Point { order: None, ..point }),
        }
    }

    /// The points as codes without names or numbers of anybody: what a model may know.
    pub fn codes(&self) -> Vec<String> {
        let code = |point: &Point| match point.flow {
            Some(flow) => format!("{} {}", point.did.code(), flow.name()),
            None => point.did.code().to_owned(),
        };
        let earlier = self.earlier.iter().map(|point| format!("earlier: {} x{}", code(point), point.times));
        earlier.chain(self.points.iter().map(code)).collect()
    }
}

/// Whether a turn answered its person, and not somebody of the staff or a timer.
fn is_of_person(trace: &TurnTrace) -> bool {
    trace.understanding.is_some()
        || !trace.commands.is_empty()
        || matches!(trace.decision.as_str(), "handed_over" | "forwarded" | "still_waiting")
        || trace.agent == "desk"
}

/// Keeps the name of an order or parcel; one that is known by its letters and digits is not kept again.
fn named(names: &mut Vec<String>, name: &str) {
    let plain = |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_uppercase();
    let kept = plain(name);
    if kept.is_empty() || names.iter().any(|known| plain(known) == kept) {
        return;
    }
    names.push(name.chars().take(Story::LONGEST_NAME).collect());
    if names.len() > Story::MOST_NAMED {
        names.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Understanding;
    use crate::entity::Mention;

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
        assert!(serde_json::to_string(&story).unwrap().len() < 2_500);
        assert_eq!(story.points.last().unwrap().did, Did::ALL[9_999 % Did::ALL.len()]);
    }

    #[test]
    fn what_went_before_the_last_points_is_counted_and_nothing_of_it_is_lost() {
        let mut story = Story::default();
        // Requests of every kind, then questions that alternate so that nothing repeats in a row.
        for flow in FlowKind::ALL {
            for did in [Did::HandedIn, Did::Left, Did::WasRefused] {
                story.add(at(0), Some((did, Some(flow), None)));
            }
        }
        for turn in 0..100 {
            let did = if turn % 2 == 0 { Did::AskedStatus } else { Did::GotAnswer };
            story.add(at(turn), Some((did, None, Some("#1042".to_owned()))));
        }
        let told: u32 = story.earlier.iter().chain(&story.points).map(|point| u32::from(point.times)).sum();
        assert_eq!((told, story.turns, story.points.len()), (127, 127, Story::MOST));
        assert!(story.earlier.len() <= Story::MOST_FOLDED + Did::ALL.len(), "{:?}", story.earlier);
        assert_eq!(story.earlier[0].did, Did::HandedIn, "in the order in which each first came");
        assert_eq!(story.orders, ["#1042"]);
        let handed_in: u16 = story.earlier.iter().filter(|one| one.did == Did::HandedIn).map(|one| one.times).sum();
        assert_eq!(handed_in, 9);
        assert!(story.codes()[0].starts_with("earlier: handed_in"), "{:?}", story.codes());
        assert!(!story.codes().concat().contains("1042"), "a model hears of no order");
    }

    fn turn(agent: &str, decision: &str, entities: Vec<Entity>) -> TurnTrace {
        let entities = entities.into_iter().map(|entity| Mention { entity, start: 0, end: 0 }).collect();
        let understanding = Understanding { intent: None, confidence: 0.0, language: None, entities };
        let (agent, decision) = (agent.to_owned(), decision.to_owned());
        TurnTrace { understanding: Some(understanding), agent, decision, ..TurnTrace::default() }
    }

    #[test]
    fn orders_and_parcels_are_named_once_however_they_were_written() {
        let order = |value: &str| Entity::OrderNumber { value: value.to_owned() };
        let parcel = |value: &str| Entity::TrackingNumber { value: value.to_owned(), carrier: None, valid: true };
        let mut story = Story::default();
        story.add_turn(at(0), &turn("orders", "order_status", vec![order("1042")]), Some("#1042".to_owned()));
        story.add_turn(at(1), &turn("desk", "unclear", vec![order("tl-77"), parcel("2000123456")]), None);
        story.add_turn(
            at(2),
            &turn("desk", "unclear", vec![order("#1042"), order("TL77"), parcel("2000123456")]),
            None,
        );
        story.add_turn(at(3), &turn("desk", "unclear", vec![order("1050")]), None);
        assert_eq!(story.orders, ["#1042", "tl-77", "#1050"]);
        assert_eq!(story.parcels, ["2000123456"]);
    }

    #[test]
    fn a_story_that_is_told_again_leaves_out_what_staff_did() {
        let said = |agent: &str, decision: &str| (at(0), turn(agent, decision, Vec::new()));
        let staff = |decision: &str| {
            let (agent, decision) = ("person".to_owned(), decision.to_owned());
            (at(0), TurnTrace { agent, decision, ..TurnTrace::default() })
        };
        let turns = [
            said("orders", "order_status"),
            said("person", "handed_over"),
            staff("taken_over"),
            staff("staff_reply"),
            staff("forwarded"),
            staff("handed_back"),
            staff("timer_ignored"),
        ];
        let story = Story::of_turns(&turns);
        assert_eq!((story.turns, story.codes()), (3, vec!["asked_status".to_owned(), "went_to_person".to_owned()]));
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
