//! `recado tokens ls|add|rm`.

use clap::Subcommand;
use recado_domain::Timestamp;
use recado_store::tokens::ApiToken;
use serde::Serialize;

use super::serve::block_on;
use super::store::{ListArgs, reading, record, shop, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado tokens …`
#[derive(Clone, Debug, Subcommand)]
pub enum TokensVerb {
    /// List the tokens of a shop; the tokens themselves are kept nowhere
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
    },
    /// Make a token for a program that asks about a shop, and print it, once
    Add {
        /// What it is for, e.g. "spreadsheet"
        name: String,
        /// The shop: its id or name; may be left out when there is only one
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// Let it see money; without this it may ask for nothing yet
        #[arg(long)]
        finance: bool,
    },
    /// Make a token good for nothing
    Rm {
        /// Its id
        token: uuid::Uuid,
        /// The shop: its id or name; may be left out when there is only one
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
}

/// A token in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TokenRow {
    /// Id.
    pub id: uuid::Uuid,
    /// What it is for.
    pub name: String,
    /// Whether it may see money.
    pub finance: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is good for nothing.
    pub revoked_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenRow {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            finance: token.finance,
            created_at: token.created_at,
            revoked_at: token.revoked_at,
        }
    }
}

impl Row for TokenRow {
    const HEAD: &'static [&'static str] = &["id", "name", "money", "made", "revoked"];
    fn cells(&self) -> Vec<String> {
        let money = if self.finance { "yes" } else { "no" };
        let revoked = self.revoked_at.map(|at| at.to_string()).unwrap_or_default();
        vec![self.id.to_string(), self.name.clone(), money.to_owned(), self.created_at.to_string(), revoked]
    }
}

/// Runs it.
///
/// # Errors
/// When the store, the shop or the token is not there.
pub fn run(verb: &TokensVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            TokensVerb::Ls { list } => {
                let store = reading(settings).await?;
                let shop = shop(&*store.read_directory().await?, list.merchant.as_deref())?;
                let tokens = store.tokens(shop.id).await?.into_iter().take(list.limit as usize);
                let rows: Vec<TokenRow> = tokens.map(Into::into).collect();
                output.rows(&rows, list.json)?;
            }
            TokensVerb::Add { name, merchant, finance } => {
                let store = writing(settings).await?;
                let shop = shop(&*store.read_directory().await?, merchant.as_deref())?;
                let (token, secret) = store.add_token(&shop, name, *finance).await?;
                record(&store, Some(&shop), "token.add", &token.id.to_string()).await?;
                super::output::message(&format!(
                    "{:?} of {} ({}); it is shown only now:",
                    token.name, shop.name, token.id
                ));
                output.text(&format!("{}\n", secret.expose()))?;
                store.close().await;
            }
            TokensVerb::Rm { token, merchant } => {
                let store = writing(settings).await?;
                let shop = shop(&*store.read_directory().await?, merchant.as_deref())?;
                store.revoke_token(shop.id, *token).await?;
                record(&store, Some(&shop), "token.revoke", &token.to_string()).await?;
                super::output::message(&format!("{token} of {} is good for nothing now", shop.name));
                store.close().await;
            }
        }
        Ok(Exit::Done)
    })?
}

#[cfg(test)]
mod tests {
    use super::super::store::tests_support::{printed, settings};
    use super::*;
    use clap::Parser as _;

    fn told(words: &[&str], settings: &Settings) -> Result<String, CliError> {
        let line = ["recado", "tokens"].iter().chain(words);
        let super::super::Verb::Tokens(verb) = super::super::Cli::try_parse_from(line).unwrap().verb else {
            panic!("another verb")
        };
        let mut bytes = Vec::new();
        run(&verb, settings, &mut Output::to(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_token_is_shown_once_listed_without_it_and_revoked() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let words = ["recado", "merchants", "add", "Casa"];
        let super::super::Verb::Merchants(verb) = super::super::Cli::try_parse_from(words).unwrap().verb else {
            panic!("another verb")
        };
        printed(|output| super::super::merchants::run(&verb, &settings, output));

        let token = told(&["add", "spreadsheet", "--finance"], &settings).unwrap();
        let token = token.trim();
        assert!(token.starts_with("rcd_") && token.len() == 68, "{token}");
        let listed = told(&["ls", "--json"], &settings).unwrap();
        assert!(!listed.contains(&token[4..]), "{listed}");
        let row: serde_json::Value = serde_json::from_str(&listed).unwrap();
        assert_eq!((row["name"].as_str(), row["finance"].as_bool()), (Some("spreadsheet"), Some(true)));

        let id = row["id"].as_str().unwrap();
        told(&["rm", id], &settings).unwrap();
        assert!(told(&["rm", id], &settings).is_err(), "only once");
        let row: serde_json::Value = serde_json::from_str(&told(&["ls", "--json"], &settings).unwrap()).unwrap();
        assert!(row["revoked_at"].is_string());
    }
}
