//! A desk with planted faults, for the reliability harness. It is compiled always and used only in a build with the
//! `chaos` feature, so that it cannot rot.

use std::sync::Arc;

use recado_domain::attachment::{Attachment, Form};
use recado_domain::effect::Effect;
use recado_domain::event::{EventContent, StaffBody};
use recado_domain::outbound::OutboundMessage;
use recado_domain::tools::ToolBox;
use recado_domain::turn::{TurnEvent, TurnInput, TurnOutcome};

use super::{Decide, DecideError};

/// Reads the fault that a message asks for, then decides as the desk behind it would.
#[derive(Clone)]
pub struct ChaosDesk {
    /// The desk behind it.
    pub desk: Arc<dyn Decide>,
    /// Whether messages may ask for faults.
    pub faults: bool,
    /// Answers with the words of the messages instead of asking the desk: then whoever reads the answers knows exactly
    /// which messages were answered, how often and in which order.
    pub echo: bool,
    /// Each echo is the caption of a document.
    pub files: bool,
}

impl std::fmt::Debug for ChaosDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChaosDesk").field("faults", &self.faults).field("echo", &self.echo).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Decide for ChaosDesk {
    async fn decide(&self, input: &TurnInput, tools: &ToolBox) -> Result<TurnOutcome, DecideError> {
        if self.faults {
            let said: Vec<&str> = input.events.iter().filter_map(words).collect();
            fault(&said.join(" ")).await?;
        }
        recado_store::chaos::point("deciding");
        if self.echo { Ok(echo(input, self.files)) } else { self.desk.decide(input, tools).await }
    }
}

async fn fault(words: &str) -> Result<(), DecideError> {
    if words.contains("chaos:panic") {
        panic!("a planted fault");
    } else if words.contains("chaos:abort") {
        std::process::abort();
    } else if words.contains("chaos:hang") {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    } else if words.contains("chaos:error") {
        return Err(DecideError::Desk("a planted fault".to_owned()));
    } else if words.contains("chaos:slow") {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    Ok(())
}

fn words(event: &TurnEvent) -> Option<&str> {
    match &event.content {
        EventContent::Message(message) => message.body.words(),
        EventContent::Staff(message) => match &message.body {
            StaffBody::Text { text } => Some(text),
            StaffBody::Tap { .. } | StaffBody::Other { .. } => None,
        },
        _ => None,
    }
}

fn echo(input: &TurnInput, files: bool) -> TurnOutcome {
    // A word is enough to tell a message, however long it is.
    let heard: Vec<String> =
        input.events.iter().filter_map(words).map(|words| words.chars().take(120).collect()).collect();
    let mut outcome = TurnOutcome { session: input.session.clone(), ..TurnOutcome::default() };
    if !heard.is_empty() {
        let mut message = OutboundMessage::text("echo", heard.join(" "));
        message.attachment = files.then(|| Box::new(workbook(input, &message.body)));
        outcome.effects.push(Effect::Reply(message));
    }
    outcome
}

/// The workbook of a shop's day, which is there for a shop without facts too.
fn workbook(input: &TurnInput, instead: &str) -> Attachment {
    let today = input.now.in_zone(&input.merchant.zone()).date();
    Attachment {
        form: Form::Workbook,
        first: today,
        last: today,
        parts: Vec::new(),
        as_of: input.now,
        language: input.merchant.language,
        filename: "hoy.xlsx".to_owned(),
        instead: instead.to_owned(),
    }
}
