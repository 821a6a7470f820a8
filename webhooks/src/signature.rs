//! Signatures over raw bytes, compared in constant time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use recado_domain::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::problem::Refusal;

/// A body of which nothing is known yet.
pub struct Unverified(Bytes);

/// A body that its platform has signed. Only a check makes one.
pub struct Verified(Bytes);

impl Unverified {
    /// Takes in raw bytes.
    pub fn new(body: Bytes) -> Self {
        Self(body)
    }

    /// Hands the bytes over if one of the keys made the signature.
    pub(crate) fn check_mac(self, keys: &[MacKey], signature: &MacBytes) -> Result<Verified, Refusal> {
        if keys.iter().any(|key| key.made(&self.0, signature)) { Ok(Verified(self.0)) } else { Err(Refusal::Signature) }
    }

    /// Hands the bytes over to who proved to know the shared secret (Telegram signs nothing, CONTRACTS C).
    pub(crate) fn vouched(self, _: TokenProof) -> Verified {
        Verified(self.0)
    }
}

impl Verified {
    /// The bytes, exactly as they came.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}

/// The caller knew the shared secret. Only the comparison makes one.
pub(crate) struct TokenProof(());

impl TokenProof {
    pub(crate) fn check(expected: &Secret, presented: &str) -> Result<Self, Refusal> {
        if same_secret(expected, presented) { Ok(Self(())) } else { Err(Refusal::Signature) }
    }
}

/// A received HMAC-SHA256.
pub(crate) type MacBytes = [u8; 32];

/// A key with its first block already absorbed: two compressions less for each body.
#[derive(Clone)]
pub(crate) struct MacKey(Hmac<Sha256>);

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(***)")
    }
}

impl MacKey {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(Hmac::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length"))
    }

    fn made(&self, body: &[u8], signature: &MacBytes) -> bool {
        self.0.clone().chain_update(body).verify_slice(signature).is_ok()
    }

    pub(crate) fn sign(&self, body: &[u8]) -> MacBytes {
        self.0.clone().chain_update(body).finalize().into_bytes().into()
    }
}

/// Compares digests, so that neither content nor length shows in the time taken.
pub(crate) fn same_secret(expected: &Secret, presented: &str) -> bool {
    let (left, right) = (Sha256::digest(expected.expose().as_bytes()), Sha256::digest(presented.as_bytes()));
    !expected.is_empty() && bool::from(left.ct_eq(&right))
}

/// The one value of a header that may go by several names. Two values are refused: a proxy and we might pick
/// different ones.
pub(crate) fn only_header<'a>(headers: &'a HeaderMap, names: &[&str]) -> Result<&'a str, Refusal> {
    let mut values = names.iter().flat_map(|name| headers.get_all(*name));
    let value = values.next().ok_or(Refusal::Unsigned)?;
    if values.next().is_some() {
        return Err(Refusal::Signature);
    }
    value.to_str().map_err(|_| Refusal::Signature)
}

/// Reads `sha256=<64 lower-case hex digits>` (CONTRACTS A2).
pub(crate) fn hex_mac(text: &str) -> Result<MacBytes, Refusal> {
    let digits = text.strip_prefix("sha256=").ok_or(Refusal::Signature)?;
    if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(Refusal::Signature);
    }
    let mut mac = [0; 32];
    hex::decode_to_slice(digits, &mut mac).map_err(|_| Refusal::Signature)?;
    Ok(mac)
}

/// Reads the base64 of 32 bytes (CONTRACTS B1).
pub(crate) fn base64_mac(text: &str) -> Result<MacBytes, Refusal> {
    let bytes = STANDARD.decode(text).map_err(|_| Refusal::Signature)?;
    bytes.try_into().map_err(|_| Refusal::Signature)
}

pub(crate) fn to_hex_header(mac: &MacBytes) -> String {
    format!("sha256={}", hex::encode(mac))
}

pub(crate) fn to_base64_header(mac: &MacBytes) -> String {
    STANDARD.encode(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> MacKey {
        MacKey::new(&Secret::new(secret))
    }

    #[test]
    fn the_mac_is_that_of_rfc_4231() {
        // Test case 2 of RFC 4231.
        let mac = key("Jefe").sign(b"what do ya want for nothing?");
        assert_eq!(hex::encode(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_body_is_verified_only_by_its_own_signature() {
        let keys = [key("old"), key("new")];
        let body = || Unverified::new(Bytes::from_static(b"hola"));
        assert!(body().check_mac(&keys, &keys[1].sign(b"hola")).is_ok());
        assert!(body().check_mac(&keys, &keys[0].sign(b"hola")).is_ok());
        assert!(body().check_mac(&keys, &keys[0].sign(b"hola ")).is_err());
        assert!(body().check_mac(&keys, &key("other").sign(b"hola")).is_err());
        assert!(body().check_mac(&[], &keys[0].sign(b"hola")).is_err());
    }

    #[test]
    fn spellings_of_a_signature_are_strict() {
        let mac = key("k").sign(b"x");
        let good = to_hex_header(&mac);
        assert_eq!(hex_mac(&good), Ok(mac));
        for bad in [
            good.to_uppercase(),
            good.replace("sha256=", "SHA256="),
            good.replace("sha256=", "sha1="),
            good[..good.len() - 1].to_owned(),
            format!("{good}0"),
            format!(" {good}"),
            String::new(),
            "sha256=".to_owned(),
        ] {
            assert!(hex_mac(&bad).is_err(), "{bad:?}");
        }
        let good = to_base64_header(&mac);
        assert_eq!(base64_mac(&good), Ok(mac));
        assert!(base64_mac(good.trim_end_matches('=')).is_err());
        assert!(base64_mac(&good[..40]).is_err());
        assert!(base64_mac("").is_err());
    }

    #[test]
    fn an_unset_secret_equals_nothing() {
        assert!(!same_secret(&Secret::new(""), ""));
        assert!(same_secret(&Secret::new("a"), "a"));
        assert!(!same_secret(&Secret::new("a"), "b"));
    }
}
