//! The day's account of language models, for all replicas and across restarts.
//!
//! A replica takes a share of a shop's budget, and of everybody's, from the database (`recado_store::model_days`), spends
//! it in memory, and takes the next when it is used up. So a call seldom asks the database and never waits long for it;
//! no budget can be passed by several replicas together; and a restart begins where the day stood. A replica that ends in
//! order gives back what it has left; one that is killed has spent its share, at most a hundredth of the budget.
//!
//! A conversation's budget stays in memory: its lane is worked by one replica at a time, and what it can take is bounded
//! by its shop's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use recado_agents::model::ledger::InMemoryLedger;
use recado_domain::spend::{NotSpent, Spend, SpendLedger, SpendScope};
use recado_store::Store;
use recado_store::model_days::Share;

/// No call waits longer for its account than this; it is then not made, and the built-in answer is given.
const WAIT: Duration = Duration::from_millis(250);
/// A share is this part of the budget.
const PART: u64 = 100;
/// A share of a budget without a limit is this many times what the call at hand may take.
const AHEAD: u64 = 20;
/// Looks for room before a call is given up: others may have used the room that was just taken.
const LOOKS: usize = 4;

/// Keeps the account.
pub struct SharedLedger {
    store: Store,
    conversations: InMemoryLedger,
    account: Mutex<Account>,
    /// One share at a time: those that wait together find room in the share of the first.
    taking: tokio::sync::Mutex<()>,
}

/// Of one day.
#[derive(Default)]
struct Account {
    day: i64,
    held: HashMap<SpendScope, Held>,
}

/// What this replica took of a budget, and what it spent of that.
#[derive(Clone, Copy, Default)]
struct Held {
    taken: Spend,
    spent: Spend,
}

impl Account {
    /// The account of a day; one that is over is settled no more.
    fn of(&mut self, day: i64) -> Option<&mut HashMap<SpendScope, Held>> {
        if day > self.day {
            self.day = day;
            self.held.clear();
        }
        (day == self.day).then_some(&mut self.held)
    }
}

/// The larger of two in each respect.
fn at_least(one: Spend, other: Spend) -> Spend {
    Spend {
        calls: one.calls.max(other.calls),
        tokens: one.tokens.max(other.tokens),
        micro_dollars: one.micro_dollars.max(other.micro_dollars),
    }
}

/// What is taken beyond what is needed now.
fn share(limit: Spend, amount: Spend) -> Spend {
    let of = |limit: u64, amount: u64| if limit == u64::MAX { amount.saturating_mul(AHEAD) } else { limit / PART };
    Spend {
        calls: of(limit.calls, amount.calls),
        tokens: of(limit.tokens, amount.tokens),
        micro_dollars: of(limit.micro_dollars, amount.micro_dollars),
    }
}

impl SharedLedger {
    /// Over a store that all replicas share.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            conversations: InMemoryLedger::default(),
            account: Mutex::default(),
            taking: tokio::sync::Mutex::default(),
        }
    }

    fn account(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spends an amount of what is held; otherwise tells what is missing of which budget.
    fn spend(&self, day: i64, scopes: &[(SpendScope, Spend)], amount: Spend) -> Result<(), Vec<Share>> {
        let mut account = self.account();
        let Some(held) = account.of(day) else { return Ok(()) };
        let missing: Vec<Share> = scopes
            .iter()
            .filter_map(|(scope, limit)| {
                let Held { taken, spent } = held.get(scope).copied().unwrap_or_default();
                let missing = spent.plus(amount).minus(taken);
                (missing != Spend::default()).then_some(Share { scope: *scope, amount: missing, limit: *limit })
            })
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
        for (scope, _) in scopes {
            let one = held.entry(*scope).or_default();
            one.spent = one.spent.plus(amount);
        }
        Ok(())
    }

    /// Takes what is missing and some more, or just what is missing where no more is left.
    async fn take(&self, day: i64, missing: Vec<Share>, amount: Spend) -> Result<(), NotSpent> {
        let mut shares: Vec<Share> = missing
            .iter()
            .map(|one| Share { amount: at_least(one.amount, share(one.limit, amount)), ..*one })
            .collect();
        // Each round takes one budget down to what is missing of it, or ends.
        for _ in 0..=missing.len() {
            let refused = self.store.take_shares(day, &shares).await.map_err(|error| {
                tracing::warn!(%error, "the account of language models cannot be reached");
                NotSpent::NoAccount
            })?;
            let Some(scope) = refused else {
                let mut account = self.account();
                if let Some(held) = account.of(day) {
                    for one in &shares {
                        let held = held.entry(one.scope).or_default();
                        held.taken = held.taken.plus(one.amount);
                    }
                }
                return Ok(());
            };
            let (Some(at), Some(least)) = (
                shares.iter().position(|one| one.scope == scope),
                missing.iter().find(|one| one.scope == scope).map(|one| one.amount),
            ) else {
                break;
            };
            if shares[at].amount == least {
                return Err(NotSpent::OverBudget(scope));
            }
            shares[at].amount = least;
        }
        Err(NotSpent::NoAccount)
    }

    async fn spend_shared(&self, day: i64, scopes: &[(SpendScope, Spend)], amount: Spend) -> Result<(), NotSpent> {
        if self.spend(day, scopes, amount).is_ok() {
            return Ok(());
        }
        let taking = async {
            let _one = self.taking.lock().await;
            for _ in 0..LOOKS {
                match self.spend(day, scopes, amount) {
                    Ok(()) => return Ok(()),
                    Err(missing) => self.take(day, missing, amount).await?,
                }
            }
            Err(NotSpent::NoAccount)
        };
        // Given up in the midst, a share may have been taken: it then counts as spent.
        tokio::time::timeout(WAIT, taking).await.unwrap_or(Err(NotSpent::NoAccount))
    }

    /// Gives back what is left of the day's shares. The last act of a replica that ends in order.
    pub async fn give_back(&self) {
        let (day, held) = {
            let mut account = self.account();
            (account.day, std::mem::take(&mut account.held))
        };
        for (scope, Held { taken, spent }) in held {
            if let Err(error) = self.store.settle_share(day, scope, taken, spent).await {
                tracing::warn!(%error, "what language models did not use could not be given back; it counts as used");
                return;
            }
        }
    }
}

