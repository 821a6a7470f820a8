//! `recado knowledge …`: a shop's own answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use recado_agents::Gateway;
use recado_agents::model::gateway::Charge;
use recado_agents::model::ledger::InMemoryLedger;
use recado_domain::knowledge::import::{self, Format};
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::{ANSWERS, Entry, Hit, NewEntry, Unanswered};
use recado_domain::merchant::Merchant;
use recado_domain::{KnowledgeId, Language, MerchantId, UnansweredId};
use recado_store::Store;
use recado_store::knowledge::KeepError;
use serde::Serialize;

use super::merchants::language;
use super::serve::block_on;
use super::store::{ACTOR, ListArgs, reading, shop, shops, writing};
use super::{CliError, Output, Row, Settings};
use crate::config::Config;
use crate::lifecycle::Exit;

/// Bytes of a file of answers at most.
const LARGEST: u64 = 8 * 1024 * 1024;

/// `recado knowledge …`
#[derive(Clone, Debug, Subcommand)]
pub enum KnowledgeVerb {
    /// List the answers
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Those put away too
        #[arg(long)]
        all: bool,
    },
    /// Add an answer
    Add {
        /// What it says
        #[command(flatten)]
        content: Content,
        /// The question of customers that it answers; see `recado knowledge unanswered`
        #[arg(long, value_name = "ID")]
        to: Option<UnansweredId>,
        /// Whose: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Write an answer anew; one that was put away is in use again
    Edit {
        /// Which
        id: KnowledgeId,
        /// What it says
        #[command(flatten)]
        content: Content,
        /// Whose: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Put an answer away, so that it is never said
    Archive {
        /// Which
        id: KnowledgeId,
        /// Whose: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Read answers from a file: Markdown (each heading a question), CSV or JSON lines with title, body, language, source, url
    Import {
        /// Ending in .md, .csv or .jsonl
        file: PathBuf,
        /// Language of those that say none: es, pt or en [default: the shop's]
        #[arg(long, value_name = "CODE", value_parser = language)]
        language: Option<Language>,
        /// Whose: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// List questions of customers that no answer was found for, those asked most first
    Unanswered {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show which answers a question finds, and whether the best of them would be said
    Search {
        /// In a customer's words
        question: String,
        /// Its language: es, pt or en [default: the shop's]
        #[arg(long, value_name = "CODE", value_parser = language)]
        language: Option<Language>,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
        /// Whose: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
}

/// What an answer says.
#[derive(Clone, Debug, Args)]
pub struct Content {
    /// The question, in a customer's words
    #[arg(long, value_name = "TEXT")]
    pub title: String,
    /// The answer, said as it stands
    #[arg(long, value_name = "TEXT")]
    pub body: String,
    /// es, pt or en [default: the shop's]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub language: Option<Language>,
    /// A page of the shop that says more, https://…
    #[arg(long, value_name = "LINK")]
    pub url: Option<String>,
    /// Where it comes from, for staff
    #[arg(long, value_name = "TEXT", default_value = ACTOR)]
    pub source: String,
}

impl Content {
    fn entry(&self, shop: &Merchant) -> NewEntry {
        NewEntry {
            language: self.language.unwrap_or(shop.language),
            title: self.title.clone(),
            body: self.body.clone(),
            source: self.source.clone(),
            url: self.url.clone(),
        }
    }
}

impl From<KeepError> for CliError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Store(error) => error.into(),
            KeepError::Unfit(_) | KeepError::Twice(_) | KeepError::Full => Self::Usage(error.to_string()),
        }
    }
}

/// An answer in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct EntryRow(pub Entry);

fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most { line } else { line.chars().take(most - 1).chain(['…']).collect() }
}

impl Row for EntryRow {
    const HEAD: &'static [&'static str] = &["id", "language", "question", "answer", "source", "changed", "archived"];
    fn cells(&self) -> Vec<String> {
        let Self(entry) = self;
        vec![
            entry.id.to_string(),
            entry.content.language.to_string(),
            short(&entry.content.title, 40),
            short(&entry.content.body, 50),
            short(&entry.content.source, 20),
            entry.updated_at.to_string(),
            if entry.archived { "yes".to_owned() } else { String::new() },
        ]
    }
}

/// A question without an answer in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct UnansweredRow(pub Unanswered);

impl Row for UnansweredRow {
    const HEAD: &'static [&'static str] = &["id", "times", "language", "question", "last asked"];
    fn cells(&self) -> Vec<String> {
        let Self(one) = self;
        vec![
            one.id.to_string(),
            one.times.to_string(),
            one.language.to_string(),
            short(&one.question, 70),
            one.last_at.to_string(),
        ]
    }
}

/// What a question finds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitRow {
    /// Which answer, and how well it fits.
    #[serde(flatten)]
    pub hit: Hit,
    /// Whether it would be said: it is the first, and fits well enough.
    pub said: bool,
}

