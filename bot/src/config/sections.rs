//! The typed sections, each checked by itself. Sections are passed down, never the whole.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recado_domain::{Currency, Language, Secret};

use super::error::{ConfigError, variable};
use super::keys;
use super::layers::{Layers, invalid};

/// What a replica does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Takes webhooks.
    Edge,
    /// Decides answers.
    Worker,
    /// Sends them.
    Sender,
    /// Wakes what is due.
    Timers,
    /// Shows the desk.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Edge, Self::Worker, Self::Sender, Self::Timers, Self::Admin];

    /// The word in the configuration.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Worker => "worker",
            Self::Sender => "sender",
            Self::Timers => "timers",
            Self::Admin => "admin",
        }
    }
}

/// Where facts are kept.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`; may hold a password.
    pub url: Secret,
    /// The login that migrates; the same as `url` unless set.
    pub migrate_url: Secret,
    /// Whether it is the embedded one.
    pub embedded: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For eyes.
    Readable,
    /// One JSON object per line.
    Json,
}

/// Logs.
#[derive(Clone, Debug)]
pub struct Log {
    /// How.
    pub format: LogFormat,
    /// Which.
    pub filter: String,
}

/// The shop made at first start.
#[derive(Clone, Debug)]
pub struct DefaultMerchant {
    /// How people call it.
    pub name: String,
    /// ISO 3166 code.
    pub country: String,
    /// IANA zone.
    pub timezone: String,
    /// Of its books.
    pub currency: Currency,
    /// First language.
    pub language: Language,
}

/// WhatsApp, when it is on.
#[derive(Clone, Debug)]
pub struct WhatsApp {
    /// Signs webhooks.
    pub app_secret: Secret,
    /// Checked when Meta verifies the address.
    pub verify_token: Secret,
    /// Sends.
    pub access_token: Secret,
    /// The default shop's number.
    pub phone_number_id: String,
    /// Graph API with version, without final slash.
    pub api_base: String,
    /// Hosts that hold what people send, besides the API's own.
    pub media_hosts: Vec<String>,
    /// The approved template of summaries, where there is one.
    pub digest_template: Option<String>,
    /// The approved template of reminders to debtors, where there is one.
    pub reminder_template: Option<String>,
}

/// Shopify, when it is on.
#[derive(Clone, Debug)]
pub struct Shopify {
    /// The app.
    pub client_id: Option<String>,
    /// Signs webhooks.
    pub client_secret: Secret,
    /// Signed them before the last rotation.
    pub previous_client_secret: Option<Secret>,
    /// `*.myshopify.com`.
    pub shop: String,
    /// Opens the Admin API.
    pub access_token: Option<Secret>,
    /// Admin API, without final slash.
    pub api_base: String,
}

impl Shopify {
    /// How the Admin API is opened; `None` = it is not.
    pub fn access(&self) -> Option<recado_channels::shopify::Access> {
        use recado_channels::shopify::Access;
        match (&self.access_token, &self.client_id) {
            (Some(token), _) => Some(Access::Token(token.clone())),
            (None, Some(client_id)) => {
                let (client_id, client_secret) = (client_id.clone(), self.client_secret.clone());
                Some(Access::Credentials { client_id, client_secret })
            }
            (None, None) => None,
        }
    }
}

/// The staff bot, when it is on.
#[derive(Clone, Debug)]
pub struct Telegram {
    /// Sends.
    pub bot_token: Secret,
    /// Proves a webhook.
    pub secret_token: Secret,
    /// Bot API, without final slash.
    pub api_base: String,
    /// Name in the webhook's address.
    pub bot: String,
    /// Where staff is told.
    pub staff_chat_id: Option<i64>,
}

/// The part that decides.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    /// Lanes at the same time.
    pub lanes: usize,
    /// Events in a turn.
    pub batch: usize,
    /// How long a conversation gathers messages before its turn.
    pub gather: Duration,
    /// How long what a person writes is joined to a turn, from its first message.
    pub join: Duration,
    /// Longest turn.
    pub turn_timeout: Duration,
    /// Life of a lease that is not renewed.
    pub lease: Duration,
}

