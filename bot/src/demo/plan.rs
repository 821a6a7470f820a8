//! Which order is in which state: 60 of them, the oldest first. The recent ones hold a struck depot in Cali, so that
//! there is an incident to look at, while every other city is normal.

use super::people::{
    self, BARRANQUILLA, BOGOTA, BUCARAMANGA, CALI, CARTAGENA, City, IBAGUE, MANIZALES, MEDELLIN, PEREIRA,
};

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Cash on delivery, not confirmed yet.
    PendingConfirmation,
    PaidUnfulfilled,
    LabelCreated,
    InTransit,
    OutForDelivery,
    AttemptFailed,
    AvailableForPickup,
    Delivered,
    Exception,
    /// Refused at the door, on its way back.
    Returning,
    Cancelled,
    /// Delivered, and a line came back.
    PartiallyRefunded,
    /// Delivered late, and a part of the price given back.
    Goodwill,
    /// The shop tried its own checkout.
    Test,
    GiftCard,
    /// Two parcels, the second still on its way.
    TwoParcels,
    /// Bought without an account and without a phone.
    Guest,
}

/// Who carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Coordinadora,
    Servientrega,
    Interrapidisimo,
    Envia,
}

impl Carrier {
    /// As the shop writes it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Coordinadora => "Coordinadora",
            Self::Servientrega => "Servientrega",
            Self::Interrapidisimo => "Interrapidísimo",
            Self::Envia => "Envía",
        }
    }
    /// Digits of its tracking numbers (CONTRACTS E6).
    pub(super) const fn digits(self) -> u32 {
        match self {
            Self::Servientrega => 10,
            Self::Coordinadora => 11,
            Self::Interrapidisimo | Self::Envia => 12,
        }
    }
    /// Its page for a number.
    pub(super) fn page(self, number: &str) -> String {
        let base = match self {
            Self::Coordinadora => "https://coordinadora.com/rastreo/?guia=",
            Self::Servientrega => "https://www.servientrega.com/rastreo/?guia=",
            Self::Interrapidisimo => "https://interrapidisimo.com/sigue-tu-envio/?guia=",
            Self::Envia => "https://envia.co/rastreo/?guia=",
        };
        format!("{base}{number}")
    }
}

/// Whose order it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buyer {
    Anyone,
    Yuliana,
    Deisy,
}

/// One order to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Minutes between its booking and now.
    pub age: i64,
    pub stage: Stage,
    pub carrier: Carrier,
    pub city: &'static City,
    /// Cash on delivery.
    pub cod: bool,
    pub buyer: Buyer,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// Booked 45 to 10 days ago.
const OLD: [(Stage, bool); 28] = [
    (Stage::Delivered, false),
    (Stage::Delivered, true),
    (Stage::PartiallyRefunded, false),
    (Stage::Delivered, true),
    (Stage::Test, false),
    (Stage::Delivered, false),
    (Stage::Returning, true),
    (Stage::Delivered, false),
    (Stage::Guest, false),
    (Stage::Delivered, true),
    (Stage::Goodwill, false),
    (Stage::Delivered, true),
    (Stage::Cancelled, false),
    (Stage::Delivered, true),
    (Stage::GiftCard, false),
    (Stage::Delivered, false),
    (Stage::PartiallyRefunded, false),
    (Stage::Delivered, true),
    (Stage::Delivered, false),
    (Stage::Returning, true),
    (Stage::Delivered, false),
    (Stage::Delivered, true),
    (Stage::Delivered, false),
    (Stage::Cancelled, true),
    (Stage::Delivered, true),
    (Stage::Goodwill, false),
    (Stage::Delivered, false),
    (Stage::Delivered, true),
];

