//! "What happened": the steps of a message in words, with the milliseconds since it arrived.

use recado_domain::Timestamp;
use recado_domain::event::ReceiptStatus;
use recado_store::desk::{Story, StorySend};
use serde::Serialize;

use crate::context::Page;
use crate::pages::inbox::{decision_words, intent_words};

#[derive(Serialize)]
pub(crate) struct StepView {
    at: String,
    verb: String,
    what: String,
    detail: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct StoryView {
    at: String,
    outcome: Option<String>,
    tone: &'static str,
    conversation: Option<String>,
    steps: Vec<StepView>,
    /// Whether its turn is still to come.
    pub(crate) is_open: bool,
}

struct Teller<'a> {
    page: &'a Page<'a>,
    start: Timestamp,
    steps: Vec<StepView>,
}

impl Teller<'_> {
    fn step(&mut self, at: Option<Timestamp>, verb: &str, what: String, detail: Option<String>) {
        let at = at.map_or_else(String::new, |at| format!("+{}\u{a0}ms", at.since(self.start).as_millis()));
        let verb = self.page.say(&format!("story.{verb}"), &[]);
        self.steps.push(StepView { at, verb, what, detail });
    }
}

fn platform(code: &str) -> &'static str {
    match code {
        "whatsapp" => "WhatsApp",
        "telegram" => "Telegram",
        "shopify" => "Shopify",
        _ => "Recado",
    }
}

/// Words a story.
pub(crate) fn view(page: &Page<'_>, story: &Story) -> StoryView {
    let say = |key: &str, with: &[(&str, &str)]| page.say(key, with);
    let mut teller = Teller { page, start: story.received_at, steps: Vec::new() };
    let channel = platform(&story.source);
    let bytes = story.bytes.map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
    teller.step(
        Some(story.received_at),
        "arrived",
        say("story.arrived_what", &[("channel", channel), ("bytes", &bytes)]),
        Some(say("story.arrived_detail", &[])),
    );
    teller.step(
        None,
        "stored",
        say("story.stored_what", &[("kind", &page.event_kind(&story.kind).to_lowercase())]),
        Some(say("story.stored_detail", &[])),
    );
    let mut finished = None;
    if let Some(turn) = &story.turn {
        let epoch = turn.epoch.to_string();
        teller.step(
            Some(turn.claimed_at),
            "opened",
            say("story.opened_what", &[]),
            Some(say("story.opened_detail", &[("epoch", &epoch)])),
        );
        if let Some(understood) = &turn.trace.understanding {
            let intent =
                understood.intent.map_or_else(|| say("story.nothing", &[]), |one| intent_words(page, one.name()));
            let language = understood
                .language
                .map_or_else(|| "–".to_owned(), |language| say(&format!("language.name.{language}"), &[]));
            let confidence = page.clock.decimal(understood.confidence, 2);
            let detail = say("story.understood_detail", &[("confidence", &confidence), ("language", &language)]);
            teller.step(None, "understood", intent, Some(detail));
        }
        let agent = say(&format!("agent.{}", page.known_key("agent", &turn.agent)), &[]);
        let tools = (!turn.trace.tools.is_empty()).then(|| turn.trace.tools.join(" · "));
        teller.step(
            Some(turn.decided_at),
            "chose",
            say("story.chose_what", &[("agent", &agent), ("decision", &decision_words(page, &turn.trace.decision))]),
            tools,
        );
        let sends = story.sends.len() as i64;
        teller.step(Some(turn.committed_at), "wrote", page.count("story.wrote_what", sends, &[]), None);
        finished = Some(turn.committed_at);
    }
    for send in &story.sends {
        tell_send(&mut teller, page, send);
    }
    let sent = story.sends.iter().filter_map(|send| send.sent_at).min();
    let outcome = |key: &str, at: Timestamp| {
        let time = page.clock.millis(at.since(story.received_at).as_millis() as u64);
        page.say(key, &[("time", &time)])
    };
    let (tone, words) = match (story.status, sent, finished) {
        (2, ..) => ("danger", page.say("play.dead", &[])),
        (_, Some(sent), _) => ("ok", outcome("play.answered", sent)),
        (1, None, Some(finished)) if story.sends.is_empty() => ("ok", outcome("play.done", finished)),
        _ => ("", page.say("play.working", &[])),
    };
    match story.status {
        2 => teller.step(None, "failed", story.reason.clone().unwrap_or_default(), None),
        3 => teller.step(None, "skipped", story.reason.clone().unwrap_or_default(), None),
        0 => teller.step(None, "waiting", page.say("story.waiting_what", &[]), None),
        _ => {}
    }
    let received = story.received_at.in_zone(&page.clock.zone);
    StoryView {
        at: received.strftime("%-H:%M:%S").to_string(),
        outcome: Some(words),
        tone,
        conversation: story.conversation.map(|id| id.to_string()),
        steps: teller.steps,
        is_open: story.status == 0 || story.sends.iter().any(|send| matches!(send.status, 0 | 1)),
    }
}

fn tell_send(teller: &mut Teller<'_>, page: &Page<'_>, send: &StorySend) {
    let channel = platform(&send.channel);
    let clock = |at: Timestamp| at.in_zone(&page.clock.zone).strftime("%-H:%M:%S").to_string();
    let detail = match (send.receipt, send.receipt_at) {
        (Some(ReceiptStatus::Delivered), Some(at)) => Some(page.say("story.delivered", &[("time", &clock(at))])),
        (Some(ReceiptStatus::Read | ReceiptStatus::Played), Some(at)) => {
            Some(page.say("story.read", &[("time", &clock(at))]))
        }
        _ => None,
    };
    match send.status {
        2 => teller.step(send.sent_at, "sent", page.say("story.sent_what", &[("channel", channel)]), detail),
        4..=6 => {
            teller.step(None, "not_sent", page.say("story.sending_what", &[("channel", channel)]), send.reason.clone())
        }
        _ => teller.step(None, "sending", page.say("story.sending_what", &[("channel", channel)]), None),
    }
}
