//! `recado eval`.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use recado_agents::understanding::evaluate::{Figures, Labelled, Outcome, ask, figures, held_back, held_out};
use recado_agents::understanding::normalise::normalise;
use recado_agents::understanding::{UTTERANCES, Understander, corpus};
use recado_domain::Language;
use recado_domain::intent::Intent;
use serde::{Deserialize, Serialize};

use super::{CliError, Output, Row};
use crate::lifecycle::Exit;

/// What to measure.
#[derive(Debug, Args)]
#[command(
    about = "Measure how well messages are understood, by held-out sentences or by your own",
    long_about = "Measure how well messages are understood.\n\nWithout a file, the built-in classifier is asked for \
                  sentences that never train; then those that do are cross-validated: \
                  families of paraphrases are held out, a classifier is trained on the rest, and asked; with --asked, \
                  only for those of our sentences that a file lists. With --file, \
                  the built-in classifier is asked for each line {\"text\",\"intent\"?,\"lang\"?}, where lang is es, pt \
                  or en, and what a line does not label is not measured.",
    after_help = "Examples:\n  recado eval\n  recado eval --seed 7 --json\n  recado eval --asked plain.jsonl\n  recado eval --file mine.jsonl"
)]
pub struct EvalArgs {
    /// Measure the built-in classifier on labelled JSON lines instead
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Which families are held out together
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "file")]
    pub seed: u64,
    /// In how many parts the families are divided; each is held out once
    #[arg(long, value_name = "NUMBER", default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=20), conflicts_with = "file")]
    pub folds: u64,
    /// Of the sentences that are held out, ask only for those whose text is in these JSON lines
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub asked: Option<PathBuf>,
    /// One object of JSON with everything, also each intent and the commonest mistakes
    #[arg(long)]
    pub json: bool,
}

/// A labelled line of a file.
#[derive(Deserialize)]
struct Line {
    text: String,
    #[serde(default)]
    intent: Option<String>,
    #[serde(default)]
    lang: Option<String>,
}

/// A figure, as a row of the table.
#[derive(Serialize)]
struct Figure {
    measure: String,
    language: String,
    value: String,
    texts: usize,
}

impl Row for Figure {
    const HEAD: &'static [&'static str] = &["measure", "language", "value", "texts"];
    fn cells(&self) -> Vec<String> {
        vec![self.measure.clone(), self.language.clone(), self.value.clone(), self.texts.to_string()]
    }
}

fn rows(figures: &Figures) -> Vec<Figure> {
    let mut rows = Vec::new();
    let mut add = |measure: &str, language: &str, value: String, texts: usize| {
        rows.push(Figure { measure: measure.to_owned(), language: language.to_owned(), value, texts });
    };
    for (language, of) in &figures.intents {
        add("intent macro-F1", language, format!("{:.3}", of.macro_f1), of.count);
        add("intent accuracy", language, format!("{:.3}", of.accuracy), of.count);
        add("calibration error", language, format!("{:.3}", of.ece), of.count);
    }
    for (language, lengths) in &figures.languages {
        for (length, of) in lengths {
            let class = match length.as_str() {
                "15" => "language, up to 15 characters",
                "80" => "language, 16 to 80 characters",
                _ => "language, longer",
            };
            add(class, language, format!("{:.3}", of.accuracy), of.count);
        }
    }
    let texts = figures.languages.get("all").map_or(0, |lengths| lengths.values().map(|of| of.count).sum());
    add("median time, microseconds", "all", format!("{:.0}", figures.median_micros), texts);
    rows
}

/// Reads labelled lines.
fn labelled(reader: impl BufRead, path: &Path) -> anyhow::Result<Vec<Labelled>> {
    let mut all = Vec::new();
    for (place, line) in reader.lines().enumerate() {
        let line = line.with_context(|| format!("{} cannot be read", path.display()))?;
        if line.trim().is_empty() {
            continue;
        }
        let at = || format!("{} line {}", path.display(), place + 1);
        let line: Line = serde_json::from_str(&line).with_context(at)?;
        let intent = match &line.intent {
            None => None,
            Some(name) => {
                Some(Intent::from_name(name).with_context(|| format!("{}: no intent is named {name:?}", at()))?)
            }
        };
        let language = match &line.lang {
            None => None,
            Some(code) => {
                let known = Language::ALL.into_iter().find(|language| language.code() == code);
                Some(known.with_context(|| format!("{}: lang is es, pt or en, not {code:?}", at()))?)
            }
        };
        all.push(Labelled { text: line.text, intent, language });
    }
    if all.is_empty() {
        bail!("{} has no labelled line", path.display());
    }
    Ok(all)
}

