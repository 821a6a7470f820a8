//! One test, two databases: a temporary SQLite file, then a fresh Postgres database that is dropped afterwards.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use recado_domain::clock::ManualClock;
use recado_domain::contact::PersonIds;
use recado_domain::conversation::Conversation;
use recado_domain::effect::Effect;
use recado_domain::event::{
    Arrival, CommerceEvent, Delivery, Destination, EventContent, Inbox as _, Incoming, LaneKey, Source,
};
use recado_domain::merchant::Merchant;
use recado_domain::message::{InboundMessage, MessageBody};
use recado_domain::outbound::OutboundMessage;
use recado_domain::turn::TurnTrace;
use recado_domain::{
    ArrivalId, Clock as _, ConversationId, Currency, Language, MerchantId, ReplicaId, Timestamp, TraceId, TurnId,
};
use recado_store::engine::{Claim, Committed, Decided, Engine, Rules};
use recado_store::inbox::StoreInbox;
use recado_store::{Store, StoreOptions};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// The number of our own that belongs to a merchant.
pub const NUMBER: &str = "105500000000001";
/// The number of the other merchant.
pub const OTHER_NUMBER: &str = "105500000000002";
/// The shop of the first merchant.
pub const SHOP: &str = "uno.myshopify.com";
/// The shop of the other merchant.
pub const OTHER_SHOP: &str = "dos.myshopify.com";

/// An open store with two merchants, and a clock that stands still.
pub struct World {
    /// The store.
    pub store: Store,
    /// Its clock.
    pub clock: ManualClock,
    /// Where it is, to open it once more.
    pub url: String,
    /// A shop.
    pub merchant: Arc<Merchant>,
    /// Another shop.
    pub other: Arc<Merchant>,
}

