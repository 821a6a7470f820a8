//! From a model's text to commands: strict in what is taken, and every argument grounded in what the person wrote.

use recado_domain::command::{Command, Entity, Mention};
use recado_domain::conversation::{Pending, Session};
use recado_domain::finance::question::{Question, Subject};
use recado_domain::intent::Intent;
use serde::Deserialize;
use serde_json::{Value, json};

use super::allowed::{self, Asker};
use super::redact::Redacted;
use super::wire::{Shape, object_in};
use crate::understanding::normalise::normalise;
use crate::understanding::questions;

/// Commands of one answer at most.
pub const MOST: usize = 3;
/// Characters of a reference at most.
const LONGEST_REFERENCE: usize = 40;

/// The strict shape of an answer. Flat on purpose: small models and grammars manage it.
pub fn shape(asker: Asker) -> Shape {
    let optional = |names: Vec<&str>| {
        let names: Vec<Value> = names.into_iter().map(Value::from).chain([Value::Null]).collect();
        json!({ "type": ["string", "null"], "enum": names })
    };
    let command = json!({
        "type": "object",
        "properties": {
            "command": { "type": "string", "enum": asker.commands() },
            "reference": { "type": ["string", "null"] },
            "metric": optional(allowed::metric_names()),
            "period": optional(allowed::period_names()),
            "topic": optional(allowed::topics()),
        },
        "required": ["command", "reference", "metric", "period", "topic"],
        "additionalProperties": false,
    });
    let schema = json!({
        "type": "object",
        "properties": { "commands": { "type": "array", "items": command } },
        "required": ["commands"],
        "additionalProperties": false,
    });
    Shape { name: "commands", schema }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    commands: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    command: String,
    #[serde(default)]
    reference: Option<String>,
    #[serde(default)]
    metric: Option<String>,
    #[serde(default)]
    period: Option<String>,
    #[serde(default)]
    topic: Option<String>,
}

/// What a proposal is judged against.
pub struct Ground<'a> {
    /// Who asks.
    pub asker: Asker,
    /// The person's texts with names in place of data.
    pub redacted: &'a Redacted,
    /// The person's texts as they are.
    pub texts: &'a [String],
    /// What was said before.
    pub session: &'a Session,
    /// What the built-in reading found.
    pub entities: &'a [Mention],
}

/// Reads an answer. What a model has no business to propose is dropped without a word; what is malformed is refused.
///
/// # Errors
/// With what is wrong, in words that a model may be told: nothing of the answer is repeated in them.
pub fn commands(text: &str, ground: &Ground<'_>) -> Result<Vec<Command>, String> {
    let object = object_in(text).ok_or("there is no JSON object in it")?;
    let answer: Answer = serde_json::from_str(object).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "a property is missing, unknown or of the wrong type".to_owned(),
        _ => "it is not valid JSON".to_owned(),
    })?;
    if answer.commands.is_empty() || answer.commands.len() > MOST {
        return Err(format!("there must be one to {MOST} commands"));
    }
    let mut commands: Vec<Command> = Vec::new();
    for item in answer.commands {
        let command = command(item, ground)?;
        if ground.asker.may_be_proposed(&command) && !commands.contains(&command) {
            commands.push(command);
        }
    }
    // A greeting before a request is politeness; beside others, not understood says nothing.
    if commands.len() > 1 {
        commands.retain(|command| !matches!(command, Command::Greet | Command::Unclear | Command::Menu));
    }
    Ok(commands)
}

fn command(item: Item, ground: &Ground<'_>) -> Result<Command, String> {
    let reference = item.reference.as_deref().and_then(|reference| grounded(reference, ground));
    let topic = || item.topic.as_deref().and_then(Intent::from_name);
    Ok(match item.command.as_str() {
        "track_order" => Command::TrackOrder { reference },
        "order_contents" => Command::OrderContents { reference },
        "amount_due" => Command::AmountDue { reference },
        "human" => Command::Human,
        "menu" => Command::Menu,
        "greet" => Command::Greet,
        "unclear" => Command::Unclear,
        "incident_status" => Command::IncidentStatus,
        "small_talk" => Command::SmallTalk {
            intent: topic()
                .filter(|intent| allowed::small_talk(*intent))
                .ok_or("small_talk needs a topic of its own")?,
        },
        "escalate" => Command::Escalate {
            intent: topic().filter(|intent| allowed::escalates(*intent)).ok_or("escalate needs a topic of its own")?,
        },
        "figure" => {
            // What no figure is kept of is no other figure, whatever a model makes of it.
            if let Some(matter) = questions::not_kept(&normalise(&ground.texts.join(" "))) {
                let question = Question::about(Subject::NotKept(matter));
                return Ok(Command::Figure { question: Box::new(question) });
            }
            let named = item.metric.as_deref().and_then(allowed::question).ok_or("figure needs a known metric")?;
            let said = ground.entities.iter().find_map(|mention| match &mention.entity {
                Entity::Period { value, .. } => Some(*value),
                _ => None,
            });
            let period = said.or_else(|| item.period.as_deref().and_then(allowed::period));
            Command::Figure { question: Box::new(Question { period, ..named }) }
        }
        _ => return Err("an unknown command".to_owned()),
    })
}

