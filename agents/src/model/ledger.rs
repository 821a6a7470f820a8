//! The day's account in the memory of this process: right for what concerns
//! one replica alone. What several share, and what outlives a restart, is kept by who has a database.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use recado_domain::spend::{NotSpent, Spend, SpendLedger, SpendScope};

/// Scopes that are counted at once; beyond it, conversations that spent least are forgotten first.
const MOST: usize = 50_000;

/// Counts by day and scope. A new day begins with an empty account.
#[derive(Debug, Default)]
pub struct InMemoryLedger(Mutex<Account>);

#[derive(Debug, Default)]
struct Account {
    day: i64,
    used: HashMap<SpendScope, Spend>,
}

impl Account {
    /// The account of a day; an older day than the present one is over and gets a throw-away.
    fn of(&mut self, day: i64) -> Option<&mut HashMap<SpendScope, Spend>> {
        if day > self.day {
            self.day = day;
            self.used.clear();
        }
        (day == self.day).then_some(&mut self.used)
    }
}

fn bound(used: &mut HashMap<SpendScope, Spend>) {
    if used.len() <= MOST {
        return;
    }
    let mut tokens: Vec<u64> = used.values().map(|spend| spend.tokens).collect();
    let middle = tokens.len() / 2;
    let (_, median, _) = tokens.select_nth_unstable(middle);
    let median = *median;
    used.retain(|scope, spend| !matches!(scope, SpendScope::Conversation(_)) || spend.tokens > median);
}

#[async_trait::async_trait]
impl SpendLedger for InMemoryLedger {
    async fn reserve(&self, day: i64, scopes: &[(SpendScope, Spend)], amount: Spend) -> Result<(), NotSpent> {
        let mut account = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(used) = account.of(day) else { return Ok(()) };
        let before = |scope: &SpendScope| used.get(scope).copied().unwrap_or_default();
        if let Some((scope, _)) = scopes.iter().find(|(scope, limit)| !before(scope).plus(amount).fits(*limit)) {
            return Err(NotSpent::OverBudget(*scope));
        }
        for (scope, _) in scopes {
            let entry = used.entry(*scope).or_default();
            *entry = entry.plus(amount);
        }
        bound(used);
        Ok(())
    }

    async fn settle(&self, day: i64, scopes: &[(SpendScope, Spend)], reserved: Spend, actual: Spend) {
        let mut account = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(used) = account.of(day) else { return };
        for (scope, _) in scopes {
            let entry = used.entry(*scope).or_default();
            *entry = entry.minus(reserved).plus(actual);
        }
    }

    async fn used(&self, day: i64, scope: SpendScope) -> Spend {
        let mut account = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        account.of(day).and_then(|used| used.get(&scope).copied()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use recado_domain::ConversationId;

    use super::*;

    fn spend(tokens: u64) -> Spend {
        Spend { calls: 1, tokens, micro_dollars: tokens }
    }

    #[tokio::test]
    async fn a_limit_holds_for_all_scopes_or_nothing_is_added() {
        let ledger = InMemoryLedger::default();
        let one = SpendScope::Conversation(ConversationId(uuid(1)));
        let limit = |tokens| Spend { tokens, ..Spend::UNLIMITED };
        let scopes = [(one, limit(100)), (SpendScope::House, limit(150))];
        assert_eq!(ledger.reserve(1, &scopes, spend(90)).await, Ok(()));
        assert_eq!(ledger.reserve(1, &scopes, spend(20)).await, Err(NotSpent::OverBudget(one)));
        let other = [(SpendScope::Conversation(ConversationId(uuid(2))), limit(100)), scopes[1]];
        assert_eq!(ledger.reserve(1, &other, spend(70)).await, Err(NotSpent::OverBudget(SpendScope::House)));
        assert_eq!(ledger.used(1, SpendScope::House).await.tokens, 90);
        ledger.settle(1, &scopes, spend(90), spend(10)).await;
        assert_eq!(ledger.used(1, one).await, spend(10));
        assert_eq!(ledger.reserve(2, &scopes, spend(100)).await, Ok(()), "a new day");
        assert_eq!(ledger.used(1, one).await, Spend::default());
    }

    #[tokio::test]
    async fn memory_is_bounded_and_shops_are_kept() {
        let ledger = InMemoryLedger::default();
        for number in 0..(MOST as u128 + 1) {
            let scope = SpendScope::Conversation(ConversationId(uuid(number)));
            let scopes = [(scope, Spend::UNLIMITED), (SpendScope::House, Spend::UNLIMITED)];
            ledger.reserve(1, &scopes, spend(number as u64)).await.unwrap();
        }
        assert!(ledger.0.lock().unwrap().used.len() <= MOST / 2 + 2);
        assert!(ledger.used(1, SpendScope::House).await.tokens > 0);
    }

    fn uuid(number: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(number)
    }
}
