//! The entry point: one turn in, its effects out.

mod asked;
mod beside;
mod burst;
pub(crate) mod clauses;
mod joint;
pub mod talk;
pub mod unfinished;

use std::sync::Arc;
use std::time::Instant;

use recado_domain::Language;
use recado_domain::command::Understanding;
use recado_domain::digest::DigestKind;
use recado_domain::event::{EventContent, InternalEvent};
use recado_domain::finance::reminder::timer_of;
use recado_domain::message::InboundMessage;
use recado_domain::order::dispute_of_timer;
use recado_domain::tools::{ToolBox, ToolError};
use recado_domain::turn::{TurnInput, TurnOutcome, TurnTrace};

use crate::model::{self, Consultation, Proposer};
use crate::turn::Turn;
use crate::understanding::linear::Damaged;
use crate::understanding::{Role, Understander};
use crate::wording::Wording;
use crate::{crisis, disputes, finance, orders, person, platforms, privacy, requests, story};

/// The desk could not be set up: what is embedded is not whole. Found by any test, never by a person.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A template does not parse.
    #[error("a message template is wrong: {0}")]
    Template(String),
    /// A template is no text.
    #[error("the template {0} is no UTF-8 text")]
    NotText(String),
    /// A language lacks a text.
    #[error("the text {name:?} is missing in {language} or is only there")]
    Missing {
        /// Where.
        language: Language,
        /// Which.
        name: String,
    },
    /// What was learned of sentences is not whole.
    #[error(transparent)]
    Understanding(#[from] Damaged),
}

/// A turn could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Facts are away; the same turn may succeed later.
    #[error(transparent)]
    Tools(#[from] ToolError),
    /// A template lacks what it needs: trying again does not help.
    #[error("cannot word an answer: {0}")]
    Wording(String),
}

/// Understands, decides and words. Built once, shared by all workers.
pub struct Desk {
    wording: Wording,
    understander: Understander,
    proposer: Option<Arc<dyn Proposer>>,
    digest_template: Option<String>,
    reminder_template: Option<String>,
}

impl Desk {
    /// Loads the embedded texts and what was learned of the embedded sentences.
    ///
    /// # Errors
    /// When what is embedded is not whole.
    pub fn new() -> Result<Self, DeskError> {
        Ok(Self {
            wording: Wording::load()?,
            understander: Understander::embedded()?,
            proposer: None,
            digest_template: None,
            reminder_template: None,
        })
    }

    /// With a language model to ask where the built-in reading is unsure.
    #[must_use]
    pub fn with_proposer(self, proposer: Arc<dyn Proposer>) -> Self {
        Self { proposer: Some(proposer), ..self }
    }

    /// With an approved template of WhatsApp, by its name, for summaries and alerts outside of the 24-hour window. It has
    /// two variables: what it is about, and the line with the number.
    #[must_use]
    pub fn with_digest_template(self, name: Option<String>) -> Self {
        Self { digest_template: name, ..self }
    }

    /// With an approved template of WhatsApp, by its name, for reminders to debtors outside of the 24-hour window. Its
    /// text is that of `templates/messages/*/reminder_template.txt`, with four variables: who owes, the shop, the amount,
    /// and what it is owed for.
    #[must_use]
    pub fn with_reminder_template(self, name: Option<String>) -> Self {
        Self { reminder_template: name, ..self }
    }

    /// What a text wants, without knowing who writes.
    pub fn understand(&self, text: &str, hint: Option<Language>) -> Understanding {
        self.understand_as(text, hint, Role::Unknown)
    }

    /// What a text wants, when it is known who writes.
    pub fn understand_as(&self, text: &str, hint: Option<Language>, role: Role) -> Understanding {
        self.understander.understand(text, hint, role).0
    }

    /// What a text wants, read for a shop of a country on a day.
    pub fn understand_in(
        &self,
        text: &str,
        hint: Option<Language>,
        role: Role,
        context: &crate::understanding::entities::Context<'_>,
    ) -> Understanding {
        self.understander.understand_in(text, hint, role, context).0
    }

    /// The words, for tests and previews.
    pub fn wording(&self) -> &Wording {
        &self.wording
    }

