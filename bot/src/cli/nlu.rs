//! `recado nlu`.

use std::io::BufRead;

use clap::Args;
use recado_agents::Desk;
use recado_agents::understanding::Role;
use recado_agents::understanding::entities::Context;
use recado_domain::command::{Entity, Mention, Understanding};
use recado_domain::{Clock, Language, Money, SystemClock};
use serde::Deserialize;

use super::{CliError, Output, Row, json_lines};
use crate::lifecycle::Exit;

/// What to understand.
#[derive(Debug, Args)]
#[command(
    about = "Say what a message wants: intent, confidence, language, entities",
    long_about = "Say what a message wants: intent, confidence, language, entities.\n\nWith a text as argument it \
                  prints a table. Without one it reads JSON lines {\"text\",\"role\"?,\"country\"?} from standard input, \
                  where role is shopper or merchant, and answers each with {\"intent\",\"confidence\",\"language\",\"entities\"}.",
    after_help = "Example:\n  echo '{\"text\":\"¿dónde está mi pedido #1042?\"}' | recado nlu"
)]
pub struct NluArgs {
    /// A text, as a person would write it
    pub text: Option<String>,
    /// Who writes it: shopper or merchant
    #[arg(long, value_name = "ROLE", requires = "text")]
    pub role: Option<String>,
    /// Country of the shop, two letters; decides currency, calling code and form of addresses
    #[arg(long, value_name = "CODE", requires = "text")]
    pub country: Option<String>,
    /// Answer a text argument as JSON too
    #[arg(long)]
    pub json: bool,
}

#[derive(Deserialize)]
struct Question {
    text: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    country: Option<String>,
}

impl Row for Understanding {
    const HEAD: &'static [&'static str] = &["intent", "confidence", "language", "entities"];
    fn cells(&self) -> Vec<String> {
        let unknown = || "-".to_owned();
        vec![
            self.intent.map_or_else(unknown, |intent| intent.name().to_owned()),
            format!("{:.2}", self.confidence),
            self.language.map_or_else(unknown, |language| language.code().to_owned()),
            self.entities.iter().map(words).collect::<Vec<_>>().join(", "),
        ]
    }
}

fn words(mention: &Mention) -> String {
    let written = serde_json::to_value(&mention.entity).unwrap_or_default();
    let kind = written["type"].as_str().unwrap_or_default().to_owned();
    let what = match &mention.entity {
        Entity::OrderNumber { value }
        | Entity::TrackingNumber { value, .. }
        | Entity::Email { value }
        | Entity::Phone { value }
        | Entity::PersonName { value }
        | Entity::City { value, .. }
        | Entity::PaymentMethod { value }
        | Entity::Document { value, .. } => value.clone(),
        Entity::Money { currency: Some(currency), minor, .. } => Money::new(*minor, *currency).shown(),
        Entity::Money { minor, .. } => format!("{}.{:02}", minor / 100, minor % 100),
        Entity::Period { value, .. } => format!("{value:?}"),
        Entity::Date { value } => value.to_string(),
        Entity::Quantity { value } => value.to_string(),
        Entity::Address(address) => address.street.clone().unwrap_or_default(),
    };
    format!("{kind} {what} [{}..{}]", mention.start, mention.end)
}

/// Whoever writes, as far as it changes the meaning; an unknown word is nobody in particular.
fn role(word: Option<&str>) -> Role {
    match word {
        Some("shopper" | "customer") => Role::Shopper,
        Some("merchant" | "member" | "owner" | "employee") => Role::Member,
        _ => Role::Unknown,
    }
}

/// Without a shop: Brazil for Portuguese, else Colombia, where the embedded shop is.
fn country_of(desk: &Desk, text: &str) -> String {
    let portuguese = desk.understand(text, None).language == Some(Language::Pt);
    if portuguese { "BR" } else { "CO" }.to_owned()
}

/// Runs it.
///
/// # Errors
/// When the embedded texts are not whole, or input or output fails.
pub fn run(args: &NluArgs, input: &mut dyn BufRead, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let desk = Desk::new().map_err(anyhow::Error::from)?;
    let today = SystemClock.now().in_zone(&jiff::tz::TimeZone::UTC).date();
    let understand = |text: &str, word: Option<&str>, country: Option<&str>| {
        let country = country.map_or_else(|| country_of(&desk, text), str::to_ascii_uppercase);
        desk.understand_in(text, None, role(word), &Context { today: Some(today), country: &country })
    };
    let Some(text) = &args.text else {
        let answer =
            |question: Question| understand(&question.text, question.role.as_deref(), question.country.as_deref());
        let refused = json_lines::answer(input, output, answer)?;
        return Ok(if refused == 0 { Exit::Done } else { Exit::Failed });
    };
    let understanding = understand(text, args.role.as_deref(), args.country.as_deref());
    if args.json {
        output.json(&understanding)?
    } else {
        output.rows(&[understanding], false)?
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_are_answered_in_the_fixed_shape() {
        let mut bytes = Vec::new();
        let args = NluArgs { text: None, role: None, country: None, json: false };
        let mut input =
            "{\"text\":\"¿dónde está mi pedido #1042?\"}\n{\"text\":\"¿cuánto vendí hoy?\",\"role\":\"merchant\"}\n"
                .as_bytes();
        assert_eq!(run(&args, &mut input, &mut Output::to(&mut bytes)).unwrap(), Exit::Done);
        let text = String::from_utf8(bytes).unwrap();
        let answers: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers[0]["intent"], "track_order");
        assert_eq!(answers[0]["language"], "es");
        assert!(answers[0]["confidence"].as_f64().is_some_and(|confidence| (0.0..=1.0).contains(&confidence)));
        assert!(answers[0]["entities"].to_string().contains("1042"));
        assert_eq!(answers[1]["intent"], "merchant_sales");
    }
}
