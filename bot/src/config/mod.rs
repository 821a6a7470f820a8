//! The configuration: read once, before anything binds, from `recado.toml`, the environment and the command line.
//!
//! With nothing set it runs on an embedded database, in-process sessions and a readable log. A channel is on as soon
//! as one of its own keys is set, and a channel that is on without its secrets is refused with the missing key's name.

mod docs;
mod error;
pub mod keys;
mod layers;
mod llm;
mod sections;
mod show;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

pub use docs::reference;
pub use error::{ConfigError, variable};
pub use layers::{DEFAULT_FILE, FILE_VARIABLE, Layers, Origin, Sources};
pub use sections::{
    Admin, Database, DefaultMerchant, Http, Log, LogFormat, Role, Sender, Shopify, Telegram, WhatsApp, Worker,
};
pub use show::{Shown, show};

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the HTTP server listens.
    pub listen: SocketAddr,
    /// How others reach it, without final slash.
    pub public_url: Option<String>,
    /// Directory of the embedded database and of files.
    pub data_dir: PathBuf,
    /// Facts.
    pub database: Database,
    /// Sessions, caches, wake-ups; `None` = in process.
    pub redis_url: Option<recado_domain::Secret>,
    /// What this replica does.
    pub roles: BTreeSet<Role>,
    /// Whether unsafe settings are refused.
    pub production: bool,
    /// Logs.
    pub log: Log,
    /// The shop made at first start.
    pub merchant: DefaultMerchant,
    /// WhatsApp, if on.
    pub whatsapp: Option<WhatsApp>,
    /// Shopify, if on.
    pub shopify: Option<Shopify>,
    /// The staff bot, if on.
    pub telegram: Option<Telegram>,
    /// Language models, if any is configured.
    pub llm: Option<recado_agents::model::settings::Settings>,
    /// The part that decides.
    pub worker: Worker,
    /// The part that sends.
    pub sender: Sender,
    /// How long raw webhooks and settled events are kept.
    pub retention: std::time::Duration,
    /// Where the list of erasures is kept beside the database.
    pub erasures_file: Option<PathBuf>,
    /// The HTTP server.
    pub http: Http,
    /// The admin view.
    pub admin: Admin,
    /// What is allowed but should be known; to be logged once at start.
    pub warnings: Vec<String>,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// At the first thing that is wrong, with the key and what to do.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        Self::from_layers(&Layers::read(sources)?)
    }

    /// Checks what was read.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let production = layers.flag("production")?.unwrap_or(false);
        let data_dir = sections::data_dir(layers)?;
        let database = Database::from_layers(layers, &data_dir)?;
        let mut config = Self {
            erasures_file: sections::erasures_file(layers, &database, &data_dir),
            listen: sections::listen(layers)?,
            public_url: layers.checked("public_url")?.map(|url| url.trim_end_matches('/').to_owned()),
            database,
            data_dir,
            redis_url: layers.checked("redis_url")?.map(recado_domain::Secret::new),
            roles: sections::roles(layers)?,
            production,
            log: Log::from_layers(layers)?,
            merchant: DefaultMerchant::from_layers(layers)?,
            whatsapp: WhatsApp::from_layers(layers)?,
            shopify: Shopify::from_layers(layers)?,
            telegram: Telegram::from_layers(layers)?,
            llm: None,
            worker: Worker::from_layers(layers)?,
            sender: Sender::from_layers(layers)?,
            retention: sections::retention(layers)?,
            http: Http::from_layers(layers)?,
            admin: Admin::from_layers(layers, production)?,
            warnings: Vec::new(),
        };
        config.llm = llm::from_layers(layers, &config.worker)?;
        config.check_redis()?;
        if production {
            config.check_production()?;
        }
        config.warnings = config.found_warnings(layers);
        Ok(config)
    }

    /// Whether this replica does that.
    pub fn does(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    fn check_redis(&self) -> Result<(), ConfigError> {
        let known = |url: &str| ["redis://", "rediss://", "unix:"].iter().any(|start| url.starts_with(start));
        match &self.redis_url {
            Some(url) if !known(url.expose()) => Err(ConfigError::Invalid {
                key: "redis_url",
                variable: variable("redis_url"),
                expected: "redis://host:port or rediss://host:port".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// What can be told from the configuration alone; the store checks the database's own settings (RELIABILITY D11).
    fn check_production(&self) -> Result<(), ConfigError> {
        let refuse = |problem: &str, remedy: &str| {
            Err(ConfigError::Production { problem: problem.to_owned(), remedy: remedy.to_owned() })
        };
        let url = self.database.url.expose();
        if url.contains(":memory:") || url.contains("mode=memory") {
            return refuse("the database is kept in memory", "name a file or a Postgres in RECADO_DATABASE_URL");
        }
        if !self.admin.secure_cookies {
            return refuse("`admin.secure_cookies` is off", "remove it, and serve the admin view over HTTPS");
        }
        if self.public_url.as_deref().is_some_and(|url| !url.starts_with("https://")) {
            return refuse("`public_url` is not https", "put a TLS proxy in front and name its address");
        }
        let bases = [
            self.whatsapp.as_ref().map(|section| ("whatsapp.api_base", &section.api_base)),
            self.shopify.as_ref().map(|section| ("shopify.api_base", &section.api_base)),
            self.telegram.as_ref().map(|section| ("telegram.api_base", &section.api_base)),
        ];
        for (key, address) in bases.into_iter().flatten() {
            if !address.starts_with("https://") && !is_loopback(address) {
                return refuse(&format!("`{key}` would carry a token in the clear"), "use an https address");
            }
        }
        for provider in self.llm.iter().flat_map(|llm| &llm.providers) {
            let address = &provider.base_url;
            if !provider.api_key.is_empty() && !address.starts_with("https://") && !is_loopback(address) {
                return refuse(
                    "a model provider's `base_url` would carry its key in the clear",
                    "use an https address",
                );
            }
        }
        Ok(())
    }

    fn found_warnings(&self, layers: &Layers) -> Vec<String> {
        let mut warnings: Vec<String> = layers
            .unknown_variables
            .iter()
            .map(|name| format!("environment variable {name} names no key and is ignored"))
            .collect();
        if self.database.embedded && self.redis_url.is_some() {
            warnings.push("redis_url is set, but the embedded database serves one process only".to_owned());
        }
        for provider in self.llm.iter().flat_map(|llm| &llm.providers) {
            if !provider.base_url.starts_with("https://") && !is_loopback(&provider.base_url) {
                warnings.push(format!("the model provider {} is asked without encryption", provider.name));
            }
        }
        warnings
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
