//! An incident as its row holds it, for whoever may read it.

use recado_domain::incident::{Incident, IncidentStatus};
use recado_domain::{IncidentId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::StoreError;
use crate::db::{At, from_json};

#[derive(FromRow)]
pub(crate) struct IncidentRow {
    merchant_id: Uuid,
    id: Uuid,
    number: i64,
    kind: String,
    dimension: String,
    severity: i64,
    status: String,
    evidence: serde_json::Value,
    opened_at: At,
    acknowledged_by: Option<String>,
    acknowledged_at: Option<At>,
    resolved_by: Option<String>,
    resolved_at: Option<At>,
}

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;
    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        let status = IncidentStatus::from_code(&row.status).ok_or_else(|| StoreError::Corrupt {
            table: "incidents",
            column: "status",
            problem: row.status.clone(),
        })?;
        Ok(Self {
            id: IncidentId(row.id),
            merchant: MerchantId(row.merchant_id),
            number: row.number,
            kind: row.kind,
            dimension: row.dimension,
            severity: row.severity,
            status,
            evidence: from_json(row.evidence, "incidents", "evidence")?,
            opened_at: row.opened_at.0,
            acknowledged: row.acknowledged_by.zip(row.acknowledged_at.map(Timestamp::from)),
            resolved: row.resolved_by.zip(row.resolved_at.map(Timestamp::from)),
        })
    }
}