fn outcomes(args: &EvalArgs) -> anyhow::Result<Vec<Outcome>> {
    if let Some(path) = &args.file {
        let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let understander = Understander::embedded()?;
        return Ok(labelled(BufReader::new(file), path)?.into_iter().map(|one| ask(&understander, one)).collect());
    }
    let sentences = corpus::read(UTTERANCES);
    let folds = usize::try_from(args.folds)?;
    let asked = args.asked.as_deref().map(texts).transpose()?;
    let is_asked = |text: &str| asked.as_ref().is_none_or(|asked| asked.contains(&normalise(text)));
    let parts: BTreeSet<usize> = sentences
        .iter()
        .filter(|one| is_asked(one.text))
        .map(|one| corpus::fold(one.family, args.seed, folds))
        .collect();
    if let (true, Some(path)) = (parts.is_empty(), &args.asked) {
        bail!("{}: none of its sentences is one of ours, and only ours are held out; try --file", path.display());
    }
    let mut all = Vec::with_capacity(sentences.len());
    for part in parts {
        let held = held_out(&sentences, args.seed, folds, part)?;
        all.extend(held.into_iter().filter(|one| is_asked(&one.label.text)));
    }
    Ok(all)
}

/// The texts of labelled lines, normalised.
fn texts(path: &Path) -> anyhow::Result<HashSet<String>> {
    let file = File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
    Ok(labelled(BufReader::new(file), path)?.iter().map(|line| normalise(&line.text)).collect())
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Measured<'a> {
    #[serde(flatten)]
    figures: &'a Figures,
    /// Of the sentences that never train.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_back: Option<&'a Figures>,
}

/// Runs it.
///
/// # Errors
/// When the file is not as described, or the output fails.
pub fn run(args: &EvalArgs, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let never_trained = match &args.file {
        Some(_) => None,
        None => Some(figures(&held_back().map_err(anyhow::Error::from)?)),
    };
    let figures = figures(&outcomes(args)?);
    if args.json {
        output.json(&Measured { figures: &figures, held_back: never_trained.as_ref() })?;
        return Ok(Exit::Done);
    }
    let mut table: Vec<Figure> = Vec::new();
    for mut row in never_trained.iter().flat_map(rows) {
        row.measure.insert_str(0, "held back: ");
        table.push(row);
    }
    table.extend(rows(&figures));
    output.rows(&table, false)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(lines: &str) -> Result<String, CliError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.jsonl");
        std::fs::write(&path, lines).unwrap();
        let mut bytes = Vec::new();
        let args = EvalArgs { file: Some(path), seed: 1, folds: 5, asked: None, json: true };
        run(&args, &mut Output::to(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn labelled_lines_are_measured_as_far_as_they_are_labelled() {
        let text = measured(
            "{\"text\":\"¿dónde está mi pedido #1042?\",\"intent\":\"track_order\",\"lang\":\"es\"}\n\n\
             {\"text\":\"bom dia, tudo bem com vocês?\",\"lang\":\"pt\"}\n",
        )
        .unwrap();
        let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(figures["intents"]["all"]["count"], 1);
        assert_eq!(figures["intents"]["es"]["macro_f1"], 1.0);
        assert_eq!(figures["languages"]["pt"]["80"]["accuracy"], 1.0);
        assert!(figures["median_micros"].as_f64().unwrap() > 0.0);
    }

    #[test]
    fn what_none_of_our_sentences_is_cannot_be_held_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.jsonl");
        std::fs::write(&path, "{\"text\":\"nobody of ours ever said this line of verse\"}").unwrap();
        let args = EvalArgs { file: None, seed: 1, folds: 5, asked: Some(path), json: true };
        let error = run(&args, &mut Output::to(&mut Vec::new())).unwrap_err().to_string();
        assert!(error.contains("none of its sentences is one of ours"), "{error}");
    }

    #[test]
    fn what_is_no_labelled_line_is_said_with_its_place() {
        for (lines, said) in [
            ("{\"text\":\"a\"}\n{\"text\":\"b\",\"intent\":\"fly\"}", "line 2: no intent is named \"fly\""),
            ("{\"text\":\"a\",\"lang\":\"fr\"}", "lang is es, pt or en"),
            ("nope", "line 1"),
            ("\n", "no labelled line"),
        ] {
            let error = format!("{:#}", anyhow::Error::from(measured(lines).unwrap_err()));
            assert!(error.contains(said), "{error}");
        }
    }
}
