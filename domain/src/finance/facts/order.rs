//! Orders, their lines and refunds; products with their costs.

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::Timestamp;

/// How an order is paid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentMethod {
    /// Before it ships.
    Prepaid,
    /// In cash to the carrier.
    Cod,
}

impl PaymentMethod {
    /// Its word in the fact set.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Prepaid => "prepaid",
            Self::Cod => "cod",
        }
    }
}

/// A variant and what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// What people call it.
    pub title: String,
    /// Cost history, oldest first.
    pub costs: Vec<UnitCost>,
}

impl Product {
    /// The cost of one unit in force at an instant; `None` = unknown.
    pub fn cost_at(&self, at: Timestamp) -> Option<i64> {
        self.costs.iter().rev().find(|cost| cost.from <= at).map(|cost| cost.unit_cost)
    }
}

/// What one unit costs from an instant on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitCost {
    /// From when.
    pub from: Timestamp,
    /// Minor units of the shop's currency.
    pub unit_cost: i64,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// When it was booked.
    pub processed_at: Timestamp,
    /// Who bought.
    pub customer_id: Option<String>,
    /// Prepaid or cash on delivery.
    pub payment: PaymentMethod,
    /// Whether prices and discounts include VAT.
    pub taxes_included: bool,
    /// When a cash-on-delivery order was confirmed by the buyer.
    pub confirmed_at: Option<Timestamp>,
    /// When a prepaid order was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// Where it was sold, when told.
    pub channel: Option<String>,
    /// Where it goes, when told.
    pub city: Option<String>,
    /// Items.
    pub lines: Vec<Line>,
    /// Shipping charged.
    pub shipping: Shipping,
    /// Money and goods going back.
    pub refunds: Vec<Refund>,
}

/// An item of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: String,
    /// What was sold.
    pub variant_id: Option<String>,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: i64,
    /// Line discount and its part of order discounts.
    pub discount: i64,
    /// VAT charged on the line.
    pub tax: i64,
    /// Sum of the line's tax rates.
    pub tax_rate: Decimal,
    /// A gift card is a liability, not a sale.
    pub gift_card: bool,
    /// When an edit added it; `None` = at checkout.
    pub added_at: Option<Timestamp>,
}

/// Shipping charged to the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipping {
    /// Price.
    pub price: i64,
    /// Discount.
    pub discount: i64,
    /// VAT.
    pub tax: i64,
    /// Sum of its tax rates.
    pub tax_rate: Decimal,
}

/// A refund. Amounts are without tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: String,
    /// When it was booked.
    pub processed_at: Timestamp,
    /// Lines going back.
    pub lines: Vec<RefundLine>,
    /// Shipping given back.
    pub shipping: Option<TaxedAmount>,
    /// Restocking fee (+) or goodwill (−) that belongs to no line.
    pub adjustment: Option<TaxedAmount>,
}

/// A refunded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine {
    /// Which line.
    pub line_id: String,
    /// How many.
    pub quantity: i64,
    /// Refunded without tax.
    pub subtotal: i64,
    /// Refunded tax.
    pub tax: i64,
    /// Whether the goods are back in stock.
    pub restocked: bool,
}

/// An amount and the tax beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxedAmount {
    /// Without tax.
    pub amount: i64,
    /// The tax.
    pub tax: i64,
}
