//! `recado erasures`: the list of what was erased, which outlives a restore of the database.

use std::path::PathBuf;

use clap::Subcommand;

use super::serve::block_on;
use super::store::{reading, writing};
use super::{CliError, Output, Settings};
use crate::erasures::{self, ListError};
use crate::lifecycle::Exit;

/// `recado erasures …`
#[derive(Clone, Debug, Subcommand)]
pub enum ErasuresVerb {
    /// Add to a file every erasure that it lacks; run it with each backup, and keep the file elsewhere
    Export {
        /// The file; made if it is not there
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// After a restore: have the desk carry out again what the file has and the database lacks
    Apply {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl From<ListError> for CliError {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Store(error) => Self::from(error),
            ListError::File { .. } | ListError::Line { .. } => Self::Usage(error.to_string()),
        }
    }
}

/// Runs it.
///
/// # Errors
/// When the store or the file cannot be read or written.
pub fn run(verb: &ErasuresVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    match verb {
        ErasuresVerb::Export { file } => {
            let added = block_on(async {
                let store = reading(settings).await?;
                let added = erasures::keep(&store, file).await?;
                store.close().await;
                Ok::<_, CliError>(added)
            })??;
            output.text(&format!("{added} added to {}\n", file.display()))?;
            Ok(Exit::Done)
        }
        ErasuresVerb::Apply { file } => {
            let list = erasures::read(file)?;
            let applied = block_on(async {
                let store = writing(settings).await?;
                let applied = store.apply_erasures(&list).await?;
                store.close().await;
                Ok::<_, CliError>(applied)
            })??;
            output.text(&format!(
                "{} to be erased again as soon as the desk runs, {} known, {} of another database\n",
                applied.again, applied.known, applied.foreign
            ))?;
            if applied.foreign == 0 {
                return Ok(Exit::Done);
            }
            super::output::message(
                "entries of another database find nobody here: is this the right file, and was the copy made by a \
                 version that has lists of erasures?",
            );
            Ok(Exit::Failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use recado_domain::event::ComplianceRequest;
    use recado_domain::{Currency, Language, MerchantId, PrivacyId, SystemClock};
    use recado_store::engine::{Engine, Rules};

    use super::super::store::tests_support::{printed, settings};
    use super::*;
    use crate::config::Config;
    use crate::doctor::{State, connections};

    /// Erases everybody of a shop, as the desk does.
    async fn erase_a_shop(settings: &Settings) {
        let store = writing(settings).await.unwrap();
        let shop = recado_domain::merchant::Merchant {
            id: MerchantId::derived(&["shop"]),
            name: "Tienda".to_owned(),
            language: Language::Es,
            country: "CO".to_owned(),
            timezone: "America/Bogota".to_owned(),
            currency: Currency::Cop,
        };
        store.save_merchant(&shop).await.unwrap();
        let (id, asked) = (PrivacyId::derived(&["asked"]), ComplianceRequest::ShopRedact.code());
        let insert = "INSERT INTO compliance_requests (merchant_id, id, request, subject, received_at) VALUES ($1, $2, $3, '{}', 1)";
        recado_store::write!(store.db(), pool => sqlx::query(insert).bind(shop.id.0).bind(id.0).bind(asked)
            .execute(pool).await.map(|_| ()))
        .unwrap();
        store.decide_privacy(shop.id, id, true, "Eva").await.unwrap();
        let replica = recado_domain::ReplicaId::new(recado_domain::Clock::now(&SystemClock));
        let engine = Engine::new(store.clone(), replica, Rules::default());
        let task = engine.claim_privacy().await.unwrap().unwrap();
        engine.erase(&task).await.unwrap().unwrap();
        engine.finish_privacy(&task).await.unwrap();
        store.close().await;
    }

    fn diagnosis(settings: &Settings) -> (State, String) {
        let config = Config::load(&settings.sources()).unwrap();
        let findings = block_on(connections(&config, &SystemClock)).unwrap();
        let found = findings.into_iter().find(|finding| finding.check == "erasures").unwrap();
        (found.state, found.finding)
    }

    #[test]
    fn a_database_that_is_older_than_its_list_is_told_and_erased_again_from_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let [database, copy, list] = ["recado.db", "copy.db", "erasures.jsonl"].map(|name| folder.path().join(name));
        let mut settings = settings(folder.path());
        settings.set.push(("data_dir".to_owned(), folder.path().display().to_string()));
        block_on(async { writing(&settings).await.unwrap().close().await }).unwrap();
        std::fs::copy(&database, &copy).unwrap();
        block_on(erase_a_shop(&settings)).unwrap();
        let export = ErasuresVerb::Export { file: list.clone() };
        for added in ["1 added", "0 added"] {
            assert!(printed(|output| run(&export, &settings, output)).starts_with(added));
        }
        assert_eq!(diagnosis(&settings), (State::Ok, "1 on the list, none is in the database again".to_owned()));

        std::fs::copy(&copy, &database).unwrap();
        let (state, finding) = diagnosis(&settings);
        assert!(state == State::Broken && finding.contains("older than its list: 1"), "{finding}");
        let apply = ErasuresVerb::Apply { file: list.clone() };
        assert!(printed(|output| run(&apply, &settings, output)).starts_with("1 to be erased again"));
        assert!(printed(|output| run(&apply, &settings, output)).starts_with("0 to be erased again"));
        assert_eq!(diagnosis(&settings).0, State::Ok);
        let missing = ErasuresVerb::Apply { file: folder.path().join("nowhere") };
        let refused = run(&missing, &settings, &mut Output::to(&mut Vec::new()));
        assert!(matches!(refused, Err(CliError::Usage(_))), "a list that is not there is no empty one");
    }
}
