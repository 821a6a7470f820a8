//! Questions that the shop has answered once for all: shipping, payments, returns, products. Its own words are said as
//! they stand; nothing is made up around them. What it has no answer to goes the way it always went, and is collected so
//! that somebody may write one.

mod form;

use recado_domain::command::Command;
use recado_domain::effect::Effect;
use recado_domain::flow::FlowKind;
use recado_domain::intent::Intent;
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::{ANSWERS, Hit, LONGEST_QUESTION, SURELY, terms};
use recado_domain::outbound::Button;
use recado_domain::tools::{ToolBox, ToolError};
use serde_json::json;

use crate::desk::{TurnError, clauses};
use crate::model::{self, redact::Redacted};
use crate::safety::{outbound, untrusted};
use crate::turn::Turn;
use crate::understanding::normalise::normalise;

pub use form::{asks_terms, is_question};

/// The name in traces.
const AGENT: &str = "knowledge";
/// Letters of the shop's hours that fit into a sentence.
const LONGEST_HOURS: usize = 120;
/// Parts of a message that are looked up by themselves, besides the whole.
const PARTS: usize = 3;

/// How a command may be answered from the shop's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It asks what such an answer is for: without one it is collected.
    Question,
    /// It was not understood, or is about something else: the shop may have words for it all the same.
    Perhaps,
    /// It begins a request, but asks how that goes.
    Terms(FlowKind),
}

/// Intents that ask what a shop answers everybody alike.
const fn is_general(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::ProductQuestion
            | Intent::StockQuestion
            | Intent::PriceQuestion
            | Intent::PaymentMethods
            | Intent::DeliveryPeriod
            | Intent::PlaceOrder
            | Intent::CheckInvoice
    )
}

fn way(turn: &Turn<'_>, command: &Command) -> Option<Way> {
    match command {
        Command::Escalate { intent } if is_general(*intent) => Some(Way::Question),
        Command::Unclear | Command::SmallTalk { intent: Intent::OutOfScope | Intent::WhoAreYou } => Some(Way::Perhaps),
        Command::StartFlow { flow, reference: None, text }
            if turn.session.flows.is_empty()
                && matches!(flow, FlowKind::ReturnOrder | FlowKind::ExchangeProduct | FlowKind::RefundRequest)
                && asks_terms(text) =>
        {
            Some(Way::Terms(*flow))
        }
        _ => None,
    }
}

/// Answers a command from the shop's own words, if it is one that may be and there are some. Where the asker has an
/// order on its way, that is the better answer to how long a delivery takes, and the orders agent gives it.
///
/// # Errors
/// When the template does not render.
pub async fn answers(turn: &mut Turn<'_>, command: &Command) -> Result<bool, TurnError> {
    if turn.owner.is_human() || matches!(command, Command::Escalate { intent: Intent::DeliveryPeriod }) {
        return Ok(false);
    }
    match way(turn, command) {
        Some(way) => look_up(turn, way).await,
        None => Ok(false),
    }
}

/// Answers how long a delivery takes in general.
///
/// # Errors
/// As [`answers`].
pub async fn answers_delivery(turn: &mut Turn<'_>) -> Result<bool, TurnError> {
    look_up(turn, Way::Question).await
}

/// When the shop says its people are there, if it says so in a line of the asker's language.
pub async fn hours(turn: &Turn<'_>) -> Option<String> {
    let question = turn.wording.word(turn.language, "hours.question");
    let hit = search(turn, &[question], &[]).await.ok()??;
    let line = hit.body.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = hit.score >= SURELY && hit.language == turn.language && line.chars().count() <= LONGEST_HOURS;
    (fits && !outbound::shows_marks(&line)).then(|| untrusted::cleaned(&line))
}

async fn look_up(turn: &mut Turn<'_>, way: Way) -> Result<bool, TurnError> {
    let asked: String = turn.asked.chars().take(LONGEST_QUESTION).collect();
    if terms::of_question(&asked).is_empty() {
        return Ok(false);
    }
    let enough = if matches!(way, Way::Terms(_)) { SURELY } else { ANSWERS };
    let best = match best(turn, way, &asked).await {
        Ok(best) => best.filter(|hit| hit.score >= enough),
        Err(error) => {
            // The way without it is there, and nothing else of the turn depends on it.
            turn.used(format!("knowledge: {error}"));
            return Ok(false);
        }
    };
    // A shop's words are the shop's, but what looks like a prompt or a mark of ours never leaves.
    let Some(hit) = best.filter(|hit| !outbound::shows_marks(&hit.body)) else {
        turn.used("knowledge: 0");
        collect(turn, way, &asked);
        return Ok(false);
    };
    let near = hit.likeness.map_or(String::new(), |likeness| format!(", likeness {likeness:.2}"));
    turn.used(format!("knowledge: «{}» ({}) {:.2}{near}", hit.title, hit.source, hit.score));
    say(turn, way, &hit)?;
    Ok(true)
}

