//! `recado events ls|show|replay`.

use std::fmt::Write as _;

use clap::{Subcommand, ValueEnum};
use recado_domain::EventId;
use recado_store::events::{EventFilter, EventStory, EventSummary};
use recado_store::inbox::status;

use super::serve::block_on;
use super::store::{ACTOR, ListArgs, reading, shop, writing};
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

impl EventStatus {
    /// The number in rows.
    pub const fn number(self) -> i64 {
        match self {
            Self::Open => status::OPEN,
            Self::Done => status::DONE,
            Self::Skipped => status::SKIPPED,
            Self::Dead => status::DEAD,
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
    /// Put dead events back into their lanes, with fresh attempts
    Replay {
        /// Ids of dead events
        #[arg(required_unless_present = "dead", value_name = "EVENT")]
        events: Vec<EventId>,
        /// All dead events
        #[arg(long, conflicts_with = "events")]
        dead: bool,
    },
}

impl Row for EventSummary {
    const HEAD: &'static [&'static str] = &["event", "happened", "source", "kind", "status", "tries", "reason"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.occurred_at.to_string(),
            self.source.clone(),
            self.kind.clone(),
            self.status.to_owned(),
            self.attempts.to_string(),
            self.reason.clone().unwrap_or_default(),
        ]
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
                    status: status.map(EventStatus::number),
                    kind: kind.clone(),
                    limit: i64::from(list.limit),
                };
                output.rows(&store.events(&filter).await?, list.json)?;
            }
            EventsVerb::Show { event, json } => {
                let Some(story) = reading(settings).await?.event(*event).await? else {
                    return Err(CliError::Usage(format!("there is no event {event}; see `recado events ls`")));
                };
                if *json { output.json(&story)? } else { output.text(&told(&story))? }
            }
            EventsVerb::Replay { events, dead } => {
                let store = writing(settings).await?;
                let events = if *dead { store.dead_event_ids(AT_ONCE).await? } else { events.clone() };
                let (mut revived, mut refused) = (0_u32, 0_u32);
                for event in events {
                    if store.replay_event(event, ACTOR).await? {
                        revived += 1;
                        output.text(&event.to_string())?;
                    } else {
                        refused += 1;
                        super::output::message(&format!("{event} is not dead: nothing to replay"));
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

/// A story for eyes.
fn told(story: &EventStory) -> String {
    let mut text = String::new();
    let event = &story.summary;
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
