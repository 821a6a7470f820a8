//! The access token: given, or fetched and kept for its time.

use std::time::{Duration, Instant};

use http::HeaderValue;
use recado_domain::Secret;
use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::classify::Trouble;
use super::config::Access;

/// A fetched token is renewed this long before it runs out.
const EARLY: Duration = Duration::from_secs(300);
/// The time of a token that does not say (CONTRACTS B5: a day).
const USUAL: Duration = Duration::from_secs(3_600);

/// Gives the header that proves us.
pub(super) struct Token {
    access: Access,
    kept: Mutex<Option<(HeaderValue, Instant)>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    expires_in: Option<u64>,
}

impl Token {
    pub(super) fn new(access: Access) -> Self {
        Self { access, kept: Mutex::new(None) }
    }

    /// The header; fetched when none is kept. One fetch at a time.
    pub(super) async fn header(&self, client: &Client, base: &Url) -> Result<HeaderValue, Trouble> {
        let (client_id, client_secret) = match &self.access {
            Access::Token(token) => return header(token),
            Access::Credentials { client_id, client_secret } => (client_id, client_secret),
        };
        let mut kept = self.kept.lock().await;
        if let Some((header, until)) = kept.as_ref()
            && Instant::now() < *until
        {
            return Ok(header.clone());
        }
        let mut url = base.clone();
        let no_base = || Trouble::Refused("the address of the shop cannot carry a path".to_owned());
        url.path_segments_mut().map_err(|()| no_base())?.pop_if_empty().extend(["admin", "oauth", "access_token"]);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            ("client_secret", client_secret.expose()),
        ];
        // Nothing is changed by asking for a token: what is unclear here may be asked again.
        let later = |reason: &str| Trouble::Later(reason.to_owned(), None);
        let answer =
            client.post(url).form(&form).send().await.map_err(|_| later("no access token could be fetched"))?;
        if answer.status().is_client_error() {
            return Err(Trouble::Refused("the shop grants no access token to this app".to_owned()));
        }
        let granted: Granted = answer.json().await.map_err(|_| later("the access token could not be read"))?;
        let header = header(&granted.access_token)?;
        let time = granted.expires_in.map_or(USUAL, Duration::from_secs).saturating_sub(EARLY);
        *kept = Some((header.clone(), Instant::now() + time));
        Ok(header)
    }

    /// Forgets a fetched token that was refused.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

fn header(token: &Secret) -> Result<HeaderValue, Trouble> {
    let mut header = HeaderValue::try_from(token.expose())
        .map_err(|_| Trouble::Refused("the access token holds characters that a request cannot carry".to_owned()))?;
    header.set_sensitive(true);
    Ok(header)
}
