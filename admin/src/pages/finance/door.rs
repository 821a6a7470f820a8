//! Whose money is looked at: the shop that was chosen and may be seen, its books, and the record of who looked.

use std::sync::Arc;
use std::time::Duration;

use recado_documents::write::Writer;
use recado_domain::Timestamp;
use recado_domain::finance::figures::Accounts;
use recado_domain::merchant::Merchant;
use recado_store::audit::AuditEntry;
use recado_store::finance::Computed;
use recado_store::registry::Known;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::address::Address;
use super::period::Chosen;
use crate::Shared;
use crate::context::Visitor;
use crate::error::PageError;
use crate::pages::id;
use crate::right::ASKED;

/// Computations at once: each takes a core.
const AT_ONCE: usize = 2;
/// How long a page waits for its place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Places for what takes a core.
pub(crate) struct Computing(Semaphore);

impl Default for Computing {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// A shop whose money the visitor may see.
pub(super) struct Door<'a> {
    desk: &'a Shared,
    visitor: &'a Visitor,
    pub(super) shop: Arc<Merchant>,
    /// The instant at which its books stand.
    pub(super) as_of: Timestamp,
}

/// The shops whose money a visitor may see, in their order.
pub(super) fn shops(known: &Known, visitor: &Visitor) -> Vec<Arc<Merchant>> {
    known.merchants().filter(|shop| visitor.user.finance && visitor.sees(Some(shop.id))).cloned().collect()
}

impl<'a> Door<'a> {
    /// Opens the books of the shop that an address says, or of the first; `None` where there is no shop yet. A shop of
    /// others is as if it did not exist.
    pub(super) async fn open(
        desk: &'a Shared,
        visitor: &'a Visitor,
        known: &Known,
        address: &Address,
    ) -> Result<Option<Self>, PageError> {
        let shops = shops(known, visitor);
        let shop = match address.get("merchant") {
            "" => shops.first(),
            wanted => {
                let wanted = id(wanted)?;
                Some(shops.iter().find(|shop| shop.id == wanted).ok_or(PageError::NotFound)?)
            }
        };
        let Some(shop) = shop.cloned() else { return Ok(None) };
        let as_of = desk.state.store.merchant(shop.id).books_stand_at().await?;
        Ok(Some(Self { desk, visitor, shop, as_of }))
    }

    pub(super) fn chosen(&self, address: &Address) -> Chosen {
        Chosen::of(address, self.as_of, &self.shop.zone())
    }

    /// Writes in the reader's language, in the style of the shop's currency.
    pub(super) fn writer(&self) -> Writer {
        Writer { language: self.visitor.look.language, currency: self.shop.currency }
    }

    /// A place to compute in; held to the end of the work.
    pub(super) async fn place(&self) -> Result<SemaphorePermit<'a>, PageError> {
        let waited = tokio::time::timeout(PATIENCE, self.desk.computing.0.acquire()).await;
        waited.ok().and_then(Result::ok).ok_or(PageError::Unavailable)
    }

    /// Computes something of the shop.
    pub(super) async fn computed<T: Send + 'static>(
        &self,
        compute: impl Fn(&dyn Accounts) -> T + Send + Sync + 'static,
    ) -> Result<Computed<T>, PageError> {
        let _place = self.place().await?;
        Ok(self.desk.state.store.computed(&self.shop, self.as_of, compute).await?)
    }

    /// Keeps for the record what was asked, before it is shown.
    pub(super) async fn record(&self, object: &str, outcome: &str) -> Result<(), PageError> {
        let (merchant, actor) = (Some(self.shop.id), self.visitor.user.name.as_str());
        let entry = AuditEntry { merchant, actor, action: ASKED, object, outcome };
        Ok(self.desk.state.store.audit(&entry).await?)
    }
}