/// A reference as the person wrote it. One that the person did not write, and that was not spoken of before, is as good
/// as none: a model cannot bring an order into the conversation.
fn grounded(reference: &str, ground: &Ground<'_>) -> Option<String> {
    let restored = ground.redacted.restore(reference.trim());
    let core = key(&restored);
    if core.is_empty()
        || restored.chars().count() > LONGEST_REFERENCE
        || !core.bytes().any(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let written = ground.texts.iter().any(|text| has_word(text, &core));
    let spoken_of = ground.session.last_order.iter().chain(match &ground.session.pending {
        Some(Pending::PickOrder { names }) => names.as_slice(),
        _ => &[],
    });
    let known = written || spoken_of.map(|name| key(name)).any(|name| name == core);
    // Letters, digits and hyphens are all that a name of an order has; nothing else of it is ever said back.
    let plain: String =
        restored.chars().filter(|letter| letter.is_ascii_alphanumeric() || "#-".contains(*letter)).collect();
    known.then_some(plain)
}

fn key(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}

/// Whether a text has a word, or several words in a row, that come to this key.
fn has_word(text: &str, core: &str) -> bool {
    let words: Vec<String> = text.split(|letter: char| !letter.is_alphanumeric()).map(key).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    (0..words.len()).any(|start| {
        let mut joined = String::new();
        words[start..].iter().take(12).any(|word| {
            joined.push_str(word);
            joined == core
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(asker: Asker, said: &str, answer: &Value) -> Result<Vec<Command>, String> {
        let texts = vec![said.to_owned()];
        let redacted = Redacted::of([said]);
        let session = Session { last_order: Some("#1042".into()), ..Session::default() };
        commands(
            &answer.to_string(),
            &Ground { asker, redacted: &redacted, texts: &texts, session: &session, entities: &[] },
        )
    }

    fn track(reference: &str) -> Value {
        json!({ "commands": [{ "command": "track_order", "reference": reference }] })
    }

    #[test]
    fn a_reference_is_the_persons_or_none() {
        let reference = |said: &str, proposed: &str| match read(Asker::Shopper, said, &track(proposed)).unwrap().pop() {
            Some(Command::TrackOrder { reference }) => reference,
            other => panic!("{other:?}"),
        };
        assert_eq!(reference("el pedido 1050 porfa", "1050").as_deref(), Some("1050"));
        assert_eq!(reference("el pedido A-1050", "#A1050").as_deref(), Some("#A1050"));
        assert_eq!(reference("guía RR473124829CO", "[CODE_1]").as_deref(), Some("RR473124829CO"));
        assert_eq!(reference("ese pedido", "1042").as_deref(), Some("1042"), "spoken of before");
        for (said, proposed) in [
            ("mi pedido", "1050"),
            ("el pedido 10505", "1050"),
            ("mira https://evil.example/1", "https://evil.example/1 y llama"),
            ("x", "'; DROP TABLE orders"),
            ("hola", "hola"),
        ] {
            assert_eq!(reference(said, proposed), None, "{said}: {proposed}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused_and_what_is_forbidden_is_dropped() {
        let item = |item: Value| json!({ "commands": [item] });
        for answer in [
            json!({}),
            json!({ "commands": [] }),
            json!({ "commands": "track_order" }),
            json!({ "commands": [1] }),
            item(json!({ "command": "delete_all_orders" })),
            item(json!({ "command": "escalate", "topic": "merchant_sales" })),
            item(json!({ "command": "escalate", "topic": null })),
            item(json!({ "command": "track_order", "reference": 7 })),
            item(json!({ "command": "track_order", "grant": "admin" })),
            json!({ "commands": vec![json!({ "command": "human" }); MOST + 1] }),
            json!([{ "command": "human" }]),
        ] {
            assert!(read(Asker::Member, "x", &answer).is_err(), "{answer}");
        }
        let figure = item(json!({ "command": "figure", "metric": "sales", "period": "today" }));
        assert_eq!(read(Asker::Shopper, "x", &figure), Ok(vec![]));
        assert_eq!(read(Asker::Member, "x", &figure).unwrap().len(), 1);
    }

    #[test]
    fn greetings_give_way_to_requests() {
        let answer = json!({ "commands": [{ "command": "greet" }, { "command": "human" }, { "command": "human" }] });
        assert_eq!(read(Asker::Shopper, "hola", &answer), Ok(vec![Command::Human]));
    }

    #[test]
    fn the_schema_is_strict_for_every_asker() {
        for asker in [Asker::Shopper, Asker::Member] {
            let schema = shape(asker).schema;
            let item = &schema["properties"]["commands"]["items"];
            let properties = item["properties"].as_object().unwrap();
            assert_eq!(properties.len(), item["required"].as_array().unwrap().len());
            assert_eq!(item["additionalProperties"], false);
            let names = properties["command"]["enum"].to_string();
            assert_eq!(names.contains("figure"), asker == Asker::Member);
        }
    }
}