/// Booked in the last week. #1042 is the fourteenth.
const RECENT: [(Stage, Place); 32] = [
    (Stage::Exception, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::AvailableForPickup, Place::In(&BOGOTA, Carrier::Servientrega)),
    (Stage::Exception, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::TwoParcels, Place::In(&MEDELLIN, Carrier::Envia)),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::InTransit, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::InTransit, Place::Deisy),
    (Stage::Exception, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::InTransit, Place::Yuliana),
    (Stage::InTransit, Place::Struck),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::InTransit, Place::In(&BUCARAMANGA, Carrier::Coordinadora)),
    (Stage::OutForDelivery, Place::Struck),
    (Stage::Exception, Place::Struck),
    (Stage::Exception, Place::In(&PEREIRA, Carrier::Servientrega)),
    (Stage::AttemptFailed, Place::Struck),
    (Stage::InTransit, Place::Struck),
    (Stage::OutForDelivery, Place::In(&BOGOTA, Carrier::Coordinadora)),
    (Stage::InTransit, Place::Struck),
    (Stage::OutForDelivery, Place::Struck),
    (Stage::InTransit, Place::In(&CARTAGENA, Carrier::Envia)),
    (Stage::LabelCreated, Place::Deisy),
    (Stage::LabelCreated, Place::In(&MANIZALES, Carrier::Interrapidisimo)),
    (Stage::PaidUnfulfilled, Place::In(&MEDELLIN, Carrier::Envia)),
    (Stage::PendingConfirmation, Place::In(&BOGOTA, Carrier::Servientrega)),
    (Stage::PaidUnfulfilled, Place::In(&CALI, Carrier::Coordinadora)),
    (Stage::PendingConfirmation, Place::In(&IBAGUE, Carrier::Interrapidisimo)),
];

/// Minutes before now of the last six, so that "today" and "yesterday" hold something.
const LAST_AGES: [i64; 6] = [36 * HOUR, 26 * HOUR, 7 * HOUR, 4 * HOUR, 95, 25];

#[derive(Clone, Copy)]
enum Place {
    /// Coordinadora to Cali.
    Struck,
    In(&'static City, Carrier),
    Yuliana,
    Deisy,
}

pub(super) static OLD_CITIES: [(&people::City, Carrier); 7] = [
    (&BOGOTA, Carrier::Servientrega),
    (&MEDELLIN, Carrier::Coordinadora),
    (&CALI, Carrier::Coordinadora),
    (&BARRANQUILLA, Carrier::Interrapidisimo),
    (&CARTAGENA, Carrier::Envia),
    (&BUCARAMANGA, Carrier::Servientrega),
    (&PEREIRA, Carrier::Envia),
];

/// All orders, oldest first; the first is #1001.
pub(super) fn plans() -> Vec<Plan> {
    let mut plans = Vec::with_capacity(OLD.len() + RECENT.len());
    for (index, (stage, cod)) in OLD.into_iter().enumerate() {
        let (city, carrier) = OLD_CITIES[index % OLD_CITIES.len()];
        let age = 45 * DAY - index as i64 * 31 * HOUR;
        plans.push(Plan { age, stage, carrier, city, cod, buyer: Buyer::Anyone });
    }
    for (index, (stage, place)) in RECENT.into_iter().enumerate() {
        let last = index.checked_sub(RECENT.len() - LAST_AGES.len());
        let age = last.map_or(7 * DAY - index as i64 * 5 * HOUR, |last| LAST_AGES[last]);
        let (city, carrier, buyer) = match place {
            Place::Struck => (&CALI, Carrier::Coordinadora, Buyer::Anyone),
            Place::In(city, carrier) => (city, carrier, Buyer::Anyone),
            Place::Yuliana => (&MEDELLIN, Carrier::Coordinadora, Buyer::Yuliana),
            Place::Deisy => (&BARRANQUILLA, Carrier::Interrapidisimo, Buyer::Deisy),
        };
        let cod = match stage {
            Stage::PendingConfirmation => true,
            Stage::PaidUnfulfilled => false,
            _ => buyer == Buyer::Yuliana || (buyer == Buyer::Anyone && index % 3 == 0),
        };
        plans.push(Plan { age, stage, carrier, city, cod, buyer });
    }
    plans
}
