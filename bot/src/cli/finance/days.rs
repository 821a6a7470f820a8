//! The day book of a large shop, for a command.

use recado_domain::finance::figures::day_book::Gathered;
use recado_domain::finance::figures::{Accounts, Days, Dimension, FactKind, Metric, Report};
use recado_domain::{Language, MerchantId, Timestamp};
use recado_store::Store;
use recado_store::finance::days::Folding;

use super::period::PeriodArgs;
use crate::cli::output::message;
use crate::cli::store::{reading, shop, writing};
use crate::cli::{CliError, Settings};

/// Facts of a page of a proof.
const PAGE: usize = 1_000;
/// Facts and clusters between two words on progress.
const PROGRESS: usize = 50_000;

/// A large shop, and what is asked of it.
pub(super) struct LargeShop {
    store: Store,
    shop: MerchantId,
    as_of: Timestamp,
    days: Days,
    language: Language,
}

impl LargeShop {
    /// The shop that is asked about, if it is large and its day book stands at the instant that is asked for. When no desk
    /// runs that would bring it there, it is folded first.
    pub(super) async fn of(args: &PeriodArgs, settings: &Settings) -> Result<Option<Self>, CliError> {
        let store = reading(settings).await?;
        let known = store.read_directory().await?;
        let shop = shop(&known, args.merchant.as_deref())?;
        if !store.is_large(shop.id).await? {
            return Ok(None);
        }
        let as_of = match args.as_of {
            Some(as_of) => as_of,
            None => store.merchant(shop.id).books_stand_at().await?,
        };
        let to = args.to.unwrap_or_else(|| as_of.in_zone(&shop.zone()).date());
        let from = args.from.unwrap_or_else(|| to.first_of_month());
        if to < from {
            return Err(CliError::Usage(format!("{to} is before {from}")));
        }
        let (days, language) = (Days::new(from, to), shop.language);
        let mut large = Self { store, shop: shop.id, as_of, days, language };
        if large.stands().await? {
            return Ok(Some(large));
        }
        large.store.close().await;
        large.store = match writing(settings).await {
            // The desk brings it up to date.
            Err(CliError::AlreadyRunning(_)) => return Ok(None),
            other => other?,
        };
        large.fold().await?;
        Ok(if large.stands().await? { Some(large) } else { None })
    }

    async fn stands(&self) -> Result<bool, CliError> {
        Ok(self.store.folded_day_book(self.shop, self.as_of, 0).await?.is_some())
    }

    /// Folds what is left, and says how far it is.
    async fn fold(&self) -> Result<(), CliError> {
        let (mut taken, mut said) = (0, 0);
        loop {
            let some = match self.store.fold_days(self.shop, self.as_of).await? {
                Folding::More(some) => some,
                Folding::Complete(_) | Folding::Elsewhere => return Ok(()),
            };
            taken += some;
            if taken / PROGRESS > said {
                said = taken / PROGRESS;
                message(&format!("the day book is brought up to date: {taken} facts and clusters"));
            }
        }
    }

    /// What is computed of the days that are asked about, in the shop's language; `None` when the book has moved on.
    pub(super) async fn told<T: Send + 'static>(
        &self,
        compute: impl Fn(&dyn Accounts, Days, Language) -> T + Send + Sync + 'static,
    ) -> Result<Option<T>, CliError> {
        let (days, language) = (self.days, self.language);
        let compute = move |accounts: &Gathered| compute(accounts, days, language);
        Ok(self.store.of_day_book(self.shop, self.as_of, 0, compute).await?)
    }

    /// The report; `None` when the book has moved on.
    pub(super) async fn report(&self, by: &[Dimension]) -> Result<Option<Report>, CliError> {
        let report = self.store.day_report(self.shop, self.as_of, by, self.days, 0).await?;
        report.transpose().map_err(|error| CliError::Usage(error.to_string()))
    }

    /// The facts behind a figure, page by page; whether the day book could tell them.
    pub(super) async fn proof(
        &self,
        metric: Metric,
        mut page: impl FnMut(Vec<(FactKind, String)>) -> Result<(), CliError>,
    ) -> Result<bool, CliError> {
        let Some(read) = self.store.folded_day_book(self.shop, self.as_of, 0).await? else { return Ok(false) };
        let mine = self.store.merchant(self.shop);
        let mut from: Option<String> = None;
        loop {
            let found = mine.behind(&read, (metric, &[], self.days), from.as_deref(), PAGE).await?;
            let moved = || CliError::Usage("the books changed while they were read; ask again".to_owned());
            let found = found.ok_or_else(moved)?;
            page(found.facts.into_iter().collect())?;
            from = found.next;
            if from.is_none() {
                return Ok(true);
            }
        }
    }
}
