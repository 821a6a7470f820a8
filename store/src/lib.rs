//! Facts on SQLite or Postgres, from one SQL text.
//!
//! - [`Store`] opens the database, migrates it, and hands out handles.
//! - [`inbox::StoreInbox`] accepts deliveries with a group commit: `Ok` means durable.
//! - [`engine`] runs the queues: lanes with lease and epoch, turn transactions, the outbox, timers.
//! - [`merchant::MerchantStore`] is bound to one merchant and cannot say another's id.
//! - [`registry`] keeps merchants, addresses, members and staff.
//!
//! What may be lost (sessions, caches, wake-ups) lives in `volatile`, never here.

pub mod accounts;
pub mod audit;
pub mod chaos;
pub mod connections;
pub mod db;
pub mod desk;
mod digests;
pub mod disk;
mod disputes;
pub mod engine;
mod error;
pub mod events;
mod facts;
pub mod finance;
pub mod health;
pub mod inbox;
mod incident_row;
pub mod knowledge;
pub mod login;
pub mod merchant;
pub mod model_days;
mod open;
mod privacy;
mod read_only;
pub mod registry;
mod reminders;
mod replicas;
pub mod requests;
pub mod server_clock;
pub mod summaries;
pub mod tokens;
pub mod tools;
pub mod turn_story;
pub mod volatile;

use std::fs::File;
use std::sync::Arc;

use recado_domain::{Clock, MerchantId};

pub use crate::error::{OpenError, StoreError};
pub use crate::open::StoreOptions;
pub use crate::privacy::{Applied, PrivacyTask};

/// The open store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    db: db::Db,
    clock: Arc<dyn Clock>,
    directory: Arc<registry::Directory>,
    books: Arc<finance::books::Shelf>,
    meanings: Arc<knowledge::meanings::Meanings>,
    /// Held for the life of the store: the one-process lock of SQLite.
    _lock: Option<Arc<File>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("kind", &self.db.kind()).finish_non_exhaustive()
    }
}

impl Store {
    pub(crate) fn new(db: db::Db, clock: Arc<dyn Clock>, lock: Option<File>) -> Self {
        Self {
            db,
            clock,
            directory: Arc::new(registry::Directory::default()),
            books: Arc::new(finance::books::Shelf::new(finance::BooksLimits::default())),
            meanings: Arc::default(),
            _lock: lock.map(Arc::new),
        }
    }

    /// The same store, keeping other amounts of books in the process.
    #[must_use]
    pub fn keeping_books(self, limits: finance::BooksLimits) -> Self {
        Self { books: Arc::new(finance::books::Shelf::new(limits)), ..self }
    }

    /// How often this process has built the books of a shop from its facts.
    pub fn books_built(&self) -> u64 {
        self.books.built()
    }

    /// The pools, for modules of this crate and for health checks.
    pub fn db(&self) -> &db::Db {
        &self.db
    }

    /// The clock of this store.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// A handle that reads and writes one merchant's facts and cannot name another's.
    pub fn merchant(&self, id: MerchantId) -> merchant::MerchantStore {
        let kept = (Arc::clone(&self.books), Arc::clone(&self.meanings));
        merchant::MerchantStore::new(self.db.clone(), Arc::clone(&self.clock), kept, id)
    }

    /// One cheap question to the database.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn ping(&self) -> Result<(), StoreError> {
        read!(&self.db, pool => sqlx::query("SELECT 1").execute(pool).await.map(|_| ()))?;
        Ok(())
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Every SQL constant, for the test that prepares each on both databases.
pub fn statements() -> Vec<(&'static str, &'static str)> {
    [
        &inbox::statements(),
        engine::statements(),
        digests::STATEMENTS,
        disputes::STATEMENTS,
        facts::STATEMENTS,
        &finance::statements(),
        merchant::STATEMENTS,
        model_days::STATEMENTS,
        registry::STATEMENTS,
        accounts::STATEMENTS,
        audit::STATEMENTS,
        tokens::STATEMENTS,
        tools::STATEMENTS,
        &reminders::statements(),
        replicas::STATEMENTS,
        requests::STATEMENTS,
        summaries::STATEMENTS,
        turn_story::STATEMENTS,
        events::STATEMENTS,
        login::STATEMENTS,
        &knowledge::statements(),
        &desk::statements(),
        &privacy::statements(),
    ]
    .concat()
}

/// The pairs of texts that differ.
pub fn pairs() -> Vec<(&'static str, db::Pair)> {
    let finance = finance::pairs();
    [inbox::PAIRS, engine::PAIRS, &finance, knowledge::PAIRS, privacy::PAIRS, reminders::PAIRS, summaries::PAIRS]
        .concat()
}
