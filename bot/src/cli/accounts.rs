//! `recado accounts ls|add|rm|grant|revoke`.

use std::io::{BufRead, IsTerminal as _};
use std::process::{Command, Stdio};

use clap::Subcommand;
use recado_domain::contact::email_key;
use recado_domain::{Language, Secret, Timestamp};
use recado_store::accounts::Account;
use recado_store::login::{LONGEST_PASSWORD, NewAdminUser, SHORTEST_PASSWORD, hash_password};
use serde::Serialize;

use super::merchants::language;
use super::output::message;
use super::serve::block_on;
use super::staff::StaffRoleArg;
use super::store::{reading, record, shop, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado accounts …`
#[derive(Clone, Debug, Subcommand)]
pub enum AccountsVerb {
    /// List the accounts of the admin view
    Ls {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Make an account; its password is read from standard input
    Add {
        /// The address by which it signs in
        email: String,
        /// As shown
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What it may do
        #[arg(long, value_name = "ROLE", default_value = "agent")]
        role: StaffRoleArg,
        /// Limit it to this shop: its id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// Let it see money; an operator of every shop may anyway
        #[arg(long)]
        finance: bool,
        /// In which language it reads
        #[arg(long, value_name = "CODE", default_value = "es", value_parser = language)]
        language: Language,
    },
    /// Take an account away; its sign-ins end. The last operator stays
    Rm {
        /// Its address
        email: String,
    },
    /// Let an account see money
    Grant {
        /// Its address
        email: String,
    },
    /// Let an account see money no longer
    Revoke {
        /// Its address
        email: String,
    },
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AccountRow {
    /// The address by which it signs in.
    pub email: String,
    /// As shown.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// Whether it may see money.
    pub finance: bool,
    /// The one shop it may see; none = every.
    pub merchant: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<Account> for AccountRow {
    fn from(account: Account) -> Self {
        Self {
            email: account.email,
            name: account.name,
            role: account.role.code().to_owned(),
            finance: account.finance,
            merchant: account.merchant.map(|shop| shop.to_string()),
            created_at: account.created_at,
        }
    }
}

impl Row for AccountRow {
    const HEAD: &'static [&'static str] = &["email", "name", "role", "money", "shop", "made"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.name.clone(),
            self.role.clone(),
            if self.finance { "yes" } else { "no" }.to_owned(),
            self.merchant.clone().unwrap_or_else(|| "every".to_owned()),
            self.created_at.to_string(),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the store, the shop or the account is not there, or the account may not go.
pub fn run(
    verb: &AccountsVerb,
    settings: &Settings,
    input: &mut dyn BufRead,
    output: &mut Output<'_>,
) -> Result<Exit, CliError> {
    // Asked for before anything is opened: who types is slow.
    let password = match verb {
        AccountsVerb::Add { email, .. } => Some((email_of(email)?, password(input)?)),
        _ => None,
    };
    block_on(async {
        match verb {
            AccountsVerb::Ls { json } => {
                let rows: Vec<AccountRow> =
                    reading(settings).await?.accounts().await?.into_iter().map(Into::into).collect();
                output.rows(&rows, *json)?;
            }
            AccountsVerb::Add { name, role, merchant, finance, language, .. } => {
                let Some((email, password)) = password else { return Ok(Exit::Done) };
                let store = writing(settings).await?;
                let shop = match merchant {
                    Some(wanted) => Some(shop(&*store.read_directory().await?, Some(wanted))?),
                    None => None,
                };
                let operator = *role == StaffRoleArg::Operator && shop.is_none();
                let new = NewAdminUser {
                    email: email.clone(),
                    name: name.trim().to_owned(),
                    password_hash: hash_password(password).await?,
                    role: (*role).into(),
                    merchant: shop.as_ref().map(|shop| shop.id),
                    language: *language,
                    finance: *finance || operator,
                };
                store.keep_account(&new).await?;
                record(&store, shop.as_deref(), "account.add", &email).await?;
                output.text(&email)?;
                store.close().await;
            }
            AccountsVerb::Rm { email } => {
                let store = writing(settings).await?;
                store.remove_account(email).await?;
                record(&store, None, "account.remove", email.trim()).await?;
                message(&format!("{} has no account any more; its sign-ins ended", email.trim()));
                store.close().await;
            }
            AccountsVerb::Grant { email } => money(settings, email, true).await?,
            AccountsVerb::Revoke { email } => money(settings, email, false).await?,
        }
        Ok(Exit::Done)
    })?
}

async fn money(settings: &Settings, email: &str, finance: bool) -> Result<(), CliError> {
    let store = writing(settings).await?;
    store.grant_money(email, finance).await?;
    record(&store, None, if finance { "account.grant" } else { "account.revoke" }, email.trim()).await?;
    let may = if finance { "may see money now" } else { "may see money no longer" };
    message(&format!("{} {may}", email.trim()));
    store.close().await;
    Ok(())
}

fn email_of(text: &str) -> Result<String, CliError> {
    email_key(text).ok_or_else(|| CliError::Usage(format!("{text:?} is no e-mail address")))
}

/// The first line of standard input; at a terminal it is asked for and does not show.
fn password(input: &mut dyn BufRead) -> Result<Secret, CliError> {
    let quiet = if std::io::stdin().is_terminal() { Some(Quiet::begin()?) } else { None };
    let mut line = String::new();
    input.read_line(&mut line)?;
    drop(quiet);
    let password = line.trim_end_matches(['\r', '\n']);
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Err(CliError::Usage(format!(
            "a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters: type it when asked, or pipe it in"
        )));
    }
    Ok(Secret::new(password))
}

/// While it lives, the terminal does not show what is typed.
struct Quiet;

impl Quiet {
    fn begin() -> Result<Self, CliError> {
        if !echo("-echo") {
            return Err(CliError::Usage("this terminal cannot hide what is typed: pipe the password in".to_owned()));
        }
        message("Password (it does not show):");
        Ok(Self)
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        echo("echo");
    }
}

fn echo(how: &str) -> bool {
    Command::new("stty").arg(how).stdin(Stdio::inherit()).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::super::store::tests_support::{printed, settings};
    use super::*;

    const PASSWORD: &str = "una frase larga\n";

    fn adding(email: &str, role: StaffRoleArg, finance: bool) -> AccountsVerb {
        AccountsVerb::Add {
            email: email.to_owned(),
            name: "Laura".to_owned(),
            role,
            merchant: None,
            finance,
            language: Language::Es,
        }
    }

    fn refused(verb: &AccountsVerb, settings: &Settings, typed: &str) -> String {
        run(verb, settings, &mut typed.as_bytes(), &mut Output::to(Vec::new())).unwrap_err().to_string()
    }

    #[test]
    fn accounts_come_see_money_and_go_and_the_last_operator_stays() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let done = |verb: &AccountsVerb| printed(|output| run(verb, &settings, &mut PASSWORD.as_bytes(), output));
        let listed = || done(&AccountsVerb::Ls { json: true });
        let email = |email: &str| email.to_owned();
        done(&adding("Laura@Lienzo.co", StaffRoleArg::Operator, false));
        done(&adding("eva@lienzo.co", StaffRoleArg::Agent, false));
        assert!(listed().contains(r#""email":"laura@lienzo.co","name":"Laura","role":"operator","finance":true"#));
        assert!(listed().contains(r#""email":"eva@lienzo.co","name":"Laura","role":"agent","finance":false"#));
        done(&AccountsVerb::Grant { email: email("eva@lienzo.co") });
        assert!(listed().contains(r#""role":"agent","finance":true"#));
        done(&AccountsVerb::Revoke { email: email("EVA@lienzo.co ") });
        assert!(listed().contains(r#""role":"agent","finance":false"#));

        let twice = refused(&adding("eva@lienzo.co", StaffRoleArg::Agent, false), &settings, PASSWORD);
        assert!(twice.contains("exists already"), "{twice}");
        let last = refused(&AccountsVerb::Rm { email: email("laura@lienzo.co") }, &settings, "");
        assert!(last.contains("last operator"), "{last}");
        assert!(
            refused(&AccountsVerb::Grant { email: email("nadie@x.co") }, &settings, "").contains("no such account")
        );
        done(&AccountsVerb::Rm { email: email("eva@lienzo.co") });
        assert!(!listed().contains("eva@"));
        done(&adding("eva@lienzo.co", StaffRoleArg::Operator, false));
        done(&AccountsVerb::Rm { email: email("laura@lienzo.co") });
        assert!(listed().contains("eva@lienzo.co") && !listed().contains("laura@"));
    }

    #[test]
    fn a_short_password_and_a_wrong_address_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let short = refused(&adding("laura@lienzo.co", StaffRoleArg::Agent, false), &settings, "corta\n");
        assert!(short.contains("10 to 200 letters") && !short.contains("corta"), "{short}");
        assert!(refused(&adding("laura", StaffRoleArg::Agent, false), &settings, PASSWORD).contains("no e-mail"));
    }
}
