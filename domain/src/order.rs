//! Orders, refunds, products and customers, as facts that a shop's webhooks bring.

mod chargeback;
mod dispute;
mod received;
mod versions;

use serde::{Deserialize, Serialize};

pub use self::chargeback::{Dispute, DisputeMove, DisputeTold, DisputeWay};
pub use self::dispute::{
    DisputeFacts, DisputeKind, DisputeStatus, DisputedAmount, REMIND_BEFORE, dispute_of_timer, dispute_timer,
};
pub use self::received::{Charge, Received};
pub use self::versions::money_came;
use crate::{Currency, Money, Timestamp};

/// How an order is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payment {
    /// Before it ships.
    Prepaid,
    /// In cash to the carrier.
    Cod,
}

/// An order as the shop last told it. Amounts are in the shop's currency; those of lines and shipping include VAT when
/// `taxes_included`; those of refunds never do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// The shop's numeric id, as text (it may exceed 2^53).
    pub external_id: String,
    /// What people call it (`#1042`).
    pub name: String,
    /// Shop currency.
    pub currency: Currency,
    /// Contact data on the order itself.
    pub email: Option<String>,
    /// Phone on the order, its address or its customer; the first present.
    pub phone: Option<String>,
    /// Who ordered.
    pub customer: Option<CustomerFacts>,
    /// Where it goes.
    pub address: Option<PostalAddress>,
    /// Prepaid or cash on delivery.
    pub payment: Payment,
    /// `paid`, `pending`, … as the shop says.
    pub financial_status: Option<String>,
    /// `fulfilled`, `partial`, …; `None` = nothing shipped.
    pub fulfillment_status: Option<String>,
    /// Whether prices include VAT.
    pub taxes_included: bool,
    /// A test order: it does not exist for figures.
    pub test: bool,
    /// When it was booked.
    pub processed_at: Timestamp,
    /// The shop's version of this order; an older one never replaces a newer one.
    pub updated_at: Timestamp,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// The first instant at which the shop told it as paid, wholly or in part. See [`OrderFacts::settled_at`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The first instant at which the shop told it as not paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpaid_at: Option<Timestamp>,
    /// The first instant at which the shop told that the buyer had confirmed it (cash on delivery).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// Where it was sold, as the shop calls it (`web`, `pos`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The gateways through which it was paid, as the shop calls them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gateways: Vec<String>,
    /// How much money had come, as its versions told. See [`OrderFacts::charges`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<Received>,
    /// What is due in all, after edits and refunds.
    pub total: Money,
    /// Items.
    pub lines: Vec<OrderLine>,
    /// Shipping charged.
    pub shipping: Vec<ShippingCharge>,
    /// Money and goods going back.
    pub refunds: Vec<Refund>,
}

/// One item of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The shop's line id.
    pub external_id: String,
    /// Variant, if it still exists.
    pub variant_id: Option<String>,
    /// Title with its variant.
    pub title: String,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// How many were ordered.
    pub quantity: i64,
    /// Price of one.
    pub unit_price: Money,
    /// Line discount and the line's part of order discounts.
    pub discount: Money,
    /// Tax charged on the line.
    pub tax: Money,
    /// Sum of the line's tax rates, in parts per million (19 % = 190 000).
    pub tax_rate_ppm: i64,
    /// A gift card is a liability, not a sale.
    pub gift_card: bool,
    /// When an edit added it; `None` = at checkout.
    pub added_at: Option<Timestamp>,
}

/// A shipping line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShippingCharge {
    /// Price.
    pub price: Money,
    /// Discount.
    pub discount: Money,
    /// Tax.
    pub tax: Money,
}

/// A refund. Amounts are without tax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// The shop's refund id.
    pub external_id: String,
    /// When it was booked.
    pub processed_at: Timestamp,
    /// Lines going back.
    pub lines: Vec<RefundLine>,
    /// Shipping given back.
    pub shipping: Option<TaxedAmount>,
    /// Restocking fee (+) or goodwill (−) that belongs to no line.
    pub adjustment: Option<TaxedAmount>,
    /// The money that went back, with tax; none when no money moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<RefundPayment>,
}

/// Money that went back to a buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPayment {
    /// The shop's id of it; its place among those of the refund, where the shop names none.
    pub external_id: String,
    /// Through which gateway, as the shop calls it.
    pub gateway: Option<String>,
    /// How much.
    pub amount: Money,
}

/// A refunded line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefundLine {
    /// Which line.
    pub line_id: String,
    /// How many.
    pub quantity: i64,
    /// Refunded without tax.
    pub subtotal: Money,
    /// Refunded tax.
    pub tax: Money,
    /// Whether the goods are back in stock.
    pub restocked: bool,
}

/// An amount and the tax beside it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaxedAmount {
    /// Without tax.
    pub amount: Money,
    /// The tax.
    pub tax: Money,
}

/// Who bought.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CustomerFacts {
    /// The shop's customer id.
    pub external_id: Option<String>,
    /// First and last name.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
}

/// A postal address, as typed by the shopper.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct PostalAddress {
    pub name: Option<String>,
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub city: Option<String>,
    pub province: Option<String>,
    pub country: Option<String>,
    pub zip: Option<String>,
    pub phone: Option<String>,
}

/// A product and its variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductFacts {
    /// The shop's id.
    pub external_id: String,
    /// Title.
    pub title: String,
    /// `active`, `draft`, `archived`.
    pub status: Option<String>,
    /// Variants.
    pub variants: Vec<VariantFacts>,
    /// The shop's version.
    pub updated_at: Timestamp,
}

/// A variant of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantFacts {
    /// The shop's id.
    pub external_id: String,
    /// Title (`Azul / M`).
    pub title: String,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// Price in major units as the shop wrote it.
    pub price: Option<String>,
    /// Units in stock, when told.
    pub stock: Option<i64>,
}

/// A checkout that may be abandoned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckoutFacts {
    /// Its key.
    pub token: String,
    /// Contact data.
    pub email: Option<String>,
    /// Contact data.
    pub phone: Option<String>,
    /// When it became an order.
    pub completed_at: Option<Timestamp>,
    /// Version.
    pub updated_at: Timestamp,
    /// Titles of what is in it.
    pub titles: Vec<String>,
    /// Total in major units with its currency, as written.
    pub total: Option<String>,
}

impl OrderFacts {
    /// The last instant at which money of this order was booked: its sale, an added line, a refund or its cancellation.
    pub fn last_money_at(&self) -> Timestamp {
        let added = self.lines.iter().filter_map(|line| line.added_at);
        let refunded = self.refunds.iter().map(|refund| refund.processed_at);
        added.chain(refunded).chain(self.cancelled_at).fold(self.processed_at, Timestamp::max)
    }

    /// The number in its name, without prefix: `#1042` → `1042`.
    pub fn number(&self) -> String {
        order_number(&self.name)
    }

    /// First name of the person who receives it, for greetings.
    pub fn first_name(&self) -> Option<&str> {
        let customer = self.customer.as_ref().and_then(|customer| customer.name.as_deref());
        let recipient = self.address.as_ref().and_then(|address| address.name.as_deref());
        customer.or(recipient).and_then(|name| name.split_whitespace().next())
    }
}

/// The comparison key of an order's name: letters and digits, upper case, without `#` (`#1042` and `1042` are one).
pub fn order_number(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric() || *letter == '-').flat_map(char::to_uppercase).collect()
}
