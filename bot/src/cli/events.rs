//! `recado events ls|show|replay`.

use std::fmt::Write as _;

use clap::{Subcommand, ValueEnum};
use recado_domain::{EventId, LaneId, MerchantId, Timestamp, TraceId, TurnId};
use recado_store::StoreError;
use recado_store::events::{self, EventDetail, EventFilter, EventView};
use recado_store::turn_story::TurnStory;
use serde::Serialize;

use super::serve::block_on;
use super::store::{ListArgs, reading, record, shop, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// Dead events that `--dead` revives at once; the rest by a second call.
const AT_ONCE: i64 = 10_000;

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EventStatus {
    /// Accepted, not yet decided
    Open,
    /// Decided in a committed turn
    Done,
    /// Left out, with a reason
    Skipped,
    /// Given up after its attempts; may be replayed
    Dead,
}

impl From<EventStatus> for events::EventStatus {
    fn from(status: EventStatus) -> Self {
        match status {
            EventStatus::Open => Self::Open,
            EventStatus::Done => Self::Done,
            EventStatus::Skipped => Self::Skipped,
            EventStatus::Dead => Self::Dead,
        }
    }
}

/// `recado events …`
#[derive(Clone, Debug, Subcommand)]
pub enum EventsVerb {
    /// List events, newest first
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Only those that stand so
        #[arg(long, value_name = "STATUS")]
        status: Option<EventStatus>,
        /// The same as --status dead
        #[arg(long, conflicts_with = "status")]
        dead: bool,
        /// Only those of this kind or beginning with it, e.g. message or commerce.order
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
    },
    /// Show one event: what came, what was understood and decided, what was sent
    Show {
        /// Its id
        event: EventId,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Put dead or skipped events back into their lanes, with fresh attempts
    Replay {
        /// Ids of dead or skipped events
        #[arg(required_unless_present = "dead", value_name = "EVENT")]
        events: Vec<EventId>,
        /// All dead events
        #[arg(long, conflicts_with = "events")]
        dead: bool,
    },
}

/// An event in a list. It holds no words of a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventRow {
    /// Its id.
    pub id: EventId,
    /// When the platform says it happened.
    pub occurred_at: Timestamp,
    /// When it arrived.
    pub received_at: Timestamp,
    /// From whom.
    pub source: &'static str,
    /// What kind.
    pub kind: String,
    /// Whose.
    pub merchant: Option<MerchantId>,
    /// What it is ordered with.
    pub lane: LaneId,
    /// `conversation`, `order` …
    pub lane_kind: String,
    /// Where it stands.
    pub status: &'static str,
    /// How often it was taken.
    pub attempts: i64,
    /// How often its turn failed.
    pub failures: i64,
    /// Why it is skipped or dead, or failed last.
    pub reason: Option<String>,
    /// The turn that decided it.
    pub turn: Option<TurnId>,
    /// Follows it through logs.
    pub trace: TraceId,
}

impl From<EventView> for EventRow {
    fn from(event: EventView) -> Self {
        Self {
            id: event.id,
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            source: event.source.code(),
            kind: event.kind,
            merchant: event.merchant,
            lane: event.lane,
            lane_kind: event.lane_kind,
            status: event.status.code(),
            attempts: event.attempts,
            failures: event.failures,
            reason: event.reason,
            turn: event.turn,
            trace: event.trace,
        }
    }
}

impl Row for EventRow {
    const HEAD: &'static [&'static str] = &["event", "happened", "source", "kind", "status", "tries", "reason"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.occurred_at.to_string(),
            self.source.to_owned(),
            self.kind.clone(),
            self.status.to_owned(),
            self.attempts.to_string(),
            self.reason.clone().unwrap_or_default(),
        ]
    }
}

/// One event: what came, what was decided, what was sent.
#[derive(Debug, Serialize)]
struct Story {
    #[serde(flatten)]
    event: EventRow,
    content: serde_json::Value,
    arrival: Option<Arrived>,
    decided: Option<TurnStory>,
}

/// A delivery as it came; bytes that are no text are replaced.
#[derive(Debug, Serialize)]
struct Arrived {
    headers: serde_json::Value,
    body: String,
    received_at: Timestamp,
}

impl Story {
    fn new(detail: EventDetail, decided: Option<TurnStory>) -> Self {
        let arrival = detail.arrival.map(|arrival| Arrived {
            headers: arrival.headers,
            body: String::from_utf8_lossy(&arrival.body).into_owned(),
            received_at: arrival.received_at,
        });
        Self { event: detail.event.into(), content: detail.content, arrival, decided }
    }
}