impl Row for HitRow {
    const HEAD: &'static [&'static str] = &["score", "likeness", "said", "question", "excerpt", "source"];
    fn cells(&self) -> Vec<String> {
        vec![
            format!("{:.3}", self.hit.score),
            self.hit.likeness.map_or(String::new(), |likeness| format!("{likeness:.2}")),
            if self.said { "yes".to_owned() } else { String::new() },
            short(&self.hit.title, 40),
            short(&self.hit.excerpt, 60),
            short(&self.hit.source, 20),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the store or the shop is not there, or an answer is not fit to be kept.
pub fn run(verb: &KnowledgeVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            KnowledgeVerb::Ls { list, all } => {
                let store = reading(settings).await?;
                let known = store.read_directory().await?;
                let mut rows = Vec::new();
                for shop in shops(&known, list.merchant.as_deref())? {
                    rows.extend(store.merchant(shop).knowledge(*all, list.limit).await?.into_iter().map(EntryRow));
                }
                rows.truncate(list.limit as usize);
                output.rows(&rows, list.json)?;
            }
            KnowledgeVerb::Unanswered { list } => {
                let store = reading(settings).await?;
                let known = store.read_directory().await?;
                let mut all = Vec::new();
                for shop in shops(&known, list.merchant.as_deref())? {
                    all.extend(store.merchant(shop).unanswered(list.limit).await?);
                }
                all.sort_by_key(|one| std::cmp::Reverse((one.times, one.last_at)));
                all.truncate(list.limit as usize);
                let rows: Vec<UnansweredRow> = all.into_iter().map(UnansweredRow).collect();
                output.rows(&rows, list.json)?;
            }
            KnowledgeVerb::Search { question, language, json, merchant } => {
                let store = reading(settings).await?;
                let known = store.read_directory().await?;
                let shop = shop(&known, merchant.as_deref())?;
                let language = language.unwrap_or(shop.language);
                let meaning = meaning(settings, shop.id, question, &store).await?;
                let hits = store.merchant(shop.id).knowledge_search(question, language, meaning.as_ref()).await?;
                let said = |place: usize, hit: &Hit| place == 0 && hit.score >= ANSWERS;
                let rows: Vec<HitRow> =
                    hits.into_iter().enumerate().map(|(place, hit)| HitRow { said: said(place, &hit), hit }).collect();
                output.rows(&rows, *json)?;
            }
            KnowledgeVerb::Add { content, to, merchant } => {
                let (store, shop) = changing(settings, merchant.as_deref()).await?;
                let id = store.merchant(shop.id).add_knowledge(content.entry(&shop), *to, ACTOR).await?;
                output.text(&id.to_string())?;
                store.close().await;
            }
            KnowledgeVerb::Edit { id, content, merchant } => {
                let (store, shop) = changing(settings, merchant.as_deref()).await?;
                store.merchant(shop.id).edit_knowledge(*id, content.entry(&shop), ACTOR).await?;
                output.text(&id.to_string())?;
                store.close().await;
            }
            KnowledgeVerb::Archive { id, merchant } => {
                let (store, shop) = changing(settings, merchant.as_deref()).await?;
                let changed = store.merchant(shop.id).archive_knowledge(*id, ACTOR).await?;
                store.close().await;
                if !changed {
                    return Err(CliError::Usage(
                        "there is no such answer in use; see `recado knowledge ls`".to_owned(),
                    ));
                }
                output.text(&id.to_string())?;
            }
            KnowledgeVerb::Import { file, language, merchant } => {
                let (format, text) = text_of(file)?;
                let (store, shop) = changing(settings, merchant.as_deref()).await?;
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let read = import::read(&text, format, language.unwrap_or(shop.language), &name);
                let entries = read.map_err(|error| CliError::Usage(format!("{}: {error}", file.display())))?;
                let (added, replaced) = store.merchant(shop.id).import_knowledge(entries, ACTOR).await?;
                output.text(&format!("{added} new, {replaced} replaced"))?;
                store.close().await;
            }
        }
        Ok(Exit::Done)
    })?
}

/// What a question means, where a model that says it is configured and answers.
async fn meaning(
    settings: &Settings,
    shop: MerchantId,
    question: &str,
    store: &Store,
) -> Result<Option<Meaning>, CliError> {
    let Some(models) = Config::load(&settings.sources())?.llm.filter(|models| models.embedding.is_some()) else {
        return Ok(None);
    };
    // One question by hand: the day's account, which only a running desk keeps, is not asked for it.
    let gateway = Gateway::new(models, Arc::new(InMemoryLedger::default()));
    let gateway = gateway.map_err(|error| CliError::Usage(error.to_string()))?;
    let (now, purse) = (store.clock().now(), gateway.task_purse());
    let charge = Charge { merchant: Some(shop), conversation: None, now, purse: &purse };
    let asked = async {
        gateway.background(now, &purse).await?;
        gateway.meanings_in_time(&[question], &charge).await
    };
    match asked.await {
        Ok(meanings) => Ok(meanings.into_iter().next()),
        Err(error) => {
            tracing::warn!(%error, "the model for vectors gives no answer; words alone are compared");
            Ok(None)
        }
    }
}

