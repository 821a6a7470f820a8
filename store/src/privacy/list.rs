//! The list of what was erased. A backup that was taken before an erasure holds the person again once it is restored;
//! the list, which is kept elsewhere too, says what has to go once more.
//!
//! An entry holds *marks*: a keyed hash of each name under which the person was known here (conversation, phone, e-mail,
//! customer, checkout, order). The key stands in the database and in all of its copies, and never on the list: the list
//! by itself names nobody, and a restored copy finds again whom it means by marking what it holds.

use std::collections::{BTreeSet, HashSet};

use hmac::{Hmac, KeyInit as _, Mac as _};
use recado_domain::event::ComplianceRequest;
use recado_domain::privacy::Erasure;
use recado_domain::{MerchantId, PrivacyId, Timestamp};
use serde_json::json;
use sha2::Sha256;
use sqlx::FromRow;
use uuid::Uuid;

use super::person::Person;
use super::work::PrivacyTask;
use crate::audit::{self, AuditEntry};
use crate::db::{At, Json, Tx};
use crate::{Store, StoreError, on, read};

/// Bytes of a mark: far more than there are persons.
const MARK: usize = 16;
/// Who erases what is on the list.
const ACTOR: &str = "list of erasures";

crate::sql! {
    ERASURE_KEY = "SELECT key FROM erasure_key WHERE id = 1";
    ERASURES = "SELECT merchant_id, id, everybody, marks, erased_at FROM erasures ORDER BY erased_at, id";
    NOTE_ERASURE = "INSERT INTO erasures (merchant_id, id, everybody, marks, erased_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (merchant_id, id) DO NOTHING";
    // It was confirmed once, so it is carried out without being asked again.
    ERASE_AGAIN = "INSERT INTO compliance_requests (merchant_id, id, request, subject, received_at, confirmed_by, confirmed_at, available_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (merchant_id, id) DO UPDATE SET subject = excluded.subject, \
            confirmed_by = COALESCE(compliance_requests.confirmed_by, excluded.confirmed_by), \
            confirmed_at = COALESCE(compliance_requests.confirmed_at, excluded.confirmed_at), \
            available_at = excluded.available_at, owner = NULL, leased_until = NULL, done_at = NULL, outcome = NULL";
    APPROVE_ASKED = "UPDATE requests SET status = 'approved', decided_by = $3, decided_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND status = 'open'";
}

/// The key of a database's marks.
pub(super) struct Marker(Hmac<Sha256>);

impl Marker {
    /// Reads it.
    pub(super) async fn of(tx: &mut Tx) -> Result<Self, StoreError> {
        let key: Vec<u8> = on!(tx, connection => sqlx::query_scalar(ERASURE_KEY).fetch_one(connection).await)?;
        Ok(Self::new(&key))
    }

    fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of any length"))
    }

    /// The mark of something in a shop. No part can hold the zero that stands between them.
    pub(super) fn mark(&self, merchant: MerchantId, kind: &str, value: &str) -> String {
        let mut mac = self.0.clone();
        for part in [merchant.to_string().as_str(), kind, value] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        hex::encode(&mac.finalize().into_bytes()[..MARK])
    }

    /// By which it is seen that a list belongs to this database.
    fn name(&self) -> String {
        let mut mac = self.0.clone();
        mac.update(b"the list of erasures");
        hex::encode(&mac.finalize().into_bytes()[..MARK])
    }
}

#[derive(FromRow)]
struct Row {
    merchant_id: Uuid,
    id: Uuid,
    everybody: bool,
    marks: Json<BTreeSet<String>>,
    erased_at: At,
}

/// What became of a list that was applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Erasures that this database did not know of: they are carried out again.
    pub again: usize,
    /// Those that it knew.
    pub known: usize,
    /// Those of another database, or of a copy from before there was a list: nothing can be found by them.
    pub foreign: usize,
}

/// Puts an erasure on the list, in the commit that begins it.
pub(super) async fn note(
    tx: &mut Tx,
    task: &PrivacyTask,
    person: Option<&Person>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let marks = match person {
        Some(person) => person.marks(&Marker::of(tx).await?, task.merchant),
        None => BTreeSet::new(),
    };
    insert(tx, (task.merchant, task.id), person.is_none(), &marks, now).await.map(|_| ())
}

/// Whether it is new.
async fn insert(
    tx: &mut Tx,
    (merchant, id): (MerchantId, PrivacyId),
    everybody: bool,
    marks: &BTreeSet<String>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let inserted = on!(tx, connection => sqlx::query(NOTE_ERASURE).bind(merchant.0).bind(id.0).bind(everybody)
        .bind(json!(marks)).bind(At(at)).execute(connection).await.map(|done| done.rows_affected()))?;
    Ok(inserted == 1)
}

