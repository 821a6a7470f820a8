//! What is kept of a request beside its body.

use http::HeaderMap;
use recado_domain::event::{Arrival, Source};
use recado_domain::{ArrivalId, Timestamp, TraceId};

use crate::signature::Verified;

/// More headers than any platform sends that are worth keeping.
const KEPT_HEADERS: usize = 24;
/// Longer values are cut.
const KEPT_BYTES: usize = 256;

/// The row of a delivery.
pub(crate) fn arrival(
    source: Source,
    headers: &HeaderMap,
    body: &Verified,
    body_hash: [u8; 32],
    received_at: Timestamp,
) -> Arrival {
    Arrival {
        id: ArrivalId::new(received_at),
        source,
        headers: kept_headers(headers),
        body: body.bytes().to_vec(),
        body_hash,
        received_at,
        trace: TraceId::new(received_at),
    }
}

/// The headers that help to understand or replay a delivery; never a signature or a secret.
fn kept_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| is_kept(name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), cut(value.to_str().ok()?))))
        .take(KEPT_HEADERS)
        .collect()
}

fn is_kept(name: &str) -> bool {
    let shopify = name.starts_with("x-shopify-") || name.starts_with("shopify-");
    let secret = || ["hmac", "signature", "token", "secret", "auth", "cookie"].iter().any(|word| name.contains(word));
    (shopify || matches!(name, "content-type" | "user-agent" | "x-request-id")) && !secret() && name.len() <= KEPT_BYTES
}

fn cut(value: &str) -> String {
    value.chars().take(KEPT_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_secrets_are_not_kept() {
        let mut headers = HeaderMap::new();
        for name in [
            "x-shopify-hmac-sha256",
            "shopify-hmac-sha256",
            "x-hub-signature-256",
            "x-telegram-bot-api-secret-token",
            "authorization",
            "cookie",
            "x-shopify-access-token",
        ] {
            headers.insert(name, "hush".parse().unwrap());
        }
        headers.insert("x-shopify-topic", "orders/create".parse().unwrap());
        headers.insert("user-agent", "a".repeat(9_000).parse().unwrap());
        let kept = kept_headers(&headers);
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert!(kept.iter().all(|(_, value)| value.len() <= KEPT_BYTES && value != "hush"));
    }
}
