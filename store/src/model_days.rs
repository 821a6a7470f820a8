//! What language models cost in a day, for all replicas together.
//!
//! A replica takes a share of a day's budget before it spends it; a share that does not fit is not taken. So whatever
//! replicas do at once, and however they end, no more is taken than the budget has. What is left of a share is given
//! back by who stops in order; who does not, has spent it.

use recado_domain::Timestamp;
use recado_domain::spend::{Spend, SpendScope};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::Tx;
use crate::{Store, StoreError, on, read};

/// Days whose sums are kept.
const KEPT_DAYS: i64 = 90;

crate::sql! {
    TAKE_SHARE = "INSERT INTO model_days (payer, day, calls, tokens, micro_dollars) SELECT $1, $2, $3, $4, $5 \
        WHERE CAST($3 AS BIGINT) <= CAST($6 AS BIGINT) AND CAST($4 AS BIGINT) <= CAST($7 AS BIGINT) AND CAST($5 AS BIGINT) <= CAST($8 AS BIGINT) \
        ON CONFLICT (payer, day) DO UPDATE SET calls = model_days.calls + excluded.calls, tokens = model_days.tokens + excluded.tokens, \
            micro_dollars = model_days.micro_dollars + excluded.micro_dollars \
        WHERE model_days.calls <= CAST($6 AS BIGINT) - excluded.calls AND model_days.tokens <= CAST($7 AS BIGINT) - excluded.tokens \
            AND model_days.micro_dollars <= CAST($8 AS BIGINT) - excluded.micro_dollars";
    // Signed: what was spent beyond a share counts as well.
    CORRECT_DAY = "UPDATE model_days SET calls = calls + $3, tokens = tokens + $4, micro_dollars = micro_dollars + $5 WHERE payer = $1 AND day = $2";
    DAY_OF_PAYER = "SELECT calls, tokens, micro_dollars FROM model_days WHERE payer = $1 AND day = $2";
    PRUNE_DAYS = "DELETE FROM model_days WHERE day < $1";
}

#[derive(FromRow)]
struct DayRow {
    calls: i64,
    tokens: i64,
    micro_dollars: i64,
}

/// A share of a day's budget that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Of whose budget: a shop's or everybody's. Conversations have none here.
    pub scope: SpendScope,
    /// How much.
    pub amount: Spend,
    /// The whole budget.
    pub limit: Spend,
}

fn payer(scope: SpendScope) -> Option<Uuid> {
    match scope {
        SpendScope::Merchant(merchant) => Some(merchant.0),
        SpendScope::House => Some(Uuid::nil()),
        SpendScope::Conversation(_) => None,
    }
}

/// As it is stored; what has no limit has the largest number there is.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Store {
    /// Takes shares of a day's budgets, all of them or none. Returns the first whose budget has not enough left.
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then, as far as is known.
    pub async fn take_shares(&self, day: i64, shares: &[Share]) -> Result<Option<SpendScope>, StoreError> {
        let mut tx = self.db.begin().await?;
        // In one order by everybody, so that two never wait for each other.
        let mut wanted: Vec<(Uuid, &Share)> =
            shares.iter().filter_map(|share| Some((payer(share.scope)?, share))).collect();
        wanted.sort_unstable_by_key(|(payer, _)| *payer);
        for (payer, share) in wanted {
            let (amount, limit) = (share.amount, share.limit);
            let taken = on!(&mut tx, connection => sqlx::query(TAKE_SHARE).bind(payer).bind(day)
                .bind(stored(amount.calls)).bind(stored(amount.tokens)).bind(stored(amount.micro_dollars))
                .bind(stored(limit.calls)).bind(stored(limit.tokens)).bind(stored(limit.micro_dollars))
                .execute(connection).await.map(|done| done.rows_affected()))?;
            if taken == 0 {
                tx.rollback().await?;
                return Ok(Some(share.scope));
            }
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Replaces a share that was taken by what was spent of it.
    ///
    /// # Errors
    /// When the database does not answer; the share then counts as spent.
    pub async fn settle_share(
        &self,
        day: i64,
        scope: SpendScope,
        taken: Spend,
        spent: Spend,
    ) -> Result<(), StoreError> {
        let Some(payer) = payer(scope) else { return Ok(()) };
        let change = |spent: u64, taken: u64| stored(spent).saturating_sub(stored(taken));
        let mut tx = self.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(CORRECT_DAY).bind(payer).bind(day)
            .bind(change(spent.calls, taken.calls)).bind(change(spent.tokens, taken.tokens))
            .bind(change(spent.micro_dollars, taken.micro_dollars))
            .execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// What replicas took of a day's budget.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn taken_of_day(&self, day: i64, scope: SpendScope) -> Result<Spend, StoreError> {
        let Some(payer) = payer(scope) else { return Ok(Spend::default()) };
        let row: Option<DayRow> = read!(&self.db, pool => sqlx::query_as(DAY_OF_PAYER).bind(payer).bind(day)
            .fetch_optional(pool).await)?;
        let number = |stored: i64| u64::try_from(stored).unwrap_or(0);
        Ok(row.map_or_else(Spend::default, |row| Spend {
            calls: number(row.calls),
            tokens: number(row.tokens),
            micro_dollars: number(row.micro_dollars),
        }))
    }
}

/// Forgets the sums of days long past.
pub(crate) async fn prune(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    let day = now.as_micros().div_euclid(86_400_000_000);
    on!(tx, connection => sqlx::query(PRUNE_DAYS).bind(day - KEPT_DAYS).execute(connection).await.map(|_| ()))?;
    Ok(())
}