async fn changing(settings: &Settings, wanted: Option<&str>) -> Result<(Store, Arc<Merchant>), CliError> {
    let store = writing(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, wanted)?;
    Ok((store, shop))
}

fn text_of(file: &Path) -> Result<(Format, String), CliError> {
    let shown = file.display();
    let format = Format::of(&file.to_string_lossy())
        .ok_or_else(|| CliError::Usage(format!("{shown}: a file ends in .md, .csv or .jsonl")))?;
    let unreadable = |error: std::io::Error| CliError::Usage(format!("{shown}: {error}"));
    if std::fs::metadata(file).map_err(unreadable)?.len() > LARGEST {
        return Err(CliError::Usage(format!("{shown}: larger than {} MiB", LARGEST / 1024 / 1024)));
    }
    Ok((format, std::fs::read_to_string(file).map_err(unreadable)?))
}

#[cfg(test)]
mod tests {
    use super::super::merchants::{self, MerchantsVerb};
    use super::super::store::tests_support::{printed, settings};
    use super::*;

    #[test]
    fn answers_are_imported_found_changed_and_put_away() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let adding = MerchantsVerb::Add {
            name: "Casa".to_owned(),
            country: "CO".to_owned(),
            timezone: "America/Bogota".to_owned(),
            currency: recado_domain::Currency::Cop,
            language: Language::Es,
            phone_number_id: None,
            shop: None,
        };
        printed(|output| merchants::run(&adding, &settings, output));
        let file = folder.path().join("faq.md");
        std::fs::write(&file, include_str!("../demo/answers.md")).unwrap();
        let import = |file: &Path| KnowledgeVerb::Import { file: file.to_owned(), language: None, merchant: None };
        assert_eq!(printed(|output| run(&import(&file), &settings, output)).trim(), "13 new, 0 replaced");
        assert_eq!(printed(|output| run(&import(&file), &settings, output)).trim(), "0 new, 13 replaced");

        let search = |question: &str| {
            let verb = KnowledgeVerb::Search {
                question: question.to_owned(),
                language: None,
                json: true,
                merchant: Some("casa".to_owned()),
            };
            let lines = printed(|output| run(&verb, &settings, output));
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
        };
        let found = search("cuánto se demoran los envíos");
        assert_eq!((found[0]["said"].as_bool(), found[0]["source"].as_str()), (Some(true), Some("faq.md")));
        assert!(found.len() <= 5 && found[1..].iter().all(|hit| hit["said"] == false));
        assert!(search("xqzt blorp").is_empty());

        let id: KnowledgeId = found[0]["id"].as_str().unwrap().parse().unwrap();
        let content = Content {
            title: "¿Cuánto demora el envío?".to_owned(),
            body: "Un día.".to_owned(),
            language: None,
            url: Some("https://casa.example/envios".to_owned()),
            source: ACTOR.to_owned(),
        };
        let edit = KnowledgeVerb::Edit { id, content: content.clone(), merchant: None };
        printed(|output| run(&edit, &settings, output));
        assert_eq!(search("cuánto se demoran los envíos")[0]["body"], "Un día.");
        let twice = KnowledgeVerb::Add { content, to: None, merchant: None };
        let refused = run(&twice, &settings, &mut Output::to(Vec::new())).unwrap_err();
        assert!(matches!(&refused, CliError::Usage(text) if text.contains("already")), "{refused}");
        let archive = KnowledgeVerb::Archive { id, merchant: None };
        printed(|output| run(&archive, &settings, output));
        assert!(search("cuánto se demoran los envíos").iter().all(|hit| hit["id"] != found[0]["id"]));
        assert!(run(&archive, &settings, &mut Output::to(Vec::new())).is_err());
        let listed = |all: bool| {
            let list = ListArgs { json: true, limit: 50, merchant: None };
            printed(|output| run(&KnowledgeVerb::Ls { list, all }, &settings, output)).lines().count()
        };
        assert_eq!((listed(false), listed(true)), (12, 13));
        let list = ListArgs { json: true, limit: 50, merchant: None };
        assert!(printed(|output| run(&KnowledgeVerb::Unanswered { list }, &settings, output)).is_empty());
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_refused_before_anything_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("faq.pdf");
        std::fs::write(&path, "x").unwrap();
        for file in [path, folder.path().join("absent.md")] {
            assert!(matches!(text_of(&file), Err(CliError::Usage(_))));
        }
    }
}
