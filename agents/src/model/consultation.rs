//! A model within a turn: asked at most where it may help, checked before anything leaves, noted in the record.

use recado_domain::command::{Command, Understanding};
use recado_domain::conversation::Pending;
use recado_domain::effect::{Effect, Subject};
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::principal::Principal;
use recado_domain::summary::Before;
use serde_json::json;

use super::allowed::Asker;
use super::proposer::{Meant, Proposer, Question, Rewording};
use super::purse::Purse;
use crate::desk::TurnError;
use crate::safety::outbound;
use crate::turn::Turn;
use crate::understanding::Readings;
use crate::understanding::normalise::normalise;

/// A turn's access to a model.
pub struct Consultation<'a> {
    proposer: &'a dyn Proposer,
    purse: Purse,
    /// Whether commands of a model were followed.
    followed: bool,
    /// Whether it is not to be asked any more in this turn.
    closed: bool,
}

impl<'a> Consultation<'a> {
    /// At the start of a turn.
    pub fn new(proposer: &'a dyn Proposer) -> Self {
        Self { proposer, purse: proposer.purse(), followed: false, closed: false }
    }
    /// For the same turn once more, without asking again; what was spent stays on the record.
    #[must_use]
    pub fn set_aside(self) -> Self {
        Self { followed: false, closed: true, ..self }
    }
}

/// Commands for a burst: a model's where it was worth asking and of use, else the built-in ones.
pub async fn consult(
    turn: &mut Turn<'_>,
    text: &str,
    understanding: &Understanding,
    readings: &Readings,
    built_in: Vec<Command>,
) -> Vec<Command> {
    let asker = match &turn.input.principal {
        Principal::Shopper { .. } => Asker::Shopper,
        Principal::Member { .. } => Asker::Member,
        Principal::Staff(_) | Principal::System { .. } | Principal::Stranger => return built_in,
    };
    let (Some(model), Some(conversation)) = (&turn.model, &turn.input.conversation) else { return built_in };
    // What is said to a request is read as it stands, and so is the answer to a question of who somebody is, of what is
    // to be written down or of what is to be sent: no model may lead the dialogue past it.
    let waits = matches!(
        turn.session.pending,
        Some(
            Pending::Proof { .. }
                | Pending::Record { .. }
                | Pending::Remind { .. }
                | Pending::DebtorPhone { .. }
                | Pending::DebtPaid { .. }
        )
    );
    if model.closed || waits || built_in.iter().any(Command::is_of_flow) {
        return built_in;
    }
    let nothing = Before::default();
    let question = Question {
        merchant: turn.input.merchant.id,
        conversation: conversation.id,
        now: turn.input.now,
        language: turn.language,
        asker,
        text,
        session: &turn.session,
        before: &nothing,
        understanding,
        readings,
        built_in: &built_in,
    };
    let before = if model.proposer.wants_before(&question) { before(turn).await } else { Before::default() };
    let question = Question { before: &before, ..question };
    let proposed = model.proposer.propose(&question, &model.purse).await;
    let Some(proposed) = proposed.filter(|commands| !commands.is_empty()) else { return built_in };
    // The port says it and this line makes it so, whoever implements the port.
    if !proposed.iter().all(|command| asker.may_be_proposed(command)) {
        return built_in;
    }
    if let Some(model) = turn.model.as_mut() {
        model.followed = true;
    }
    proposed
}

/// What was said before; where it cannot be had, the model reads the burst alone.
async fn before(turn: &Turn<'_>) -> Before {
    turn.tools.before().await.unwrap_or_else(|error| {
        tracing::debug!(%error, "what was said before cannot be had");
        Before::default()
    })
}

/// What some texts of the burst mean, in their order, as far as a model can be asked; none at all otherwise. The texts go
/// out as they are given: without what tells who asks.
pub async fn meanings(turn: &Turn<'_>, texts: &[&str]) -> Vec<Meaning> {
    let (Some(model), Some(conversation)) = (&turn.model, &turn.input.conversation) else { return Vec::new() };
    if model.closed {
        return Vec::new();
    }
    let meant = Meant { merchant: turn.merchant(), conversation: conversation.id, now: turn.input.now, texts };
    let meanings = model.proposer.meanings(&meant, &model.purse).await;
    // The port says it and this line makes it so, whoever implements the port.
    if meanings.len() == texts.len() { meanings } else { Vec::new() }
}

