//! The fact set `finance-facts/1` (FINANCE §1.1): what happened in a shop, each fact under its own id.
//!
//! Amounts are decimal strings in major units of the shop's currency, unless `currency` stands beside them; here they
//! are whole minor units. What is absent is `null`, `false`, `[]` or `"0"`; `taxes_included` is true and `tax_rate` is
//! `"0.19"` unless said otherwise. A repeated id replaces the earlier copy. Test and deleted orders do not exist, and
//! neither do their parcels and payments.

mod decimal;
pub mod entry;
mod error;
mod flow;
mod from_shop;
mod gateway;
mod holding;
mod known;
mod order;
mod parcel;
mod read;
mod read_order;
mod spending;
mod wire;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use decimal::Decimal;
pub use error::{FactsError, Problem};
pub use flow::{Fee, GIFT_CARD_GATEWAY, Payment, PaymentKind, Payout};
pub use from_shop::{DEFAULT_TERMS, ShopFacts, ShopParcel};
pub(crate) use from_shop::{ORDER_GID, PARCEL_GID};
pub use gateway::{GatewayFee, gateway_key, in_force};
pub use holding::{CashBalance, Installment, Inventory, Invoice, OtherCash, OtherCashKind};
pub use order::{Line, Order, PaymentMethod, Product, Refund, RefundLine, Shipping, TaxedAmount, UnitCost};
pub use parcel::{CarrierCharge, ChargeKind, Condition, Outcome, Remittance, RemittanceLine, Shipment};
pub use spending::{AdSpend, Expense, ExpenseKind, Purchase};

use crate::merchant::Merchant;
use crate::{Currency, Timestamp};

/// The name of this format.
pub const SCHEMA: &str = "finance-facts/1";

/// Everything known about a shop's money.
#[derive(Clone, Debug)]
pub struct FactSet {
    /// Whose facts they are.
    pub shop: Shop,
    /// The instant for which figures are asked; what is dated later is unknown.
    pub as_of: Timestamp,
    /// When the sources were last read.
    pub synced_at: Option<Timestamp>,
    /// Rates of exchange.
    pub rates: Vec<Rate>,
    /// Variants with their costs, by variant id.
    pub products: BTreeMap<String, Product>,
    /// Orders.
    pub orders: Vec<Order>,
    /// Parcels.
    pub shipments: Vec<Shipment>,
    /// What carriers charge.
    pub charges: Vec<CarrierCharge>,
    /// What gateways moved.
    pub payments: Vec<Payment>,
    /// What gateways take, and when they pay out.
    pub gateway_fees: Vec<GatewayFee>,
    /// What carriers paid over.
    pub remittances: Vec<Remittance>,
    /// What advertising cost.
    pub ad_spend: Vec<AdSpend>,
    /// Other spending.
    pub expenses: Vec<Expense>,
    /// Stock bought.
    pub purchases: Vec<Purchase>,
    /// Stock counted.
    pub inventory: Vec<Inventory>,
    /// What was billed outside the shop.
    pub invoices: Vec<Invoice>,
    /// Balances of accounts.
    pub cash: Vec<CashBalance>,
    /// Loans, owners' money, equipment.
    pub other_cash: Vec<OtherCash>,
}

impl FactSet {
    /// What is known of a shop before anything has happened in it. It is taken to be registered for VAT, as most are.
    pub fn of_shop(merchant: &Merchant, as_of: Timestamp) -> Self {
        Self {
            shop: Shop {
                name: merchant.name.clone(),
                zone: merchant.zone(),
                currency: merchant.currency,
                vat_registered: true,
                carriers: BTreeMap::new(),
            },
            as_of,
            synced_at: None,
            rates: Vec::new(),
            products: BTreeMap::new(),
            orders: Vec::new(),
            shipments: Vec::new(),
            charges: Vec::new(),
            payments: Vec::new(),
            gateway_fees: Vec::new(),
            remittances: Vec::new(),
            ad_spend: Vec::new(),
            expenses: Vec::new(),
            purchases: Vec::new(),
            inventory: Vec::new(),
            invoices: Vec::new(),
            cash: Vec::new(),
            other_cash: Vec::new(),
        }
    }

    /// Whether nothing is known of the shop's money; products alone move none.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
            && self.shipments.is_empty()
            && self.charges.is_empty()
            && self.payments.is_empty()
            && self.remittances.is_empty()
            && self.ad_spend.is_empty()
            && self.expenses.is_empty()
            && self.purchases.is_empty()
            && self.inventory.is_empty()
            && self.invoices.is_empty()
            && self.cash.is_empty()
            && self.other_cash.is_empty()
    }
}

/// The shop itself.
#[derive(Clone, Debug)]
pub struct Shop {
    /// What it is called.
    pub name: String,
    /// Where its days begin.
    pub zone: TimeZone,
    /// The currency of its books.
    pub currency: Currency,
    /// Whether VAT it pays is given back.
    pub vat_registered: bool,
    /// Terms of its carriers, by name.
    pub carriers: BTreeMap<String, CarrierTerms>,
}

/// What was agreed with a carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarrierTerms {
    /// Days from delivery to remittance.
    pub term_days: u16,
    /// Days from shipping to delivery.
    pub transit_days: u16,
}

/// Units of the shop's currency for one unit of another, from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// From when.
    pub date: Date,
    /// Of which currency.
    pub currency: Currency,
    /// The shop's units for one.
    pub rate: Decimal,
}
