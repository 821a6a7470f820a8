//! Puts a replica together: store, edges, queues, senders, pages.
//!
//! The order of a stop: the server takes no new request and finishes those under way; the inbox commits what waits;
//! workers and senders finish what they hold; what is left is freed for others; then the store closes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use recado_agents::Gateway;
use recado_agents::model::Summariser;
use recado_channels::shopify::{ShopifyAdmin, ShopifyConfig};
use recado_channels::telegram::{TelegramConfig, TelegramSender};
use recado_channels::whatsapp::{MediaConfig, WhatsAppConfig, WhatsAppMedia, WhatsAppSender};
use recado_domain::contact::Channel;
use recado_domain::event::{AcceptError, Acceptance, Delivery, Destination, Inbox};
use recado_domain::merchant::Merchant;
use recado_domain::outbound::Sender;
use recado_domain::{Clock, MerchantId, ReplicaId, Secret, SystemClock};
use recado_store::engine::{Engine, Rules};
use recado_store::inbox::StoreInbox;
use recado_store::server_clock::ServerClock;
use recado_store::volatile::{self, Volatile, VolatileSettings, Wake};
use recado_store::{OpenError, Store, StoreError, StoreOptions};
use recado_webhooks::{Edges, EdgesError, ShopifyEdge, TelegramEdge, WhatsAppEdge};
use tokio::net::TcpListener;

use crate::config::{Config, Role};
use crate::engine::{self, AnswerTaps, Decide, Ears, Parts, Roles, Settings, ShopActor};
use crate::ledger::SharedLedger;
use crate::lifecycle::{Exit, Lifecycle};
use crate::ops::{self, Ops};
use crate::telemetry::Telemetry;

/// For freeing lanes at the end, and for giving back what models did not use; leases run out by themselves.
pub const GIVE_BACK: std::time::Duration = std::time::Duration::from_secs(3);

/// Why a replica cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A question to the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A channel.
    #[error(transparent)]
    Edges(#[from] EdgesError),
    /// The address.
    #[error(transparent)]
    Bind(#[from] crate::http::BindError),
    /// Redis' address.
    #[error(transparent)]
    Volatile(#[from] volatile::VolatileError),
    /// A template or the classifier: the build is broken.
    #[error("the desk cannot start: {0}")]
    Desk(String),
    /// A client cannot be made.
    #[error("a sender cannot start: {0}")]
    Sender(String),
}

impl ServeError {
    /// The process's exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Open(OpenError::InUse { .. }) => Exit::AlreadyRunning,
            Self::Open(
                OpenError::Database(_)
                | OpenError::Migrate(_)
                | OpenError::Absent { .. }
                | OpenError::OtherVersion { .. }
                | OpenError::File { .. },
            )
            | Self::Store(_) => Exit::StoreUnavailable,
            Self::Open(_) | Self::Edges(_) | Self::Volatile(_) => Exit::Usage,
            Self::Bind(_) | Self::Desk(_) | Self::Sender(_) => Exit::Failed,
        }
    }
}

/// A replica that is put together and not yet running.
pub struct Replica {
    /// What it calls now.
    server_clock: Arc<ServerClock>,
    /// Facts.
    pub store: Store,
    /// What may be lost.
    pub volatile: Arc<dyn Volatile>,
    /// The queues' loops.
    parts: Parts,
    /// What language models may still cost today.
    ledger: Arc<SharedLedger>,
    roles: Roles,
    edges: Option<Router>,
    writers: Vec<tokio::task::JoinHandle<()>>,
    /// More routes, e.g. the admin view.
    pages: Router,
    ops: Ops,
    lifecycle: Lifecycle,
}

/// What a caller may add or exchange.
#[derive(Default)]
pub struct Extras {
    /// Metrics.
    pub telemetry: Option<Telemetry>,
    /// More routes over the open store.
    pub pages: Option<Pages>,
    /// Instead of the real senders, e.g. dry ones.
    pub senders: Option<HashMap<Channel, Arc<dyn Sender>>>,
    /// Counts deliveries that the inbox had already.
    pub duplicates: Option<Arc<AtomicU64>>,
}

/// Makes routes over the open store.
pub type Pages = Box<dyn FnOnce(&Store, &Arc<dyn Volatile>) -> Result<Router, String> + Send>;

/// The store's options by the configuration.
pub fn store_options(config: &Config) -> StoreOptions {
    let mut options = StoreOptions::new(config.database.url.expose());
    if !config.database.migrate_url.is_empty() {
        options.migrate_url = Some(config.database.migrate_url.clone());
    }
    options.production = config.production;
    options
}

