//! `recado demo`: the embedded database, the sample shop, stand-ins for the platforms, and the Playground in front.
//! Everything takes the way that it takes in production: signed webhooks in, API calls out.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use recado_domain::contact::phone_key;
use recado_domain::finance::facts::entry::Entry;
use recado_domain::knowledge::import::{self, Format};
use recado_domain::merchant::{Member, Staff};
use recado_domain::{Clock as _, MerchantId, Secret, StaffId, SystemClock};
use recado_emulators::shopify::ShopifyEvent;
use recado_emulators::{
    DeliverOptions, EmulatorError, Keep, ShopifyEmulator, ShopifyEmulatorConfig, TelegramEmulator,
    TelegramEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig,
};
use recado_store::Store;

use super::playground::Phones;
use super::{
    DISPLAY_PHONE_NUMBER, DemoShop, PHONE_NUMBER_ID, PersonaRole, SHOP_DOMAIN, SHOP_NAME, STAFF_CHAT_ID,
    WHATSAPP_ACCOUNT_ID, money,
};
use crate::config::{Config, ConfigError, Sources};
use crate::lifecycle::{Exit, Lifecycle};
use crate::serve::{Extras, ServeError, assemble, one_time_token};
use crate::telemetry::Telemetry;

/// Entries that each stand-in's ledger keeps.
const LEDGER: usize = 5_000;
/// Webhooks of the sample shop on their way at once.
const AT_ONCE: usize = 24;
/// How long the sample shop may take to be stored.
const TELLING: Duration = Duration::from_secs(60);

/// Why the demo cannot run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The replica.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A stand-in.
    #[error("a stand-in cannot start: {0}")]
    Emulator(#[from] EmulatorError),
    /// The directory.
    #[error("no directory for the demo's data: {0}")]
    Directory(#[from] std::io::Error),
    /// The sample shop was not stored.
    #[error("the sample shop was not stored: {0}")]
    Shop(String),
}

/// What the demo is asked.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to keep data; `None` = a temporary directory, removed at the end.
    pub data_dir: Option<PathBuf>,
    /// Makes the shop.
    pub seed: u64,
}

/// Secrets of the stand-ins. They guard nothing: stand-ins listen on this machine only.
const APP_SECRET: &str = "demo-app-secret";
const VERIFY_TOKEN: &str = "demo-verify-token";
const CLIENT_SECRET: &str = "demo-client-secret";
const SHOP_TOKEN: &str = "demo-shop-token";
const BOT_SECRET: &str = "demo-bot-secret";

/// The stand-ins.
pub(super) struct Platforms {
    pub(super) whatsapp: WhatsAppEmulator,
    pub(super) telegram: TelegramEmulator,
    pub(super) shopify: ShopifyEmulator,
}

