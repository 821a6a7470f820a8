//! `recado requests ls`: what customers asked the shops for.

use clap::Subcommand;
use recado_domain::request::{PrivacyRequest, Request, RequestStatus};
use serde::Serialize;

use super::serve::block_on;
use super::store::{ListArgs, reading, shops};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado requests …`
#[derive(Clone, Debug, Subcommand)]
pub enum RequestsVerb {
    /// List what customers asked for, newest first, and the platform's open requests about people's data
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Only those in this state: open, approved, declined or done
        #[arg(long, value_name = "STATE", value_parser = status)]
        status: Option<RequestStatus>,
    },
}

fn status(text: &str) -> Result<RequestStatus, String> {
    RequestStatus::from_code(text).ok_or_else(|| "open, approved, declined or done".to_owned())
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum RequestRow {
    /// Of a customer, in the chat.
    Customer(Request),
    /// Of the shop platform, about somebody's data.
    Platform(PrivacyRequest),
}

impl Row for RequestRow {
    const HEAD: &'static [&'static str] = &["no", "what", "order", "status", "asked", "decided by", "note"];
    fn cells(&self) -> Vec<String> {
        match self {
            Self::Customer(request) => vec![
                format!("#{}", request.number),
                request.asked.kind.name().to_owned(),
                request.asked.order.clone().unwrap_or_default(),
                request.status.code().to_owned(),
                request.asked_at.to_string(),
                request.decided.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
                request.note.clone().unwrap_or_default(),
            ],
            Self::Platform(request) => vec![
                String::new(),
                request.request.clone(),
                String::new(),
                RequestStatus::Open.code().to_owned(),
                request.received_at.to_string(),
                String::new(),
                String::new(),
            ],
        }
    }
}

impl RequestRow {
    const fn asked_at(&self) -> recado_domain::Timestamp {
        match self {
            Self::Customer(request) => request.asked_at,
            Self::Platform(request) => request.received_at,
        }
    }
}

/// Runs it.
///
/// # Errors
/// When the store or the shop is not there.
pub fn run(verb: &RequestsVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let RequestsVerb::Ls { list, status } = verb;
    block_on(async {
        let store = reading(settings).await?;
        let known = store.read_directory().await?;
        let mut rows = Vec::new();
        for id in shops(&known, list.merchant.as_deref())? {
            let facts = store.merchant(id);
            rows.extend(facts.requests(*status, list.limit).await?.into_iter().map(RequestRow::Customer));
            if status.is_none_or(|status| status == RequestStatus::Open) {
                rows.extend(facts.privacy_requests().await?.into_iter().map(RequestRow::Platform));
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.asked_at()));
        rows.truncate(list.limit as usize);
        output.rows(&rows, list.json)?;
        Ok(Exit::Done)
    })?
}