/// Where the tests' Postgres is. It must be there: a test that does not run proves nothing.
pub fn postgres_url() -> String {
    #[expect(clippy::disallowed_methods, reason = "the one setting of the tests, which read no configuration")]
    let url = std::env::var("RECADO_TEST_POSTGRES");
    url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

/// A connection to the server, as its superuser.
pub async fn server() -> PgConnection {
    let url = postgres_url();
    let connection = PgConnection::connect(&url).await;
    connection.unwrap_or_else(|error| panic!("these tests need Postgres at {url} (RECADO_TEST_POSTGRES): {error}"))
}

/// A fresh Postgres database.
pub struct Fresh {
    name: String,
    /// Its address.
    pub url: String,
}

impl Fresh {
    /// Makes one.
    pub async fn create() -> Self {
        Self::of("template0").await
    }

    /// A copy of it, as long as nobody has it open.
    pub async fn copy(&self) -> Self {
        Self::of(&self.name).await
    }

    async fn of(template: &str) -> Self {
        let name = format!("recado_test_{}", uuid::Uuid::new_v4().simple());
        let mut server = server().await;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}")))
            .execute(&mut server)
            .await
            .unwrap();
        let base = postgres_url();
        let (start, rest) = base.rsplit_once('/').expect("an address ends with its database");
        let options = rest.split_once('?').map(|(_, options)| format!("?{options}")).unwrap_or_default();
        Self { url: format!("{start}/{name}{options}"), name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its server listens.
    pub fn address(&self) -> (String, u16) {
        let options = PgConnectOptions::from_str(&self.url).unwrap();
        (options.get_host().to_owned(), options.get_port())
    }

    /// Removes it.
    pub async fn remove(self) {
        let mut server = server().await;
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        sqlx::query(AssertSqlSafe(drop)).execute(&mut server).await.unwrap();
    }
}

/// Options small enough that many tests fit on one server.
pub fn options(url: &str) -> StoreOptions {
    let mut options = StoreOptions::new(url);
    options.connections = 4;
    options
}

/// Thursday, 26 November 2026, noon.
pub fn noon() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

/// Runs a test on SQLite.
pub async fn on_sqlite(test: impl AsyncFnOnce(&World)) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(format!("sqlite://{}", folder.path().join("recado.db").display())).await;
    test(&world).await;
    world.close().await;
}

/// Runs a test on a fresh Postgres database.
pub async fn on_postgres(test: impl AsyncFnOnce(&World, &Fresh)) {
    let fresh = Fresh::create().await;
    let outcome = AssertUnwindSafe(async {
        let world = World::open(fresh.url.clone()).await;
        test(&world, &fresh).await;
        world.close().await;
    })
    .catch_unwind()
    .await;
    fresh.remove().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Runs a test on both.
pub async fn on_both(test: impl AsyncFn(&World)) {
    on_sqlite(async |world| {
        println!("— on SQLite");
        test(world).await;
    })
    .await;
    on_postgres(async |world, _| {
        println!("— on Postgres");
        test(world).await;
    })
    .await;
}

impl World {
    /// Opens the store at an address, with both merchants in it.
    pub async fn open(url: String) -> Self {
        let clock = ManualClock::at(noon());
        let store = Store::open(&options(&url), Arc::new(clock.clone())).await.unwrap();
        let merchant = shop("Tienda Uno", "uno");
        let other = shop("Tienda Dos", "dos");
        for (merchant, number, shop) in [(&merchant, NUMBER, SHOP), (&other, OTHER_NUMBER, OTHER_SHOP)] {
            store.save_merchant(merchant).await.unwrap();
            store.bind_channel(&Destination::PhoneNumber(number.to_owned()), merchant.id).await.unwrap();
            store.bind_channel(&Destination::Shop(shop.to_owned()), merchant.id).await.unwrap();
        }
        Self { store, clock, url, merchant: Arc::new(merchant), other: Arc::new(other) }
    }

    /// Checks what holds at the end of every test, and closes.
    async fn close(&self) {
        let counts = self.store.counts().await.unwrap();
        assert_eq!(counts.gap(), 0, "accepted = done + dead + skipped + open: {counts:?}");
        self.store.close().await;
    }

    /// Whether it runs on Postgres.
    pub fn is_postgres(&self) -> bool {
        self.store.db().kind() == "postgres"
    }

    /// The store of another replica. SQLite serves one process, so there it is the same.
    pub async fn another_store(&self) -> Store {
        if self.is_postgres() {
            Store::open(&options(&self.url), Arc::new(self.clock.clone())).await.unwrap()
        } else {
            self.store.clone()
        }
    }

    /// A replica's queues on this store.
    pub fn engine(&self) -> Engine {
        self.engine_with(Rules::default())
    }

    /// The same with other rules. A conversation's turn waits for nothing more: the clock stands still.
    pub fn engine_with(&self, rules: Rules) -> Engine {
        let rules = Rules { gather: Duration::ZERO, ..rules };
        Engine::new(self.store.clone(), ReplicaId(uuid::Uuid::new_v4()), rules)
    }

    /// Another replica's queues, on its own connections.
    pub async fn another_engine(&self) -> Engine {
        let rules = Rules { gather: Duration::ZERO, ..Rules::default() };
        Engine::new(self.another_store().await, ReplicaId(uuid::Uuid::new_v4()), rules)
    }

    /// An inbox of this store.
    pub fn inbox(&self) -> StoreInbox {
        inbox_of(&self.store)
    }

    /// Accepts one event; panics unless it is new.
    pub async fn accept(&self, incoming: Incoming) {
        let outcome = self.inbox().accept(self.delivery(vec![incoming])).await.unwrap();
        assert_eq!((outcome.accepted, outcome.duplicates), (1, 0));
    }

    /// An arrival with these events.
    pub fn delivery(&self, events: Vec<Incoming>) -> Delivery {
        delivery_at(self.clock.now(), events)
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = sql.to_owned();
        recado_store::read!(self.store.db(), pool =>
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(pool).await)
        .unwrap()
    }

    /// Texts, one a row.
    pub async fn texts(&self, sql: &str) -> Vec<Option<String>> {
        let sql = sql.to_owned();
        recado_store::read!(self.store.db(), pool =>
            sqlx::query_scalar::<_, Option<String>>(AssertSqlSafe(sql)).fetch_all(pool).await)
        .unwrap()
    }

    /// Runs a statement.
    pub async fn execute(&self, sql: &str) {
        let sql = sql.to_owned();
        recado_store::write!(self.store.db(), pool =>
            sqlx::query(AssertSqlSafe(sql)).execute(pool).await.map(|_| ()))
        .unwrap();
    }

    /// A turn that answers a claim with these effects.
    pub fn decide(&self, claim: Claim, effects: Vec<Effect>) -> Decided {
        let now = self.clock.now();
        let conversation = (claim.kind == "conversation").then(|| {
            claim.conversation.clone().unwrap_or_else(|| Conversation {
                id: ConversationId(claim.lane.0),
                merchant: claim.merchant.unwrap_or(self.merchant.id),
                person: person_of(&claim),
                phone_number_id: NUMBER.to_owned(),
                profile_name: None,
                language: None,
                owner: recado_domain::conversation::Owner::Bot,
                stopped: false,
                last_inbound_at: Some(now),
                turns: 0,
            })
        });
        let merchant = if claim.merchant == Some(self.other.id) { &self.other } else { &self.merchant };
        Decided {
            id: TurnId::new(now),
            merchant: Arc::clone(merchant),
            conversation,
            effects,
            trace: TurnTrace { agent: "test".to_owned(), ..TurnTrace::default() },
            principal: "shopper",
            decided_at: now,
            claim,
        }
    }

    /// Claims whatever there is and commits it with these effects, until nothing is left. Returns the turns.
    pub async fn settle_all(&self, engine: &Engine, effects: impl Fn(&Claim) -> Vec<Effect>) -> usize {
        let mut turns = 0;
        loop {
            let claims = engine.claim(64).await.unwrap();
            if claims.is_empty() {
                return turns;
            }
            turns += claims.len();
            let decided = claims.into_iter().map(|claim| {
                let effects = effects(&claim);
                self.decide(claim, effects)
            });
            for outcome in engine.commit(decided.collect()).await {
                assert!(matches!(outcome.unwrap(), Committed::Yes { .. }));
            }
        }
    }
}

/// A running inbox whose wake-ups nobody needs.
pub fn inbox_of(store: &Store) -> StoreInbox {
    StoreInbox::start(store, ReplicaId(uuid::Uuid::new_v4()), Arc::new(|| {})).0
}

fn shop(name: &str, key: &str) -> Merchant {
    Merchant {
        id: MerchantId::derived(&[key]),
        name: name.to_owned(),
        language: Language::Es,
        country: "CO".to_owned(),
        timezone: "America/Bogota".to_owned(),
        currency: Currency::Cop,
    }
}

/// An arrival with these events.
pub fn delivery_at(at: Timestamp, events: Vec<Incoming>) -> Delivery {
    let body = b"{}".to_vec();
    Delivery {
        arrival: Arrival {
            id: ArrivalId::new(at),
            source: Source::WhatsApp,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body_hash: [7; 32],
            body,
            received_at: at,
            trace: TraceId::new(at),
        },
        events,
    }
}

/// A person with both ids.
pub fn person(user: Option<&str>, phone: Option<&str>) -> PersonIds {
    PersonIds { user_id: user.map(str::to_owned), wa_id: phone.map(str::to_owned) }
}

fn person_of(claim: &Claim) -> PersonIds {
    let found = claim.events.iter().find_map(|event| match &event.content {
        EventContent::Message(message) => Some(message.from.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| person(Some("CO.0"), None))
}

/// A text of a person to the first merchant's number.
pub fn text(id: &str, phone: &str, words: &str, at: Timestamp) -> Incoming {
    text_to(NUMBER, id, person(None, Some(phone)), words, at)
}

/// A text of a person to a number.
pub fn text_to(number: &str, id: &str, from: PersonIds, words: &str, at: Timestamp) -> Incoming {
    Incoming {
        dedupe: format!("{number}|{id}"),
        body_dedupe: None,
        destination: Destination::PhoneNumber(number.to_owned()),
        lane: LaneKey::Conversation(from.clone()),
        occurred_at: at,
        content: EventContent::Message(InboundMessage {
            provider_id: id.to_owned(),
            from,
            profile_name: None,
            sent_at: at,
            reply_to: None,
            body: MessageBody::Text { text: words.to_owned() },
        }),
    }
}

/// A fact of a shop, in the lane of its order.
pub fn fact_of(shop: &str, order: &str, fact: CommerceEvent) -> Incoming {
    Incoming {
        dedupe: uuid::Uuid::new_v4().to_string(),
        body_dedupe: None,
        destination: Destination::Shop(shop.to_owned()),
        lane: LaneKey::Order(order.to_owned()),
        occurred_at: noon(),
        content: EventContent::Commerce(fact),
    }
}

/// An answer.
pub fn reply(words: &str) -> Effect {
    Effect::Reply(OutboundMessage::text("test", words))
}

/// The words of the messages in a claim.
pub fn words(claim: &Claim) -> Vec<String> {
    let words = claim.events.iter().filter_map(|event| match &event.content {
        EventContent::Message(message) => message.body.words().map(str::to_owned),
        _ => None,
    });
    words.collect()
}

/// A small deterministic generator; a failing test prints its seed.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    /// A number below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
    /// Another order of the same things.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for index in (1..things.len()).rev() {
            things.swap(index, self.below(index + 1));
        }
    }
}

/// Longer than any lease.
pub const LONG: Duration = Duration::from_secs(3_600);

impl World {
    /// Another replica's queues on the same connections.
    pub fn another_engine_here(&self) -> Engine {
        self.engine()
    }
}
