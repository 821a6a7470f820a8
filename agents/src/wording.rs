//! Every word that people read: plain-text templates and a table of short words, the same set in three languages.

use std::collections::{BTreeSet, HashMap, HashSet};

use recado_domain::Language;
use rust_embed::RustEmbed;
use tera::{Context, Tera};

use crate::desk::{DeskError, TurnError};
use crate::model::consultation::vocabulary;

#[derive(RustEmbed)]
#[folder = "../templates/messages"]
struct Files;

/// WhatsApp's limit of a body with buttons (CONTRACTS A9); what is longer is cut.
pub const LONGEST_BODY: usize = 1024;
/// Limit of a button's title.
pub const LONGEST_TITLE: usize = 20;
/// Names of the tables of short words: those of the desk, and those of figures.
const TABLES: [&str; 2] = ["words.txt", "figures.txt"];

/// The loaded words.
pub struct Wording {
    tera: Tera,
    words: HashMap<(Language, String), String>,
    names: BTreeSet<String>,
    vocabulary: HashMap<Language, HashSet<String>>,
}

impl Wording {
    /// Loads and checks what is embedded.
    ///
    /// # Errors
    /// When a template does not parse, or a language lacks a text that another has.
    pub fn load() -> Result<Self, DeskError> {
        let mut tera = Tera::default();
        tera.autoescape_on(Vec::<String>::new());
        let mut texts = Vec::new();
        let mut words = HashMap::new();
        let mut names: HashMap<Language, BTreeSet<String>> = HashMap::new();
        for path in Files::iter() {
            let Some((folder, name)) = path.split_once('/') else { continue };
            let (Some(language), Some(file)) = (Language::from_tag(folder), Files::get(&path)) else { continue };
            let text = String::from_utf8(file.data.into_owned()).map_err(|_| DeskError::NotText(path.to_string()))?;
            if TABLES.contains(&name) {
                for (key, value) in text.lines().filter_map(|line| line.split_once(": ")) {
                    words.insert((language, key.trim().to_owned()), value.trim().to_owned());
                }
            } else if let Some(stem) = name.strip_suffix(".txt") {
                names.entry(language).or_default().insert(stem.to_owned());
                texts.push((path.to_string(), text.trim().to_owned()));
            }
        }
        let vocabulary = Language::ALL
            .into_iter()
            .map(|language| {
                let folder = format!("{language}/");
                let of = texts.iter().filter(|(path, _)| path.starts_with(&folder)).map(|(_, text)| text.as_str());
                (language, vocabulary(of))
            })
            .collect();
        tera.add_raw_templates(texts).map_err(|problem| DeskError::Template(problem.to_string()))?;
        let wording = Self { tera, words, names: names.remove(&Language::Es).unwrap_or_default(), vocabulary };
        wording.complete(&names)?;
        Ok(wording)
    }

    fn complete(&self, others: &HashMap<Language, BTreeSet<String>>) -> Result<(), DeskError> {
        for language in [Language::Pt, Language::En] {
            let found = others.get(&language).cloned().unwrap_or_default();
            if let Some(name) = self.names.symmetric_difference(&found).next() {
                return Err(DeskError::Missing { language, name: name.clone() });
            }
        }
        for (_, key) in self.words.keys() {
            for language in Language::ALL {
                if !self.words.contains_key(&(language, key.clone())) {
                    return Err(DeskError::Missing { language, name: key.clone() });
                }
            }
        }
        Ok(())
    }

    /// Renders a template.
    ///
    /// # Errors
    /// When it needs something that the context does not have.
    pub fn say(&self, language: Language, name: &str, context: &serde_json::Value) -> Result<String, TurnError> {
        let wrong = |problem: tera::Error| TurnError::Wording(format!("{language}/{name}: {problem}"));
        let context = Context::from_serialize(context).map_err(wrong)?;
        let text = self.tera.render(&format!("{language}/{name}.txt"), &context).map_err(wrong)?;
        Ok(clip(&tidy(&text), LONGEST_BODY))
    }

    /// A short word; a key that is in no table stands for itself, so that nothing is lost.
    pub fn word<'a>(&'a self, language: Language, key: &'a str) -> &'a str {
        self.words.get(&(language, key.to_owned())).map_or(key, String::as_str)
    }

    /// A short word that not every key has.
    pub fn known(&self, language: Language, key: &str) -> Option<&str> {
        self.words.get(&(language, key.to_owned())).map(String::as_str)
    }

    /// Whether a word, in normalised spelling, stands in our texts of a language, outside of what is filled in.
    pub fn has_word(&self, language: Language, word: &str) -> bool {
        self.vocabulary.get(&language).is_some_and(|words| words.contains(word))
    }

    /// Names of the templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Keys of the table in a language.
    pub fn keys(&self, language: Language) -> impl Iterator<Item = &str> {
        self.words.keys().filter(move |(of, _)| *of == language).map(|(_, key)| key.as_str())
    }
}

/// Lines without the blanks that optional parts of a template leave behind.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&line);
    }
    out
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// In the middle of a sentence, with a small first letter; «IVA» stays as it is.
pub fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !letters.clone().next().is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// At most `longest` characters, with an ellipsis when cut.
pub fn clip(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest.saturating_sub(1)).collect();
    short.push('…');
    short
}