/// The part that sends.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// At the same time.
    pub concurrency: usize,
    /// Longest call.
    pub timeout: Duration,
    /// Wait for the report that settles a send without an answer.
    pub settle_after: Duration,
}

/// The HTTP server.
#[derive(Clone, Copy, Debug)]
pub struct Http {
    /// Open at the same time.
    pub connections: usize,
    /// For a request's head.
    pub header_timeout: Duration,
    /// For finishing when asked to stop.
    pub drain: Duration,
    /// Proxies in front, whose word for who asks is taken.
    pub proxies: usize,
}

/// The admin view.
#[derive(Clone, Copy, Debug)]
pub struct Admin {
    /// Cookies over HTTPS only.
    pub secure_cookies: bool,
    /// Life of a login.
    pub session: Duration,
}

/// Between a turn's end and its lane's: for the commit, and for clocks that do not quite agree.
const TURN_MARGIN: Duration = Duration::from_secs(3);

pub(super) fn required(layers: &Layers, path: &'static str) -> Result<String, ConfigError> {
    let key = keys::lookup(path).ok_or_else(|| ConfigError::Unreadable(format!("no key {path}")))?;
    layers.checked(path)?.ok_or_else(|| invalid(key, None))
}

pub(super) fn refuse<T>(path: &'static str, expected: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Invalid { key: path, variable: variable(path), expected: expected.to_owned() })
}

pub(super) fn base(text: String) -> String {
    text.trim_end_matches('/').to_owned()
}

fn seconds(layers: &Layers, path: &'static str) -> Result<Duration, ConfigError> {
    layers.number(path).map(Duration::from_secs)
}

fn count(layers: &Layers, path: &'static str) -> Result<usize, ConfigError> {
    layers.number(path).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// The key that switched a channel on, if any did: whoever sets one of its keys means to use it.
fn switch(layers: &Layers, section: &str) -> Option<&'static str> {
    keys::KEYS.iter().filter(|key| key.section() == section).map(|key| key.path).find(|path| layers.is_set(path))
}

/// A value without which a channel that is on cannot work.
pub(super) fn needed(
    layers: &Layers,
    channel: &'static str,
    on_by: &'static str,
    key: &'static str,
) -> Result<String, ConfigError> {
    layers.checked(key)?.ok_or_else(|| ConfigError::Missing { channel, on_by, key, variable: variable(key) })
}

pub(super) fn listen(layers: &Layers) -> Result<SocketAddr, ConfigError> {
    required(layers, "listen")?.parse().or_else(|_| refuse("listen", &keys::Kind::Socket.in_words()))
}

pub(super) fn roles(layers: &Layers) -> Result<BTreeSet<Role>, ConfigError> {
    let text = required(layers, "roles")?;
    Ok(Role::ALL.into_iter().filter(|role| text.split(',').any(|word| word.trim() == role.code())).collect())
}

impl Database {
    pub(super) fn from_layers(layers: &Layers, data_dir: &std::path::Path) -> Result<Self, ConfigError> {
        let default = || format!("sqlite://{}", data_dir.join("recado.db").display());
        let url = layers.checked("database_url")?.unwrap_or_else(default);
        let migrate_url = layers.checked("database_migrate_url")?.unwrap_or_else(|| url.clone());
        let embedded = url.starts_with("sqlite:");
        let known = |url: &str| ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start));
        if !known(&url) {
            return refuse("database_url", "sqlite://path or postgres://user:password@host/database");
        }
        if !known(&migrate_url) || migrate_url.starts_with("sqlite:") != embedded {
            return refuse("database_migrate_url", "another login of the same Postgres as `database_url`");
        }
        Ok(Self { url: Secret::new(url), migrate_url: Secret::new(migrate_url), embedded })
    }
}