/// Runs it.
///
/// # Errors
/// When the store, the shop or the event is not there.
pub fn run(verb: &EventsVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            EventsVerb::Ls { list, status, dead, kind } => {
                let store = reading(settings).await?;
                let merchant = match &list.merchant {
                    Some(wanted) => Some(shop(&*store.read_directory().await?, Some(wanted))?.id),
                    None => None,
                };
                let status = if *dead { Some(EventStatus::Dead) } else { *status };
                let filter = EventFilter {
                    merchant,
                    status: status.map(Into::into),
                    kind: kind.clone(),
                    limit: i64::from(list.limit),
                    ..EventFilter::default()
                };
                let rows: Vec<EventRow> = store.events(&filter).await?.into_iter().map(EventRow::from).collect();
                output.rows(&rows, list.json)?;
            }
            EventsVerb::Show { event, json } => {
                let store = reading(settings).await?;
                let Some(detail) = store.event(*event).await? else {
                    return Err(CliError::Usage(format!("there is no event {event}; see `recado events ls`")));
                };
                let decided = match detail.event.turn {
                    Some(turn) => store.turn_story(turn).await?,
                    None => None,
                };
                let story = Story::new(detail, decided);
                if *json { output.json(&story)? } else { output.text(&told(&story))? }
            }
            EventsVerb::Replay { events, dead } => {
                let store = writing(settings).await?;
                let events = if *dead {
                    // The oldest first, as they came.
                    store.events(&dead_ones()).await?.into_iter().rev().map(|event| event.id).collect()
                } else {
                    events.clone()
                };
                let (mut revived, mut refused) = (0_u32, 0_u32);
                for event in events {
                    match store.replay_event(event).await {
                        Ok(()) => {
                            revived += 1;
                            record(&store, None, "event.replay", &event.to_string()).await?;
                            output.text(&event.to_string())?;
                        }
                        Err(problem @ (StoreError::Refused(_) | StoreError::Missing(_))) => {
                            refused += 1;
                            super::output::message(&format!("{event}: {problem}"));
                        }
                        Err(problem) => return Err(problem.into()),
                    }
                }
                store.close().await;
                super::output::message(&match revived {
                    0 => "nothing was put back".to_owned(),
                    _ => format!("{revived} put back; the running desk takes them up, or the next one"),
                });
                return Ok(if refused == 0 { Exit::Done } else { Exit::Failed });
            }
        }
        Ok(Exit::Done)
    })?
}

fn dead_ones() -> EventFilter {
    EventFilter { status: Some(events::EventStatus::Dead), limit: AT_ONCE, ..EventFilter::default() }
}

/// A story for eyes.
fn told(story: &Story) -> String {
    let mut text = String::new();
    let event = &story.event;
    let mut line = |name: &str, value: &str| {
        // Words of strangers may hold what a terminal obeys.
        let value: String = value.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
        let _ = writeln!(text, "{name:<10} {value}");
    };
    line("event", &event.id.to_string());
    line("kind", &format!("{} from {}", event.kind, event.source));
    line("happened", &event.occurred_at.to_string());
    line("received", &event.received_at.to_string());
    let reason = event.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    line(
        "status",
        &format!("{}, taken {} times, failed {} times{reason}", event.status, event.attempts, event.failures),
    );
    line("lane", &format!("{} {}", event.lane_kind, event.lane));
    line("trace", &event.trace.to_string());
    line("content", &story.content.to_string());
    if let Some(arrival) = &story.arrival {
        line("headers", &arrival.headers.to_string());
        line("body", &arrival.body);
    }
    match &story.decided {
        None => line("decided", "not yet"),
        Some(turn) => {
            let events = if turn.events > 1 { format!(", with {} others", turn.events - 1) } else { String::new() };
            line("decided", &format!("{} by {} for a {}{events}", turn.committed_at, turn.agent, turn.principal));
            line("why", &turn.why.to_string());
            for send in &turn.sends {
                let reason = send.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                let body = send.message["body"].as_str().unwrap_or_default();
                line("sent", &format!("{} {}{reason}: {body}", send.channel, send.status));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::store::tests_support::settings;
    use super::*;
    use clap::Parser as _;

    #[test]
    fn replay_needs_events_or_dead_but_not_both() {
        let parse =
            |words: &[&str]| super::super::Cli::try_parse_from([&["recado", "events", "replay"], words].concat());
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert!(parse(&[]).is_err() && parse(&["--dead", id]).is_err());
        assert!(parse(&[id]).is_ok() && parse(&["--dead"]).is_ok());
    }

    #[test]
    fn what_is_not_there_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let show = EventsVerb::Show { event: EventId::derived(&["x"]), json: false };
        let absent = run(&show, &settings, &mut Output::to(Vec::new())).unwrap_err();
        assert_eq!(absent.exit(), Exit::StoreUnavailable);
        block_on(async { writing(&settings).await.unwrap().close().await }).unwrap();
        let unknown = run(&show, &settings, &mut Output::to(Vec::new())).unwrap_err();
        assert!(matches!(&unknown, CliError::Usage(text) if text.contains("events ls")), "{unknown}");
        let replay = EventsVerb::Replay { events: vec![EventId::derived(&["x"])], dead: false };
        assert_eq!(run(&replay, &settings, &mut Output::to(Vec::new())).unwrap(), Exit::Failed);
    }
}
