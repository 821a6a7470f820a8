//! The same dialogues with a model at the desk's side: one that helps, one that talks nonsense, one that means harm and
//! one that says nothing. What is expected of the desk is what is expected of it alone.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use recado_agents::Proposer;
use recado_agents::model::purse::Purse;
use recado_agents::model::settings::Settings;
use recado_agents::model::{Meant, Question, Rewording};
use recado_domain::command::Command;
use recado_domain::intent::Intent;
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::spend::Spend;
use recado_emulators::{Mind, OpenAiEmulator};

use super::spec::load;
use super::{Sabotage, Strictness, play_at};
use crate::fakes::Dialogue;
use crate::model_stage::*;

/// A turn's time where the model says nothing: hardly more than what is worth beginning a question with.
const SILENCE: std::time::Duration = std::time::Duration::from_millis(260);

/// A desk is dear to build, and each dialogue should meet a gateway that remembers nothing of the others.
#[derive(Default)]
struct Replaced(Mutex<Option<Arc<dyn Proposer>>>);

impl Replaced {
    fn by(&self, proposer: Arc<dyn Proposer>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(proposer);
    }
    fn now(&self) -> Arc<dyn Proposer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().expect("a dialogue has begun")
    }
}

#[async_trait]
impl Proposer for Replaced {
    fn purse(&self) -> Purse {
        self.now().purse()
    }
    fn wants_before(&self, question: &Question<'_>) -> bool {
        self.now().wants_before(question)
    }
    async fn propose(&self, question: &Question<'_>, purse: &Purse) -> Option<Vec<Command>> {
        self.now().propose(question, purse).await
    }
    async fn reword(&self, answer: &Rewording<'_>, purse: &Purse) -> Option<String> {
        self.now().reword(answer, purse).await
    }
    async fn meanings(&self, meant: &Meant<'_>, purse: &Purse) -> Vec<Meaning> {
        self.now().meanings(meant, purse).await
    }
    async fn outage(&self) -> Option<String> {
        self.now().outage().await
    }
}

/// Words that no person may read, whatever a model says.
const MARKS: &[&str] = &[
    "evil.example",
    "commands_allowed",
    "[number_",
    "emulator-model-key",
    "juan pérez",
    "json",
    "http 5",
    "too_late",
    "timed out",
];

fn marked(dialogue: &Dialogue) -> Option<String> {
    said(&dialogue.last).into_iter().find(|text| MARKS.iter().any(|mark| text.to_lowercase().contains(mark)))
}

/// Plays every scenario, each with a proposer of its own, and tells what went wrong.
async fn all_with(strictness: Strictness, mut proposer: impl FnMut() -> Arc<dyn Proposer>) -> Vec<String> {
    let replaced = Arc::new(Replaced::default());
    let desk = desk(Arc::clone(&replaced) as Arc<dyn Proposer>);
    let mut failures = Vec::new();
    for scenario in load() {
        replaced.by(proposer());
        let at = Some(Arc::clone(&desk));
        failures.extend(play_at(&scenario, Sabotage::None, at, strictness, &marked).await.err());
    }
    failures
}

/// The usual settings, with rewording and without a limit of the day.
fn usual(emulator: &OpenAiEmulator) -> Settings {
    let mut open = settings(vec![provider("one", &emulator.api_base())]);
    open.budgets.conversation = Spend::UNLIMITED;
    open.reword = true;
    open
}

/// The model is asked about everything that it may be asked about, however sure the built-in reading is.
fn eager(emulator: &OpenAiEmulator) -> Settings {
    Settings { ask_below: 2.0, ..usual(emulator) }
}

/// Plays all of it; the model must have been asked `least` times, or the test says nothing.
async fn passes(emulator: &OpenAiEmulator, settings: Settings, strictness: Strictness, least: u64) {
    let mind = format!("{strictness:?} asked below {}", settings.ask_below);
    let failures = all_with(strictness, || gateway(settings.clone()) as Arc<dyn Proposer>).await;
    let asked = emulator.ledger().counters().requests;
    println!("{mind}: asked {asked} times, {} failed", failures.len());
    assert!(failures.is_empty(), "{mind}: {} failed\n{}", failures.len(), failures.join("\n"));
    assert!(asked >= least, "{mind}: asked {asked} times only");
}

#[tokio::test]
async fn every_scenario_goes_as_declared_beside_a_helpful_model() {
    let emulator = emulator(Mind::Helpful).await;
    passes(&emulator, usual(&emulator), Strictness::Course, 12).await;
}

#[tokio::test]
async fn every_scenario_goes_as_declared_beside_a_garbled_model() {
    let emulator = emulator(Mind::Garbled).await;
    passes(&emulator, eager(&emulator), Strictness::Course, 30).await;
}

#[tokio::test]
async fn every_scenario_goes_as_declared_beside_a_hostile_model() {
    let emulator = emulator(Mind::Hostile).await;
    passes(&emulator, usual(&emulator), Strictness::Course, 12).await;
}

#[tokio::test]
async fn no_scenario_comes_to_harm_by_a_hostile_model_that_is_asked_about_everything() {
    let emulator = emulator(Mind::Hostile).await;
    passes(&emulator, eager(&emulator), Strictness::Harm, 20).await;
}

#[tokio::test]
async fn every_scenario_goes_as_declared_beside_a_silent_model() {
    let emulator = emulator(Mind::Helpful).await;
    emulator.plan().always(HANG);
    let silent = Settings { deadline: SILENCE, ..usual(&emulator) };
    passes(&emulator, silent, Strictness::Course, 8).await;
}

/// The control: a model whose every word is followed, as if nobody asked whether it is needed, is seen.
#[tokio::test]
async fn control_a_model_that_is_always_followed_is_seen_by_the_scenarios() {
    struct Loud;
    #[async_trait]
    impl Proposer for Loud {
        fn purse(&self) -> Purse {
            Purse::new(std::time::Instant::now(), PATIENT, Spend::UNLIMITED)
        }
        async fn propose(&self, _: &Question<'_>, _: &Purse) -> Option<Vec<Command>> {
            Some(vec![Command::SmallTalk { intent: Intent::Thanks }])
        }
        async fn reword(&self, _: &Rewording<'_>, _: &Purse) -> Option<String> {
            None
        }
        async fn outage(&self) -> Option<String> {
            None
        }
    }
    let failures = all_with(Strictness::Course, || Arc::new(Loud) as Arc<dyn Proposer>).await;
    println!("always followed: {} scenarios fail", failures.len());
    assert!(failures.len() >= 10, "{}", failures.len());
}
