//! A whole desk under test: platforms, database, sessions, replicas, and a balancer in front of several.

use std::time::{Duration, Instant};

use super::database::{Database, Kind};
use super::disk::Disk;
use super::platforms::Platforms;
use super::postgres::Postgres;
use super::redis::Redis;
use super::relay::Relay;
use super::replica::Replica;
use super::verdict::{Said, Verdict};

/// What is set up.
pub struct Plan {
    pub kind: Kind,
    pub replicas: usize,
    /// A relay stands between the program and Postgres.
    pub faulty_postgres: bool,
    /// MiB of a disk of its own for the database: SQLite's file, or a server of Postgres.
    pub disk: Option<u32>,
    /// Seconds: lease of a lane, longest turn, wait for the settling report.
    pub lease: u64,
    pub turn: u64,
    pub settle: u64,
    pub variables: Vec<(&'static str, &'static str)>,
}

impl Plan {
    pub fn new(kind: Kind, replicas: usize) -> Self {
        Self {
            kind,
            replicas,
            faulty_postgres: false,
            disk: None,
            lease: 15,
            turn: 10,
            settle: 5,
            variables: Vec::new(),
        }
    }

    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    pub fn sabotaged(self, promise: &'static str) -> Self {
        self.with("RECADO_SABOTAGE", promise)
    }
}

/// Everything of one trial.
pub struct Desk {
    pub platforms: Platforms,
    pub database: Database,
    pub redis: Option<Redis>,
    pub relay: Option<Relay>,
    pub disk: Option<Disk>,
    /// The server on that disk.
    pub postgres: Option<Postgres>,
    pub replicas: Vec<Replica>,
    balancer: Option<Relay>,
    _folder: tempfile::TempDir,
}

impl Desk {
    /// Sets up and starts.
    pub async fn start(plan: Plan) -> Self {
        let mut desk = Self::prepare(plan).await;
        for replica in &mut desk.replicas {
            replica.start().await;
        }
        desk
    }

    /// Sets up; no replica runs yet.
    pub async fn prepare(plan: Plan) -> Self {
        Self::prepare_with(plan, Duration::from_millis(150)).await
    }

    /// As [`Desk::prepare`]; the shop's cancellations take so long in the background.
    pub async fn prepare_with(plan: Plan, cancelling: Duration) -> Self {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let disk = plan.disk.map(|mebibytes| Disk::mount(&folder.path().join("disk"), mebibytes));
        let (database, postgres) = match (&disk, plan.kind) {
            (Some(disk), Kind::Sqlite) => (Database::Sqlite(disk.seen_from_outside().join("recado.db")), None),
            (Some(disk), Kind::Postgres) => {
                let postgres = Postgres::start(disk).await;
                (Database::fresh_at(postgres.server()).await, Some(postgres))
            }
            (None, kind) => (Database::fresh(kind, folder.path()).await, None),
        };
        // Who writes to the disk: the program itself, or its server.
        let writes = disk.as_ref().filter(|_| postgres.is_none());
        let redis = if plan.kind == Kind::Postgres { Some(Redis::start().await) } else { None };
        let (relay, url) = if plan.faulty_postgres {
            let (server, _) = database.behind(([127, 0, 0, 1], 1).into());
            let relay = Relay::start(vec![server]).await;
            let url = database.behind(relay.address).1;
            (Some(relay), url)
        } else {
            (None, database.url())
        };
        let platforms = Platforms::start(cancelling).await;
        let mut variables = platforms.variables();
        let mut set = |name: &str, value: String| variables.push((name.to_owned(), value));
        let url =
            writes.map_or(url, |disk| format!("sqlite://{}", disk.seen_from_inside().join("recado.db").display()));
        set("RECADO_DATABASE_URL", url);
        if let Some(redis) = &redis {
            set("RECADO_REDIS_URL", redis.url());
        }
        set("RECADO_WORKER__LEASE_SECONDS", plan.lease.to_string());
        set("RECADO_WORKER__TURN_TIMEOUT_SECONDS", plan.turn.to_string());
        set("RECADO_SENDER__TIMEOUT_SECONDS", "3".to_owned());
        set("RECADO_SENDER__SETTLE_AFTER_SECONDS", plan.settle.to_string());
        set("RECADO_CHAOS_ECHO", "on".to_owned());
        set("RECADO_CHAOS_FAULTS", "on".to_owned());
        for (name, value) in &plan.variables {
            set(name, (*value).to_owned());
        }
        let mut replicas: Vec<Replica> =
            (0..plan.replicas).map(|_| Replica::new(folder.path(), variables.clone())).collect();
        for replica in &mut replicas {
            replica.start_by(writes.map(Disk::enter).unwrap_or_default());
        }
        let (balancer, front) = match replicas.as_slice() {
            [one] => (None, one.address),
            many => {
                let relay = Relay::start(many.iter().map(|replica| replica.address).collect()).await;
                let address = relay.address;
                (Some(relay), address)
            }
        };
        platforms.aim_at(front);
        Self { platforms, database, redis, relay, disk, postgres, replicas, balancer, _folder: folder }
    }

    /// Where the platforms post to.
    pub fn front(&self) -> std::net::SocketAddr {
        self.balancer.as_ref().map_or(self.replicas[0].address, |balancer| balancer.address)
    }

    /// Waits until nothing is lost, at most `limit`, and then as long as a doubled answer could still come.
    pub async fn judge(&self, said: &Said, limit: Duration, quiet: Duration) -> Verdict {
        let started = Instant::now();
        let judge = || Verdict::of(said, &self.platforms.sends());
        while started.elapsed() < limit && !judge().lost.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tokio::time::sleep(quiet).await;
        judge()
    }

    /// Says what the replicas wrote; for a test that is about to fail.
    pub fn words(&self) -> String {
        self.replicas.iter().map(|replica| format!("--- {}\n{}\n", replica.address, replica.words())).collect()
    }

    /// Ends everything.
    pub async fn end(mut self) {
        self.replicas.clear();
        self.database.remove().await;
    }
}
