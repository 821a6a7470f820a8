//! Signatures and spellings as the platforms make them.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

fn mac(secret: &str, body: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Vec::new() };
    mac.update(body);
    mac.finalize().into_bytes().to_vec()
}

/// `X-Hub-Signature-256` of Meta: `sha256=` and lower-case hex.
pub fn hub_signature(app_secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac(app_secret, body)))
}

/// `X-Shopify-Hmac-Sha256`: base64.
pub fn shopify_signature(client_secret: &str, body: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(mac(client_secret, body))
}

/// JSON text with every non-ASCII character as `\uXXXX` (lower-case hex, surrogate pairs) and `/` as `\/`, as Meta
/// writes its webhooks (CONTRACTS A2).
pub fn escape_like_meta(json: &str) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        match character {
            // A slash stands only inside strings in JSON.
            '/' => escaped.push_str("\\/"),
            character if character.is_ascii() => escaped.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_match_published_examples() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hub_signature("Jefe", b"what do ya want for nothing?"), format!("sha256={expected}"));
        assert_eq!(
            shopify_signature("Jefe", b"what do ya want for nothing?"),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }

    #[test]
    fn escaped_json_is_ascii_and_means_the_same() {
        let value = serde_json::json!({ "text": "¿Dónde está? 🎉 a/b \"q\"" });
        let escaped = escape_like_meta(&value.to_string());
        assert!(escaped.is_ascii());
        assert!(
            escaped.contains("\\u00bfD\\u00f3nde") && escaped.contains("\\ud83c\\udf89") && escaped.contains("a\\/b")
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}
