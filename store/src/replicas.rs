//! Which processes live. On Postgres each replica holds an advisory lock for its life, which dies with its connection;
//! whoever can take that lock knows that the holder is gone, and frees its leases without waiting for them to run out.
//! A network that blinks may free a living replica's leases: epochs keep that harmless. What was held against it meanwhile
//! (`engine/holders.rs`) it takes back once it has its lock again.

use std::time::Duration;

use recado_domain::ReplicaId;
use sqlx::{Connection as _, FromRow, PgConnection};
use uuid::Uuid;

use crate::connections::{Connections, in_time};
use crate::db::{At, Db, Pair};
use crate::engine::Engine;
use crate::{StoreError, on, read, write};

crate::sql! {
    EXPIRE_LANES_OF = "UPDATE lanes SET leased_until = NULL, owner = NULL WHERE owner = $1";
    EXPIRE_SENDS_OF = "UPDATE outbox SET leased_until = $2 WHERE status = 1 AND owner = $1";
    EXPIRE_ACTIONS_OF = "UPDATE actions SET leased_until = $2 WHERE status = 2 AND owner = $1";
    // Of all but this process, whose loops may have begun already.
    EXPIRE_OTHER_LANES = "UPDATE lanes SET leased_until = NULL, owner = NULL WHERE owner <> $1";
    EXPIRE_OTHER_SENDS = "UPDATE outbox SET leased_until = $1 WHERE status = 1 AND (owner IS NULL OR owner <> $2)";
    EXPIRE_OTHER_ACTIONS = "UPDATE actions SET leased_until = $1 WHERE status = 2 AND (owner IS NULL OR owner <> $2)";
    INSERT_REPLICA = "INSERT INTO replicas (id, lock_key, started_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    OTHER_REPLICAS = "SELECT id, lock_key FROM replicas WHERE id <> $1";
    DELETE_REPLICA = "DELETE FROM replicas WHERE id = $1";
}

/// Whether the process with this lock is gone. SQLite serves one process: whoever asks is it, and another is gone. Asked
/// with a shared lock, so that two who ask at once get the same answer, and until the end of a transaction, so that none is
/// left behind.
pub(crate) const IS_GONE: Pair =
    Pair { postgres: "SELECT pg_try_advisory_xact_lock_shared($1)", sqlite: "SELECT $1 IS NOT NULL" };

/// Keeps a replica known as living.
#[derive(Debug)]
pub struct Liveness {
    connection: Option<PgConnection>,
    /// Whether that connection has the lock. After a network that blinked, the server may keep it for the old one.
    held: bool,
    /// Whether others may have taken it for dead since it was last known to live.
    doubted: bool,
    pool: Option<Connections>,
    replica: ReplicaId,
}

#[derive(FromRow)]
struct ReplicaRow {
    id: Uuid,
    lock_key: i64,
}

/// The advisory lock that a replica holds for its life.
pub(crate) fn lock_key(replica: ReplicaId) -> i64 {
    let bytes = replica.0.as_bytes();
    i64::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]])
}

