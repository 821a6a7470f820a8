//! The carriers that a member may name in a question or a statement about money.

use crate::understanding::rules::contains;

/// Names of carriers, normalised.
const CARRIERS: &[&str] = &[
    "coordinadora",
    "servientrega",
    "interrapidisimo",
    "inter rapidisimo",
    "tcc",
    "deprisa",
    "estafeta",
    "dhl",
    "fedex",
    "redpack",
    "andreani",
    "oca",
    "correo argentino",
    "correios",
    "jadlog",
    "loggi",
    "chilexpress",
    "starken",
    "bluexpress",
    "olva",
    "shalom",
];
/// Carriers whose names are everyday words too: «envía» is also «sends».
const AMBIGUOUS: &[&str] = &["envia"];

/// The carrier whose name can mean nothing else.
pub(super) fn named(normalised: &str) -> Option<&'static str> {
    CARRIERS.iter().copied().find(|name| contains(normalised, name))
}

/// The carrier that a word names where a carrier is expected: beside money that came in, «envía» is one.
pub(super) fn expected(normalised: &str) -> Option<&'static str> {
    named(normalised).or_else(|| AMBIGUOUS.iter().copied().find(|name| contains(normalised, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_verb_counts_where_a_carrier_is_expected_only() {
        assert_eq!(expected("envia consigno 2 millones"), Some("envia"));
        assert_eq!(named("cuanto se envia por mes"), None);
        assert_eq!(named("cuanto cobro inter rapidisimo"), Some("inter rapidisimo"));
        assert_eq!(expected("llego plata"), None);
    }
}
