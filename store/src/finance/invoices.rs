//! Invoices of a shop as they are in force, without all its other facts, and what is paid on them by a member's word.

use jiff::civil::Date;
use recado_domain::finance::facts::Invoice;
use recado_domain::finance::facts::entry::entry_of;
use recado_domain::merchant::Merchant;
use recado_domain::{Money, Timestamp};
use serde_json::json;

use super::shop::imported;
use crate::db::Tx;
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    INVOICES_IN_FORCE = "SELECT kind, body FROM (SELECT e.kind, e.fact_id, e.body, \
            ROW_NUMBER() OVER (PARTITION BY e.kind, e.fact_id ORDER BY e.version DESC) AS place \
            FROM finance_entries e JOIN finance_imports i ON i.merchant_id = e.merchant_id AND i.id = e.import_id \
            WHERE e.merchant_id = $1 AND e.kind IN ('invoices', 'merchant') AND i.undone_at IS NULL) AS versions \
        WHERE place = 1 ORDER BY kind, fact_id";
    INVOICE_IN_FORCE = "SELECT e.body FROM finance_entries e JOIN finance_imports i ON i.merchant_id = e.merchant_id AND i.id = e.import_id \
        WHERE e.merchant_id = $1 AND e.kind = 'invoices' AND e.fact_id = $2 AND i.undone_at IS NULL ORDER BY e.version DESC LIMIT 1";
}

/// Keeps payments of invoices within a transaction: each is another version of its invoice, with the payment beside those
/// that it had. An invoice that is no longer there gets none.
///
/// # Errors
/// When the database does not answer, or what it keeps is no invoice.
pub(crate) async fn pay(
    tx: &mut Tx,
    merchant: &Merchant,
    (parts, day, source): (&[(String, Money)], Date, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let corrupt = |problem: String| StoreError::Corrupt { table: "finance_entries", column: "body", problem };
    let mut entries = Vec::with_capacity(parts.len());
    for (invoice, amount) in parts {
        let body: Option<String> = on!(&mut *tx, connection => sqlx::query_scalar(INVOICE_IN_FORCE)
            .bind(merchant.id.0).bind(invoice).fetch_optional(connection).await)?;
        let Some(body) = body else { continue };
        let mut fact: serde_json::Value = serde_json::from_str(&body).map_err(|error| corrupt(error.to_string()))?;
        let payment = json!({ "date": day, "amount": amount.to_decimal() });
        match fact.get_mut("payments").and_then(serde_json::Value::as_array_mut) {
            Some(payments) => payments.push(payment),
            None => fact["payments"] = json!([payment]),
        }
        let entry = entry_of("invoices", &fact.to_string(), &merchant.zone());
        entries.push(entry.map_err(|error| corrupt(error.to_string()))?);
    }
    super::record(tx, merchant.id, source, &entries, now, &mut |_| ()).await?;
    Ok(())
}

impl MerchantStore {
    /// The invoices that are known now, with what was paid of them until now.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact.
    pub async fn invoices(&self, merchant: &Merchant) -> Result<Vec<Invoice>, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin().await?;
        let entries: Vec<(String, String)> = on!(&mut tx, connection => sqlx::query_as(INVOICES_IN_FORCE)
            .bind(self.id().0).fetch_all(connection).await)?;
        tx.commit().await?;
        Ok(imported(merchant, &entries, now)?.known_at(now).invoices)
    }
}
