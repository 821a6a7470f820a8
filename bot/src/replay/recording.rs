//! A file of recorded webhooks.

use std::io::{self, BufRead};

use http::{HeaderMap, HeaderName, HeaderValue};
use recado_domain::Timestamp;
use recado_domain::event::Source;
use serde::Deserialize;
use serde_json::Value;

/// Longest line that is read: a body at the edges' limit, escaped.
const LONGEST: usize = 16 << 20;

/// One webhook.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// When it arrived.
    pub at: Timestamp,
    /// From whom.
    pub source: Source,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its exact text.
    pub body: String,
}

/// A line that is no webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: usize,
    /// What is wrong.
    pub problem: String,
}

/// All of them, in the order of their times; those of one instant in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// Webhooks.
    pub deliveries: Vec<Recorded>,
    /// What was left out.
    pub bad: Vec<BadLine>,
}

#[derive(Deserialize)]
struct Line {
    at: String,
    source: String,
    #[serde(default)]
    headers: serde_json::Map<String, Value>,
    body: Value,
}

/// Reads a recording. Lines that are no webhook are left out and told; blank lines are nothing.
///
/// # Errors
/// When the input fails.
pub fn read(input: &mut dyn BufRead) -> io::Result<Recording> {
    let mut recording = Recording::default();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match recorded(&bytes) {
            Ok(recorded) => recording.deliveries.push(recorded),
            Err(problem) => recording.bad.push(BadLine { number, problem }),
        }
    }
    recording.deliveries.sort_by_key(|recorded| recorded.at);
    Ok(recording)
}

fn recorded(bytes: &[u8]) -> Result<Recorded, String> {
    if bytes.len() > LONGEST {
        return Err(format!("longer than {LONGEST} bytes"));
    }
    let line: Line = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let at = Timestamp::parse(&line.at).map_err(|error| error.to_string())?;
    let source = Source::from_code(&line.source.to_ascii_lowercase())
        .filter(|source| *source != Source::Internal)
        .ok_or_else(|| format!("source {:?} is none of whatsapp, shopify, telegram", line.source))?;
    let mut headers = HeaderMap::new();
    for (name, value) in line.headers {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            _ => return Err(format!("header {name:?} is no text")),
        };
        let name: HeaderName = name.parse().map_err(|_| format!("{name:?} is no header name"))?;
        let value: HeaderValue = text.parse().map_err(|_| format!("header {name} holds what a header cannot"))?;
        headers.append(name, value);
    }
    let body = match line.body {
        Value::String(text) => text,
        // Some recorders write the parsed body; its text is then as good as any.
        body @ (Value::Object(_) | Value::Array(_)) => body.to_string(),
        _ => return Err("`body` is neither text nor an object".to_owned()),
    };
    Ok(Recorded { at, source, headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_event_time_and_bad_ones_are_told_by_number() {
        let text = "{\"at\":\"2026-03-01T10:00:02Z\",\"source\":\"whatsapp\",\"headers\":{},\"body\":\"second\"}\n\
                    \n\
                    nonsense\n\
                    {\"at\":\"2026-03-01T05:00:01-05:00\",\"source\":\"Shopify\",\"headers\":{\"X-Shopify-Topic\":\"orders/create\"},\"body\":{\"id\":1}}\n\
                    {\"at\":\"yesterday\",\"source\":\"whatsapp\",\"body\":\"x\"}\n\
                    {\"at\":\"2026-03-01T10:00:00Z\",\"source\":\"internal\",\"body\":\"x\"}\n\
                    {\"at\":\"2026-03-01T10:00:01Z\",\"source\":\"telegram\",\"headers\":{\"a b\":\"x\"},\"body\":\"x\"}";
        let recording = read(&mut text.as_bytes()).unwrap();
        let bodies: Vec<&str> = recording.deliveries.iter().map(|recorded| recorded.body.as_str()).collect();
        assert_eq!(bodies, ["{\"id\":1}", "second"]);
        assert_eq!(recording.deliveries[0].headers["x-shopify-topic"], "orders/create");
        assert_eq!(recording.bad.iter().map(|bad| bad.number).collect::<Vec<_>>(), [3, 5, 6, 7]);
    }
}