impl Log {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let format = if required(layers, "log.format")? == "json" { LogFormat::Json } else { LogFormat::Readable };
        let filter = required(layers, "log.filter")?;
        if tracing_subscriber::EnvFilter::builder().parse(&filter).is_err() {
            return refuse("log.filter", "levels by target, e.g. info,recado_store=debug");
        }
        Ok(Self { format, filter })
    }
}

impl DefaultMerchant {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let country = required(layers, "merchant.country")?;
        if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return refuse("merchant.country", "two capital letters, e.g. CO");
        }
        let timezone = required(layers, "merchant.timezone")?;
        if jiff::tz::TimeZone::get(&timezone).is_err() {
            return refuse("merchant.timezone", "an IANA time zone, e.g. America/Bogota");
        }
        let currency = required(layers, "merchant.currency")?;
        let currency = currency
            .parse::<Currency>()
            .or_else(|error| refuse("merchant.currency", &format!("a known currency ({error})")))?;
        let language = required(layers, "merchant.language")?;
        let language = Language::from_tag(&language).unwrap_or_default();
        Ok(Self { name: required(layers, "merchant.name")?, country, timezone, currency, language })
    }
}

impl WhatsApp {
    pub(super) fn from_layers(layers: &Layers) -> Result<Option<Self>, ConfigError> {
        let Some(on_by) = switch(layers, "whatsapp") else { return Ok(None) };
        let need = |key| needed(layers, "WhatsApp", on_by, key);
        Ok(Some(Self {
            app_secret: Secret::new(need("whatsapp.app_secret")?),
            verify_token: Secret::new(need("whatsapp.verify_token")?),
            access_token: Secret::new(need("whatsapp.access_token")?),
            phone_number_id: need("whatsapp.phone_number_id")?,
            api_base: base(required(layers, "whatsapp.api_base")?),
            media_hosts: required(layers, "whatsapp.media_hosts")?
                .split(',')
                .map(|host| host.trim().to_owned())
                .filter(|host| !host.is_empty())
                .collect(),
            digest_template: template(layers, "whatsapp.digest_template")?,
            reminder_template: template(layers, "whatsapp.reminder_template")?,
        }))
    }
}

/// The name of a template, as WhatsApp allows it (CONTRACTS A9).
fn template(layers: &Layers, key: &'static str) -> Result<Option<String>, ConfigError> {
    let Some(name) = layers.checked(key)?.filter(|name| !name.is_empty()) else {
        return Ok(None);
    };
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    if name.len() > 512 || !name.bytes().all(plain) {
        return refuse(key, "lower-case letters, digits and underscores");
    }
    Ok(Some(name))
}

impl Shopify {
    pub(super) fn from_layers(layers: &Layers) -> Result<Option<Self>, ConfigError> {
        let Some(on_by) = switch(layers, "shopify") else { return Ok(None) };
        let client_secret = Secret::new(needed(layers, "Shopify", on_by, "shopify.client_secret")?);
        let shop = needed(layers, "Shopify", on_by, "shopify.shop")?.to_ascii_lowercase();
        let label = shop.strip_suffix(".myshopify.com").unwrap_or_default();
        let plain = label.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
        if label.is_empty() || label.starts_with('-') || !plain {
            return refuse("shopify.shop", "the permanent domain, e.g. example.myshopify.com");
        }
        let api_base = base(layers.checked("shopify.api_base")?.unwrap_or_else(|| format!("https://{shop}")));
        Ok(Some(Self {
            client_id: layers.checked("shopify.client_id")?,
            client_secret,
            previous_client_secret: layers.checked("shopify.previous_client_secret")?.map(Secret::new),
            access_token: layers.checked("shopify.access_token")?.map(Secret::new),
            shop,
            api_base,
        }))
    }
}

