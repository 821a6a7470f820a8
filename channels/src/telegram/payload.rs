//! A message as `sendMessage` takes it.

use recado_domain::outbound::OutboundMessage;
use teloxide::payloads::{SendMessage, SendMessageSetters};
use teloxide::types::{ChatId, InlineKeyboardButton, InlineKeyboardMarkup, MessageId, ParseMode, ReplyParameters};

use crate::text::cut_at_word;

const TEXT_LIMIT: usize = 4096;
const CALLBACK_DATA_LIMIT: usize = 64;
const BUTTONS_A_ROW: usize = 2;

/// How the text is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// `*bold*` becomes HTML.
    Html,
    /// No markup, for when the platform cannot read ours.
    Plain,
}

/// The call for one message.
pub(super) fn payload(message: &OutboundMessage, chat_id: i64, markup: Markup) -> SendMessage {
    // The limit holds for the text after its markup is read, so cutting before is on the safe side.
    let body = cut_at_word(&message.body, TEXT_LIMIT);
    let mut payload = match markup {
        Markup::Html => SendMessage::new(ChatId(chat_id), html(&body)).parse_mode(ParseMode::Html),
        Markup::Plain => SendMessage::new(ChatId(chat_id), plain(&body)),
    };
    if let Some(keyboard) = keyboard(message) {
        payload = payload.reply_markup(keyboard);
    }
    if let Some(answered) = message.reply_to.as_deref().and_then(|id| id.parse().ok()) {
        payload = payload.reply_parameters(ReplyParameters::new(MessageId(answered)).allow_sending_without_reply());
    }
    payload
}

fn keyboard(message: &OutboundMessage) -> Option<InlineKeyboardMarkup> {
    let fits = |id: &str| (1..=CALLBACK_DATA_LIMIT).contains(&id.len());
    let buttons: Vec<_> = message
        .buttons
        .iter()
        .filter(|button| fits(&button.id) && !button.title.trim().is_empty())
        .map(|button| InlineKeyboardButton::callback(button.title.trim(), button.id.clone()))
        .collect();
    if buttons.len() < message.buttons.len() {
        tracing::warn!(template = message.template, "left out a button whose id or title Telegram does not take");
    }
    (!buttons.is_empty()).then(|| InlineKeyboardMarkup::new(buttons.chunks(BUTTONS_A_ROW).map(<[_]>::to_vec)))
}

/// A piece of text, bold or not.
struct Piece<'a> {
    bold: bool,
    text: &'a str,
}

/// Splits at `*bold*` as WhatsApp reads it: on one line, around no leading or trailing space, not inside a word.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut from) = (0, 0);
    while let Some(open) = text[from..].find('*').map(|at| from + at) {
        match bold_end(text, open) {
            Some(close) => {
                pieces.push(Piece { bold: false, text: &text[plain_from..open] });
                pieces.push(Piece { bold: true, text: &text[open + 1..close] });
                from = close + 1;
                plain_from = from;
            }
            None => from = open + 1,
        }
    }
    pieces.push(Piece { bold: false, text: &text[plain_from..] });
    pieces
}

fn bold_end(text: &str, open: usize) -> Option<usize> {
    let outside = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    let inside = |character: Option<char>| character.is_some_and(|character| !character.is_whitespace());
    if !outside(text[..open].chars().next_back()) || !inside(text[open + 1..].chars().next()) {
        return None;
    }
    let line_end = text[open..].find('\n').map_or(text.len(), |at| open + at);
    let close = text[open + 1..line_end].find('*').map(|at| open + 1 + at)?;
    let closes =
        close > open + 1 && inside(text[..close].chars().next_back()) && outside(text[close + 1..].chars().next());
    closes.then_some(close)
}

fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for piece in pieces(text) {
        let escaped = piece.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        if piece.bold {
            html.push_str("<b>");
            html.push_str(&escaped);
            html.push_str("</b>");
        } else {
            html.push_str(&escaped);
        }
    }
    html
}

fn plain(text: &str) -> String {
    pieces(text).iter().map(|piece| piece.text).collect()
}

#[cfg(test)]
mod tests {
    use recado_domain::outbound::Button;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn bold_becomes_html_and_everything_else_is_escaped() {
        assert_eq!(html("*Pedido #1001* <b> & *x*"), "<b>Pedido #1001</b> &lt;b&gt; &amp; <b>x</b>");
        for literal in ["3*4*5", "a * b * c", "*", "**", "*sin fin", "*dos\nlíneas*", "* espacio*"] {
            assert_eq!(html(literal), literal);
        }
        assert_eq!(plain("*Pedido* a<b"), "Pedido a<b");
    }

    #[test]
    fn buttons_stand_two_a_row_and_what_does_not_fit_is_left_out() {
        let mut message = OutboundMessage::text("t", "x");
        message.buttons = ["a", "b", "c", &"é".repeat(33)].map(|id| Button { id: id.into(), title: "T".into() }).into();
        message.reply_to = Some("77".into());
        let json: Value = serde_json::to_value(payload(&message, -100, Markup::Html)).unwrap();
        let rows = json["reply_markup"]["inline_keyboard"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row.as_array().unwrap().len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(json["chat_id"], -100);
        assert_eq!(json["parse_mode"], "HTML");
        assert_eq!(json["reply_parameters"], json!({ "message_id": 77, "allow_sending_without_reply": true }));
    }

    #[test]
    fn a_long_text_is_cut() {
        let message = OutboundMessage::text("t", "palabra ".repeat(1000));
        assert!(payload(&message, 1, Markup::Plain).text.encode_utf16().count() <= TEXT_LIMIT);
    }
}