/// Budgets with their limits.
type Budgets = Vec<(SpendScope, Spend)>;

/// Those of conversations, and those that replicas share.
fn of_conversations(scopes: &[(SpendScope, Spend)]) -> (Budgets, Budgets) {
    scopes.iter().copied().partition(|(scope, _)| matches!(scope, SpendScope::Conversation(_)))
}

#[async_trait]
impl SpendLedger for SharedLedger {
    async fn reserve(&self, day: i64, scopes: &[(SpendScope, Spend)], amount: Spend) -> Result<(), NotSpent> {
        let (own, shared) = of_conversations(scopes);
        self.conversations.reserve(day, &own, amount).await?;
        let outcome = self.spend_shared(day, &shared, amount).await;
        if outcome.is_err() {
            self.conversations.settle(day, &own, amount, Spend::default()).await;
        }
        outcome
    }

    async fn settle(&self, day: i64, scopes: &[(SpendScope, Spend)], reserved: Spend, actual: Spend) {
        let (own, shared) = of_conversations(scopes);
        self.conversations.settle(day, &own, reserved, actual).await;
        let mut account = self.account();
        let Some(held) = account.of(day) else { return };
        for (scope, _) in &shared {
            let one = held.entry(*scope).or_default();
            one.spent = one.spent.minus(reserved).plus(actual);
        }
    }

