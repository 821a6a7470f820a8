//! Checks of the Bot API, and its shapes of success and failure.

use serde_json::{Value, json};

use crate::ledger::SentButton;
use crate::server::Answer;

pub(super) fn result(result: &Value) -> Answer {
    Answer::json(200, &json!({ "ok": true, "result": result }))
}

pub(super) fn error(code: u16, description: &str) -> Answer {
    Answer::json(code, &json!({ "ok": false, "error_code": code, "description": description }))
}

pub(super) fn too_many(seconds: u64) -> Answer {
    Answer::json(
        429,
        &json!({
            "ok": false,
            "error_code": 429,
            "description": format!("Too Many Requests: retry after {seconds}"),
            "parameters": { "retry_after": seconds },
        }),
    )
}

/// The text as people see it, after its markup is read.
pub(super) fn shown_text(parameters: &Value) -> Result<String, Answer> {
    let text = parameters["text"].as_str().unwrap_or_default();
    let shown = match parameters["parse_mode"].as_str() {
        Some("HTML") => {
            read_html(text).map_err(|why| error(400, &format!("Bad Request: can't parse entities: {why}")))?
        }
        _ => text.to_owned(),
    };
    if shown.trim().is_empty() {
        return Err(error(400, "Bad Request: message text is empty"));
    }
    if shown.encode_utf16().count() > 4096 {
        return Err(error(400, "Bad Request: message is too long"));
    }
    Ok(shown)
}

const TAGS: [&str; 14] =
    ["b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "span", "tg-spoiler"];

fn read_html(text: &str) -> Result<String, String> {
    let mut shown = String::with_capacity(text.len());
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let known = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
            match known.iter().find(|(entity, _)| rest.starts_with(entity)) {
                Some((entity, character)) => {
                    shown.push(*character);
                    rest = &rest[entity.len()..];
                }
                None => {
                    shown.push('&');
                    rest = &rest[1..];
                }
            }
            continue;
        }
        let end = rest.find('>').ok_or("unclosed start tag")?;
        let inside = &rest[1..end];
        rest = &rest[end + 1..];
        if let Some(name) = inside.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("unexpected end tag {name:?}"));
            }
        } else {
            let name = inside.split_whitespace().next().unwrap_or_default();
            if !TAGS.contains(&name) {
                return Err(format!("unsupported start tag {name:?}"));
            }
            open.push(name);
        }
    }
    shown.push_str(rest);
    match open.last() {
        Some(name) => Err(format!("can't find end tag corresponding to start tag {name:?}")),
        None => Ok(shown),
    }
}

/// The buttons of an inline keyboard.
pub(super) fn buttons(parameters: &Value) -> Result<Vec<SentButton>, Answer> {
    let rows = parameters["reply_markup"]["inline_keyboard"].as_array().map_or(&[][..], Vec::as_slice);
    let mut buttons = Vec::new();
    for button in rows.iter().flat_map(|row| row.as_array().map_or(&[][..], Vec::as_slice)) {
        let title = button["text"].as_str().unwrap_or_default();
        if title.is_empty() {
            return Err(error(400, "Bad Request: inline keyboard button text must be non-empty"));
        }
        // A link carries its address in place of data.
        let id = match (button["callback_data"].as_str(), button["url"].as_str()) {
            (Some(data), _) if (1..=64).contains(&data.len()) => data,
            (None, Some(url)) => url,
            _ => return Err(error(400, "Bad Request: BUTTON_DATA_INVALID")),
        };
        buttons.push(SentButton { id: id.to_owned(), title: title.to_owned() });
    }
    Ok(buttons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_read_as_strictly_as_there() {
        assert_eq!(read_html("<b>a</b> &lt;b&gt; &amp; c"), Ok("a <b> & c".to_owned()));
        for bad in ["<b>a", "a</b>", "<script>x</script>", "1 < 2", "<b><i>x</b></i>"] {
            assert!(read_html(bad).is_err(), "{bad}");
        }
    }
}
