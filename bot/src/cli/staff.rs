//! `recado staff ls|add|rm`.

use clap::{Subcommand, ValueEnum};
use recado_domain::StaffId;
use recado_domain::merchant::{Staff, StaffRole};
use serde::Serialize;

use super::serve::block_on;
use super::store::{reading, record, shop, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// A staff role; each may do what the ones before may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StaffRoleArg {
    /// Read
    Viewer,
    /// Answer people, handle incidents
    Agent,
    /// Also replay and reassign
    Lead,
    /// Also staff, shops and settings
    Operator,
}

impl From<StaffRoleArg> for StaffRole {
    fn from(role: StaffRoleArg) -> Self {
        match role {
            StaffRoleArg::Viewer => Self::Viewer,
            StaffRoleArg::Agent => Self::Agent,
            StaffRoleArg::Lead => Self::Lead,
            StaffRoleArg::Operator => Self::Operator,
        }
    }
}

/// `recado staff …`
#[derive(Clone, Debug, Subcommand)]
pub enum StaffVerb {
    /// List staff
    Ls {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Let a person use the staff bot; once more with the same Telegram id to change what they may do
    Add {
        /// Their name
        name: String,
        /// Their Telegram user id (a number; the bot tells it to strangers)
        #[arg(long, value_name = "ID")]
        telegram_user_id: i64,
        /// What they may do
        #[arg(long, value_name = "ROLE", default_value = "agent")]
        role: StaffRoleArg,
        /// Limit them to this shop: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
    /// Take a person's access to the staff bot away
    Rm {
        /// Their Telegram user id
        #[arg(long, value_name = "ID")]
        telegram_user_id: i64,
    },
}

/// A person of the staff in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct StaffRow(pub Staff);

impl Row for StaffRow {
    const HEAD: &'static [&'static str] = &["name", "role", "telegram", "shop"];
    fn cells(&self) -> Vec<String> {
        let Self(staff) = self;
        vec![
            staff.name.clone(),
            staff.role.code().to_owned(),
            staff.telegram_user_id.map(|id| id.to_string()).unwrap_or_default(),
            staff.merchant.map_or_else(|| "every".to_owned(), |shop| shop.to_string()),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the store, the shop or the person is not there.
pub fn run(verb: &StaffVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            StaffVerb::Ls { json } => {
                let rows: Vec<StaffRow> = reading(settings).await?.staff().await?.into_iter().map(StaffRow).collect();
                output.rows(&rows, *json)?;
            }
            StaffVerb::Add { name, telegram_user_id, role, merchant } => {
                let store = writing(settings).await?;
                let merchant = match merchant {
                    Some(wanted) => Some(shop(&*store.read_directory().await?, Some(wanted))?.id),
                    None => None,
                };
                let known = store.staff_by_telegram(*telegram_user_id).await?;
                let staff = Staff {
                    id: known.map_or_else(|| StaffId::new(store.clock().now()), |known| known.id),
                    name: name.trim().to_owned(),
                    role: (*role).into(),
                    telegram_user_id: Some(*telegram_user_id),
                    merchant,
                };
                store.save_staff(&staff).await?;
                record(&store, None, "staff.add", &staff.id.to_string()).await?;
                output.text(&staff.id.to_string())?;
                store.close().await;
            }
            StaffVerb::Rm { telegram_user_id } => {
                let store = writing(settings).await?;
                let Some(staff) = store.staff_by_telegram(*telegram_user_id).await? else {
                    return Err(CliError::Usage(format!("nobody of the staff has the Telegram id {telegram_user_id}")));
                };
                store.remove_staff(staff.id).await?;
                record(&store, None, "staff.remove", &staff.id.to_string()).await?;
                super::output::message(&format!("{} is no staff any more", staff.name));
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

    fn adding(name: &str, role: StaffRoleArg) -> StaffVerb {
        StaffVerb::Add { name: name.to_owned(), telegram_user_id: 7001, role, merchant: None }
    }

    #[test]
    fn staff_come_change_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        printed(|output| run(&adding("Laura", StaffRoleArg::Agent), &settings, output));
        printed(|output| run(&adding("Laura Nieto", StaffRoleArg::Lead), &settings, output));
        let listed = printed(|output| run(&StaffVerb::Ls { json: true }, &settings, output));
        let row: serde_json::Value = serde_json::from_str(&listed).unwrap();
        assert_eq!((row["name"].as_str(), row["role"].as_str()), (Some("Laura Nieto"), Some("lead")));
        let gone = StaffVerb::Rm { telegram_user_id: 7001 };
        printed(|output| run(&gone, &settings, output));
        assert!(matches!(run(&gone, &settings, &mut Output::to(Vec::new())), Err(CliError::Usage(_))));
    }

    #[test]
    fn beside_a_running_desk_one_reads_and_is_told_how_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let desk = block_on(writing(&settings)).unwrap().unwrap();
        printed(|output| run(&StaffVerb::Ls { json: false }, &settings, output));
        let refused = run(&adding("Laura", StaffRoleArg::Agent), &settings, &mut Output::to(Vec::new())).unwrap_err();
        assert_eq!(refused.exit(), Exit::AlreadyRunning);
        assert!(refused.to_string().contains("admin page") && refused.to_string().contains("Postgres"), "{refused}");
        drop(desk);
    }
}
