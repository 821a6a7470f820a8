//! `recado members ls|add|rm`.

use clap::{Subcommand, ValueEnum};
use recado_domain::contact::{masked_phone, phone_key};
use recado_domain::merchant::{Member, MemberRole};
use serde::Serialize;

use super::serve::block_on;
use super::store::{ListArgs, reading, record, shop, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// A member's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MemberRoleArg {
    /// Everything of the shop, money included
    Owner,
    /// Orders and parcels; money only with --finance
    Employee,
}

/// `recado members …`
#[derive(Clone, Debug, Subcommand)]
pub enum MembersVerb {
    /// List members of a shop
    Ls {
        /// How to list
        #[command(flatten)]
        list: ListArgs,
    },
    /// Let a person ask about the shop from a phone; once more to change what they may do
    Add {
        /// Their name
        name: String,
        /// Their WhatsApp number with country code
        #[arg(long, value_name = "NUMBER")]
        phone: String,
        /// The shop: its id or name; may be left out when there is only one
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// What they may do
        #[arg(long, value_name = "ROLE", default_value = "employee")]
        role: MemberRoleArg,
        /// Let an employee see money
        #[arg(long)]
        finance: bool,
    },
    /// Take a person's rights away; from then on they are a shopper
    Rm {
        /// Their WhatsApp number with country code
        #[arg(long, value_name = "NUMBER")]
        phone: String,
        /// The shop: its id or name; may be left out when there is only one
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
}

/// A member in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberRow {
    /// Name.
    pub name: String,
    /// Role.
    pub role: MemberRole,
    /// Whether they may see money.
    pub finance: bool,
    /// Masked phone.
    pub phone: String,
}

impl MemberRow {
    fn new(identity: &str, member: Member) -> Self {
        let phone = identity.strip_prefix("phone:").map(masked_phone).unwrap_or_default();
        Self { finance: member.may_see_money(), name: member.name, role: member.role, phone }
    }
}

impl Row for MemberRow {
    const HEAD: &'static [&'static str] = &["name", "role", "money", "phone"];
    fn cells(&self) -> Vec<String> {
        let role = self.role.code().to_owned();
        let money = if self.finance { "yes" } else { "no" };
        vec![self.name.clone(), role, money.to_owned(), self.phone.clone()]
    }
}

fn key(phone: &str, country: &str) -> Result<String, CliError> {
    phone_key(phone, country).ok_or_else(|| {
        CliError::Usage("that is no phone number; write it with its country code, e.g. +573001234567".to_owned())
    })
}

/// Runs it.
///
/// # Errors
/// When the store or the shop is not there, or the number is none.
pub fn run(verb: &MembersVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            MembersVerb::Ls { list } => {
                let store = reading(settings).await?;
                let shop = shop(&*store.read_directory().await?, list.merchant.as_deref())?;
                let members = store.members(shop.id).await?.into_iter().take(list.limit as usize);
                let rows: Vec<MemberRow> =
                    members.map(|(identity, member)| MemberRow::new(&identity, member)).collect();
                output.rows(&rows, list.json)?;
            }
            MembersVerb::Add { name, phone, merchant, role, finance } => {
                let store = writing(settings).await?;
                let shop = shop(&*store.read_directory().await?, merchant.as_deref())?;
                let key = key(phone, &shop.country)?;
                let role = match role {
                    MemberRoleArg::Owner => MemberRole::Owner,
                    MemberRoleArg::Employee => MemberRole::Employee,
                };
                let member = Member { name: name.trim().to_owned(), role, finance: *finance };
                store.save_member(shop.id, &format!("phone:{key}"), &member).await?;
                record(&store, Some(&shop), "member.add", &masked_phone(&key)).await?;
                let money = if member.may_see_money() { "may see money" } else { "may not see money" };
                super::output::message(&format!("{} ({}) of {} {money}", member.name, masked_phone(&key), shop.name));
                store.close().await;
            }
            MembersVerb::Rm { phone, merchant } => {
                let store = writing(settings).await?;
                let shop = shop(&*store.read_directory().await?, merchant.as_deref())?;
                let key = key(phone, &shop.country)?;
                store.remove_member(shop.id, &format!("phone:{key}")).await?;
                record(&store, Some(&shop), "member.remove", &masked_phone(&key)).await?;
                super::output::message(&format!("{} is no member of {} any more", masked_phone(&key), shop.name));
                store.close().await;
            }
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

    fn do_it(words: &[&str], settings: &Settings) -> Result<String, CliError> {
        let line = ["recado"].iter().chain(words);
        let super::super::Verb::Members(verb) = super::super::Cli::try_parse_from(line).unwrap().verb else {
            panic!("another verb")
        };
        let mut bytes = Vec::new();
        run(&verb, settings, &mut Output::to(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn shop_of(name: &str, settings: &Settings) {
        let words = ["recado", "merchants", "add", name];
        let super::super::Verb::Merchants(verb) = super::super::Cli::try_parse_from(words).unwrap().verb else {
            panic!("another verb")
        };
        assert!(matches!(verb, MerchantsVerb::Add { .. }));
        printed(|output| merchants::run(&verb, settings, output));
    }

    #[test]
    fn a_member_comes_changes_and_goes_and_no_list_shows_the_number() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        shop_of("Casa", &settings);
        do_it(&["members", "add", "Ana", "--phone", "+57 300 555 0100", "--role", "owner"], &settings).unwrap();
        do_it(&["members", "add", "Brayan", "--phone", "3005550101"], &settings).unwrap();
        let listed = do_it(&["members", "ls", "--json"], &settings).unwrap();
        let rows: Vec<serde_json::Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0]["role"].as_str(), rows[0]["finance"].as_bool()), (Some("owner"), Some(true)));
        assert_eq!(rows[1]["finance"].as_bool(), Some(false));
        assert!(!listed.contains("5550100") && listed.contains("0100"), "{listed}");

        do_it(&["members", "rm", "--phone", "+573005550101"], &settings).unwrap();
        assert_eq!(do_it(&["members", "ls", "--json"], &settings).unwrap().lines().count(), 1);
        assert!(matches!(do_it(&["members", "rm", "--phone", "+573005550101"], &settings), Err(CliError::Usage(_))));
        assert!(matches!(do_it(&["members", "add", "X", "--phone", "12"], &settings), Err(CliError::Usage(_))));
    }

    #[test]
    fn an_unknown_or_unclear_shop_is_answered_with_the_known_ones() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        shop_of("Casa", &settings);
        shop_of("Luna", &settings);
        for words in [&["members", "ls"][..], &["members", "ls", "--merchant", "Sol"]] {
            let message = do_it(words, &settings).unwrap_err().to_string();
            assert!(message.contains("Casa") && message.contains("Luna"), "{message}");
        }
        assert!(do_it(&["members", "ls", "--merchant", "luna"], &settings).is_ok());
    }
}
