//! People who sign in to the admin view: accounts, passwords, sign-ins, and the count of failed tries.
//!
//! Only hashes are stored: Argon2id of a password, SHA-256 of a sign-in's token. A sign-in ends when it was idle too
//! long, at its absolute end, at logout, or when its account is disabled.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use recado_domain::merchant::StaffRole;
use recado_domain::{Language, LoginId, MerchantId, Secret, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::At;
use crate::{Store, StoreError, read, write};

/// Without a request for this long, a sign-in ends (RELIABILITY S12).
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// A sign-in ends after this, whatever happens.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// Failed tries of an account or an address within [`TRIES_WINDOW`], after which none is checked (RELIABILITY S13).
pub const TRIES: i64 = 5;
/// See [`TRIES`].
pub const TRIES_WINDOW: Duration = Duration::from_secs(15 * 60);
/// Letters of the shortest password (NIST SP 800-63B asks 8; it is the only factor yet).
pub const SHORTEST_PASSWORD: usize = 10;
/// Letters of the longest; a longer one is somebody who wants us to hash a book.
pub const LONGEST_PASSWORD: usize = 200;
/// How often "last seen" is written; finer would cost a write with every request.
const SEEN_EVERY: Duration = Duration::from_secs(30);

crate::sql! {
    COUNT_USERS = "SELECT COUNT(*) FROM admin_users";
    INSERT_USER = "INSERT INTO admin_users (id, email, name, password_hash, role, merchant_id, language, finance, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    USER_BY_EMAIL = "SELECT id, email, name, password_hash, role, merchant_id, language, finance, disabled_at FROM admin_users WHERE email = $1";
    SET_LANGUAGE = "UPDATE admin_users SET language = $2 WHERE id = $1";
    DISABLE_USER = "UPDATE admin_users SET disabled_at = $2 WHERE email = $1 AND disabled_at IS NULL";
    INSERT_LOGIN = "INSERT INTO admin_logins (token_hash, user_id, csrf, created_at, last_seen_at, expires_at, ip_hash) \
        VALUES ($1, $2, $3, $4, $4, $5, $6)";
    LOGIN = "SELECT u.id, u.email, u.name, u.role, u.merchant_id, u.language, u.finance, l.csrf, l.last_seen_at \
        FROM admin_logins l JOIN admin_users u ON u.id = l.user_id \
        WHERE l.token_hash = $1 AND l.expires_at > $2 AND l.last_seen_at > $3 AND u.disabled_at IS NULL";
    LOGIN_STANDS = "SELECT COUNT(*) FROM admin_logins l JOIN admin_users u ON u.id = l.user_id \
        WHERE l.token_hash = $1 AND l.expires_at > $2 AND l.last_seen_at > $3 AND u.disabled_at IS NULL";
    TOUCH_LOGIN = "UPDATE admin_logins SET last_seen_at = $2 WHERE token_hash = $1";
    END_LOGIN = "DELETE FROM admin_logins WHERE token_hash = $1";
    SWEEP_LOGINS = "DELETE FROM admin_logins WHERE expires_at <= $1 OR last_seen_at <= $2";
    COUNT_TRIES = "SELECT COUNT(*) FROM login_attempts WHERE key = $1 AND at > $2";
    INSERT_TRY = "INSERT INTO login_attempts (id, key, at) VALUES ($1, $2, $3)";
    FORGET_TRY = "DELETE FROM login_attempts WHERE id = $1";
    SWEEP_TRIES = "DELETE FROM login_attempts WHERE at <= $1";
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminUser {
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
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAdminUser {
    /// Compared in lower case.
    pub email: String,
    /// As shown.
    pub name: String,
    /// From [`hash_password`]; anything else never matches.
    pub password_hash: String,
    /// What it may do.
    pub role: StaffRole,
    /// The one merchant it may see; `None` = all.
    pub merchant: Option<MerchantId>,
    /// In which language it reads.
    pub language: Language,
    /// Whether it may see money.
    pub finance: bool,
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct Login {
    /// Whose.
    pub user: AdminUser,
    /// What each of its forms must carry.
    pub csrf: String,
}

/// A counted try.
#[derive(Debug)]
pub struct LoginTry {
    ids: Vec<Uuid>,
}

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    role: String,
    merchant_id: Option<Uuid>,
    language: String,
    finance: bool,
    disabled_at: Option<At>,
}

#[derive(FromRow)]
struct LoginRow {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    merchant_id: Option<Uuid>,
    language: String,
    finance: bool,
    csrf: String,
    last_seen_at: At,
}

fn user(
    (id, email, name): (Uuid, String, String),
    (role, finance): (&str, bool),
    merchant: Option<Uuid>,
    language: &str,
) -> AdminUser {
    AdminUser {
        id,
        email,
        name,
        // A word that we do not know grants the least.
        role: StaffRole::from_code(role).unwrap_or(StaffRole::Viewer),
        merchant: merchant.map(MerchantId),
        language: Language::from_tag(language).unwrap_or_default(),
        finance,
    }
}

/// The digest under which a token is stored.
pub fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A fresh secret of 256 bits, as 64 hexadecimal digits.
pub fn fresh_token() -> Secret {
    Secret::new(hex::encode(rand::random::<[u8; 32]>()))
}

/// Hashes a password with Argon2id (19 MiB, 2 passes, 1 lane), away from the threads that answer requests.
///
/// # Errors
/// When the worker died or the system gives no randomness.
pub async fn hash_password(password: Secret) -> Result<String, StoreError> {
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .ok()
        .flatten()
        .ok_or(StoreError::Missing("password hash"))
}

fn hash_now(password: &Secret) -> Option<String> {
    argon2::Argon2::default().hash_password(password.expose().as_bytes()).ok().map(|hash| hash.to_string())
}

/// Whether a password fits a hash. Without a hash it does the same work and says no, so that the time tells nothing
/// about which accounts exist.
pub async fn verify_password(password: Secret, hash: Option<String>) -> bool {
    static NOBODY: LazyLock<String> =
        LazyLock::new(|| hash_now(&Secret::new("no account has this password")).unwrap_or_default());
    let verify = move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let fits = argon2::PasswordHash::new(&hash).is_ok_and(|parsed| {
            argon2::Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok()
        });
        fits && known
    };
    tokio::task::spawn_blocking(verify).await.unwrap_or(false)
}

impl Store {
    /// Whether anybody has an account; until then the set-up page is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_admin_users(&self) -> Result<bool, StoreError> {
        let count: i64 = read!(&self.db, pool => sqlx::query_scalar(COUNT_USERS).fetch_one(pool).await)?;
        Ok(count > 0)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When the address has one already, or the database does not answer.
    pub async fn add_admin_user(&self, new: &NewAdminUser) -> Result<AdminUser, StoreError> {
        let made = self.insert_admin_user(LoginId::new(self.clock.now()), new).await?;
        made.ok_or_else(|| StoreError::Exists("an account with this e-mail".to_owned()))
    }

    /// Makes the first account, an operator of every merchant. `None` when there is one already: of two browsers that
    /// set up at once, one loses, since the first account has always the same id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_first_admin_user(&self, new: &NewAdminUser) -> Result<Option<AdminUser>, StoreError> {
        if self.has_admin_users().await? {
            return Ok(None);
        }
        let operator = NewAdminUser { role: StaffRole::Operator, merchant: None, finance: true, ..new.clone() };
        self.insert_admin_user(LoginId::derived(&["first account"]), &operator).await
    }

    async fn insert_admin_user(&self, id: LoginId, new: &NewAdminUser) -> Result<Option<AdminUser>, StoreError> {
        let (email, role) = (new.email.trim().to_lowercase(), new.role.code());
        let merchant = new.merchant.map(|id| id.0);
        let made = write!(&self.db, pool => sqlx::query(INSERT_USER)
            .bind(id.0).bind(&email).bind(&new.name).bind(&new.password_hash).bind(role)
            .bind(merchant).bind(new.language.code()).bind(new.finance).bind(At(self.clock.now()))
            .execute(pool).await.map(|done| done.rows_affected()))?;
        Ok((made > 0)
            .then(|| user((id.0, email, new.name.clone()), (role, new.finance), merchant, new.language.code())))
    }

    /// The account of an address with its password hash; `None` when there is none or it is disabled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn admin_user(&self, email: &str) -> Result<Option<(AdminUser, String)>, StoreError> {
        let row: Option<UserRow> = read!(&self.db, pool => sqlx::query_as(USER_BY_EMAIL)
            .bind(email.trim().to_lowercase()).fetch_optional(pool).await)?;
        Ok(row.filter(|row| row.disabled_at.is_none()).map(|row| {
            let who = (row.id, row.email, row.name);
            (user(who, (&row.role, row.finance), row.merchant_id, &row.language), row.password_hash)
        }))
    }

    /// Disables an account; its open sign-ins end with it.
    ///
    /// # Errors
    /// When there is none, or the database does not answer.
    pub async fn disable_admin_user(&self, email: &str) -> Result<(), StoreError> {
        let now = At(self.clock.now());
        let done = write!(&self.db, pool => sqlx::query(DISABLE_USER)
            .bind(email.trim().to_lowercase()).bind(now).execute(pool).await.map(|done| done.rows_affected()))?;
        if done == 0 { Err(StoreError::Missing("account")) } else { Ok(()) }
    }

    /// Remembers in which language an account reads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_admin_language(&self, user: Uuid, language: Language) -> Result<(), StoreError> {
        write!(&self.db, pool => sqlx::query(SET_LANGUAGE).bind(user).bind(language.code()).execute(pool).await.map(|_| ()))?;
        Ok(())
    }

    /// Begins a sign-in and gives its token, which is kept nowhere else. Old ones are swept on the way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_login(&self, user: Uuid, address: Option<&str>) -> Result<Secret, StoreError> {
        let (now, token, csrf) = (self.clock.now(), fresh_token(), fresh_token());
        write!(&self.db, pool => sqlx::query(SWEEP_LOGINS).bind(At(now)).bind(At(now.minus(IDLE)))
            .execute(pool).await.map(|_| ()))?;
        write!(&self.db, pool => sqlx::query(INSERT_LOGIN)
            .bind(token_hash(token.expose())).bind(user).bind(csrf.expose()).bind(At(now)).bind(At(now.plus(ABSOLUTE)))
            .bind(address.map(token_hash)).execute(pool).await.map(|_| ()))?;
        Ok(token)
    }

    /// The sign-in of a token, while it lasts; marks it as seen.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login(&self, token: &str) -> Result<Option<Login>, StoreError> {
        let (now, hash) = (self.clock.now(), token_hash(token));
        let row: Option<LoginRow> = read!(&self.db, pool => sqlx::query_as(LOGIN)
            .bind(&hash).bind(At(now)).bind(At(now.minus(IDLE))).fetch_optional(pool).await)?;
        let Some(row) = row else { return Ok(None) };
        if now.since(row.last_seen_at.0) >= SEEN_EVERY {
            write!(&self.db, pool => sqlx::query(TOUCH_LOGIN).bind(&hash).bind(At(now)).execute(pool).await.map(|_| ()))?;
        }
        let who = user((row.id, row.email, row.name), (&row.role, row.finance), row.merchant_id, &row.language);
        Ok(Some(Login { user: who, csrf: row.csrf }))
    }

    /// Whether the sign-in of a token still stands; it does not count as seen.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn login_stands(&self, token: &str) -> Result<bool, StoreError> {
        let (now, hash) = (self.clock.now(), token_hash(token));
        let found: i64 = read!(&self.db, pool => sqlx::query_scalar(LOGIN_STANDS)
            .bind(&hash).bind(At(now)).bind(At(now.minus(IDLE))).fetch_one(pool).await)?;
        Ok(found > 0)
    }

    /// Ends a sign-in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_login(&self, token: &str) -> Result<(), StoreError> {
        write!(&self.db, pool => sqlx::query(END_LOGIN).bind(token_hash(token)).execute(pool).await.map(|_| ()))?;
        Ok(())
    }

    /// Counts a try against each key (an account, an address) before it is checked, so that many at once cannot all slip
    /// through. `None` when one of the keys had too many; such a try is not counted, so a lock ends by itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_try(&self, keys: &[String]) -> Result<Option<LoginTry>, StoreError> {
        let now = self.clock.now();
        let since: Timestamp = now.minus(TRIES_WINDOW);
        write!(&self.db, pool => sqlx::query(SWEEP_TRIES).bind(At(since)).execute(pool).await.map(|_| ()))?;
        let mut counted = LoginTry { ids: Vec::with_capacity(keys.len()) };
        for key in keys {
            let id = LoginId::new(now).0;
            write!(&self.db, pool => sqlx::query(INSERT_TRY).bind(id).bind(key).bind(At(now)).execute(pool).await.map(|_| ()))?;
            counted.ids.push(id);
        }
        for key in keys {
            // From the writer: a reader may not see the row of a moment ago.
            let tries: i64 = write!(&self.db, pool => sqlx::query_scalar(COUNT_TRIES)
                .bind(key).bind(At(since)).fetch_one(pool).await)?;
            if tries > TRIES {
                self.forget_try(&counted).await?;
                return Ok(None);
            }
        }
        Ok(Some(counted))
    }

    /// Takes back a counted try: it succeeded.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_try(&self, counted: &LoginTry) -> Result<(), StoreError> {
        for id in &counted.ids {
            write!(&self.db, pool => sqlx::query(FORGET_TRY).bind(id).execute(pool).await.map(|_| ()))?;
        }
        Ok(())
    }
}
