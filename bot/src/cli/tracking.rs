//! `recado tracking recognize`.

use std::io::BufRead;

use clap::Subcommand;
use recado_domain::tracking::{Candidate, recognize};
use serde::{Deserialize, Serialize};

use super::{CliError, Output, Row, json_lines};
use crate::lifecycle::Exit;

/// What to do with tracking numbers.
#[derive(Debug, Subcommand)]
pub enum TrackingVerb {
    /// Find tracking numbers in a text and name the carriers that could have issued them
    ///
    /// With a text as argument it prints a table. Without one it reads JSON lines {"text":…} from standard input and
    /// answers each with {"candidates":[{"carrier","number","valid"}]}.
    #[command(after_help = "Example:\n  echo '{\"text\":\"guía 36412345678\"}' | recado tracking recognize")]
    Recognize {
        /// A text, as a person would write it
        text: Option<String>,
        /// Answer a text argument as JSON too
        #[arg(long)]
        json: bool,
    },
}

#[derive(Deserialize)]
struct Question {
    text: String,
}

#[derive(Serialize)]
struct Answer {
    candidates: Vec<Candidate>,
}

impl Row for Candidate {
    const HEAD: &'static [&'static str] = &["carrier", "number", "valid"];
    fn cells(&self) -> Vec<String> {
        vec![self.carrier.clone(), self.number.clone(), self.valid.to_string()]
    }
}

/// Runs it.
///
/// # Errors
/// When input or output fails.
pub fn run(verb: &TrackingVerb, input: &mut dyn BufRead, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let TrackingVerb::Recognize { text, json } = verb;
    let refused = match text {
        Some(text) if *json => {
            output.json(&Answer { candidates: recognize(text) })?;
            0
        }
        Some(text) => {
            output.rows(&recognize(text), false)?;
            0
        }
        None => {
            json_lines::answer(input, output, |question: Question| Answer { candidates: recognize(&question.text) })?
        }
    };
    Ok(if refused == 0 { Exit::Done } else { Exit::Failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_are_answered_in_the_fixed_shape() {
        let mut bytes = Vec::new();
        let verb = TrackingVerb::Recognize { text: None, json: false };
        let mut input = "{\"text\":\"guía 36412345678\",\"role\":\"shopper\"}\n".as_bytes();
        assert_eq!(run(&verb, &mut input, &mut Output::to(&mut bytes)).unwrap(), Exit::Done);
        let expected = "{\"candidates\":[{\"carrier\":\"coordinadora\",\"number\":\"36412345678\",\"valid\":true}]}\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
