//! What advisors found, and what became of what they recommended.
//!
//! Of each kind one recommendation is open at a time: telling it again brings the one that nobody decided up to date, and
//! leaves one that is accepted alone, so that it is checked against what was told then.

use std::str::FromStr as _;

use jiff::civil::Date;
use recado_domain::finance::advice::{
    Analysis, Code, Decision, FollowUp, Kind, Number, Proposal, Status, Verdict, baseline_of,
};
use recado_domain::{Currency, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Tx, to_json};
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on};

crate::sql! {
    INSERT_ANALYSIS = "INSERT INTO analyses (merchant_id, id, kind, version, as_of, score, inputs, result, made_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    PROPOSE = "INSERT INTO recommendations (merchant_id, id, analysis_id, code, status, currency, expected_low, expected_high, baseline, \
            horizon_on, proposed_at) \
        VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, $10) \
        ON CONFLICT (merchant_id, code) WHERE status IN ('proposed', 'accepted') DO UPDATE SET analysis_id = excluded.analysis_id, \
            currency = excluded.currency, expected_low = excluded.expected_low, expected_high = excluded.expected_high, \
            baseline = excluded.baseline, horizon_on = excluded.horizon_on, proposed_at = excluded.proposed_at \
        WHERE recommendations.status = 'proposed'";
    DECIDE_OPEN = "UPDATE recommendations SET status = $3, decided_by = $4, decided_at = $5 \
        WHERE merchant_id = $1 AND code = $2 AND status IN ('proposed', 'accepted')";
    INSERT_DECIDED = "INSERT INTO recommendations (merchant_id, id, code, status, currency, expected_low, expected_high, baseline, \
            horizon_on, proposed_at, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $10)";
    DECIDE = "UPDATE recommendations SET status = $3, decided_by = $4, decided_at = $5 \
        WHERE merchant_id = $1 AND id = $2 AND status IN ('proposed', 'accepted')";
    CLOSE = "UPDATE recommendations SET status = 'done', checked_at = $3, measured = $4, verdict = $5 \
        WHERE merchant_id = $1 AND id = $2 AND status = 'accepted'";
    CLOSE_OF_CODE = "UPDATE recommendations SET status = 'done', checked_at = $3, measured = $4, verdict = $5 \
        WHERE merchant_id = $1 AND code = $2 AND status = 'accepted'";
    HEALTH_HISTORY = "SELECT as_of, score, version FROM analyses WHERE merchant_id = $1 AND kind = 'health' \
        ORDER BY as_of DESC, id DESC LIMIT CAST($2 AS BIGINT)";
    LATEST_ANALYSIS = "SELECT result FROM analyses WHERE merchant_id = $1 AND kind = $2 ORDER BY as_of DESC, id DESC LIMIT 1";
    RECOMMENDATIONS = "SELECT id, code, status, currency, expected_low, expected_high, baseline, horizon_on, proposed_at, decided_by, \
        decided_at, checked_at, measured, verdict FROM recommendations WHERE merchant_id = $1 \
        ORDER BY proposed_at DESC, id DESC LIMIT CAST($2 AS BIGINT)";
    DUE = "SELECT id, code, status, currency, expected_low, expected_high, baseline, horizon_on, proposed_at, decided_by, \
        decided_at, checked_at, measured, verdict FROM recommendations WHERE merchant_id = $1 AND status = 'accepted' AND horizon_on <= $2 \
        ORDER BY horizon_on, id";
}

/// The health score at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthPoint {
    /// When.
    pub as_of: Timestamp,
    /// 0 to 100; `None` = too little was known.
    pub score: Option<i64>,
    /// The version of the policy it was made under.
    pub version: String,
}

/// A recommendation as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecommendation {
    /// By which it is decided.
    pub id: Uuid,
    /// What was told.
    pub proposal: Proposal,
    /// Where it stands.
    pub status: Status,
    /// When it was told.
    pub proposed_at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
    /// When it was checked, and with what result.
    pub checked: Option<(Timestamp, Verdict)>,
    /// What its figure moved the wanted way, in minor units, where it is an amount.
    pub measured: Option<i64>,
}

