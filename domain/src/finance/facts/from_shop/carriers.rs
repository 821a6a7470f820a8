//! One name for each carrier, whatever its spelling.

use std::collections::HashMap;

use super::super::Shop;
use crate::shipment::place_key;

/// Carriers that shops of ours use, as they call themselves.
const PROPER: [&str; 26] = [
    "99 Minutos",
    "Andreani",
    "Azul Cargo",
    "Blue Express",
    "Chilexpress",
    "Coordinadora",
    "Correios",
    "Deprisa",
    "DHL",
    "Domina",
    "Envía",
    "Estafeta",
    "FedEx",
    "Interrapidísimo",
    "Jadlog",
    "Loggi",
    "Mensajeros Urbanos",
    "Olva Courier",
    "Paquetexpress",
    "Redpack",
    "Saferbo",
    "Servientrega",
    "Starken",
    "TCC",
    "Total Express",
    "UPS",
];

/// How carriers are spelled in the books of a shop. It depends on the shop's own terms alone, and never on what was told
/// of other parcels.
pub(super) struct Spelling(HashMap<String, String>);

impl Spelling {
    pub(super) fn of(shop: &Shop) -> Self {
        let proper = PROPER.into_iter().map(|name| (place_key(name), name.to_owned()));
        let own = shop.carriers.keys().map(|name| (place_key(name), name.clone()));
        Self(proper.chain(own).collect())
    }

    pub(super) fn name(&self, written: &str) -> String {
        self.0.get(&place_key(written)).cloned().unwrap_or_else(|| written.trim().to_owned())
    }
}