/// The configuration of the demo.
///
/// # Errors
/// When a setting over it is wrong.
pub fn config(
    options: &DemoOptions,
    data_dir: &std::path::Path,
    platforms: [String; 3],
    settings: &Sources,
) -> Result<Config, ConfigError> {
    let [whatsapp, telegram, shopify] = platforms;
    let data = data_dir.display().to_string();
    let mut overrides: Vec<(String, String)> = [
        ("listen", options.listen.to_string()),
        ("database_url", format!("sqlite://{data}/recado.db")),
        ("data_dir", data),
        ("roles", "edge,worker,sender,timers,admin".to_owned()),
        ("production", "false".to_owned()),
        ("log.filter", "warn".to_owned()),
        ("merchant.name", SHOP_NAME.to_owned()),
        ("merchant.country", "CO".to_owned()),
        ("merchant.timezone", super::TIMEZONE.to_owned()),
        ("merchant.currency", "COP".to_owned()),
        ("merchant.language", "es".to_owned()),
        ("whatsapp.app_secret", APP_SECRET.to_owned()),
        ("whatsapp.verify_token", VERIFY_TOKEN.to_owned()),
        ("whatsapp.access_token", WhatsAppEmulatorConfig::default().access_token),
        ("whatsapp.phone_number_id", PHONE_NUMBER_ID.to_owned()),
        ("whatsapp.api_base", whatsapp),
        ("shopify.client_secret", CLIENT_SECRET.to_owned()),
        ("shopify.access_token", SHOP_TOKEN.to_owned()),
        ("shopify.shop", SHOP_DOMAIN.to_owned()),
        ("shopify.api_base", shopify),
        ("telegram.bot_token", TelegramEmulatorConfig::default().bot_token),
        ("telegram.secret_token", BOT_SECRET.to_owned()),
        ("telegram.api_base", telegram),
        ("telegram.bot", "staff".to_owned()),
        ("telegram.staff_chat_id", STAFF_CHAT_ID.to_string()),
        ("admin.secure_cookies", "false".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    overrides.extend(settings.overrides.clone());
    // The environment and a recado.toml of this directory belong to a real desk, not to the demo.
    Config::load(&Sources { file: None, environment: std::collections::HashMap::new(), overrides })
}

/// Runs the demo until it is told to stop. `say` gets the lines for people.
///
/// # Errors
/// When it cannot start.
pub async fn run(
    options: DemoOptions,
    settings: &Sources,
    telemetry: Option<Telemetry>,
    mut say: impl FnMut(&str),
) -> Result<Exit, DemoError> {
    let listener = crate::http::bind(options.listen).await.map_err(ServeError::from)?;
    let address = reachable(listener.local_addr()?);
    let temporary = match &options.data_dir {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("recado-demo-").tempdir()?),
    };
    let data_dir =
        options.data_dir.clone().or(temporary.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
    let platforms = Arc::new(platforms(address).await?);
    let bases = [platforms.whatsapp.api_base(), platforms.telegram.api_base(), platforms.shopify.api_base()];
    let config = config(&options, &data_dir, bases, settings)?;

    let lifecycle = Lifecycle::new();
    let (now, seed) = (SystemClock.now(), options.seed);
    let shop = super::shop(now, seed);
    // Made while the replica is put together, so that nobody waits for it.
    let entries = tokio::task::spawn_blocking({
        let shop = shop.clone();
        move || money::entries(&shop, now, seed)
    });
    let duplicates = Arc::new(AtomicU64::new(0));
    let phones = Arc::new(Phones::new(Arc::clone(&platforms), shop.personas.clone(), Arc::clone(&duplicates)));
    phones.follow(&lifecycle.soft());
    let token = one_time_token();
    let pages = crate::pages::admin(&config, Some(phones), Some(token.clone()), lifecycle.soft());
    let extras = Extras { telemetry, pages: Some(pages), duplicates: Some(duplicates), senders: None };
    let replica = assemble(&config, extras, &lifecycle).await?;
    let store = replica.store.clone();
    people(&store, &shop).await?;
    let entries = entries.await.map_err(|error| DemoError::Shop(error.to_string()))?.map_err(DemoError::Shop)?;
    books(&store, &entries).await?;
    answers(&store).await?;
    let running = tokio::spawn({
        let config = config.clone();
        async move { replica.run(&config, listener).await }
    });

    say(&format!("{SHOP_NAME}: telling {} webhooks of the sample shop…", shop.webhooks.len()));
    let told = tell(&platforms.shopify, &shop, &store);
    tokio::select! {
        told = told => told?,
        () = lifecycle_ended(&lifecycle) => {}
    }
    say(&greeting(address, &token, &platforms));
    let exit = running.await.map_err(|error| DemoError::Shop(error.to_string()))?;
    drop(temporary);
    Ok(exit)
}

async fn lifecycle_ended(lifecycle: &Lifecycle) {
    lifecycle.soft().cancelled().await;
}

/// The address to open for one that is listened on: whoever listens everywhere, in a container say, is found here too.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let here = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(here);
    }
    address
}

async fn platforms(address: SocketAddr) -> Result<Platforms, EmulatorError> {
    let webhook = |path: &str| Some(format!("http://{address}/webhooks/{path}"));
    let whatsapp = WhatsAppEmulator::start(WhatsAppEmulatorConfig {
        phone_number_id: PHONE_NUMBER_ID.to_owned(),
        display_phone_number: DISPLAY_PHONE_NUMBER.to_owned(),
        business_account_id: WHATSAPP_ACCOUNT_ID.to_owned(),
        app_secret: APP_SECRET.to_owned(),
        webhook_url: webhook("whatsapp"),
        statuses: true,
        keep: Keep::Last(LEDGER),
        ..WhatsAppEmulatorConfig::default()
    });
    let telegram = TelegramEmulator::start(TelegramEmulatorConfig {
        secret_token: BOT_SECRET.to_owned(),
        webhook_url: webhook("telegram/staff"),
        keep: Keep::Last(LEDGER),
        ..TelegramEmulatorConfig::default()
    });
    let shopify = ShopifyEmulator::start(ShopifyEmulatorConfig {
        shop_domain: SHOP_DOMAIN.to_owned(),
        shop_name: SHOP_NAME.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        access_token: SHOP_TOKEN.to_owned(),
        webhook_url: webhook("shopify"),
        keep: Keep::Last(LEDGER),
        ..ShopifyEmulatorConfig::default()
    });
    let (whatsapp, telegram, shopify) = tokio::try_join!(whatsapp, telegram, shopify)?;
    Ok(Platforms { whatsapp, telegram, shopify })
}

fn failed(error: recado_store::StoreError) -> DemoError {
    DemoError::Serve(ServeError::Store(error))
}

