//! `recado requests`: what customers asked the shops for, and requests about people's data.

use clap::{Args, Subcommand};
use recado_domain::privacy::{PrivacyRequest, Reach};
use recado_domain::request::{Request, RequestStatus};
use recado_domain::{MerchantId, PrivacyId};
use recado_store::Store;
use serde::Serialize;

use super::serve::block_on;
use super::store::{ACTOR, ListArgs, reading, shops, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado requests …`
#[derive(Clone, Debug, Subcommand)]
pub enum RequestsVerb {
    /// List what customers asked for, newest first, and the open requests about people's data
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
        /// Only those in this state: open, approved, declined or done
        #[arg(long, value_name = "STATE", value_parser = status)]
        status: Option<RequestStatus>,
    },
    /// Show how much a request about somebody's data reaches, as JSON
    Show(PrivacyArgs),
    /// Print everything that is kept of the person whom a request is about, as JSON
    Copy(PrivacyArgs),
    /// Have an erasure carried out by the desk, or note that a copy was handed over; it cannot be undone
    Confirm {
        /// Which
        #[command(flatten)]
        which: PrivacyArgs,
        /// Do it
        #[arg(long)]
        yes: bool,
    },
    /// Note that a request about somebody's data will not be carried out
    Decline(PrivacyArgs),
}

/// Which request about somebody's data.
#[derive(Clone, Debug, Args)]
pub struct PrivacyArgs {
    /// The request's id, as `recado requests ls --json` shows it
    #[arg(value_name = "ID")]
    pub id: PrivacyId,
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
    /// About somebody's data, whoever asked.
    Privacy(PrivacyRequest),
}

impl Row for RequestRow {
    const HEAD: &'static [&'static str] = &["no", "what", "order", "status", "asked", "due", "decided by", "note"];
    fn cells(&self) -> Vec<String> {
        match self {
            Self::Customer(request) => vec![
                format!("#{}", request.number),
                request.asked.kind.name().to_owned(),
                request.asked.order.clone().unwrap_or_default(),
                request.status.code().to_owned(),
                request.asked_at.to_string(),
                String::new(),
                request.decided.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
                request.note.clone().unwrap_or_default(),
            ],
            Self::Privacy(request) => vec![
                request.id.to_string(),
                request.asked.code().to_owned(),
                String::new(),
                if request.is_open() { "open" } else { "under way" }.to_owned(),
                request.received_at.to_string(),
                request.due_at.to_string(),
                request.confirmed.as_ref().map(|(name, _)| name.clone()).unwrap_or_default(),
                String::new(),
            ],
        }
    }
}

impl RequestRow {
    const fn asked_at(&self) -> recado_domain::Timestamp {
        match self {
            Self::Customer(request) => request.asked_at,
            Self::Privacy(request) => request.received_at,
        }
    }
}

/// A request about somebody's data with what it reaches.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    request: PrivacyRequest,
    reach: Reach,
}

async fn find(store: &Store, id: PrivacyId) -> Result<(MerchantId, PrivacyRequest, Reach), CliError> {
    for shop in store.read_directory().await?.merchants() {
        if let Some((request, reach)) = store.merchant(shop.id).privacy_request(id).await? {
            return Ok((shop.id, request, reach));
        }
    }
    Err(CliError::Usage("there is no such request; `recado requests ls --json` shows their ids".to_owned()))
}

async fn list(
    list: &ListArgs,
    status: Option<RequestStatus>,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<(), CliError> {
    let store = reading(settings).await?;
    let known = store.read_directory().await?;
    let mut rows = Vec::new();
    for id in shops(&known, list.merchant.as_deref())? {
        let facts = store.merchant(id);
        rows.extend(facts.requests(status, list.limit).await?.into_iter().map(RequestRow::Customer));
        if status.is_none_or(|status| status == RequestStatus::Open) {
            rows.extend(facts.privacy_requests(false, list.limit).await?.into_iter().map(RequestRow::Privacy));
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.asked_at()));
    rows.truncate(list.limit as usize);
    Ok(output.rows(&rows, list.json)?)
}

async fn decide(id: PrivacyId, confirmed: bool, settings: &Settings) -> Result<(), CliError> {
    let store = writing(settings).await?;
    let (merchant, request, _) = find(&store, id).await?;
    let changed = store.decide_privacy(merchant, id, confirmed, ACTOR).await?;
    store.close().await;
    if !changed {
        return Err(CliError::Usage("that was decided already".to_owned()));
    }
    super::output::message(match (confirmed, request.erases()) {
        (true, true) => "confirmed: the desk erases it now, or as soon as it runs",
        (true, false) => "noted: the copy was handed over",
        (false, _) => "noted: it will not be done",
    });
    Ok(())
}

/// Runs it.
///
/// # Errors
/// When the store or the shop is not there.
pub fn run(verb: &RequestsVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            RequestsVerb::Ls { list: args, status } => list(args, *status, settings, output).await?,
            RequestsVerb::Show(which) => {
                let (_, request, reach) = find(&reading(settings).await?, which.id).await?;
                output.json(&Shown { request, reach })?;
            }
            RequestsVerb::Copy(which) => {
                let store = reading(settings).await?;
                let (merchant, ..) = find(&store, which.id).await?;
                let copy = store.merchant(merchant).privacy_copy(which.id).await?;
                let copy = copy.ok_or_else(|| {
                    CliError::Usage("that request is closed: nobody knows any more whom it was about".to_owned())
                })?;
                output.json(&copy)?;
            }
            RequestsVerb::Confirm { yes: false, which } => {
                let (_, request, reach) = find(&reading(settings).await?, which.id).await?;
                output.json(&Shown { request, reach })?;
                return Err(CliError::Usage("it cannot be undone: say --yes to do it".to_owned()));
            }
            RequestsVerb::Confirm { yes: true, which } => decide(which.id, true, settings).await?,
            RequestsVerb::Decline(which) => decide(which.id, false, settings).await?,
        }
        Ok(Exit::Done)
    })?
}

#[cfg(test)]
mod tests {
    use super::super::merchants::{self, MerchantsVerb};
    use super::super::store::tests_support::{printed, settings};
    use super::*;
    use clap::Parser as _;

    fn do_it(words: &[&str], settings: &Settings) -> Result<(Exit, String), CliError> {
        let line = ["recado", "requests"].iter().chain(words);
        let super::super::Verb::Requests(verb) = super::super::Cli::try_parse_from(line).unwrap().verb else {
            panic!("another verb")
        };
        let mut bytes = Vec::new();
        let exit = run(&verb, settings, &mut Output::to(&mut bytes))?;
        Ok((exit, String::from_utf8(bytes).unwrap()))
    }

    /// A shop that was asked to erase somebody; the request's id.
    fn asked(settings: &Settings) -> PrivacyId {
        let words = ["recado", "merchants", "add", "Casa"];
        let super::super::Verb::Merchants(verb) = super::super::Cli::try_parse_from(words).unwrap().verb else {
            panic!("another verb")
        };
        assert!(matches!(verb, MerchantsVerb::Add { .. }));
        printed(|output| merchants::run(&verb, settings, output));
        block_on(async {
            let store = writing(settings).await.unwrap();
            let shop = store.read_directory().await.unwrap().merchants().next().unwrap().id;
            let id = PrivacyId(uuid::Uuid::new_v4());
            let insert = "INSERT INTO compliance_requests (merchant_id, id, request, subject, received_at) \
                VALUES ($1, $2, 'customer_redact', '{\"customer\":{\"phone\":\"+573005550100\"},\"orders\":[]}', 1)";
            recado_store::write!(store.db(), pool => sqlx::query(insert).bind(shop.0).bind(id.0).execute(pool).await.map(|_| ()))
                .unwrap();
            store.close().await;
            id
        })
        .unwrap()
    }

    #[test]
    fn an_erasure_is_shown_needs_a_yes_and_is_confirmed_once() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let id = asked(&settings).to_string();
        let (_, listed) = do_it(&["ls"], &settings).unwrap();
        assert!(
            listed.contains(&id) && listed.contains("customer_redact") && listed.contains("1970-01-31"),
            "{listed}"
        );
        assert!(!listed.contains("5550100"), "a list names nobody");
        let (_, shown) = do_it(&["show", &id], &settings).unwrap();
        assert!(shown.contains("\"conversations\":0"), "{shown}");
        assert!(do_it(&["copy", &id], &settings).unwrap().1.contains("5550100"));
        assert!(matches!(do_it(&["confirm", &id], &settings), Err(CliError::Usage(_))), "without --yes");
        do_it(&["confirm", &id, "--yes"], &settings).unwrap();
        assert!(do_it(&["ls"], &settings).unwrap().1.contains("under way"));
        for words in [&["confirm", &id, "--yes"][..], &["decline", &id]] {
            assert!(matches!(do_it(words, &settings), Err(CliError::Usage(_))), "decided already");
        }
        let unknown = uuid::Uuid::nil().to_string();
        assert!(matches!(do_it(&["show", &unknown], &settings), Err(CliError::Usage(_))));
    }
}
