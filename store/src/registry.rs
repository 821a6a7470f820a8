//! Merchants, their addresses on the platforms, their members, and the staff.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use recado_domain::event::Destination;
use recado_domain::merchant::{Member, MemberRole, Merchant, Staff, StaffRole};
use recado_domain::{Currency, Language, MerchantId, StaffId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::At;
use crate::{Store, StoreError, read, write};

/// How long a replica may work with what it knows of merchants and addresses before it asks again.
const FRESH: Duration = Duration::from_secs(15);

crate::sql! {
    LIST_MERCHANTS = "SELECT id, name, language, country, timezone, currency FROM merchants ORDER BY created_at, id";
    LIST_CHANNELS = "SELECT kind, value, merchant_id FROM channels";
    UPSERT_MERCHANT = "INSERT INTO merchants (id, name, language, country, timezone, currency, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
        language = excluded.language, country = excluded.country, timezone = excluded.timezone, currency = excluded.currency";
    UPSERT_CHANNEL = "INSERT INTO channels (kind, value, merchant_id, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (kind, value) DO UPDATE SET merchant_id = excluded.merchant_id";
    LIST_STAFF = "SELECT id, name, role, telegram_user_id, merchant_id FROM staff ORDER BY created_at, id";
    STAFF_BY_TELEGRAM = "SELECT id, name, role, telegram_user_id, merchant_id FROM staff WHERE telegram_user_id = $1";
    UPSERT_STAFF = "INSERT INTO staff (id, name, role, telegram_user_id, merchant_id, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, \
        telegram_user_id = excluded.telegram_user_id, merchant_id = excluded.merchant_id";
    DELETE_STAFF = "DELETE FROM staff WHERE id = $1";
    LIST_MEMBERS = "SELECT identity, name, role, finance FROM members WHERE merchant_id = $1 ORDER BY created_at, identity";
    MEMBER = "SELECT identity, name, role, finance FROM members WHERE merchant_id = $1 AND identity IN ($2, $3) LIMIT 1";
    UPSERT_MEMBER = "INSERT INTO members (merchant_id, identity, name, role, finance, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (merchant_id, identity) DO UPDATE SET name = excluded.name, role = excluded.role, finance = excluded.finance";
    DELETE_MEMBER = "DELETE FROM members WHERE merchant_id = $1 AND identity = $2";
}

/// Merchants and addresses as last read; every delivery needs them, and they hardly change.
#[derive(Debug, Default)]
pub struct Directory {
    known: RwLock<Option<Arc<Known>>>,
}

/// A reading of the directory.
#[derive(Debug)]
pub struct Known {
    read_at: Timestamp,
    merchants: HashMap<MerchantId, Arc<Merchant>>,
    order: Vec<MerchantId>,
    /// By kind, then by value.
    channels: HashMap<String, HashMap<String, MerchantId>>,
}

impl Known {
    /// How old this reading is.
    pub fn age(&self, now: Timestamp) -> Duration {
        now.since(self.read_at)
    }
    /// The merchant of an address.
    pub fn merchant_of(&self, destination: &Destination) -> Option<MerchantId> {
        let (kind, value) = destination.parts();
        self.channels.get(kind)?.get(value).copied()
    }
    /// A merchant.
    pub fn merchant(&self, id: MerchantId) -> Option<Arc<Merchant>> {
        self.merchants.get(&id).cloned()
    }
    /// All, oldest first.
    pub fn merchants(&self) -> impl Iterator<Item = &Arc<Merchant>> {
        self.order.iter().filter_map(|id| self.merchants.get(id))
    }
    /// The WhatsApp number of a merchant, by which it writes first.
    pub fn number_of(&self, id: MerchantId) -> Option<&str> {
        let numbers = self.channels.get("whatsapp_number")?;
        numbers.iter().filter(|(_, merchant)| **merchant == id).map(|(value, _)| value.as_str()).min()
    }
}

#[derive(FromRow)]
struct MerchantRow {
    id: Uuid,
    name: String,
    language: String,
    country: String,
    timezone: String,
    currency: String,
}

impl TryFrom<MerchantRow> for Merchant {
    type Error = StoreError;
    fn try_from(row: MerchantRow) -> Result<Self, StoreError> {
        let corrupt = |column, problem: String| StoreError::Corrupt { table: "merchants", column, problem };
        let currency: Currency = row
            .currency
            .parse()
            .map_err(|error: recado_domain::money::UnknownCurrency| corrupt("currency", error.to_string()))?;
        Ok(Self {
            id: MerchantId(row.id),
            name: row.name,
            language: Language::from_tag(&row.language).unwrap_or_default(),
            country: row.country,
            timezone: row.timezone,
            currency,
        })
    }
}

#[derive(FromRow)]
struct ChannelRow {
    kind: String,
    value: String,
    merchant_id: Uuid,
}

#[derive(FromRow)]
struct StaffRow {
    id: Uuid,
    name: String,
    role: String,
    telegram_user_id: Option<i64>,
    merchant_id: Option<Uuid>,
}

impl From<StaffRow> for Staff {
    fn from(row: StaffRow) -> Self {
        Self {
            id: StaffId(row.id),
            name: row.name,
            role: StaffRole::from_code(&row.role).unwrap_or(StaffRole::Viewer),
            telegram_user_id: row.telegram_user_id,
            merchant: row.merchant_id.map(MerchantId),
        }
    }
}

#[derive(FromRow)]
struct MemberRow {
    identity: String,
    name: String,
    role: String,
    finance: bool,
}

impl From<MemberRow> for (String, Member) {
    fn from(row: MemberRow) -> Self {
        let role = if row.role == MemberRole::Owner.code() { MemberRole::Owner } else { MemberRole::Employee };
        (row.identity, Member { name: row.name, role, finance: row.finance })
    }
}

impl Store {
    /// The directory, not older than 15 seconds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn directory(&self) -> Result<Arc<Known>, StoreError> {
        let now = self.clock.now();
        let cached = self.directory.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if let Some(known) = cached.filter(|known| now.since(known.read_at) < FRESH) {
            return Ok(known);
        }
        self.read_directory().await
    }

    /// The directory as it stands now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read_directory(&self) -> Result<Arc<Known>, StoreError> {
        let merchants: Vec<MerchantRow> =
            read!(&self.db, pool => sqlx::query_as(LIST_MERCHANTS).fetch_all(pool).await)?;
        let channels: Vec<ChannelRow> = read!(&self.db, pool => sqlx::query_as(LIST_CHANNELS).fetch_all(pool).await)?;
        let merchants: Vec<Merchant> = merchants.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let mut of_kind: HashMap<String, HashMap<String, MerchantId>> = HashMap::new();
        for row in channels {
            of_kind.entry(row.kind).or_default().insert(row.value, MerchantId(row.merchant_id));
        }
        let known = Arc::new(Known {
            read_at: self.clock.now(),
            order: merchants.iter().map(|merchant| merchant.id).collect(),
            merchants: merchants.into_iter().map(|merchant| (merchant.id, Arc::new(merchant))).collect(),
            channels: of_kind,
        });
        *self.directory.known.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    /// Adds or changes a merchant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_merchant(&self, merchant: &Merchant) -> Result<(), StoreError> {
        write!(&self.db, pool => sqlx::query(UPSERT_MERCHANT)
            .bind(merchant.id.0)
            .bind(&merchant.name)
            .bind(merchant.language.code())
            .bind(&merchant.country)
            .bind(&merchant.timezone)
            .bind(merchant.currency.code())
            .bind(At(self.clock.now()))
            .execute(pool).await.map(|_| ()))?;
        self.read_directory().await.map(|_| ())
    }

    /// Gives an address to a merchant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bind_channel(&self, destination: &Destination, merchant: MerchantId) -> Result<(), StoreError> {
        let (kind, value) = destination.parts();
        write!(&self.db, pool => sqlx::query(UPSERT_CHANNEL)
            .bind(kind).bind(value).bind(merchant.0).bind(At(self.clock.now()))
            .execute(pool).await.map(|_| ()))?;
        self.read_directory().await.map(|_| ())
    }

    /// The staff.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        let rows: Vec<StaffRow> = read!(&self.db, pool => sqlx::query_as(LIST_STAFF).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(Staff::from).collect())
    }

    /// The staff member with a Telegram user id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staff_by_telegram(&self, user_id: i64) -> Result<Option<Staff>, StoreError> {
        let row: Option<StaffRow> =
            read!(&self.db, pool => sqlx::query_as(STAFF_BY_TELEGRAM).bind(user_id).fetch_optional(pool).await)?;
        Ok(row.map(Staff::from))
    }

    /// Adds or changes a staff member.
    ///
    /// # Errors
    /// When the Telegram id belongs to another, or the database does not answer.
    pub async fn save_staff(&self, staff: &Staff) -> Result<(), StoreError> {
        let saved = write!(&self.db, pool => sqlx::query(UPSERT_STAFF)
            .bind(staff.id.0)
            .bind(&staff.name)
            .bind(staff.role.code())
            .bind(staff.telegram_user_id)
            .bind(staff.merchant.map(|id| id.0))
            .bind(At(self.clock.now()))
            .execute(pool).await.map(|_| ()));
        saved.map_err(|error| match error.as_database_error() {
            Some(database) if database.is_unique_violation() => {
                StoreError::Exists("a staff member with this Telegram id".to_owned())
            }
            _ => error.into(),
        })
    }

    /// Removes a staff member; their next command is a stranger's.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn remove_staff(&self, id: StaffId) -> Result<(), StoreError> {
        let gone = write!(&self.db, pool => sqlx::query(DELETE_STAFF).bind(id.0).execute(pool).await
            .map(|done| done.rows_affected()))?;
        if gone == 0 { Err(StoreError::Missing("staff member")) } else { Ok(()) }
    }

    /// The members of a merchant with the identity by which each is known (`phone:57300…`, `user:CO.…`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, merchant: MerchantId) -> Result<Vec<(String, Member)>, StoreError> {
        let rows: Vec<MemberRow> =
            read!(&self.db, pool => sqlx::query_as(LIST_MEMBERS).bind(merchant.0).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// The member with one of two identities.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn member(
        &self,
        merchant: MerchantId,
        phone_key: Option<&str>,
        user_id: Option<&str>,
    ) -> Result<Option<Member>, StoreError> {
        let phone = phone_key.map(|key| format!("phone:{key}")).unwrap_or_default();
        let user = user_id.map(|id| format!("user:{id}")).unwrap_or_default();
        let row: Option<MemberRow> = read!(&self.db, pool => sqlx::query_as(MEMBER)
            .bind(merchant.0).bind(&phone).bind(&user).fetch_optional(pool).await)?;
        Ok(row.map(|row| <(String, Member)>::from(row).1))
    }

    /// Adds or changes a member. `identity` is `phone:<phone key>` or `user:<business-scoped id>`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn save_member(&self, merchant: MerchantId, identity: &str, member: &Member) -> Result<(), StoreError> {
        write!(&self.db, pool => sqlx::query(UPSERT_MEMBER)
            .bind(merchant.0).bind(identity).bind(&member.name).bind(member.role.code()).bind(member.finance)
            .bind(At(self.clock.now())).execute(pool).await.map(|_| ()))?;
        Ok(())
    }

    /// Removes a member.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn remove_member(&self, merchant: MerchantId, identity: &str) -> Result<(), StoreError> {
        let gone = write!(&self.db, pool => sqlx::query(DELETE_MEMBER).bind(merchant.0).bind(identity)
            .execute(pool).await.map(|done| done.rows_affected()))?;
        if gone == 0 { Err(StoreError::Missing("member")) } else { Ok(()) }
    }
}
