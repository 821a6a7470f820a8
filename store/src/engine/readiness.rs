//! Whether this replica can do its work on its database.

use recado_domain::ArrivalId;

use super::counts::OLDEST_OPEN;
use crate::db::{At, Db};
use crate::privacy::ERASE_ARRIVAL;
use crate::{Store, StoreError, on, read, write};

/// Bytes of each body that a probe writes: random, so that no compression makes them less, and few enough to stand in
/// their row.
const PROBE_BODY: usize = 1_920;

/// Sixteen deliveries' bodies: some pages of their table and of its index.
const POSTGRES_PROBE: &str = "INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
    SELECT gen_random_uuid(), 'probe', '{}', $1, '', now(), gen_random_uuid() FROM generate_series(1, 16)";

/// One delivery whose body fills as many pages of the log as a batch of deliveries does: a single page finds room where
/// they find none.
const SQLITE_PROBE: &str = "INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
    VALUES ($1, 'probe', '{}', randomblob(65536), x'', $2, $1)";

impl Store {
    /// Whether the database answers a real question of ours and, after its disk refused a write, takes writes again.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        read!(&self.db, pool => sqlx::query(OLDEST_OPEN).execute(pool).await.map(|_| ()))?;
        let disk = self.db.disk();
        if !disk.takes_writes() {
            self.write_a_little().await?;
            disk.wrote();
        }
        Ok(())
    }

    /// Writes as deliveries would, and leaves nothing that is seen.
    async fn write_a_little(&self) -> Result<(), StoreError> {
        match &self.db {
            // A changed row finds room in its page when the disk has none: only new rows where deliveries put theirs
            // tell. Undone, they leave room that deliveries take.
            Db::Postgres { .. } => {
                let body: Vec<u8> = (0..PROBE_BODY / 16).flat_map(|_| uuid::Uuid::new_v4().into_bytes()).collect();
                let mut tx = self.db.begin().await?;
                on!(&mut tx, connection => sqlx::query(POSTGRES_PROBE).bind(body.as_slice()).execute(connection).await.map(|_| ()))?;
                tx.rollback().await?;
            }
            // What is undone never reaches its log, where every commit needs room: it is committed, and then taken away.
            // What a process that ends in between leaves is an old delivery to retention.
            Db::Sqlite { .. } => {
                let now = self.clock().now();
                let id = ArrivalId::new(now).0;
                write!(&self.db, pool => sqlx::query(SQLITE_PROBE).bind(id).bind(At(now)).execute(pool).await.map(|_| ()))?;
                write!(&self.db, pool => sqlx::query(ERASE_ARRIVAL).bind(id).execute(pool).await.map(|_| ()))?;
            }
        }
        Ok(())
    }
}