    /// Decides one turn.
    ///
    /// # Errors
    /// [`TurnError::Tools`] when facts are away; nothing was decided then.
    pub async fn turn(&self, input: &TurnInput, tools: &ToolBox) -> Result<TurnOutcome, TurnError> {
        let model = self.proposer.as_deref().map(Consultation::new);
        let mut turn = self.decided(input, tools, model).await?;
        if model::near_and_unfit(&turn) {
            // Whatever a model had to do with it: without one, the same turn is decided as ever.
            let consultation = turn.model.take().map(Consultation::set_aside);
            turn = self.decided(input, tools, consultation).await?;
        }
        model::finish(&mut turn).await?;
        story::add(&mut turn);
        Ok(TurnOutcome { effects: turn.effects, session: turn.session, trace: turn.trace })
    }

    async fn decided<'a>(
        &'a self,
        input: &'a TurnInput,
        tools: &'a ToolBox,
        model: Option<Consultation<'a>>,
    ) -> Result<Turn<'a>, TurnError> {
        let started = Instant::now();
        let conversation = input.conversation.as_ref();
        let language = conversation.and_then(|one| one.language).unwrap_or(input.merchant.language);
        let mut turn = Turn {
            wording: &self.wording,
            input,
            tools,
            language,
            owner: conversation.map(|one| one.owner.clone()).unwrap_or_default(),
            session: input.session.clone(),
            effects: Vec::new(),
            trace: TurnTrace::default(),
            texts: Vec::new(),
            asked: String::new(),
            readings: Vec::new(),
            digest_template: self.digest_template.as_deref(),
            reminder_template: self.reminder_template.as_deref(),
            model,
        };
        let mut burst: Vec<&InboundMessage> = Vec::new();
        for event in &input.events {
            if let EventContent::Message(message) = &event.content {
                burst.push(message);
                continue;
            }
            self.answer(&mut turn, &mut burst).await?;
            match &event.content {
                EventContent::Staff(message) => crisis::staff::message(&mut turn, message).await?,
                EventContent::Internal(event) => internal(&mut turn, event).await?,
                // Facts are stored by the engine; reports, notices and unknown kinds ask nothing of the desk.
                EventContent::Message(_)
                | EventContent::Commerce(_)
                | EventContent::Receipt(_)
                | EventContent::Account(_)
                | EventContent::Unknown { .. } => {}
            }
        }
        self.answer(&mut turn, &mut burst).await?;
        turn.trace.micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(turn)
    }

    async fn answer(&self, turn: &mut Turn<'_>, burst: &mut Vec<&InboundMessage>) -> Result<(), TurnError> {
        if burst.is_empty() {
            return Ok(());
        }
        burst::answer(turn, &self.understander, &std::mem::take(burst)).await
    }
}

async fn internal(turn: &mut Turn<'_>, event: &InternalEvent) -> Result<(), TurnError> {
    match event {
        InternalEvent::StaffReply { staff_name, text } => person::staff_replied(turn, staff_name, text),
        InternalEvent::TakenOver { staff_name } => person::taken_over(turn, staff_name),
        InternalEvent::HandedBack { staff_name } => person::handed_back(turn, staff_name.as_deref()),
        InternalEvent::CountParcels { carrier, city } => crisis::watch::count(turn, carrier, city).await,
        InternalEvent::IncidentChanged { incident } => crisis::watch::changed(turn, *incident).await,
        InternalEvent::ActionSettled { action } => orders::changes::settled(turn, *action).await,
        // The store brings them together; there is nothing to say.
        InternalEvent::SamePerson { .. } => {
            turn.decided("person", "merged");
            Ok(())
        }
        InternalEvent::PrivacyAsked { privacy } => privacy::asked(turn, *privacy).await,
        InternalEvent::RequestDecided { number, kind, order, status, note, why, staff_name } => {
            let about = (*number, *kind, order.as_deref());
            requests::decided(turn, about, *status, (note.as_deref(), why.as_deref()), staff_name)
        }
        InternalEvent::DisputeOpen { dispute } => disputes::opened(turn, dispute).await,
        InternalEvent::PlatformAway { channel, since, messages, why } => {
            platforms::away(turn, *channel, *since, *messages, why.as_deref())
        }
        InternalEvent::TimerDue { kind, .. } => {
            match (DigestKind::of_timer(kind), timer_of(kind), dispute_of_timer(kind)) {
                (Some(kind), _, _) => finance::digest::due(turn, kind).await,
                (None, Some(reminder), _) => finance::reminders::due(turn, reminder).await,
                (None, None, Some(dispute)) => disputes::due(turn, dispute).await,
                (None, None, None) => person::timer_due(turn, kind),
            }
        }
    }
}
