//! Files of answers: Markdown, CSV and JSON lines.

use serde::Deserialize;

use super::{NewEntry, NotKept};
use crate::Language;

/// Entries of a file at most.
pub const MOST: usize = 2_000;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Each heading is a question, what follows its answer.
    Markdown,
    /// Columns by the names in its first line: `title`, `body` and, if wanted, `language`, `source`, `url`.
    Csv,
    /// An object on each line, with the same names.
    JsonLines,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Why a file cannot be read. Nothing of it is kept then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// An entry is not fit to be kept.
    #[error("line {line}: {problem}")]
    Entry {
        /// Where it begins, from 1.
        line: usize,
        /// Why.
        problem: NotKept,
    },
    /// A line is not what it should be.
    #[error("line {line}: {problem}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        problem: String,
    },
    /// There is nothing in it.
    #[error("there is no answer in it")]
    Empty,
    /// There is too much in it.
    #[error("it has more than {MOST} answers")]
    TooMany,
}

/// What stands on a line; the rest is the file's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: String,
    body: String,
    language: Option<String>,
    source: Option<String>,
    url: Option<String>,
}

/// Reads a file of answers. What says no language is in `language`; what says no source comes from `source`.
///
/// # Errors
/// The first line that is wrong.
pub fn read(text: &str, format: Format, language: Language, source: &str) -> Result<Vec<NewEntry>, ImportError> {
    let rows = match format {
        Format::Markdown => markdown(text),
        Format::Csv => csv(text)?,
        Format::JsonLines => json_lines(text)?,
    };
    if rows.is_empty() {
        return Err(ImportError::Empty);
    }
    if rows.len() > MOST {
        return Err(ImportError::TooMany);
    }
    rows.into_iter()
        .map(|(line, row)| {
            let spoken = match row.language.as_deref().map(str::trim).filter(|tag| !tag.is_empty()) {
                None => language,
                Some(tag) => Language::from_tag(tag)
                    .ok_or_else(|| ImportError::Line { line, problem: format!("{tag:?} is not es, pt or en") })?,
            };
            let source = row.source.filter(|own| !own.trim().is_empty()).unwrap_or_else(|| source.to_owned());
            let entry = NewEntry { language: spoken, title: row.title, body: row.body, source, url: row.url };
            entry.checked().map_err(|problem| ImportError::Entry { line, problem })
        })
        .collect()
}

/// Headings of any depth; a heading without text below it is a chapter and no question.
fn markdown(text: &str) -> Vec<(usize, Row)> {
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let title = line.trim_start_matches('#');
        let depth = line.len() - title.len();
        if (1..=6).contains(&depth) && title.starts_with(' ') {
            let row =
                Row { title: title.trim().to_owned(), body: String::new(), language: None, source: None, url: None };
            rows.push((index + 1, row));
        } else if let Some((_, row)) = rows.last_mut() {
            row.body.push_str(line);
            row.body.push('\n');
        }
    }
    rows.retain(|(_, row)| !row.body.trim().is_empty());
    rows
}

fn json_lines(text: &str) -> Result<Vec<(usize, Row)>, ImportError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            let read = serde_json::from_str(line);
            read.map(|row| (index + 1, row))
                .map_err(|error| ImportError::Line { line: index + 1, problem: error.to_string() })
        })
        .collect()
}

fn csv(text: &str) -> Result<Vec<(usize, Row)>, ImportError> {
    let mut records = records(text)?.into_iter();
    let Some((_, head)) = records.next() else { return Ok(Vec::new()) };
    let names: Vec<String> = head.iter().map(|name| name.trim().to_lowercase()).collect();
    let place = |name: &str| names.iter().position(|known| known == name);
    let needed = |name: &str| {
        place(name).ok_or_else(|| ImportError::Line { line: 1, problem: format!("there is no column {name:?}") })
    };
    let (title, body) = (needed("title")?, needed("body")?);
    records
        .map(|(line, fields)| {
            if fields.len() != names.len() {
                let problem = format!("{} fields, and {} columns", fields.len(), names.len());
                return Err(ImportError::Line { line, problem });
            }
            let optional = |name: &str| place(name).map(|at| fields[at].clone());
            let row = Row {
                title: fields[title].clone(),
                body: fields[body].clone(),
                language: optional("language"),
                source: optional("source"),
                url: optional("url"),
            };
            Ok((line, row))
        })
        .collect()
}