    /// Of a shop or of everybody: what all replicas took, less what this one has left.
    async fn used(&self, day: i64, scope: SpendScope) -> Spend {
        if matches!(scope, SpendScope::Conversation(_)) {
            return self.conversations.used(day, scope).await;
        }
        let taken = self.store.taken_of_day(day, scope).await.unwrap_or_default();
        let mut account = self.account();
        let held = account.of(day).and_then(|held| held.get(&scope).copied()).unwrap_or_default();
        taken.minus(held.taken).plus(held.spent)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use recado_domain::clock::ManualClock;
    use recado_domain::{ContactId, ConversationId, MerchantId, Timestamp};
    use recado_store::StoreOptions;

    use super::*;

    const DAY: i64 = 20_783;
    /// Of a shop in a day.
    const SHOP: Spend = Spend { calls: 1_000, tokens: 1_000_000, micro_dollars: 10_000 };
    /// Of everybody.
    const HOUSE: Spend = Spend { micro_dollars: 15_000, ..Spend::UNLIMITED };
    /// What a call is expected to take.
    const CALL: Spend = Spend { calls: 1, tokens: 900, micro_dollars: 70 };

    fn shop(name: &str) -> SpendScope {
        SpendScope::Merchant(MerchantId::derived(&[name]))
    }

    fn scopes(name: &str, conversation: usize) -> [(SpendScope, Spend); 3] {
        let contact = ContactId::derived(&[&conversation.to_string()]);
        let conversation = SpendScope::Conversation(ConversationId::of(contact));
        [(conversation, Spend::UNLIMITED), (shop(name), SHOP), (SpendScope::House, HOUSE)]
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(format!("sqlite://{}", folder.path().join("recado.db").display()));
        let clock = ManualClock::at(Timestamp::parse("2026-11-26T17:00:00Z").unwrap());
        let store = Store::open(&options, Arc::new(clock)).await.unwrap();
        (folder, store)
    }

    /// Calls of a shop until its budget is used up, by these ledgers in turn.
    async fn calls_until_over(ledgers: &[&dyn SpendLedger], name: &str) -> (u64, NotSpent) {
        let mut calls = 0;
        loop {
            let ledger = ledgers[calls as usize % ledgers.len()];
            match ledger.reserve(DAY, &scopes(name, calls as usize), CALL).await {
                Ok(()) => calls += 1,
                Err(refused) => return (calls, refused),
            }
            assert!(calls < 1_000, "no limit");
        }
    }

    #[tokio::test]
    async fn two_replicas_together_keep_the_budget_of_the_day() {
        let (_folder, store) = store().await;
        let (one, other) = (SharedLedger::new(store.clone()), SharedLedger::new(store.clone()));
        let (calls, refused) = calls_until_over(&[&one, &other], "luna").await;
        assert_eq!(refused, NotSpent::OverBudget(shop("luna")));
        assert!(calls <= SHOP.micro_dollars / CALL.micro_dollars, "{calls}");
        // What is lost to shares that do not divide evenly is little.
        assert!(calls >= SHOP.micro_dollars / CALL.micro_dollars - 2 * 3, "{calls}");
        // Another shop has its own budget, and everybody's ends it before.
        let (others, refused) = calls_until_over(&[&one, &other], "sol").await;
        assert_eq!(refused, NotSpent::OverBudget(SpendScope::House));
        assert!((calls + others) * CALL.micro_dollars <= HOUSE.micro_dollars, "{calls} and {others}");
        // The next day begins anew.
        assert_eq!(one.reserve(DAY + 1, &scopes("luna", 1), CALL).await, Ok(()));
    }

    /// The control: accounts of their own overspend together, and the judgement above sees it.
    #[tokio::test]
    async fn control_accounts_of_their_own_pass_the_budget_together() {
        let (one, other) = (InMemoryLedger::default(), InMemoryLedger::default());
        let (calls, _) = calls_until_over(&[&one, &other], "luna").await;
        assert!(calls > SHOP.micro_dollars / CALL.micro_dollars, "{calls}");
    }

    #[tokio::test]
    async fn a_restart_goes_on_where_the_day_stood() {
        let (_folder, store) = store().await;
        let most = SHOP.micro_dollars / CALL.micro_dollars;
        let actual = Spend { micro_dollars: 40, ..CALL };
        let first = SharedLedger::new(store.clone());
        for number in 0..100 {
            assert_eq!(first.reserve(DAY, &scopes("luna", number), CALL).await, Ok(()));
            first.settle(DAY, &scopes("luna", number), CALL, actual).await;
        }
        assert_eq!(first.used(DAY, shop("luna")).await.micro_dollars, 100 * 40);
        // In order: to the millionth of a dollar.
        first.give_back().await;
        let second = SharedLedger::new(store.clone());
        assert_eq!(second.used(DAY, shop("luna")).await, Spend { calls: 100, tokens: 90_000, micro_dollars: 4_000 });
        assert_eq!(second.used(DAY, SpendScope::House).await.micro_dollars, 4_000);
        assert_eq!(second.reserve(DAY, &scopes("luna", 1), CALL).await, Ok(()));
        // Killed: what it held counts as spent, and that is a share at most.
        drop(second);
        let third = SharedLedger::new(store.clone());
        let used = third.used(DAY, shop("luna")).await.micro_dollars;
        assert!((4_000 + 70..=4_000 + 70 + SHOP.micro_dollars / PART).contains(&used), "{used}");
        let (calls, _) = calls_until_over(&[&third], "luna").await;
        assert!(calls * CALL.micro_dollars + used <= SHOP.micro_dollars && calls < most, "{calls}");
    }

    #[tokio::test]
    async fn many_at_once_pass_no_limit() {
        let (_folder, store) = store().await;
        let ledger = SharedLedger::new(store.clone());
        let asks = (0..400).map(|number| {
            let ledger = &ledger;
            async move { ledger.reserve(DAY, &scopes("luna", number), CALL).await }
        });
        let outcomes = futures::future::join_all(asks).await;
        let spent = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
        assert!(spent > 0 && spent * CALL.micro_dollars <= SHOP.micro_dollars, "{spent}");
        // A share that was given up in the midst counts as spent.
        let used = ledger.used(DAY, shop("luna")).await;
        assert!(used.calls >= spent && used.micro_dollars <= SHOP.micro_dollars, "{used:?}");
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_costs_the_call_and_not_the_turn() {
        let (_folder, store) = store().await;
        let ledger = SharedLedger::new(store.clone());
        // Somebody writes and does not end: SQLite has one writer.
        let held = store.db().begin().await.unwrap();
        let refused = tokio::time::timeout(WAIT * 20, ledger.reserve(DAY, &scopes("luna", 1), CALL)).await;
        assert_eq!(refused.expect("it waits for the database"), Err(NotSpent::NoAccount));
        held.rollback().await.unwrap();
        assert_eq!(ledger.reserve(DAY, &scopes("luna", 1), CALL).await, Ok(()));
    }
}