impl Telegram {
    pub(super) fn from_layers(layers: &Layers) -> Result<Option<Self>, ConfigError> {
        let Some(on_by) = switch(layers, "telegram") else { return Ok(None) };
        let bot_token = needed(layers, "Telegram", on_by, "telegram.bot_token")?;
        let secret_token = needed(layers, "Telegram", on_by, "telegram.secret_token")?;
        let word = |text: &str| text.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"_-".contains(&letter));
        // CONTRACTS C: what setWebhook accepts.
        if secret_token.len() > 256 || !word(&secret_token) {
            return refuse("telegram.secret_token", "1 to 256 of A-Z a-z 0-9 _ -");
        }
        let bot = required(layers, "telegram.bot")?;
        if !word(&bot) {
            return refuse("telegram.bot", "a word of A-Z a-z 0-9 _ -, as it stands in an address");
        }
        let staff_chat_id = layers.checked("telegram.staff_chat_id")?.and_then(|text| text.parse().ok());
        Ok(Some(Self {
            bot_token: Secret::new(bot_token),
            secret_token: Secret::new(secret_token),
            api_base: base(required(layers, "telegram.api_base")?),
            bot,
            staff_chat_id,
        }))
    }
}

impl Worker {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let turn_timeout = seconds(layers, "worker.turn_timeout_seconds")?;
        let lease = seconds(layers, "worker.lease_seconds")?;
        if turn_timeout + TURN_MARGIN > lease {
            let expected = format!(
                "at least {} seconds less than `worker.lease_seconds`, which is {}: a turn must be over before its lane is another's",
                TURN_MARGIN.as_secs(),
                lease.as_secs()
            );
            return refuse("worker.turn_timeout_seconds", &expected);
        }
        let gather = Duration::from_millis(count(layers, "worker.gather_milliseconds")? as u64);
        let (lanes, batch) = (count(layers, "worker.lanes")?, count(layers, "worker.batch")?);
        let join = Duration::from_millis(count(layers, "worker.join_milliseconds")? as u64);
        Ok(Self { lanes, batch, gather, join, turn_timeout, lease })
    }
}

impl Sender {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let timeout = seconds(layers, "sender.timeout_seconds")?;
        let settle_after = seconds(layers, "sender.settle_after_seconds")?;
        if settle_after <= timeout {
            return refuse("sender.settle_after_seconds", "more than `sender.timeout_seconds`");
        }
        Ok(Self { concurrency: count(layers, "sender.concurrency")?, timeout, settle_after })
    }
}

/// How long raw webhooks and settled events are kept.
pub(super) fn retention(layers: &Layers) -> Result<Duration, ConfigError> {
    Ok(Duration::from_secs(layers.number("retention.days")? * 86_400))
}

/// Where the list of erasures is kept beside the database. Beside an embedded one there is always a place.
pub(super) fn erasures_file(layers: &Layers, database: &Database, data_dir: &Path) -> Option<PathBuf> {
    let said = layers.text("privacy.erasures_file").filter(|path| !path.trim().is_empty()).map(PathBuf::from);
    said.or_else(|| database.embedded.then(|| data_dir.join("erasures.jsonl")))
}

impl Http {
    pub(super) fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            connections: count(layers, "http.connections")?,
            header_timeout: seconds(layers, "http.header_timeout_seconds")?,
            drain: seconds(layers, "http.drain_seconds")?,
            proxies: count(layers, "http.proxies")?,
        })
    }
}

impl Admin {
    pub(super) fn from_layers(layers: &Layers, production: bool) -> Result<Self, ConfigError> {
        let hours = layers.number("admin.session_hours")?;
        Ok(Self {
            secure_cookies: layers.flag("admin.secure_cookies")?.unwrap_or(production),
            session: Duration::from_secs(hours * 3600),
        })
    }
}

pub(super) fn data_dir(layers: &Layers) -> Result<PathBuf, ConfigError> {
    required(layers, "data_dir").map(PathBuf::from)
}
