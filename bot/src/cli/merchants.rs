//! `recado merchants ls|add`.

use clap::Subcommand;
use recado_domain::event::Destination;
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, Language, MerchantId};
use recado_store::Store;
use serde::Serialize;

use super::serve::block_on;
use super::store::{reading, record, writing};
use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado merchants …`
#[derive(Clone, Debug, Subcommand)]
pub enum MerchantsVerb {
    /// List shops
    Ls {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Add a shop and its addresses
    Add {
        /// How people call it
        name: String,
        /// ISO 3166 country code
        #[arg(long, value_name = "CODE", default_value = "CO", value_parser = country)]
        country: String,
        /// IANA time zone
        #[arg(long, value_name = "ZONE", default_value = "America/Bogota", value_parser = timezone)]
        timezone: String,
        /// ISO 4217 currency of its books
        #[arg(long, value_name = "CODE", default_value = "COP")]
        currency: Currency,
        /// Language in which people are answered first: es, pt or en
        #[arg(long, value_name = "CODE", default_value = "es", value_parser = language)]
        language: Language,
        /// Id of its WhatsApp number
        #[arg(long, value_name = "ID")]
        phone_number_id: Option<String>,
        /// Its *.myshopify.com domain
        #[arg(long, value_name = "DOMAIN", value_parser = shop_domain)]
        shop: Option<String>,
    },
}

fn country(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    let right = code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
    if right { Ok(code) } else { Err("two letters, e.g. CO".to_owned()) }
}

fn timezone(text: &str) -> Result<String, String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("an IANA time zone, e.g. America/Bogota".to_owned()),
    }
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    let known = ["es", "pt", "en"].contains(&text);
    Language::from_tag(text).filter(|_| known).ok_or_else(|| "es, pt or en".to_owned())
}

fn shop_domain(text: &str) -> Result<String, String> {
    let domain = text.to_ascii_lowercase();
    let label = domain.strip_suffix(".myshopify.com").unwrap_or_default();
    let plain = label.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
    if label.is_empty() || label.starts_with('-') || !plain {
        return Err("the permanent domain, e.g. example.myshopify.com".to_owned());
    }
    Ok(domain)
}

/// A shop in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct MerchantRow(pub Merchant);

impl Row for MerchantRow {
    const HEAD: &'static [&'static str] = &["shop", "name", "country", "zone", "currency", "language"];
    fn cells(&self) -> Vec<String> {
        let Self(shop) = self;
        vec![
            shop.id.to_string(),
            shop.name.clone(),
            shop.country.clone(),
            shop.timezone.clone(),
            shop.currency.to_string(),
            shop.language.to_string(),
        ]
    }
}

/// Runs it.
///
/// # Errors
/// When the store is not there, or the shop cannot be.
pub fn run(verb: &MerchantsVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    block_on(async {
        match verb {
            MerchantsVerb::Ls { json } => {
                let known = reading(settings).await?.read_directory().await?;
                let rows: Vec<MerchantRow> = known.merchants().map(|shop| MerchantRow((**shop).clone())).collect();
                output.rows(&rows, *json)?;
            }
            MerchantsVerb::Add { name, country, timezone, currency, language, phone_number_id, shop } => {
                let number = phone_number_id.clone().map(Destination::PhoneNumber);
                let addresses: Vec<Destination> =
                    number.into_iter().chain(shop.clone().map(Destination::Shop)).collect();
                let store = writing(settings).await?;
                let merchant = Merchant {
                    id: MerchantId::new(store.clock().now()),
                    name: name.trim().to_owned(),
                    language: *language,
                    country: country.clone(),
                    timezone: timezone.clone(),
                    currency: *currency,
                };
                add(&store, &merchant, &addresses).await?;
                output.text(&merchant.id.to_string())?;
                store.close().await;
            }
        }
        Ok(Exit::Done)
    })?
}

async fn add(store: &Store, merchant: &Merchant, addresses: &[Destination]) -> Result<(), CliError> {
    let known = store.read_directory().await?;
    if merchant.name.is_empty() {
        return Err(CliError::Usage("a shop needs a name".to_owned()));
    }
    if known.merchants().any(|other| other.name.to_lowercase() == merchant.name.to_lowercase()) {
        return Err(CliError::Usage(format!("there is a shop {:?} already; see `recado merchants ls`", merchant.name)));
    }
    for address in addresses {
        if let Some(other) = known.merchant_of(address).and_then(|id| known.merchant(id)) {
            let (_, value) = address.parts();
            return Err(CliError::Usage(format!("{value} belongs to the shop {:?}", other.name)));
        }
    }
    store.save_merchant(merchant).await?;
    for address in addresses {
        store.bind_channel(address, merchant.id).await?;
    }
    record(store, Some(merchant), "merchant.add", &merchant.id.to_string()).await
}

#[cfg(test)]
mod tests {
    use super::super::store::tests_support::{printed, settings};
    use super::*;

    fn adding(name: &str, shop: &str) -> MerchantsVerb {
        MerchantsVerb::Add {
            name: name.to_owned(),
            country: "CO".to_owned(),
            timezone: "America/Bogota".to_owned(),
            currency: Currency::Cop,
            language: Language::Es,
            phone_number_id: None,
            shop: Some(shop.to_owned()),
        }
    }

    #[test]
    fn a_shop_is_added_once_and_its_address_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let id = printed(|output| run(&adding("Casa", "casa.myshopify.com"), &settings, output));
        let listed = printed(|output| run(&MerchantsVerb::Ls { json: true }, &settings, output));
        let row: serde_json::Value = serde_json::from_str(&listed).unwrap();
        assert_eq!((row["name"].as_str(), row["id"].as_str()), (Some("Casa"), Some(id.trim())));
        for again in [adding("CASA", "other.myshopify.com"), adding("Otra", "casa.myshopify.com")] {
            let refused = run(&again, &settings, &mut Output::to(Vec::new())).unwrap_err();
            assert!(
                matches!(&refused, CliError::Usage(text) if text.contains("Casa")  || text.contains("CASA")),
                "{refused}"
            );
        }
    }

    #[test]
    fn codes_are_checked_before_anything_is_opened() {
        assert!(country("co").is_ok() && country("COL").is_err());
        assert!(timezone("America/Macondo").is_err() && language("fr").is_err());
        assert!(shop_domain("Casa.myshopify.com").is_ok() && shop_domain("casa.com").is_err());
    }
}
