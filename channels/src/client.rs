//! What every client of a platform over HTTP is made of.

use std::time::Duration;

use http::HeaderValue;
use recado_domain::Secret;
use reqwest::{Client, ClientBuilder, Url};

use crate::ChannelError;

/// The base address of an API.
pub(crate) fn base(address: &str, channel: &'static str) -> Result<Url, ChannelError> {
    Url::parse(address.trim_end_matches('/'))
        .ok()
        .filter(|base| matches!(base.scheme(), "http" | "https"))
        .ok_or(ChannelError::BadApiBase { channel })
}

/// The header that carries a token.
pub(crate) fn bearer(token: &Secret, channel: &'static str) -> Result<HeaderValue, ChannelError> {
    if token.is_empty() {
        return Err(ChannelError::BadToken { channel });
    }
    let mut header =
        HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| ChannelError::BadToken { channel })?;
    header.set_sensitive(true);
    Ok(header)
}

/// A client's bounds: `timeout` for the whole, and for connecting at most half of it, so that "never connected" can be told
/// from "no answer". It follows no redirect, which could lead a token elsewhere.
pub(crate) fn settings(base: &Url, timeout: Duration, connecting: Duration) -> ClientBuilder {
    let builder = Client::builder()
        .timeout(timeout)
        .connect_timeout((timeout / 2).min(connecting))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("recado/", env!("CARGO_PKG_VERSION")));
    if crate::is_loopback(base) { builder.no_proxy() } else { builder }
}

/// Starts it.
pub(crate) fn start(settings: ClientBuilder, channel: &'static str) -> Result<Client, ChannelError> {
    settings.build().map_err(|error| ChannelError::Client { channel, reason: error.without_url().to_string() })
}