/// What fits best: by words alone where they are sure, else by what the question means as well, if a model can say that.
async fn best(turn: &Turn<'_>, way: Way, asked: &str) -> Result<Option<Hit>, ToolError> {
    let parts = clauses::clauses(asked);
    let parts = parts.iter().filter(|part| part.as_str() != asked && terms::of_question(part).len() > 1);
    // «¿Cuánto tiempo tengo para devolverlo?» names no policy, and what it begins says which one it is about.
    let topic = match way {
        Way::Terms(flow) => {
            let key = format!("terms.{}", flow.name());
            Some(turn.wording.word(turn.language, &key).to_owned())
        }
        Way::Question | Way::Perhaps => None,
    };
    let texts: Vec<&str> =
        std::iter::once(asked).chain(parts.map(String::as_str).take(PARTS)).chain(topic.as_deref()).collect();
    let by_words = search(turn, &texts, &[]).await?;
    if by_words.as_ref().is_some_and(|hit| hit.score >= SURELY) {
        return Ok(by_words);
    }
    let plain: Vec<String> = texts.iter().map(|text| nameless(text)).collect();
    let meanings = model::meanings(turn, &plain.iter().map(String::as_str).collect::<Vec<_>>()).await;
    if meanings.is_empty() { Ok(by_words) } else { search(turn, &texts, &meanings).await }
}

async fn search(turn: &Turn<'_>, texts: &[&str], meanings: &[Meaning]) -> Result<Option<Hit>, ToolError> {
    let mut best: Option<Hit> = None;
    for (place, text) in texts.iter().enumerate() {
        let meaning = meanings.get(place);
        let hits = match turn.tools {
            ToolBox::Shopper(tools) => tools.knowledge(text, turn.language, meaning).await?,
            ToolBox::Member(tools) => tools.knowledge(text, turn.language, meaning).await?,
            ToolBox::Staff(_) | ToolBox::System(_) | ToolBox::Empty => Vec::new(),
        };
        if let Some(hit) = hits.into_iter().next()
            && best.as_ref().is_none_or(|known| known.score < hit.score)
        {
            best = Some(hit);
        }
    }
    Ok(best)
}

fn say(turn: &mut Turn<'_>, way: Way, hit: &Hit) -> Result<(), TurnError> {
    let written_in = turn.wording.word(turn.language, &format!("language.{}", hit.language)).to_owned();
    let context = json!({
        "body": untrusted::cleaned(&hit.body),
        "url": hit.url,
        "foreign": (hit.language != turn.language).then_some(written_in),
    });
    turn.decided(AGENT, "answered");
    turn.session.confusions = 0;
    let mut buttons: Vec<Button> = Vec::new();
    if let Way::Terms(flow) = way {
        let word = format!("intent.{}", flow.name());
        buttons.push(turn.titled(&format!("intent:{}", flow.name()), turn.wording.word(turn.language, &word)));
    }
    if !turn.is_member() {
        buttons.push(turn.button("human", "button.human"));
    }
    turn.reply("knowledge_answer", &context, buttons)
}

/// Keeps a customer's question for the shop, without what tells who asks.
fn collect(turn: &mut Turn<'_>, way: Way, asked: &str) {
    let asks = way == Way::Question || (way == Way::Perhaps && is_question(asked));
    if turn.is_member() || !asks || normalise(asked).split(' ').count() < 2 {
        return;
    }
    let question = normalise(&nameless(asked));
    if !question.is_empty() {
        turn.effects.push(Effect::Unanswered { question, language: turn.language });
    }
}

/// A text without what tells who asks: phones, e-mails, long numbers, links.
fn nameless(asked: &str) -> String {
    let redacted = Redacted::of([asked]).texts.concat();
    let mut plain = String::new();
    for (index, piece) in redacted.split('[').enumerate() {
        plain.push_str(if index == 0 { piece } else { piece.split_once(']').map_or("", |(_, rest)| rest) });
    }
    plain
}
