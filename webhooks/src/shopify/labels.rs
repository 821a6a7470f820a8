//! The headers of a delivery. None is covered by the signature.

use http::HeaderMap;
use recado_domain::Timestamp;

use crate::json::cut;

/// What the headers say; second-generation names without `X-` are read as well (CONTRACTS B1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// `orders/create`, or `Product` of the second generation.
    pub topic: String,
    /// `x.myshopify.com`.
    pub shop: String,
    /// Id of the delivery, stable over its repetitions.
    pub webhook_id: Option<String>,
    /// Id of the merchant's action.
    pub event_id: Option<String>,
    /// `create`, `update` or `delete`; second generation only.
    pub action: Option<String>,
    /// When it happened, RFC 3339.
    pub triggered_at: Option<String>,
}

impl Labels {
    /// Reads the headers. One that is repeated or not text counts as missing.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let label = |name: &str| {
            let names = [format!("x-shopify-{name}"), format!("shopify-{name}")];
            let mut values = names.iter().flat_map(|name| headers.get_all(name));
            let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?.trim();
            (!value.is_empty()).then(|| cut(value, 256))
        };
        Self {
            topic: label("topic").unwrap_or_default(),
            shop: label("shop-domain").unwrap_or_default(),
            webhook_id: label("webhook-id"),
            event_id: label("event-id"),
            action: label("action"),
            triggered_at: label("triggered-at"),
        }
    }

    /// The topic as a key: lower case; `events:product/update` for the second generation, whose bodies are of another
    /// shape.
    pub(super) fn topic(&self) -> String {
        let topic = self.topic.to_ascii_lowercase();
        match &self.action {
            Some(action) if !topic.contains('/') => format!("events:{topic}/{}", action.to_ascii_lowercase()),
            _ => topic,
        }
    }

    /// The word for unknown events.
    pub(super) fn kind(&self) -> String {
        format!("shopify:{}", self.topic())
    }

    /// The shop, if it is a shop's domain: `^[a-z0-9][a-z0-9-]*\.myshopify\.com$`.
    pub(super) fn valid_shop(&self) -> Option<&str> {
        let name = self.shop.strip_suffix(".myshopify.com")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let sound = name.len() <= 100
            && name.bytes().next().is_some_and(plain)
            && name.bytes().all(|byte| plain(byte) || byte == b'-');
        sound.then_some(self.shop.as_str())
    }

    pub(super) fn triggered_at(&self) -> Option<Timestamp> {
        Timestamp::parse(self.triggered_at.as_deref()?).ok()
    }

    /// The delivery's id; without one the body is its own id.
    pub(super) fn dedupe(&self, body_key: &str) -> String {
        self.webhook_id.as_ref().map_or_else(|| body_key.to_owned(), |id| format!("webhook:{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_shops_own_domain_is_valid() {
        let valid = |shop: &str| Labels { shop: shop.to_owned(), ..Labels::default() }.valid_shop().is_some();
        assert!(valid("tienda-1.myshopify.com"));
        for bad in [
            "",
            ".myshopify.com",
            "-a.myshopify.com",
            "Tienda.myshopify.com",
            "a.b.myshopify.com",
            "a.myshopify.com.evil.example",
            "a.myshopify.com\n",
            "evil.example/a.myshopify.com",
        ] {
            assert!(!valid(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_repeated_header_counts_as_missing() {
        let mut headers = HeaderMap::new();
        headers.append("x-shopify-topic", "orders/create".parse().unwrap());
        assert_eq!(Labels::from_headers(&headers).topic, "orders/create");
        headers.append("shopify-topic", "orders/delete".parse().unwrap());
        assert_eq!(Labels::from_headers(&headers).topic, "");
    }
}
