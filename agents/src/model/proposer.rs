//! The one place where the desk meets a model: a trait with questions, each of which may stay without an answer.

use async_trait::async_trait;
use recado_domain::command::{Command, Understanding};
use recado_domain::conversation::Session;
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::summary::Before;
use recado_domain::{ConversationId, Language, MerchantId, Timestamp};

use super::allowed::Asker;
use super::gateway::{Charge, Gateway};
use super::prompt;
use super::proposal::{self, Ground};
use super::purse::Purse;
use super::redact::Redacted;
use super::reword;
use super::when;
use crate::understanding::Readings;

/// What is known of a burst when a model is asked about it.
pub struct Question<'a> {
    /// The shop.
    pub merchant: MerchantId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The instant of the turn.
    pub now: Timestamp,
    /// The language of the person.
    pub language: Language,
    /// Who asks.
    pub asker: Asker,
    /// The words of the burst, joined.
    pub text: &'a str,
    /// What was said before.
    pub session: &'a Session,
    /// What was said before; nothing where the port does not want it.
    pub before: &'a Before,
    /// The built-in reading.
    pub understanding: &'a Understanding,
    /// Its likeliest alternatives.
    pub readings: &'a Readings,
    /// What it comes to.
    pub built_in: &'a [Command],
}

/// Proposes commands and words. Never fails: what cannot be had is `None`.
#[async_trait]
pub trait Proposer: Send + Sync + 'static {
    /// What a turn may take.
    fn purse(&self) -> Purse;
    /// Whether it is worth looking up what was said before the burst, for [`Proposer::propose`].
    fn wants_before(&self, _question: &Question<'_>) -> bool {
        false
    }
    /// Commands for a burst; `None` = the built-in reading stands.
    async fn propose(&self, question: &Question<'_>, purse: &Purse) -> Option<Vec<Command>>;
    /// The same facts in other words; `None` = the text stands. What it gives has not been checked.
    async fn reword(&self, answer: &Rewording<'_>, purse: &Purse) -> Option<String>;
    /// What some texts mean, in their order; none at all when it cannot be had at once.
    async fn meanings(&self, _meant: &Meant<'_>, _purse: &Purse) -> Vec<Meaning> {
        Vec::new()
    }
    /// A provider whose outage nobody was told of yet, by its name. Telling is the caller's duty from then on.
    async fn outage(&self) -> Option<String>;
}

/// An answer that may be worded anew.
pub struct Rewording<'a> {
    /// The shop.
    pub merchant: MerchantId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The instant of the turn.
    pub now: Timestamp,
    /// The language.
    pub language: Language,
    /// The text of ours.
    pub text: &'a str,
}

/// Texts of a person whose meaning is asked for.
pub struct Meant<'a> {
    /// The shop.
    pub merchant: MerchantId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The instant of the turn.
    pub now: Timestamp,
    /// The texts, as they may leave the house.
    pub texts: &'a [&'a str],
}

#[async_trait]
impl Proposer for Gateway {
    fn purse(&self) -> Purse {
        Self::purse(self)
    }

    fn wants_before(&self, question: &Question<'_>) -> bool {
        self.settings().history && reason(self, question).is_some()
    }

    async fn propose(&self, question: &Question<'_>, purse: &Purse) -> Option<Vec<Command>> {
        let reason = reason(self, question)?;
        let texts: Vec<String> = question.text.lines().map(str::to_owned).collect();
        let summary = question.before.summary.as_ref().map(|summary| summary.body.as_str());
        let before = question.before.last.iter().map(|said| said.text.as_str());
        // The words of the burst come first: their names are the first of each kind.
        let mut redacted = Redacted::of(texts.iter().map(String::as_str).chain(summary).chain(before));
        let mut before = redacted.texts.split_off(texts.len()).into_iter();
        let past = prompt::Past {
            summary: summary.and_then(|_| before.next()),
            last: question.before.last.iter().map(|said| said.author).zip(before).collect(),
        };
        let shape = proposal::shape(question.asker);
        let ask = super::gateway::Ask {
            purpose: "commands",
            merchant: question.merchant,
            conversation: question.conversation,
            now: question.now,
            messages: prompt::commands(question, &redacted.texts, &past),
            shape: Some(&shape),
            purse,
        };
        let ground = Ground {
            asker: question.asker,
            redacted: &redacted,
            texts: &texts,
            session: question.session,
            entities: &question.understanding.entities,
        };
        let commands = self.ask(&ask, &|answer| proposal::commands(answer, &ground)).await.ok()?;
        let useful = is_useful(&commands, question.built_in);
        let verdict = if useful { "taken" } else { "left" };
        let reason = format!("{reason:?}").to_lowercase();
        metrics::counter!("recado_model_proposals_total", "reason" => reason, "verdict" => verdict).increment(1);
        useful.then_some(commands)
    }

    async fn reword(&self, answer: &Rewording<'_>, purse: &Purse) -> Option<String> {
        if !self.settings().reword || self.pool().members().is_empty() {
            return None;
        }
        let redacted = Redacted::of([answer.text]);
        let shape = reword::shape();
        let ask = super::gateway::Ask {
            purpose: "rewording",
            merchant: answer.merchant,
            conversation: answer.conversation,
            now: answer.now,
            messages: prompt::rewording(answer.language, redacted.texts.first()?),
            shape: Some(&shape),
            purse,
        };
        let reworded = self.ask(&ask, &reword::read).await.ok()?;
        Some(redacted.restore(&reworded))
    }

    async fn meanings(&self, meant: &Meant<'_>, purse: &Purse) -> Vec<Meaning> {
        let (merchant, conversation) = (Some(meant.merchant), Some(meant.conversation));
        let charge = Charge { merchant, conversation, now: meant.now, purse };
        match self.meanings_at_once(meant.texts, &charge).await {
            Ok(meanings) => meanings,
            Err(error) => {
                tracing::debug!(%error, "meanings cannot be had; words alone are compared");
                Vec::new()
            }
        }
    }

    async fn outage(&self) -> Option<String> {
        self.pool().untold().or_else(|| self.embedder()?.untold())
    }
}

/// Why a question is worth asking, if it is and there is somebody to ask.
fn reason(gateway: &Gateway, question: &Question<'_>) -> Option<when::Reason> {
    if gateway.pool().members().is_empty() {
        return None;
    }
    let confidence = question.understanding.confidence;
    when::reason(question.text, confidence, question.readings, question.built_in, gateway.settings())
}

/// Nothing, and not understood where the built-in reading understood something, are no help.
fn is_useful(commands: &[Command], built_in: &[Command]) -> bool {
    !commands.is_empty() && (commands != [Command::Unclear] || built_in == [Command::Unclear])
}