/// Opens everything that a replica needs.
///
/// # Errors
/// See [`ServeError`].
pub async fn assemble(config: &Config, extras: Extras, lifecycle: &Lifecycle) -> Result<Replica, ServeError> {
    let server_clock = Arc::new(ServerClock::new(Arc::new(SystemClock)));
    let clock: Arc<dyn Clock> = Arc::clone(&server_clock) as Arc<dyn Clock>;
    let store = Store::open(&store_options(config), Arc::clone(&clock)).await?;
    server_clock.ask(&store).await?;
    prepare(config, &store).await?;
    let settings = VolatileSettings { redis_url: config.redis_url.clone(), ..VolatileSettings::default() };
    let volatile = volatile::open(&settings, Arc::clone(&clock), &lifecycle.hard())?;
    let replica = ReplicaId::new(clock.now());
    let rules = rules(config);
    let (senders, taps, shops) = match extras.senders {
        Some(senders) => (senders, None, Vec::new()),
        None => {
            let (senders, taps) = senders(config)?;
            (senders, taps, shops(config)?)
        }
    };
    let desk = recado_agents::Desk::new().map_err(|error| ServeError::Desk(error.to_string()))?;
    let ledger = Arc::new(SharedLedger::new(store.clone()));
    let gateway = config.llm.as_ref().map(|settings| crate::model::gateway(settings, Arc::clone(&ledger)));
    let gateway = gateway.transpose().map_err(ServeError::Desk)?;
    let whatsapp = config.whatsapp.as_ref();
    let desk = desk.with_digest_template(whatsapp.and_then(|section| section.digest_template.clone()));
    let desk = desk.with_reminder_template(whatsapp.and_then(|section| section.reminder_template.clone()));
    let desk = match &gateway {
        Some(gateway) => desk.with_proposer(crate::model::proposer(Arc::clone(gateway), &volatile)),
        None => desk,
    };
    let desk: Arc<dyn Decide> = Arc::new(desk);
    #[cfg(feature = "chaos")]
    let desk = crate::chaos::desk(desk);
    let summariser = gateway.clone().filter(|gateway| {
        let settings = gateway.settings();
        settings.history && !settings.providers.is_empty()
    });
    let summariser =
        summariser.map(Summariser::new).transpose().map_err(|error| ServeError::Desk(error.to_string()))?;
    let parts = Parts {
        engine: Engine::new(store.clone(), replica, rules),
        desk,
        volatile: Arc::clone(&volatile),
        senders,
        shops,
        taps,
        summariser: summariser.map(Arc::new),
        meanings: gateway.clone().filter(|gateway| gateway.knows_meanings()),
        ears: ears(config, gateway)?,
        erasures_file: config.erasures_file.clone(),
        settings: Settings {
            lanes: config.worker.lanes,
            sends: config.sender.concurrency,
            turn_timeout: config.worker.turn_timeout,
            settle: config.sender.settle_after,
            keep: config.retention,
            ..Settings::default()
        },
    };
    let (edges, writers) = if config.does(Role::Edge) {
        let wake = Arc::clone(&volatile);
        let accepted = Arc::new(move || wake.publish(Wake::Inbox));
        let (inbox, writers) = StoreInbox::start(&store, replica, accepted);
        (Some(edges(config, inbox, Arc::clone(&clock), extras.duplicates)?), writers)
    } else {
        (None, Vec::new())
    };
    let pages = match extras.pages {
        Some(pages) if config.does(Role::Admin) => pages(&store, &volatile).map_err(ServeError::Desk)?,
        _ => Router::new(),
    };
    let channels = [
        (config.whatsapp.is_some(), "whatsapp"),
        (config.shopify.is_some(), "shopify"),
        (config.telegram.is_some(), "telegram"),
    ];
    let channels = channels.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
    let ops = Ops::new(store.clone(), Arc::clone(&volatile), extras.telemetry, channels, lifecycle.soft());
    let roles = Roles {
        worker: config.does(Role::Worker),
        sender: config.does(Role::Sender),
        timers: config.does(Role::Timers),
    };
    Ok(Replica {
        server_clock,
        store,
        volatile,
        parts,
        ledger,
        roles,
        edges,
        writers,
        pages,
        ops,
        lifecycle: lifecycle.clone(),
    })
}

