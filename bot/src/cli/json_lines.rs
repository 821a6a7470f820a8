//! JSON lines in, JSON lines out, one for one and in order, so that a measuring program can pair them.

use std::io::{self, BufRead, Read as _};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::output::Output;

/// Longest line that is read; the rest of a longer one is skipped.
const LONGEST: u64 = 1 << 20;

/// What is printed for a line that could not be read.
#[derive(Serialize)]
struct Refused {
    error: String,
}

/// Answers each line; a line that is not the expected object is answered with `{"error":…}`. Blank lines are left out.
/// Returns how many were refused.
///
/// # Errors
/// When the input or the output fails.
pub fn answer<Q: DeserializeOwned, A: Serialize>(
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
    mut answer: impl FnMut(Q) -> A,
) -> io::Result<usize> {
    let mut refused = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut *input).take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(refused);
        }
        let problem = if read as u64 == LONGEST && !line.ends_with(b"\n") {
            skip_line(input)?;
            "line too long".to_owned()
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            match serde_json::from_slice::<Q>(&line) {
                Ok(question) => {
                    output.json(&answer(question))?;
                    continue;
                }
                Err(error) => error.to_string(),
            }
        };
        refused += 1;
        output.json(&Refused { error: problem })?;
    }
}

fn skip_line(input: &mut dyn BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let (length, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        input.consume(length);
        if ended {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_answered_in_order_and_bad_ones_in_their_place() {
        let long = format!("\"{}\"", "x".repeat(LONGEST as usize + 10));
        let input = format!("1\n\nnope\n{long}\n4");
        let mut bytes = Vec::new();
        let refused = answer(&mut input.as_bytes(), &mut Output::to(&mut bytes), |number: i64| number * 2).unwrap();
        let lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(refused, 2);
        assert_eq!((lines.len(), lines[0].as_str(), lines[3].as_str()), (4, "2", "8"));
        assert!(lines[1].contains("error") && lines[2].contains("too long"));
    }
}
