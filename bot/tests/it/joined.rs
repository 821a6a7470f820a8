//! Several messages in a row on their whole way: one reply, however far apart they come.

use std::time::Duration;

use recado_emulators::whatsapp::{InboundMessage, Person, StatusOptions};
use recado_emulators::{
    Behaviour, DeliverOptions, Keep, OpenAiEmulator, OpenAiEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig,
};

use crate::desk::{Desk, prepare};

/// What the rules do not know, so that the model is asked.
const UNKNOWN: &str = "xqzt blorp zzkw qwrp";
/// How long the model takes to answer: time enough for another message.
const THINKING: Behaviour = Behaviour::Hang { millis: 1_500, accepted: false };
/// Far from what any of this takes.
const LONGEST: Duration = Duration::from_secs(40);

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONGEST, waiting).await.unwrap_or_else(|_| panic!("{what} does not come"));
}

struct Stage {
    whatsapp: WhatsAppEmulator,
    model: OpenAiEmulator,
    desk: Desk,
}

impl Stage {
    async fn set(more: &[(&str, &str)]) -> Self {
        prepare();
        let whatsapp = WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap();
        whatsapp.set_statuses(StatusOptions { enabled: false, ..StatusOptions::default() });
        let config = OpenAiEmulatorConfig { keep: Keep::Everything, ..OpenAiEmulatorConfig::default() };
        let model = OpenAiEmulator::start(config).await.unwrap();
        model.plan().always(THINKING);
        let desk = Desk::start(&whatsapp, Some(&model), more).await;
        Self { whatsapp, model, desk }
    }

    async fn says(&self, from: &str, text: &str) {
        let message = InboundMessage::text(Person::new(from, "Ana"), text);
        let delivery = self.whatsapp.deliver(&message, &DeliverOptions::default()).await.unwrap();
        assert_eq!(delivery.status(), Some(200));
    }

    /// Writes one thing, and another while the model thinks about the first. What was answered once all is done.
    async fn interrupted(&self, from: &str) -> Vec<String> {
        let (sends, asked) = (self.whatsapp.sends().len(), self.model.ledger().counters().requests);
        self.says(from, UNKNOWN).await;
        until("the question to the model", async || self.model.ledger().counters().requests > asked).await;
        self.says(from, "menú").await;
        until("the reply", async || self.whatsapp.sends().len() > sends).await;
        // Both messages are done with: whatever will be said has been said.
        until("the end", async || self.desk.has_done(2).await).await;
        self.whatsapp.sends().split_off(sends).into_iter().map(|send| send.body.clone()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_while_the_desk_thinks_is_answered_along_with_the_first() {
    let stage = Stage::set(&[]).await;
    let said = stage.interrupted("573000000001").await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(stage.desk.metric("recado_turns_superseded_total").await >= 1.0);
    assert_eq!(stage.desk.metric("recado_turns_failed_total").await, 0.0);
    // What breaks off is waited for, and then it is one matter.
    let before = stage.whatsapp.sends().len();
    stage.says("573000000002", "hola, una pregunta sobre").await;
    until("the pause", async || stage.desk.metric("recado_turns_waiting_total").await >= 1.0).await;
    stage.says("573000000002", "menú").await;
    until("the end", async || stage.desk.has_done(4).await).await;
    assert_eq!(stage.whatsapp.sends().len(), before + 1);
}

/// The control: a desk that joins nothing says two things, and what is counted above sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_desk_that_joins_nothing_answers_twice() {
    let stage = Stage::set(&[("WORKER__JOIN_MILLISECONDS", "0")]).await;
    let said = stage.interrupted("573000000001").await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(stage.desk.metric("recado_turns_superseded_total").await, 0.0);
}