async fn merchant(store: &Store) -> Result<MerchantId, DemoError> {
    let known = store.read_directory().await.map_err(failed)?;
    let merchant = known.merchants().next().map(|merchant| merchant.id);
    merchant.ok_or_else(|| DemoError::Shop("its merchant is missing".to_owned()))
}

/// The months before, and the money behind the webhooks; once, since a second start finds the webhooks told already.
async fn books(store: &Store, entries: &[Entry]) -> Result<(), DemoError> {
    let merchant = merchant(store).await?;
    let imports = store.merchant(merchant).imports().await.map_err(failed)?;
    if imports.iter().any(|import| import.source == money::SOURCE) {
        return Ok(());
    }
    store.import_facts(merchant, money::SOURCE, entries, |_| {}).await.map_err(failed)?;
    Ok(())
}

/// Members and staff, who are registered by an operator and never by a message.
async fn people(store: &Store, shop: &DemoShop) -> Result<(), DemoError> {
    let merchant = merchant(store).await?;
    for persona in &shop.personas {
        match persona.role {
            PersonaRole::Shopper { .. } => {}
            PersonaRole::Member { wa_id, member, finance } => {
                let Some(key) = phone_key(&format!("+{wa_id}"), "CO") else { continue };
                let entry = Member { name: persona.name.to_owned(), role: member, finance };
                store.save_member(merchant, &format!("phone:{key}"), &entry).await.map_err(failed)?;
            }
            PersonaRole::Staff { telegram_user_id, staff } => {
                let entry = Staff {
                    id: StaffId::derived(&["demo", persona.key]),
                    name: persona.name.to_owned(),
                    role: staff,
                    telegram_user_id: Some(telegram_user_id),
                    merchant: None,
                };
                store.save_staff(&entry).await.map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// What the shop answers everybody alike.
async fn answers(store: &Store) -> Result<(), DemoError> {
    let failed = |error: &dyn std::fmt::Display| DemoError::Shop(error.to_string());
    let known = store.read_directory().await.map_err(|error| failed(&error))?;
    let Some(merchant) = known.merchants().next() else { return Ok(()) };
    let read = import::read(super::ANSWERS, Format::Markdown, merchant.language, "answers.md");
    let entries = read.map_err(|error| failed(&error))?;
    let facts = store.merchant(merchant.id);
    // A shop that was told about before may have changed them.
    if facts.knowledge(true, 1).await.map_err(|error| failed(&error))?.is_empty() {
        facts.import_knowledge(entries, "demo").await.map_err(|error| failed(&error))?;
    }
    Ok(())
}

/// Tells the shop's story through its signed webhooks, and waits until it is stored.
async fn tell(shopify: &ShopifyEmulator, shop: &DemoShop, store: &Store) -> Result<(), DemoError> {
    let orders = shop.webhooks.iter().filter(|webhook| webhook.topic == "orders/create");
    shopify.load_orders(orders.map(|webhook| webhook.body.clone()).collect());
    let events: Vec<ShopifyEvent> = shop
        .webhooks
        .iter()
        .map(|webhook| ShopifyEvent {
            webhook_id: Some(webhook.id.clone()),
            event_id: Some(webhook.id.clone()),
            triggered_at: Some(webhook.at.to_string()),
            ..ShopifyEvent::new(webhook.topic, webhook.body.clone())
        })
        .collect();
    let options = DeliverOptions { retries: 5, ..DeliverOptions::default() };
    for group in events.chunks(AT_ONCE) {
        let deliveries = shopify.deliver_many(group, &options).await?;
        if let Some(refused) = deliveries.iter().find(|delivery| delivery.status() != Some(200)) {
            return Err(DemoError::Shop(format!("webhook {} was answered {:?}", refused.id, refused.status())));
        }
    }
    let settled = async {
        loop {
            match store.counts().await {
                Ok(counts) if counts.open == 0 => return,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(TELLING, settled).await.map_err(|_| DemoError::Shop("it took too long".to_owned()))
}

fn greeting(address: SocketAddr, token: &Secret, platforms: &Platforms) -> String {
    let enter = token.expose();
    format!(
        "\n  Playground   http://{address}/admin/enter?token={enter}\n\
         \n  Stand-ins (ledger at /_ledger)\n    WhatsApp   http://{}\n    Telegram   http://{}\n    Shopify    http://{}\n\
         \n  Webhooks     http://{address}/webhooks/whatsapp  (app secret: {APP_SECRET})\n  Stop         Ctrl C\n",
        platforms.whatsapp.address(),
        platforms.telegram.address(),
        platforms.shopify.address(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_listens_everywhere_is_opened_on_this_machine() {
        for (listened, opened) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:9", "127.0.0.1:9"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            assert_eq!(reachable(listened.parse().unwrap()), opened.parse().unwrap(), "{listened}");
        }
    }
}