#[derive(FromRow)]
struct HealthRow {
    as_of: At,
    score: Option<i64>,
    version: String,
}

#[derive(FromRow)]
struct KeptRow {
    id: Uuid,
    code: String,
    status: String,
    currency: String,
    expected_low: Option<i64>,
    expected_high: Option<i64>,
    baseline: Option<String>,
    horizon_on: String,
    proposed_at: At,
    decided_by: Option<String>,
    decided_at: Option<At>,
    checked_at: Option<At>,
    measured: Option<i64>,
    verdict: Option<String>,
}

fn corrupt(column: &'static str, problem: &str) -> StoreError {
    StoreError::Corrupt { table: "recommendations", column, problem: problem.to_owned() }
}

impl TryFrom<KeptRow> for KeptRecommendation {
    type Error = StoreError;
    fn try_from(row: KeptRow) -> Result<Self, StoreError> {
        let code = Code::of_id(&row.code).ok_or_else(|| corrupt("code", &row.code))?;
        let currency = Currency::from_str(&row.currency).map_err(|_| corrupt("currency", &row.currency))?;
        let verdict = row.verdict.as_deref().map(|word| match word {
            "better" => Ok(Verdict::Better),
            "same" => Ok(Verdict::Same),
            "worse" => Ok(Verdict::Worse),
            "unknown" => Ok(Verdict::Unknown),
            other => Err(corrupt("verdict", other)),
        });
        let baseline: Option<Number> = row.baseline.as_deref().and_then(|text| baseline_of(code, currency, text));
        Ok(Self {
            id: row.id,
            proposal: Proposal {
                code,
                currency,
                expected: row.expected_low.zip(row.expected_high),
                baseline,
                horizon_on: row.horizon_on.parse().map_err(|_| corrupt("horizon_on", &row.horizon_on))?,
            },
            status: Status::of_code(&row.status).ok_or_else(|| corrupt("status", &row.status))?,
            proposed_at: row.proposed_at.0,
            decided: row.decided_by.zip(row.decided_at.map(Timestamp::from)),
            checked: row.checked_at.map(Timestamp::from).zip(verdict.transpose()?),
            measured: row.measured,
        })
    }
}

/// The score of an analysis, where it holds one.
fn score(analysis: &Analysis) -> Option<i64> {
    match analysis.of("score").find_map(|finding| finding.number("score"))? {
        Number::Count(score) => Some(*score),
        _ => None,
    }
}

