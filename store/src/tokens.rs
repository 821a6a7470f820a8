//! Tokens of programs that ask for a shop's figures. A token belongs to one shop; only its SHA-256 is kept, so that it can
//! be shown once and never again.

use recado_domain::merchant::Merchant;
use recado_domain::{LoginId, MerchantId, Secret, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::At;
use crate::login::fresh_token;
use crate::{Store, StoreError, read, write};

/// How a token begins, so that people and scanners of leaked secrets know it.
pub const PREFIX: &str = "rcd_";
/// Characters of a token: [`PREFIX`] and 64 hexadecimal digits.
pub const LENGTH: usize = PREFIX.len() + 64;

crate::sql! {
    INSERT_TOKEN = "INSERT INTO api_tokens (merchant_id, id, name, token_hash, finance, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    TOKEN_BY_HASH = "SELECT merchant_id, id, name, finance, created_at, revoked_at FROM api_tokens \
        WHERE token_hash = $1 AND revoked_at IS NULL";
    LIST_TOKENS = "SELECT merchant_id, id, name, finance, created_at, revoked_at FROM api_tokens WHERE merchant_id = $1 \
        ORDER BY created_at DESC, id DESC";
    REVOKE_TOKEN = "UPDATE api_tokens SET revoked_at = $3 WHERE merchant_id = $1 AND id = $2 AND revoked_at IS NULL";
}

/// A program's token, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The one shop that it may ask about.
    pub merchant: MerchantId,
    /// By which it can be revoked.
    pub id: Uuid,
    /// What it is for, as its maker wrote.
    pub name: String,
    /// Whether it may see money.
    pub finance: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is good for nothing.
    pub revoked_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct TokenRow {
    merchant_id: Uuid,
    id: Uuid,
    name: String,
    finance: bool,
    created_at: At,
    revoked_at: Option<At>,
}

impl From<TokenRow> for ApiToken {
    fn from(row: TokenRow) -> Self {
        Self {
            merchant: MerchantId(row.merchant_id),
            id: row.id,
            name: row.name,
            finance: row.finance,
            created_at: row.created_at.into(),
            revoked_at: row.revoked_at.map(Into::into),
        }
    }
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

impl Store {
    /// Makes a token of a shop. It is given here and kept nowhere.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_token(
        &self,
        merchant: &Merchant,
        name: &str,
        finance: bool,
    ) -> Result<(ApiToken, Secret), StoreError> {
        let now = self.clock.now();
        let secret = Secret::new(format!("{PREFIX}{}", fresh_token().expose()));
        let token = ApiToken {
            merchant: merchant.id,
            id: LoginId::new(now).0,
            name: name.trim().chars().take(80).collect(),
            finance,
            created_at: now,
            revoked_at: None,
        };
        write!(&self.db, pool => sqlx::query(INSERT_TOKEN)
            .bind(token.merchant.0).bind(token.id).bind(&token.name).bind(digest(secret.expose())).bind(finance).bind(At(now))
            .execute(pool).await.map(|_| ()))?;
        Ok((token, secret))
    }

    /// Whose token this is; `None` when it is nobody's, or revoked. What does not look like a token costs no question to
    /// the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn token(&self, token: &str) -> Result<Option<ApiToken>, StoreError> {
        if token.len() != LENGTH || !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let hash = digest(token);
        let row: Option<TokenRow> =
            read!(&self.db, pool => sqlx::query_as(TOKEN_BY_HASH).bind(&hash).fetch_optional(pool).await)?;
        Ok(row.map(Into::into))
    }

    /// The tokens of a shop, newest first, revoked ones included.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tokens(&self, merchant: MerchantId) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> =
            read!(&self.db, pool => sqlx::query_as(LIST_TOKENS).bind(merchant.0).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Makes a token good for nothing, from the next request on.
    ///
    /// # Errors
    /// When the shop has no such token in use, or the database does not answer.
    pub async fn revoke_token(&self, merchant: MerchantId, id: Uuid) -> Result<(), StoreError> {
        let now = At(self.clock.now());
        let revoked = write!(&self.db, pool => sqlx::query(REVOKE_TOKEN)
            .bind(merchant.0).bind(id).bind(now).execute(pool).await.map(|done| done.rows_affected()))?;
        if revoked == 0 { Err(StoreError::Missing("token in use")) } else { Ok(()) }
    }
}
