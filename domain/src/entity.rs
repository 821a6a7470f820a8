//! Things found in a text: what they are, what they say, and where they stand.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use crate::money::{Currency, Money};
use crate::period::Period;

/// A thing found in a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Entity {
    /// The number of an order.
    OrderNumber {
        /// Without `#`, upper case.
        value: String,
    },
    /// The number of a parcel.
    TrackingNumber {
        /// Without blanks and dashes, upper case.
        value: String,
        /// The likeliest carrier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        carrier: Option<String>,
        /// As [`crate::tracking::Candidate::valid`].
        #[serde(default)]
        valid: bool,
    },
    /// An e-mail address.
    Email {
        /// Lower case.
        value: String,
    },
    /// A telephone number.
    Phone {
        /// E.164 where the country is known, else as written without blanks.
        value: String,
    },
    /// An amount of money.
    Money {
        /// Minor units of the currency; hundredths where it is not known.
        minor: i64,
        /// The currency said, else the shop's; `None` when neither is known.
        currency: Option<Currency>,
        /// Other readings of the same words: ask before acting.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        alternatives: Vec<i64>,
    },
    /// A span of days, today and past.
    Period {
        /// Which.
        value: Period,
        /// What it is to be compared with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        versus: Option<Period>,
    },
    /// A day to come.
    Date {
        /// Which.
        value: Date,
    },
    /// How many.
    Quantity {
        /// The number.
        value: u32,
    },
    /// What somebody is called.
    PersonName {
        /// As written.
        value: String,
    },
    /// Where somebody lives.
    Address(Box<Address>),
    /// A number of an identity document.
    Document {
        /// Which document: `cedula`, `nit`, `cpf`, `cnpj`, `rfc`, `curp`, `rut`, `cuit`, `dni`, `ruc`.
        kind: String,
        /// Without points and dashes, upper case.
        value: String,
        /// Whether its check digit agrees; `None` where the document has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        valid: Option<bool>,
    },
    /// A city.
    City {
        /// Its usual name.
        value: String,
        /// ISO 3166 country.
        country: String,
    },
    /// A way to pay.
    PaymentMethod {
        /// `cash_on_delivery`, `card`, `pix` …
        value: String,
    },
}

impl Entity {
    /// The amounts of a money entity, the likeliest first; empty for anything else, or where the currency is unknown.
    pub fn amounts(&self) -> Vec<Money> {
        let Self::Money { minor, currency: Some(currency), alternatives } = self else { return Vec::new() };
        std::iter::once(minor).chain(alternatives).map(|minor| Money::new(*minor, *currency)).collect()
    }
}

/// The parts of an address, as far as they were said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// ISO 3166 country it was read for.
    pub country: String,
    /// Street with its kind («Cra 43A»), or block («Mz A»).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Number, plate («10-50») or plot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Flat, floor, tower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Barrio, colonia, bairro, urbanisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// City, municipality, comuna.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Department, state, province, region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// What the country's carriers also need and was not said (OPERATIONS §1.4), in the order to ask.
    pub missing: Vec<String>,
}

/// An entity and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// What was found.
    #[serde(flatten)]
    pub entity: Entity,
    /// First byte in the text.
    #[serde(default)]
    pub start: usize,
    /// First byte after it; equal to `start` where the place is not known.
    #[serde(default)]
    pub end: usize,
}

impl From<Entity> for Mention {
    /// Without a place.
    fn from(entity: Entity) -> Self {
        Self { entity, start: 0, end: 0 }
    }
}

impl std::ops::Deref for Mention {
    type Target = Entity;
    fn deref(&self) -> &Entity {
        &self.entity
    }
}

/// Reads a list of mentions and leaves out those of a form this version does not know: a stored trace stays readable.
pub(crate) fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mention>, D::Error> {
    let all = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}