/// Records a decision of a turn: of the open recommendation of its kind, else of one that was told and never kept.
pub(crate) async fn decide(
    tx: &mut Tx,
    merchant: MerchantId,
    proposal: &Proposal,
    decision: Decision,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (code, status) = (proposal.code.id(), decision.status().code());
    let known = on!(&mut *tx, connection => sqlx::query(DECIDE_OPEN)
        .bind(merchant.0).bind(code).bind(status).bind(by).bind(At(now))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if known == 0 {
        let (low, high) = proposal.expected.unzip();
        on!(&mut *tx, connection => sqlx::query(INSERT_DECIDED)
            .bind(merchant.0).bind(Uuid::now_v7()).bind(code).bind(status).bind(proposal.currency.code())
            .bind(low).bind(high).bind(proposal.baseline_text()).bind(proposal.horizon_on.to_string())
            .bind(At(now)).bind(by)
            .execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}

/// Records in a turn what a check found of the accepted recommendation of a kind; of each kind one is open at a time.
pub(crate) async fn check(
    tx: &mut Tx,
    merchant: MerchantId,
    code: Code,
    found: &FollowUp,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(CLOSE_OF_CODE)
        .bind(merchant.0).bind(code.id()).bind(At(now)).bind(found.gained.map(|gained| gained.minor)).bind(word(found.verdict))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Same => "same",
        Verdict::Worse => "worse",
        Verdict::Unknown => "unknown",
    }
}

impl Store {
    /// Keeps an analysis and what it recommends, all or nothing. `today` is the shop's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_analysis(
        &self,
        merchant: MerchantId,
        analysis: &Analysis,
        today: Date,
    ) -> Result<Uuid, StoreError> {
        let now = self.clock().now();
        let id = Uuid::now_v7();
        let mut tx = self.db().begin().await?;
        let (inputs, result) = (to_json(&analysis.inputs), to_json(analysis));
        on!(&mut tx, connection => sqlx::query(INSERT_ANALYSIS)
            .bind(merchant.0).bind(id).bind(analysis.kind.code()).bind(analysis.version).bind(At(analysis.as_of))
            .bind(score(analysis)).bind(&inputs).bind(&result).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        for recommendation in &analysis.actions.ranked {
            let proposal = Proposal::new(recommendation, analysis.currency, today);
            let (low, high) = proposal.expected.unzip();
            on!(&mut tx, connection => sqlx::query(PROPOSE)
                .bind(merchant.0).bind(Uuid::now_v7()).bind(id).bind(proposal.code.id()).bind(proposal.currency.code())
                .bind(low).bind(high).bind(proposal.baseline_text()).bind(proposal.horizon_on.to_string()).bind(At(now))
                .execute(connection).await.map(|_| ()))?;
        }
        tx.commit().await?;
        Ok(id)
    }

    /// Records what somebody decided about an open recommendation.
    ///
    /// # Errors
    /// When there is no such open recommendation of that merchant, or the database does not answer.
    pub async fn decide_recommendation(
        &self,
        merchant: MerchantId,
        id: Uuid,
        decision: Decision,
        by: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let decided = on!(&mut tx, connection => sqlx::query(DECIDE)
            .bind(merchant.0).bind(id).bind(decision.status().code()).bind(by).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if decided == 0 { Err(StoreError::Missing("open recommendation")) } else { Ok(()) }
    }

    /// Records what a check found. An accepted recommendation is checked once.
    ///
    /// # Errors
    /// When there is no such accepted recommendation of that merchant, or the database does not answer.
    pub async fn close_recommendation(
        &self,
        merchant: MerchantId,
        id: Uuid,
        found: &FollowUp,
    ) -> Result<(), StoreError> {
        let verdict = word(found.verdict);
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let closed = on!(&mut tx, connection => sqlx::query(CLOSE)
            .bind(merchant.0).bind(id).bind(At(now)).bind(found.gained.map(|gained| gained.minor)).bind(verdict)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if closed == 0 { Err(StoreError::Missing("accepted recommendation")) } else { Ok(()) }
    }
}

impl MerchantStore {
    /// The health scores that were kept, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn health_history(&self, most: u32) -> Result<Vec<HealthPoint>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<HealthRow> = on!(&mut tx, connection => sqlx::query_as(HEALTH_HISTORY)
            .bind(self.id().0).bind(i64::from(most)).fetch_all(connection).await)?;
        tx.commit().await?;
        let point = |row: HealthRow| HealthPoint { as_of: row.as_of.0, score: row.score, version: row.version };
        Ok(rows.into_iter().map(point).collect())
    }

    /// The newest analysis of a kind, as it was kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_analysis(&self, kind: Kind) -> Result<Option<serde_json::Value>, StoreError> {
        let mut tx = self.begin().await?;
        let found: Option<serde_json::Value> = on!(&mut tx, connection => sqlx::query_scalar(LATEST_ANALYSIS)
            .bind(self.id().0).bind(kind.code()).fetch_optional(connection).await)?;
        tx.commit().await?;
        Ok(found)
    }

    /// The recommendations, newest first.
    ///
    /// # Errors
    /// When the database does not answer, or keeps what it cannot hold.
    pub async fn recommendations(&self, most: u32) -> Result<Vec<KeptRecommendation>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<KeptRow> = on!(&mut tx, connection => sqlx::query_as(RECOMMENDATIONS)
            .bind(self.id().0).bind(i64::from(most)).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// The accepted recommendations whose horizon has come: did they work?
    ///
    /// # Errors
    /// As [`MerchantStore::recommendations`].
    pub async fn due_follow_ups(&self, today: Date) -> Result<Vec<KeptRecommendation>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<KeptRow> = on!(&mut tx, connection => sqlx::query_as(DUE)
            .bind(self.id().0).bind(today.to_string()).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