/// Whether a turn that followed a model has an answer that must not leave: one that says a link of the person's back,
/// or shows marks of a prompt. Our templates do neither, so this is the second lock on a closed door.
pub fn near_and_unfit(turn: &Turn<'_>) -> bool {
    let followed = turn.model.as_ref().is_some_and(|model| model.followed);
    let unfit = followed
        && turn.effects.iter().any(|effect| match effect {
            Effect::Reply(message) => {
                outbound::shows_marks(&message.body)
                    || outbound::repeats_a_link(&message.body, &turn.texts, turn.language)
            }
            _ => false,
        });
    if unfit {
        metrics::counter!("recado_model_texts_refused_total", "kind" => "answer").increment(1);
        tracing::warn!("an answer near a model did not pass the filter; the turn is decided without it");
    }
    unfit
}

/// After a turn: other words where they are wanted and pass, the record of calls, and the notice of an outage.
///
/// # Errors
/// When a template does not render.
pub async fn finish(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let Some(model) = turn.model.take() else { return Ok(()) };
    if !model.closed {
        reword(turn, &model).await;
    }
    let conversation = turn.input.conversation.as_ref().map(|one| one.id.to_string()).unwrap_or_default();
    for call in model.purse.take_calls() {
        turn.used(call.line());
        turn.audit("model", "model.call", &conversation, &call.line());
    }
    if let Some(provider) = model.proposer.outage().await {
        turn.notify(Subject::General, "model_outage", &json!({ "provider": provider }), &[])?;
    }
    Ok(())
}

/// Agents whose answers may have other words: none about danger, people or incidents.
const REWORDED: &[&str] = &["orders", "desk"];

async fn reword(turn: &mut Turn<'_>, model: &Consultation<'_>) {
    let Some(conversation) = turn.input.conversation.as_ref().map(|one| one.id) else { return };
    let shopper = matches!(turn.input.principal, Principal::Shopper { .. });
    if !shopper || turn.owner.is_human() || !REWORDED.contains(&turn.trace.agent.as_str()) {
        return;
    }
    let Some(body) = turn.effects.iter().find_map(|effect| match effect {
        Effect::Reply(message) => Some(message.body.clone()),
        _ => None,
    }) else {
        return;
    };
    let language = turn.language;
    let answer =
        Rewording { merchant: turn.input.merchant.id, conversation, now: turn.input.now, language, text: &body };
    let Some(text) = model.proposer.reword(&answer, &model.purse).await else { return };
    let wording = turn.wording;
    if let Err(violation) = outbound::check(&text, &body, language, &|word| wording.has_word(language, word)) {
        metrics::counter!("recado_model_texts_refused_total", "kind" => "rewording").increment(1);
        tracing::info!(%violation, "a rewording did not pass the filter; the text stands");
        return;
    }
    for effect in &mut turn.effects {
        if let Effect::Reply(message) = effect
            && message.body == body
        {
            message.body.clone_from(&text);
        }
    }
    if turn.session.last_reply.as_deref() == Some(&body) {
        turn.session.last_reply = Some(text);
    }
}

/// The words of our own texts in a language, in normalised spelling.
pub fn vocabulary<'a>(texts: impl Iterator<Item = &'a str>) -> std::collections::HashSet<String> {
    texts
        .flat_map(|text| {
            // What stands in braces is the template's language, not ours.
            let mut depth = 0usize;
            let plain: String = text
                .chars()
                .map(|letter| match letter {
                    '{' => {
                        depth += 1;
                        ' '
                    }
                    '}' => {
                        depth = depth.saturating_sub(1);
                        ' '
                    }
                    _ if depth > 0 => ' ',
                    letter => letter,
                })
                .collect();
            plain
                .lines()
                .flat_map(|line| normalise(line).split(' ').map(str::to_owned).collect::<Vec<_>>())
                .collect::<Vec<_>>()
        })
        .filter(|word| word.chars().all(char::is_alphabetic))
        .collect()
}
