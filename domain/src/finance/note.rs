//! Something about money that a member told in a message: spent, paid, received, held. It becomes facts once it was
//! echoed in figures and confirmed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::facts::entry::{Entry, GATEWAY_FEES, entry_of};
use super::facts::{ExpenseKind, FactsError, OtherCashKind};
use crate::merchant::Merchant;
use crate::money::Money;
use crate::{EventId, Timestamp};

/// What was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "told", rename_all = "snake_case")]
pub enum Told {
    /// Advertising of a day.
    Ads {
        /// Where; `other` when not said.
        platform: String,
    },
    /// An expense, paid.
    Expense {
        /// What it is.
        kind: ExpenseKind,
        /// What it is for, in the words of the message.
        category: String,
    },
    /// Stock bought and paid.
    Purchase {
        /// From whom, if said.
        supplier: Option<String>,
    },
    /// A carrier paid over what it collected.
    Remittance {
        /// Which.
        carrier: String,
    },
    /// The balance of an account, now.
    Balance {
        /// Which.
        account: String,
    },
    /// What a gateway takes of each charge; the amount is the fixed part of it, possibly nothing.
    Gateway {
        /// Which; none = every gateway of which nothing else is told.
        gateway: String,
        /// The share of the charge, as a decimal: `0.0265` is 2.65 %.
        rate: String,
        /// The VAT on it, likewise.
        vat_rate: String,
        /// Days until it pays out, if said.
        payout_days: Option<u16>,
        /// The first day of it; `None` = of all days.
        from: Option<Date>,
    },
    /// Money that the owner put in or took out.
    Owner {
        /// In (true) or out.
        into: bool,
    },
}

impl Told {
    /// Its word.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ads { .. } => "ads",
            Self::Expense { .. } => "expense",
            Self::Purchase { .. } => "purchase",
            Self::Remittance { .. } => "remittance",
            Self::Balance { .. } => "balance",
            Self::Gateway { .. } => "gateway",
            Self::Owner { into: true } => "owner_in",
            Self::Owner { into: false } => "owner_out",
        }
    }
    /// What it names: the platform, the category, the carrier, the account.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Ads { platform: name }
            | Self::Expense { category: name, .. }
            | Self::Remittance { carrier: name }
            | Self::Balance { account: name }
            | Self::Gateway { gateway: name, .. } => Some(name),
            Self::Purchase { supplier } => supplier.as_deref(),
            Self::Owner { .. } => None,
        }
    }
}

/// A statement about money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What was told.
    #[serde(flatten)]
    pub told: Told,
    /// How much; above zero, but for a balance and a gateway.
    pub amount: Money,
    /// Other amounts that the same words may mean.
    #[serde(default)]
    pub alternatives: Vec<Money>,
    /// The shop's day of it.
    pub day: Date,
}

impl Note {
    /// The facts of it. The id comes from the message that told it, so that a turn that runs twice tells it once.
    ///
    /// # Errors
    /// When it is no fact: a name with control characters.
    pub fn entries(&self, shop: &Merchant, told_by: EventId, told_at: Timestamp) -> Result<Vec<Entry>, FactsError> {
        let id = format!("chat-{told_by}");
        let (amount, currency, day) = (self.amount.to_decimal(), self.amount.currency, self.day);
        let (kind, body) = match &self.told {
            Told::Ads { platform } => (
                "ad_spend",
                json!({"id": id, "date": day, "platform": platform, "currency": currency, "amount": amount, "vat": "0", "paid_on": day}),
            ),
            Told::Expense { kind, category } => {
                // Rent and the like are of the whole month in which they are paid.
                let (from, to) = match kind {
                    ExpenseKind::Fixed => (day.first_of_month(), day.last_of_month()),
                    _ => (day, day),
                };
                (
                    "expenses",
                    json!({"id": id, "kind": kind, "category": category, "currency": currency, "amount": amount, "vat": "0",
                        "invoiced_on": day, "from": from, "to": to, "due_on": day, "paid_on": day}),
                )
            }
            Told::Purchase { supplier } => (
                "purchases",
                json!({"id": id, "supplier": supplier.as_deref().unwrap_or("-"), "currency": currency, "amount": amount, "vat": "0",
                    "received_on": day, "due_on": day, "paid_on": day}),
            ),
            Told::Remittance { carrier } => (
                "remittances",
                json!({"id": id, "carrier": carrier, "remitted_at": self.instant(shop, told_at), "net": amount, "lines": []}),
            ),
            Told::Balance { account } => (
                "cash",
                json!({"at": self.instant(shop, told_at), "account": account, "currency": currency, "balance": amount}),
            ),
            Told::Gateway { gateway, rate, vat_rate, payout_days, from } => (
                GATEWAY_FEES,
                json!({"gateway": gateway, "from": from, "rate": rate, "fixed": amount, "vat_rate": vat_rate,
                    "payout_days": payout_days}),
            ),
            Told::Owner { into } => {
                let sign = if *into { "" } else { "-" };
                (
                    "other_cash",
                    json!({"id": id, "date": day, "kind": OtherCashKind::Owner, "amount": format!("{sign}{amount}")}),
                )
            }
        };
        Ok(vec![entry_of(kind, &body.to_string(), &shop.zone())?])
    }

    /// The instant of the message on its own day; of a day before, its noon.
    fn instant(&self, shop: &Merchant, told_at: Timestamp) -> Timestamp {
        let zone = shop.zone();
        if told_at.in_zone(&zone).date() == self.day {
            return told_at;
        }
        self.day.at(12, 0, 0, 0).to_zoned(zone).map_or(told_at, |noon| noon.timestamp().into())
    }
}