/// RFC 4180: fields in quotes may hold commas, line breaks and doubled quotes.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, ImportError> {
    let mut records = Vec::new();
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut line, mut began, mut quoted) = (1, 1, false);
    let mut letters = text.trim_start_matches('\u{FEFF}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' => {
                line += 1;
                if quoted {
                    field.push('\n');
                    continue;
                }
                fields.push(std::mem::take(&mut field));
                let done = std::mem::take(&mut fields);
                if done.iter().any(|field| !field.trim().is_empty()) {
                    records.push((began, done));
                }
                began = line;
            }
            letter => field.push(letter),
        }
    }
    if quoted {
        return Err(ImportError::Line { line: began, problem: "a quote is not closed".to_owned() });
    }
    fields.push(field);
    if fields.iter().any(|field| !field.trim().is_empty()) {
        records.push((began, fields));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str, format: Format) -> Vec<(String, String, Language)> {
        let entries = read(text, format, Language::Es, "file").unwrap();
        entries.into_iter().map(|entry| (entry.title, entry.body, entry.language)).collect()
    }

    #[test]
    fn the_same_answers_in_three_formats() {
        let expected = vec![
            ("¿Cuánto demora?".to_owned(), "De 2 a 5 días,\nsegún la ciudad.".to_owned(), Language::Es),
            ("Do you ship abroad?".to_owned(), "Say \"no\".".to_owned(), Language::En),
        ];
        let csv = "title,body,language\r\n¿Cuánto demora?,\"De 2 a 5 días,\nsegún la ciudad.\",\r\nDo you ship abroad?,\"Say \"\"no\"\".\",en\n";
        let lines = "{\"title\":\"¿Cuánto demora?\",\"body\":\"De 2 a 5 días,\\nsegún la ciudad.\"}\n\n{\"title\":\"Do you ship abroad?\",\"body\":\"Say \\\"no\\\".\",\"language\":\"en\"}";
        assert_eq!(titles(csv, Format::Csv), expected);
        assert_eq!(titles(lines, Format::JsonLines), expected);
        let markdown = "# Envíos\n\n## ¿Cuánto demora?\nDe 2 a 5 días,\nsegún la ciudad.\n";
        assert_eq!(titles(markdown, Format::Markdown), expected[..1]);
    }

    #[test]
    fn a_wrong_line_is_named_and_nothing_is_kept() {
        let line = |text: &str, format| match read(text, format, Language::Es, "x").unwrap_err() {
            ImportError::Entry { line, .. } | ImportError::Line { line, .. } => Some(line),
            ImportError::Empty | ImportError::TooMany => None,
        };
        assert_eq!(line("title,body\n¿Envíos?,Sí.\n,No.\n", Format::Csv), Some(3));
        assert_eq!(line("title,body\na,b,c\n", Format::Csv), Some(2));
        assert_eq!(line("title,body\n\"a,b\n", Format::Csv), Some(2));
        assert_eq!(line("question,answer\na,b\n", Format::Csv), Some(1));
        assert_eq!(line("{\"title\":\"¿Envíos?\"}", Format::JsonLines), Some(1));
        assert_eq!(line("{\"title\":\"¿Envíos?\",\"body\":\"x\",\"language\":\"fr\"}", Format::JsonLines), Some(1));
        assert_eq!(line("plain words", Format::Markdown), None);
    }
}
