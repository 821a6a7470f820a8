//! The accounts of the admin view, as whoever runs the desk handles them: listing, adding, taking away, and the right to
//! see money. The last account that runs everything stays, so that nobody locks everybody out.

use recado_domain::merchant::StaffRole;
use recado_domain::{Language, LoginId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Tx};
use crate::login::NewAdminUser;
use crate::{Store, StoreError, on, read, write};

crate::sql! {
    LIST_ACCOUNTS = "SELECT id, email, name, role, merchant_id, language, finance, created_at FROM admin_users \
        WHERE disabled_at IS NULL ORDER BY email";
    KEEP_ACCOUNT = "INSERT INTO admin_users (id, email, name, password_hash, role, merchant_id, language, finance, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (email) DO UPDATE SET name = excluded.name, \
        password_hash = excluded.password_hash, role = excluded.role, merchant_id = excluded.merchant_id, \
        language = excluded.language, finance = excluded.finance, disabled_at = NULL WHERE admin_users.disabled_at IS NOT NULL";
    GRANT_MONEY = "UPDATE admin_users SET finance = $2 WHERE email = $1 AND disabled_at IS NULL";
    // It writes nothing new: it makes two that take operators away at once take turns.
    HOLD_OPERATORS = "UPDATE admin_users SET finance = finance WHERE role = 'operator' AND merchant_id IS NULL AND disabled_at IS NULL";
    // The account of a demonstration has no password.
    OTHER_OPERATORS = "SELECT COUNT(*) FROM admin_users WHERE role = 'operator' AND merchant_id IS NULL AND disabled_at IS NULL \
        AND password_hash <> '!' AND email <> $1";
    ACCOUNT_ROLE = "SELECT role, merchant_id FROM admin_users WHERE email = $1 AND disabled_at IS NULL";
    REMOVE_ACCOUNT = "UPDATE admin_users SET disabled_at = $2 WHERE email = $1 AND disabled_at IS NULL";
    END_LOGINS = "DELETE FROM admin_logins WHERE user_id IN (SELECT u.id FROM admin_users u WHERE u.email = $1)";
}

/// An account that may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: Uuid,
    /// The address by which it signs in.
    pub email: String,
    /// As shown.
    pub name: String,
    /// What it may do.
    pub role: StaffRole,
    /// The one merchant it may see; `None` = all.
    pub merchant: Option<MerchantId>,
    /// In which language it reads.
    pub language: Language,
    /// Whether it may see money.
    pub finance: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct AccountRow {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    merchant_id: Option<Uuid>,
    language: String,
    finance: bool,
    created_at: At,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            // A word that we do not know grants the least.
            role: StaffRole::from_code(&row.role).unwrap_or(StaffRole::Viewer),
            merchant: row.merchant_id.map(MerchantId),
            language: Language::from_tag(&row.language).unwrap_or_default(),
            finance: row.finance,
            created_at: row.created_at.into(),
        }
    }
}

fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Store {
    /// The accounts that may sign in, by address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows: sqlx::Result<Vec<AccountRow>> =
            read!(self.db(), pool => sqlx::query_as(LIST_ACCOUNTS).fetch_all(pool).await);
        Ok(rows?.into_iter().map(Into::into).collect())
    }

    /// Makes an account, or makes one anew that was taken away.
    ///
    /// # Errors
    /// When the address has one, or the database does not answer.
    pub async fn keep_account(&self, new: &NewAdminUser) -> Result<(), StoreError> {
        let now = self.clock().now();
        let made = write!(self.db(), pool => sqlx::query(KEEP_ACCOUNT)
            .bind(LoginId::new(now).0).bind(key(&new.email)).bind(&new.name).bind(&new.password_hash)
            .bind(new.role.code()).bind(new.merchant.map(|id| id.0)).bind(new.language.code())
            .bind(new.finance).bind(At(now)).execute(pool).await.map(|done| done.rows_affected()))?;
        if made == 0 { Err(StoreError::Exists(format!("an account of {}", key(&new.email)))) } else { Ok(()) }
    }

    /// Lets an account see money, or no longer; open sign-ins follow with their next request.
    ///
    /// # Errors
    /// When there is no such account, or the database does not answer.
    pub async fn grant_money(&self, email: &str, finance: bool) -> Result<(), StoreError> {
        let done = write!(self.db(), pool => sqlx::query(GRANT_MONEY)
            .bind(key(email)).bind(finance).execute(pool).await.map(|done| done.rows_affected()))?;
        if done == 0 { Err(StoreError::Missing("account")) } else { Ok(()) }
    }

    /// Takes an account away; its sign-ins end. The last one that runs every shop stays.
    ///
    /// # Errors
    /// When there is no such account, it is the last operator, or the database does not answer.
    pub async fn remove_account(&self, email: &str) -> Result<(), StoreError> {
        let (email, now) = (key(email), self.clock().now());
        let mut tx = self.db().begin().await?;
        on!(&mut tx, connection => sqlx::query(HOLD_OPERATORS).execute(connection).await.map(|_| ()))?;
        let found: Option<(String, Option<Uuid>)> = on!(&mut tx, connection => sqlx::query_as(ACCOUNT_ROLE)
            .bind(&email).fetch_optional(connection).await)?;
        let Some((role, merchant)) = found else { return Err(StoreError::Missing("account")) };
        if StaffRole::from_code(&role) == Some(StaffRole::Operator)
            && merchant.is_none()
            && others(&mut tx, &email).await? == 0
        {
            return Err(StoreError::Refused(
                "it is the last operator: add another one first, so that somebody can sign in",
            ));
        }
        on!(&mut tx, connection => sqlx::query(REMOVE_ACCOUNT)
            .bind(&email).bind(At(now)).execute(connection).await.map(|_| ()))?;
        on!(&mut tx, connection => sqlx::query(END_LOGINS).bind(&email).execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }
}

/// Operators of everything beside one.
async fn others(tx: &mut Tx, email: &str) -> Result<i64, StoreError> {
    let count: sqlx::Result<i64> = on!(&mut *tx, connection => sqlx::query_scalar(OTHER_OPERATORS)
        .bind(email).fetch_one(connection).await);
    Ok(count?)
}
