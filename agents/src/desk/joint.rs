//! A burst is one turn, and one turn has one reply: what several commands say is said together.

use recado_domain::effect::Effect;
use recado_domain::outbound::OutboundMessage;

use crate::turn::Turn;
use crate::wording::LONGEST_BODY;

/// Joins the replies since `start` into one, if it is not too long for one. The last one asks, so its buttons stay.
pub fn reply(turn: &mut Turn<'_>, start: usize) {
    let replies: Vec<&OutboundMessage> = turn.effects[start..].iter().filter_map(as_reply).collect();
    let [first, .., last] = replies.as_slice() else { return };
    // A caption stands by itself, below its picture.
    if replies.iter().any(|message| message.attachment.is_some()) {
        return;
    }
    let body = replies.iter().map(|message| message.body.as_str()).collect::<Vec<_>>().join("\n\n");
    if body.chars().count() > LONGEST_BODY {
        return;
    }
    let mut names: Vec<&str> = replies.iter().map(|message| message.template.as_str()).collect();
    names.dedup();
    let joined = OutboundMessage {
        body: body.clone(),
        buttons: last.buttons.clone(),
        list_label: last.list_label.clone(),
        reply_to: first.reply_to.clone(),
        template: names.join("+"),
        attachment: None,
        platform_template: None,
    };
    let mut joined = Some(joined);
    let tail: Vec<Effect> = turn.effects.drain(start..).collect();
    for effect in tail {
        if as_reply(&effect).is_none() {
            turn.effects.push(effect);
        } else if let Some(message) = joined.take() {
            turn.effects.push(Effect::Reply(message));
        }
    }
    turn.session.last_reply = Some(body);
}

/// One question at a time: the question of a request that now waits below another is not asked in this reply.
pub fn drop_question(turn: &mut Turn<'_>, start: usize) {
    let asked =
        turn.trace.agent == "flows" && [".ask.", ".confirm"].iter().any(|part| turn.trace.decision.contains(part));
    let last = turn.effects.iter().rposition(|effect| as_reply(effect).is_some()).filter(|at| asked && *at >= start);
    if let Some(at) = last {
        turn.effects.remove(at);
    }
}

fn as_reply(effect: &Effect) -> Option<&OutboundMessage> {
    if let Effect::Reply(message) = effect { Some(message) } else { None }
}