impl Replica {
    /// Runs until the lifecycle stops, then drains.
    pub async fn run(self, config: &Config, listener: TcpListener) -> Exit {
        let Self { server_clock, store, volatile, parts, ledger, roles, edges, writers, pages, ops, lifecycle } = self;
        #[cfg(feature = "chaos")]
        crate::chaos::break_drain();
        // A process that died with this database left leases behind; on SQLite they are known to be stale now.
        for task in engine::start(&parts, roles, &lifecycle.soft()) {
            lifecycle.spawn("queues", async move { task.await.map_err(|error| error.to_string()) });
        }
        let (disk, stop) = (store.db().disk().clone(), lifecycle.soft());
        lifecycle.spawn("disk", async move {
            tokio::select! {
                () = disk.lost_writes() => leave_at_once(),
                () = stop.cancelled() => Ok::<_, std::convert::Infallible>(()),
            }
        });
        let (asked, stop) = (store.clone(), lifecycle.soft());
        lifecycle.spawn("clock", async move {
            tokio::select! {
                () = server_clock.follow(&asked) => {}
                () = stop.cancelled() => {}
            }
            Ok::<_, std::convert::Infallible>(())
        });
        if let Some(telemetry) = ops.telemetry.clone() {
            let stop = lifecycle.soft();
            lifecycle.spawn("metrics", async move {
                telemetry.upkeep(stop).await;
                Ok::<_, std::convert::Infallible>(())
            });
        }
        let router = ops::router(ops).merge(edges.unwrap_or_default()).merge(pages);
        let (soft, hard, limits) = (lifecycle.soft(), lifecycle.hard(), config.http);
        lifecycle.spawn("http", async move {
            crate::http::serve(listener, router, limits, soft, hard).await;
            Ok::<_, std::convert::Infallible>(())
        });
        for task in writers {
            // They end once the server has dropped the inbox.
            lifecycle.spawn("inbox", async move { task.await.map_err(|error| error.to_string()) });
        }
        let exit = lifecycle.run().await;
        let given_back = tokio::time::timeout(GIVE_BACK, parts.engine.release_all()).await;
        match given_back.unwrap_or(Err(StoreError::TimedOut)) {
            Ok(0) => {}
            Ok(lanes) => tracing::info!(lanes, "lanes given back"),
            Err(error) => tracing::warn!(%error, "lanes could not be given back; their leases will run out"),
        }
        if tokio::time::timeout(GIVE_BACK, ledger.give_back()).await.is_err() {
            tracing::warn!("what language models did not use was not given back in time; it counts as used");
        }
        drop(parts);
        drop(volatile);
        store.close().await;
        exit
    }
}

/// A sync failed: nothing that is done from here on may be believed, so nothing is finished either. What was acknowledged
/// is on the disk, and the next start reads it from there.
fn leave_at_once() -> ! {
    tracing::error!("a sync of the database failed: what it holds is known after a new start; ending at once");
    std::process::exit(i32::from(Exit::StoreUnavailable.code()))
}

/// The merchant of the configuration and its addresses; staff and members are added on the command line.
pub(crate) async fn prepare(config: &Config, store: &Store) -> Result<(), ServeError> {
    let known = store.read_directory().await?;
    let bound = |destination: &Destination| known.merchant_of(destination);
    let number = config.whatsapp.as_ref().map(|section| Destination::PhoneNumber(section.phone_number_id.clone()));
    let shop = config.shopify.as_ref().map(|section| Destination::Shop(section.shop.clone()));
    let destinations: Vec<Destination> = number.into_iter().chain(shop).filter(|one| bound(one).is_none()).collect();
    let merchant = match known.merchants().next() {
        Some(first) if known.merchants().count() == 1 || destinations.is_empty() => first.id,
        Some(first) => {
            tracing::warn!(
                merchant.name = first.name,
                "several merchants: new addresses go to the first; see `recado merchants`"
            );
            first.id
        }
        None => {
            let shop = &config.merchant;
            let merchant = Merchant {
                // The same for all replicas that start at once on an empty database.
                id: MerchantId::derived(&["default"]),
                name: shop.name.clone(),
                language: shop.language,
                country: shop.country.clone(),
                timezone: shop.timezone.clone(),
                currency: shop.currency,
            };
            store.save_merchant(&merchant).await?;
            merchant.id
        }
    };
    for destination in destinations {
        store.bind_channel(&destination, merchant).await?;
    }
    Ok(())
}

pub(crate) fn rules(config: &Config) -> Rules {
    let staff_chat = config.telegram.as_ref().and_then(|section| section.staff_chat_id);
    let burst = i64::try_from(config.worker.batch).unwrap_or(50);
    let worker = &config.worker;
    let (lease, gather, join) = (worker.lease, worker.gather, worker.join);
    let rules = Rules { lease, gather, join, burst, staff_chat, ..Rules::default() };
    #[cfg(feature = "chaos")]
    let rules = crate::chaos::sabotaged(rules);
    rules
}

struct CountingInbox {
    inbox: Arc<dyn Inbox>,
    duplicates: Arc<AtomicU64>,
}

#[async_trait::async_trait]
impl Inbox for CountingInbox {
    async fn accept(&self, delivery: Delivery) -> Result<Acceptance, AcceptError> {
        let outcome = self.inbox.accept(delivery).await?;
        self.duplicates.fetch_add(outcome.duplicates as u64, Ordering::Relaxed);
        Ok(outcome)
    }
}

