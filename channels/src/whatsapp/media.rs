//! What people send besides words: an id leads to an address, the address to the bytes (CONTRACTS A9).

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use recado_domain::Secret;
use reqwest::{Client, Response, Url};
use serde::Deserialize;

use crate::{ChannelError, client};

const CHANNEL: &str = "whatsapp";
/// The answer with the address is a few hundred bytes.
const LONGEST_ANSWER: usize = 64 * 1024;
/// Where Meta keeps what people send (as its webhooks show it, CONTRACTS A5).
pub const DEFAULT_HOST: &str = "lookaside.fbsbx.com";

/// Configuration of a [`WhatsAppMedia`].
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Base address of the Graph API, including the version.
    pub api_base: String,
    /// The system user's token. It goes to the API's base and to `hosts`, and nowhere else.
    pub access_token: Secret,
    /// Hosts that may hold files, besides the API's own.
    pub hosts: Vec<String>,
    /// Bound of one call, bytes included.
    pub timeout: Duration,
}

/// Why a file did not come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaError {
    /// The id or the address is not one of the platform's.
    #[error("its id or address is none of the platform's")]
    NotTheirs,
    /// It has more bytes than wanted.
    #[error("it is too large")]
    TooLarge,
    /// The platform refused.
    #[error("the platform answered {0}")]
    Refused(u16),
    /// What came is not what was asked for.
    #[error("the platform's answer cannot be read")]
    Unreadable,
    /// Nothing came, or it broke off.
    #[error("no answer, or it broke off")]
    Lost,
}

/// A fetched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its MIME type, as the platform says it.
    pub mime_type: Option<String>,
}

/// A size as a number or a text; both are seen.
#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct Address {
    url: String,
    mime_type: Option<String>,
    file_size: Option<Size>,
}

/// Fetches files that people sent.
#[derive(Debug)]
pub struct WhatsAppMedia {
    client: Client,
    base: Url,
    authorization: HeaderValue,
    hosts: Vec<String>,
}

impl WhatsAppMedia {
    /// For all numbers that the token may use.
    ///
    /// # Errors
    /// When the address or the token is unusable, or the HTTP client does not start.
    pub fn new(config: MediaConfig) -> Result<Self, ChannelError> {
        let base = client::base(&config.api_base, CHANNEL)?;
        let authorization = client::bearer(&config.access_token, CHANNEL)?;
        let client = client::start(client::settings(&base, config.timeout, Duration::from_secs(3)), CHANNEL)?;
        let hosts = config.hosts.into_iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Ok(Self { client, base, authorization, hosts })
    }

    /// The file with an id, if it has at most so many bytes.
    ///
    /// # Errors
    /// See [`MediaError`]; nothing is kept of a file that did not come whole.
    pub async fn fetch(&self, id: &str, most: usize) -> Result<Fetched, MediaError> {
        // The id becomes part of a path: nothing but what the platform gives out.
        let plain =
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) if plain => {
                path.pop_if_empty().push(id);
            }
            _ => return Err(MediaError::NotTheirs),
        }
        match self.once(&url, most).await {
            // An address lives five minutes; a dead one is asked for once more.
            Err(MediaError::Refused(404)) => self.once(&url, most).await,
            other => other,
        }
    }

    async fn once(&self, url: &Url, most: usize) -> Result<Fetched, MediaError> {
        let answer = read(self.get(url.clone()).await?, LONGEST_ANSWER).await?;
        let address: Address = serde_json::from_slice(&answer).map_err(|_| MediaError::Unreadable)?;
        let size = match address.file_size {
            Some(Size::Number(size)) => Some(size),
            Some(Size::Text(text)) => text.parse().ok(),
            None => None,
        };
        if size.is_some_and(|size| size > most as u64) {
            return Err(MediaError::TooLarge);
        }
        let file = Url::parse(&address.url).ok().filter(|url| self.is_theirs(url)).ok_or(MediaError::NotTheirs)?;
        let bytes = read(self.get(file).await?, most).await?;
        if bytes.is_empty() || size.is_some_and(|size| size != bytes.len() as u64) {
            return Err(MediaError::Lost);
        }
        Ok(Fetched { bytes, mime_type: address.mime_type })
    }

    /// Whether an address is at the API's own base, or at a host for files over TLS.
    fn is_theirs(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let listed = url.scheme() == "https" && url.port().is_none() && self.hosts.contains(&host);
        (listed || url.origin() == self.base.origin()) && url.username().is_empty() && url.password().is_none()
    }

    async fn get(&self, url: Url) -> Result<Response, MediaError> {
        let request = self.client.get(url).header(http::header::AUTHORIZATION, self.authorization.clone());
        let response = request.send().await.map_err(|_| MediaError::Lost)?;
        match response.status() {
            StatusCode::OK => Ok(response),
            status => Err(MediaError::Refused(status.as_u16())),
        }
    }
}

async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, MediaError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| MediaError::Lost)? {
        if body.len() + chunk.len() > most {
            return Err(MediaError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(base: &str) -> WhatsAppMedia {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = MediaConfig {
            api_base: base.to_owned(),
            access_token: Secret::new("token"),
            hosts: vec![DEFAULT_HOST.to_owned()],
            timeout: Duration::from_secs(1),
        };
        WhatsAppMedia::new(config).unwrap()
    }

    #[test]
    fn the_token_goes_to_the_platform_and_nowhere_else() {
        let media = media("https://graph.facebook.com/v23.0");
        for good in ["https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", "https://graph.facebook.com/x"]
        {
            assert!(media.is_theirs(&Url::parse(good).unwrap()), "{good}");
        }
        for bad in [
            "http://lookaside.fbsbx.com/x",
            "https://lookaside.fbsbx.com:8443/x",
            "https://lookaside.fbsbx.com.evil.test/x",
            "https://evil.test/lookaside.fbsbx.com",
            "https://user@lookaside.fbsbx.com/x",
            "http://graph.facebook.com/x",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert!(!media.is_theirs(&Url::parse(bad).unwrap()), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_id_that_is_a_path_is_never_asked_for() {
        let media = media("http://127.0.0.1:9/v1");
        for id in ["", "../me", "1/2", "1?fields=x", "a b"] {
            assert_eq!(media.fetch(id, 10).await, Err(MediaError::NotTheirs), "{id}");
        }
        assert_eq!(media.fetch("1", 10).await, Err(MediaError::Lost));
    }
}
