//! Phones of those who owe: told by a member, on a customer of the shop, or of somebody who goes by that name.

use std::collections::BTreeMap;

use recado_domain::contact::{dialled, phone_key};
use recado_domain::finance::reminder::{DebtorContact, NoPhone, PhoneSource, Reached};
use recado_domain::merchant::Merchant;
use recado_domain::shipment::place_key;
use recado_domain::{ConversationId, Language, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Pair, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    KEEP_DEBTOR = "INSERT INTO debtors (merchant_id, name_key, name, digits, phone_key, told_by, told_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (merchant_id, name_key) DO UPDATE SET name = excluded.name, digits = excluded.digits, phone_key = excluded.phone_key, \
            told_by = excluded.told_by, told_at = excluded.told_at";
    TOLD_PHONE = "SELECT digits FROM debtors WHERE merchant_id = $1 AND name_key = $2";
    REACHED_BY_PHONE = "SELECT id, language, stopped, owner_kind, last_inbound_at FROM conversations WHERE merchant_id = $1 AND phone_key = $2 \
        ORDER BY last_message_at DESC, id LIMIT 1";
    PROFILE_PHONES = "SELECT DISTINCT wa_id FROM conversations WHERE merchant_id = $1 AND wa_id IS NOT NULL AND LOWER(profile_name) = LOWER($2) LIMIT 3";
}

/// Of customers by their whole name, and of those of the last orders.
const CUSTOMER_PHONES: Pair = Pair {
    postgres: "SELECT DISTINCT t.facts ->> 'phone' AS phone FROM things t WHERE t.merchant_id = $1 AND t.kind = 'customer' \
        AND LOWER(t.facts ->> 'name') = LOWER($2) AND t.facts ->> 'phone' IS NOT NULL LIMIT 5",
    sqlite: "SELECT DISTINCT json_extract(t.facts, '$.phone') AS phone FROM things t WHERE t.merchant_id = $1 AND t.kind = 'customer' \
        AND LOWER(json_extract(t.facts, '$.name')) = LOWER($2) AND json_extract(t.facts, '$.phone') IS NOT NULL LIMIT 5",
};
const ORDER_PHONES: Pair = Pair {
    postgres: "SELECT DISTINCT o.facts ->> 'phone' AS phone FROM (SELECT k.facts FROM orders k WHERE k.merchant_id = $1 \
            ORDER BY k.last_money_at DESC LIMIT 2000) AS o \
        WHERE LOWER(o.facts -> 'customer' ->> 'name') = LOWER($2) AND o.facts ->> 'phone' IS NOT NULL LIMIT 5",
    sqlite: "SELECT DISTINCT json_extract(o.facts, '$.phone') AS phone FROM (SELECT k.facts FROM orders k WHERE k.merchant_id = $1 \
            ORDER BY k.last_money_at DESC LIMIT 2000) AS o \
        WHERE LOWER(json_extract(o.facts, '$.customer.name')) = LOWER($2) AND json_extract(o.facts, '$.phone') IS NOT NULL LIMIT 5",
};

pub(super) const PAIRS: &[(&str, Pair)] = &[("CUSTOMER_PHONES", CUSTOMER_PHONES), ("ORDER_PHONES", ORDER_PHONES)];

#[derive(FromRow)]
struct ReachedRow {
    id: Uuid,
    language: Option<String>,
    stopped: bool,
    owner_kind: String,
    last_inbound_at: Option<At>,
}

/// The conversation of the person behind a phone key.
pub(super) async fn conversation(
    tx: &mut Tx,
    merchant: MerchantId,
    phone: &str,
) -> Result<Option<Reached>, StoreError> {
    let row: Option<ReachedRow> = on!(tx, connection => sqlx::query_as(REACHED_BY_PHONE).bind(merchant.0).bind(phone)
        .fetch_optional(connection).await)?;
    Ok(row.map(|row| Reached {
        id: ConversationId(row.id),
        last_inbound_at: row.last_inbound_at.map(Timestamp::from),
        stopped: row.stopped,
        with_person: row.owner_kind != "bot",
        language: row.language.as_deref().and_then(Language::from_tag),
    }))
}

/// Keeps the phone of a debtor within the turn that told it.
pub(crate) async fn keep_debtor(
    tx: &mut Tx,
    merchant: &Merchant,
    (debtor, digits, by): (&str, &str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(key) = phone_key(&format!("+{digits}"), &merchant.country) else {
        return Err(StoreError::Refused("a debtor's phone must be digits with the country's code"));
    };
    on!(tx, connection => sqlx::query(KEEP_DEBTOR).bind(merchant.id.0).bind(place_key(debtor)).bind(debtor).bind(digits).bind(key)
        .bind(by).bind(At(now)).execute(connection).await.map(|_| ()))?;
    Ok(())
}

impl MerchantStore {
    /// The phone of a debtor by their whole name, and where it comes from: the most trustworthy source that has one. Several
    /// phones of one name in it are none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn debtor_phone(
        &self,
        merchant: &Merchant,
        debtor: &str,
    ) -> Result<Result<(String, PhoneSource), NoPhone>, StoreError> {
        let mut tx = self.begin().await?;
        let told: Option<String> = on!(&mut tx, connection => sqlx::query_scalar(TOLD_PHONE).bind(self.id().0)
            .bind(place_key(debtor)).fetch_optional(connection).await)?;
        if let Some(digits) = told {
            tx.commit().await?;
            return Ok(Ok((digits, PhoneSource::Told)));
        }
        let mut of_customers = BTreeMap::new();
        for pair in [CUSTOMER_PHONES, ORDER_PHONES] {
            let statement = tx.pick(pair);
            let found: Vec<Option<String>> = on!(&mut tx, connection => sqlx::query_scalar(statement).bind(self.id().0)
                .bind(debtor).fetch_all(connection).await)?;
            of_customers.extend(found.iter().flatten().filter_map(|written| by_key(written, merchant)));
        }
        let profiles: Vec<Option<String>> = on!(&mut tx, connection => sqlx::query_scalar(PROFILE_PHONES).bind(self.id().0)
            .bind(debtor).fetch_all(connection).await)?;
        tx.commit().await?;
        let of_profiles: BTreeMap<String, String> =
            profiles.iter().flatten().filter_map(|digits| by_key(&format!("+{digits}"), merchant)).collect();
        for (phones, source) in [(of_customers, PhoneSource::Customer), (of_profiles, PhoneSource::Profile)] {
            match (phones.len(), phones.into_values().next()) {
                (1, Some(digits)) => return Ok(Ok((digits, source))),
                (0, _) | (_, None) => {}
                _ => return Ok(Err(NoPhone::Several)),
            }
        }
        Ok(Err(NoPhone::Unknown))
    }

    /// How the person behind a phone can be reached. Whether they are a member of the shop is not known here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reached(
        &self,
        merchant: &Merchant,
        digits: &str,
        source: PhoneSource,
    ) -> Result<DebtorContact, StoreError> {
        let key = phone_key(&format!("+{digits}"), &merchant.country).unwrap_or_default();
        let mut tx = self.begin().await?;
        let reached = conversation(&mut tx, self.id(), &key).await?;
        tx.commit().await?;
        Ok(DebtorContact { digits: digits.to_owned(), source, reached, member: None })
    }
}

/// A phone as it is compared and as it is dialled.
fn by_key(written: &str, merchant: &Merchant) -> Option<(String, String)> {
    Some((phone_key(written, &merchant.country)?, dialled(written, &merchant.country)?))
}