fn edges(
    config: &Config,
    inbox: StoreInbox,
    clock: Arc<dyn Clock>,
    duplicates: Option<Arc<AtomicU64>>,
) -> Result<Router, ServeError> {
    let mut inbox: Arc<dyn Inbox> = Arc::new(inbox);
    if let Some(duplicates) = duplicates {
        inbox = Arc::new(CountingInbox { inbox, duplicates });
    }
    #[cfg(feature = "chaos")]
    let inbox =
        crate::chaos::sabotaged_inbox(inbox, config.redis_url.as_ref().map_or("", recado_domain::Secret::expose));
    let whatsapp = config.whatsapp.as_ref().map(|section| WhatsAppEdge {
        app_secret: section.app_secret.clone(),
        verify_token: section.verify_token.clone(),
    });
    let shopify = config.shopify.as_ref().map(|section| {
        let secrets = std::iter::once(section.client_secret.clone()).chain(section.previous_client_secret.clone());
        ShopifyEdge { client_secrets: secrets.collect() }
    });
    let telegram = config
        .telegram
        .iter()
        .map(|section| TelegramEdge { bot: section.bot.clone(), secret_token: section.secret_token.clone() });
    let router = recado_webhooks::router(Edges::new(inbox, clock, whatsapp, shopify, telegram.collect())?);
    #[cfg(feature = "chaos")]
    let router = crate::chaos::watched(router);
    Ok(router)
}

type Senders = (HashMap<Channel, Arc<dyn Sender>>, Option<Arc<dyn AnswerTaps>>);

fn senders(config: &Config) -> Result<Senders, ServeError> {
    let mut senders: HashMap<Channel, Arc<dyn Sender>> = HashMap::new();
    let mut taps: Option<Arc<dyn AnswerTaps>> = None;
    if let Some(section) = &config.whatsapp {
        let sender = WhatsAppSender::new(WhatsAppConfig {
            api_base: section.api_base.clone(),
            access_token: section.access_token.clone(),
            timeout: config.sender.timeout,
            echo_within: config.sender.settle_after,
        })
        .map_err(|error| ServeError::Sender(error.to_string()))?;
        senders.insert(Channel::WhatsApp, Arc::new(sender));
    }
    if let Some(section) = &config.telegram {
        let sender = TelegramSender::new(TelegramConfig {
            api_base: section.api_base.clone(),
            bot_token: section.bot_token.clone(),
            timeout: config.sender.timeout,
        })
        .map_err(|error| ServeError::Sender(error.to_string()))?;
        let sender = Arc::new(sender);
        senders.insert(Channel::Telegram, Arc::clone(&sender) as Arc<dyn Sender>);
        taps = Some(Arc::new(Taps(sender)));
    }
    Ok((senders, taps))
}

/// The shop that can be changed: its Admin API has to be open to us.
fn shops(config: &Config) -> Result<Vec<ShopActor>, ServeError> {
    let Some(section) = &config.shopify else { return Ok(Vec::new()) };
    let Some(access) = section.access() else { return Ok(Vec::new()) };
    let settings = ShopifyConfig { api_base: section.api_base.clone(), access, timeout: config.sender.timeout };
    let actor = ShopifyAdmin::new(settings).map_err(|error| ServeError::Sender(error.to_string()))?;
    Ok(vec![ShopActor { shop: section.shop.clone(), actor: Arc::new(actor) }])
}

/// Between the end of a turn that heard voice notes and that of its lease.
const LEASE_MARGIN: std::time::Duration = std::time::Duration::from_secs(2);
/// Nobody waits longer for a voice note to be heard.
const HEARING: std::time::Duration = std::time::Duration::from_secs(8);

/// What hears voice notes, where a model for them is configured and the lease leaves time for it.
fn ears(config: &Config, gateway: Option<Arc<Gateway>>) -> Result<Option<Arc<Ears>>, ServeError> {
    let gateway = gateway.filter(|gateway| gateway.settings().transcription_model.is_some());
    let (Some(gateway), Some(section)) = (gateway, &config.whatsapp) else { return Ok(None) };
    let within = config.worker.lease.saturating_sub(config.worker.turn_timeout + LEASE_MARGIN).min(HEARING);
    let media = WhatsAppMedia::new(MediaConfig {
        api_base: section.api_base.clone(),
        access_token: section.access_token.clone(),
        hosts: section.media_hosts.clone(),
        timeout: within,
    })
    .map_err(|error| ServeError::Sender(error.to_string()))?;
    Ok(Some(Arc::new(Ears::new(media, gateway, within))))
}

struct Taps(Arc<TelegramSender>);

#[async_trait::async_trait]
impl AnswerTaps for Taps {
    async fn answer(&self, callback_id: &str, text: Option<&str>) {
        self.0.answer_callback(callback_id, text).await;
    }
}

/// A secret that lets the visitor of a printed link in.
pub fn one_time_token() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 24]>()))
}
