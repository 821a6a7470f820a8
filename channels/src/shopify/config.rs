//! What the Admin client needs to know.

use std::time::Duration;

use recado_domain::Secret;

/// The version of the Admin API that we hold ourselves to (CONTRACTS B4: each is supported for a year).
pub const API_VERSION: &str = "2026-07";

/// How the client proves itself.
#[derive(Clone, Debug)]
pub enum Access {
    /// A token of a custom app, which does not run out.
    Token(Secret),
    /// The client-credentials grant of an app of the shop's own organisation: tokens of a day (CONTRACTS B5).
    Credentials {
        /// The app.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
    },
}

/// Configuration of a [`super::ShopifyAdmin`].
#[derive(Clone, Debug)]
pub struct ShopifyConfig {
    /// `https://{shop}.myshopify.com`, without final slash.
    pub api_base: String,
    /// The proof.
    pub access: Access,
    /// Bound of one call, answer included.
    pub timeout: Duration,
}