impl Store {
    /// Everything that was erased, oldest first: the list to be kept elsewhere.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn erasures(&self) -> Result<Vec<Erasure>, StoreError> {
        let key: Vec<u8> = read!(&self.db, pool => sqlx::query_scalar(ERASURE_KEY).fetch_one(pool).await)?;
        let rows: Vec<Row> = read!(&self.db, pool => sqlx::query_as(ERASURES).fetch_all(pool).await)?;
        let list = Marker::new(&key).name();
        Ok(rows
            .into_iter()
            .map(|row| Erasure {
                merchant: MerchantId(row.merchant_id),
                id: PrivacyId(row.id),
                everybody: row.everybody,
                marks: row.marks.0,
                erased_at: row.erased_at.0,
                list: list.clone(),
            })
            .collect())
    }

    /// What applying a list would come to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn compare_erasures(&self, list: &[Erasure]) -> Result<Applied, StoreError> {
        let key: Vec<u8> = read!(&self.db, pool => sqlx::query_scalar(ERASURE_KEY).fetch_one(pool).await)?;
        let name = Marker::new(&key).name();
        let known: HashSet<_> = self.erasures().await?.into_iter().map(|known| (known.merchant, known.id)).collect();
        let mut outcome = Applied::default();
        for erasure in list {
            if erasure.list != name {
                outcome.foreign += 1;
            } else if known.contains(&(erasure.merchant, erasure.id)) {
                outcome.known += 1;
            } else {
                outcome.again += 1;
            }
        }
        Ok(outcome)
    }

    /// Has the desk carry out again what is on a list and not known here, as it is after a restore from before it. What was
    /// confirmed once is not asked again. It may be applied as often as one likes.
    ///
    /// # Errors
    /// When the database does not answer; what was applied until then stays.
    pub async fn apply_erasures(&self, list: &[Erasure]) -> Result<Applied, StoreError> {
        let now = self.clock.now();
        let mut outcome = Applied::default();
        for erasure in list {
            let mut tx = self.db.begin().await?;
            if erasure.list != Marker::of(&mut tx).await?.name() {
                outcome.foreign += 1;
                tx.rollback().await?;
                continue;
            }
            let (merchant, id) = (erasure.merchant, erasure.id);
            if !insert(&mut tx, (merchant, id), erasure.everybody, &erasure.marks, erasure.erased_at).await? {
                outcome.known += 1;
                tx.rollback().await?;
                continue;
            }
            let (asked, subject) = if erasure.everybody {
                (ComplianceRequest::ShopRedact, json!({}))
            } else {
                (ComplianceRequest::CustomerRedact, json!({ "marks": erasure.marks }))
            };
            on!(&mut tx, connection => sqlx::query(ERASE_AGAIN).bind(merchant.0).bind(id.0).bind(asked.code()).bind(subject)
                .bind(At(erasure.erased_at)).bind(ACTOR).bind(At(now)).execute(connection).await.map(|_| ()))?;
            on!(&mut tx, connection => sqlx::query(APPROVE_ASKED).bind(merchant.0).bind(id.0).bind(ACTOR).bind(At(now))
                .execute(connection).await.map(|_| ()))?;
            let object = id.to_string();
            let entry = AuditEntry {
                merchant: Some(merchant),
                actor: ACTOR,
                action: "privacy.erase",
                object: &object,
                outcome: "again, after a restore",
            };
            audit::record(&mut tx, now, &entry).await?;
            tx.commit().await?;
            outcome.again += 1;
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_depends_on_key_shop_kind_and_value_and_shows_none_of_them() {
        let (one, other) = (Marker::new(&[1; 32]), Marker::new(&[2; 32]));
        let [shop, neighbour] = [MerchantId::derived(&["a"]), MerchantId::derived(&["b"])];
        let mark = one.mark(shop, "phone", "573001119999");
        assert_eq!(mark, one.mark(shop, "phone", "573001119999"));
        let others = [
            other.mark(shop, "phone", "573001119999"),
            one.mark(neighbour, "phone", "573001119999"),
            one.mark(shop, "customer", "573001119999"),
            one.mark(shop, "phone", "573001119998"),
        ];
        assert!(!others.contains(&mark) && mark.len() == 2 * MARK && !mark.contains("1119999"), "{mark} {others:?}");
        assert_ne!(one.name(), other.name());
    }
}