impl Engine {
    /// Announces this replica, and frees what dead ones left. SQLite serves one process, so there whatever is leased at
    /// the start was left by a dead one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn announce(&self) -> Result<Liveness, StoreError> {
        let now = self.store().clock().now();
        match self.store().db() {
            Db::Sqlite { writer, .. } => {
                sqlx::query(EXPIRE_OTHER_LANES).bind(self.replica().0).execute(writer).await?;
                sqlx::query(EXPIRE_OTHER_SENDS).bind(At(now)).bind(self.replica().0).execute(writer).await?;
                sqlx::query(EXPIRE_OTHER_ACTIONS).bind(At(now)).bind(self.replica().0).execute(writer).await?;
                Ok(Liveness { connection: None, held: false, doubted: false, pool: None, replica: self.replica() })
            }
            Db::Postgres { engine, .. } => {
                let pool = Some(engine.clone());
                let replica = self.replica();
                let mut liveness = Liveness { connection: None, held: false, doubted: false, pool, replica };
                liveness.hold().await?;
                write!(self.store().db(), pool => sqlx::query(INSERT_REPLICA)
                    .bind(self.replica().0).bind(lock_key(self.replica())).bind(At(now)).execute(pool).await.map(|_| ()))?;
                Ok(liveness)
            }
        }
    }

    /// Frees the leases of replicas that died. Returns how many died.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reap(&self, liveness: &mut Liveness) -> Result<usize, StoreError> {
        if liveness.pool.is_none() {
            return Ok(0);
        }
        if let Some(connection) = liveness.connection.as_mut()
            && tokio::time::timeout(Duration::from_secs(2), connection.ping()).await.is_ok_and(|ping| ping.is_ok())
        {
            if !liveness.held {
                liveness.held = try_lock(connection, lock_key(self.replica())).await?;
            }
            self.clear(liveness.held, &mut liveness.doubted).await?;
            return self.free_the_dead(connection).await;
        }
        // Our own lock is gone with its connection: take it anew before someone frees what we hold.
        liveness.doubted = true;
        liveness.hold().await?;
        self.clear(liveness.held, &mut liveness.doubted).await?;
        let now = self.store().clock().now();
        write!(self.store().db(), pool => sqlx::query(INSERT_REPLICA)
            .bind(self.replica().0).bind(lock_key(self.replica())).bind(At(now)).execute(pool).await.map(|_| ()))?;
        Ok(0)
    }

    /// Takes back what was held against this replica while it was doubted, once it has its lock.
    async fn clear(&self, held: bool, doubted: &mut bool) -> Result<(), StoreError> {
        if held && *doubted {
            self.take_back_ends().await?;
            *doubted = false;
        }
        Ok(())
    }

    async fn free_the_dead(&self, connection: &mut PgConnection) -> Result<usize, StoreError> {
        let others: Vec<ReplicaRow> = read!(self.store().db(), pool => sqlx::query_as(OTHER_REPLICAS)
            .bind(self.replica().0).fetch_all(pool).await)?;
        let mut dead = 0;
        for other in others {
            // A statement by itself keeps the lock no longer than it runs.
            let asking = sqlx::query_scalar(IS_GONE.postgres).bind(other.lock_key).fetch_one(&mut *connection);
            let gone: bool = in_time(asking).await?;
            if !gone {
                continue;
            }
            let now = self.store().clock().now();
            let mut tx = self.store().db().begin().await?;
            let lanes = on!(&mut tx, at => sqlx::query(EXPIRE_LANES_OF)
                .bind(other.id).execute(at).await.map(|done| done.rows_affected()))?;
            on!(&mut tx, at => sqlx::query(EXPIRE_SENDS_OF)
                .bind(other.id).bind(At(now)).execute(at).await.map(|_| ()))?;
            on!(&mut tx, at => sqlx::query(EXPIRE_ACTIONS_OF)
                .bind(other.id).bind(At(now)).execute(at).await.map(|_| ()))?;
            let found = on!(&mut tx, at => sqlx::query(DELETE_REPLICA).bind(other.id).execute(at).await
                .map(|done| done.rows_affected()))?;
            tx.commit().await?;
            if found == 0 {
                continue;
            }
            metrics::counter!("recado_lease_takeovers_total").increment(lanes);
            tracing::warn!(replica.id = %other.id, lanes, "a replica died; its lanes are free again");
            dead += 1;
        }
        Ok(dead)
    }

    /// Says goodbye: the lock ends with the connection.
    pub async fn depart(&self, liveness: Liveness) {
        if liveness.pool.is_some() {
            let _ = write!(self.store().db(), pool => sqlx::query(DELETE_REPLICA)
                .bind(self.replica().0).execute(pool).await.map(|_| ()));
        }
        if let Some(connection) = liveness.connection {
            let _ = connection.close().await;
        }
    }
}

impl Liveness {
    async fn hold(&mut self) -> Result<(), StoreError> {
        let Some(pool) = &self.pool else { return Ok(()) };
        (self.connection, self.held) = (None, false);
        let mut connection = crate::open::connect(&pool.connect_options()).await?;
        // The idle connection is the lock. Not waited for: a session of ours that the server has not given up yet may
        // have it, and says the same of us.
        self.held = try_lock(&mut connection, lock_key(self.replica)).await?;
        self.connection = Some(connection);
        Ok(())
    }
}

async fn try_lock(connection: &mut PgConnection, key: i64) -> Result<bool, StoreError> {
    Ok(in_time(sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key).fetch_one(connection)).await?)
}
