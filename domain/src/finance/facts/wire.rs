//! The fact set as JSON writes it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer};

use super::{ChargeKind, Condition, Decimal, ExpenseKind, OtherCashKind, PaymentKind, PaymentMethod};
use crate::Timestamp;

/// An absent or `null` value is its default.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

impl Default for Decimal {
    fn default() -> Self {
        Self::ZERO
    }
}

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    pub schema: Option<String>,
    pub merchant: Merchant,
    pub as_of: Timestamp,
    #[serde(default)]
    pub synced_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    pub fx: Vec<Fx>,
    #[serde(default, deserialize_with = "lenient")]
    pub products: Vec<Product>,
    #[serde(default, deserialize_with = "lenient")]
    pub orders: Vec<Order>,
    #[serde(default, deserialize_with = "lenient")]
    pub shipments: Vec<Shipment>,
    #[serde(default, deserialize_with = "lenient")]
    pub carrier_charges: Vec<CarrierCharge>,
    #[serde(default, deserialize_with = "lenient")]
    pub payments: Vec<Payment>,
    #[serde(default, deserialize_with = "lenient")]
    pub gateway_fees: Vec<GatewayFee>,
    #[serde(default, deserialize_with = "lenient")]
    pub remittances: Vec<Remittance>,
    #[serde(default, deserialize_with = "lenient")]
    pub ad_spend: Vec<AdSpend>,
    #[serde(default, deserialize_with = "lenient")]
    pub expenses: Vec<Expense>,
    #[serde(default, deserialize_with = "lenient")]
    pub purchases: Vec<Purchase>,
    #[serde(default, deserialize_with = "lenient")]
    pub inventory: Vec<Inventory>,
    #[serde(default, deserialize_with = "lenient")]
    pub invoices: Vec<Invoice>,
    #[serde(default, deserialize_with = "lenient")]
    pub cash: Vec<Cash>,
    #[serde(default, deserialize_with = "lenient")]
    pub other_cash: Vec<OtherCash>,
}

#[derive(Deserialize)]
pub(super) struct Merchant {
    #[serde(default, deserialize_with = "lenient")]
    pub name: String,
    pub timezone: String,
    pub currency: String,
    #[serde(default, deserialize_with = "lenient")]
    pub vat_registered: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub carriers: BTreeMap<String, Terms>,
}

#[derive(Deserialize)]
pub(super) struct Terms {
    #[serde(default, deserialize_with = "lenient")]
    pub term_days: u16,
    #[serde(default, deserialize_with = "lenient")]
    pub transit_days: u16,
}

#[derive(Deserialize)]
pub(super) struct Fx {
    pub date: Date,
    pub currency: String,
    pub rate: Decimal,
}

#[derive(Deserialize)]
pub(super) struct Product {
    pub variant_id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub costs: Vec<Cost>,
}

#[derive(Deserialize)]
pub(super) struct Cost {
    pub from: Timestamp,
    pub unit_cost: Decimal,
}

#[derive(Deserialize)]
pub(super) struct Order {
    pub id: String,
    pub processed_at: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub test: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub deleted: bool,
    #[serde(default)]
    pub customer_id: Option<String>,
    pub payment: PaymentMethod,
    #[serde(default)]
    pub taxes_included: Option<bool>,
    #[serde(default)]
    pub confirmed_at: Option<Timestamp>,
    #[serde(default)]
    pub paid_at: Option<Timestamp>,
    #[serde(default)]
    pub cancelled_at: Option<Timestamp>,
    #[serde(default)]
    pub channel: Option<String>,
    #[serde(default)]
    pub city: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub lines: Vec<Line>,
    #[serde(default, deserialize_with = "lenient")]
    pub shipping: Shipping,
    #[serde(default, deserialize_with = "lenient")]
    pub refunds: Vec<Refund>,
}

#[derive(Deserialize)]
pub(super) struct Line {
    pub id: String,
    #[serde(default)]
    pub variant_id: Option<String>,
    pub qty: i64,
    pub unit_price: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub discount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub tax: Decimal,
    #[serde(default)]
    pub tax_rate: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient")]
    pub gift_card: bool,
    #[serde(default)]
    pub added_at: Option<Timestamp>,
}

#[derive(Deserialize, Default)]
pub(super) struct Shipping {
    #[serde(default, deserialize_with = "lenient")]
    pub price: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub discount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub tax: Decimal,
    #[serde(default)]
    pub tax_rate: Option<Decimal>,
}

#[derive(Deserialize)]
pub(super) struct Refund {
    pub id: String,
    pub processed_at: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub lines: Vec<RefundLine>,
    #[serde(default)]
    pub shipping: Option<Taxed>,
    #[serde(default)]
    pub adjustment: Option<Taxed>,
}

#[derive(Deserialize)]
pub(super) struct RefundLine {
    pub line_id: String,
    pub qty: i64,
    #[serde(default, deserialize_with = "lenient")]
    pub subtotal: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub tax: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub restock: bool,
}

#[derive(Deserialize)]
pub(super) struct Taxed {
    #[serde(default, deserialize_with = "lenient")]
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub tax: Decimal,
}

#[derive(Deserialize)]
pub(super) struct Shipment {
    pub id: String,
    pub order_id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub carrier: String,
    #[serde(default)]
    pub line_ids: Option<Vec<String>>,
    pub shipped_at: Timestamp,
    #[serde(default)]
    pub delivered_at: Option<Timestamp>,
    #[serde(default)]
    pub returned_at: Option<Timestamp>,
    #[serde(default)]
    pub lost_at: Option<Timestamp>,
    #[serde(default)]
    pub return_condition: Option<Condition>,
    #[serde(default, deserialize_with = "lenient")]
    pub cod_amount: Decimal,
}

#[derive(Deserialize)]
pub(super) struct CarrierCharge {
    pub id: String,
    pub shipment_id: String,
    pub kind: ChargeKind,
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub vat: Decimal,
    pub occurred_at: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub deducted: bool,
    #[serde(default)]
    pub paid_on: Option<Date>,
}

#[derive(Deserialize)]
pub(super) struct Payment {
    pub id: String,
    pub order_id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub gateway: String,
    pub kind: PaymentKind,
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub fee: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub fee_vat: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub withheld: BTreeMap<String, Decimal>,
    pub processed_at: Timestamp,
    #[serde(default)]
    pub payout_at: Option<Timestamp>,
}

#[derive(Deserialize)]
pub(super) struct GatewayFee {
    #[serde(default, deserialize_with = "lenient")]
    pub gateway: String,
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default, deserialize_with = "lenient")]
    pub rate: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub fixed: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub vat_rate: Decimal,
    #[serde(default)]
    pub payout_days: Option<u16>,
}

#[derive(Deserialize)]
pub(super) struct Remittance {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub carrier: String,
    pub remitted_at: Timestamp,
    pub net: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub lines: Vec<RemittanceLine>,
}

#[derive(Deserialize)]
pub(super) struct RemittanceLine {
    pub shipment_id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub collected: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub freight: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub fee: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub other: Decimal,
}

#[derive(Deserialize)]
pub(super) struct AdSpend {
    pub id: String,
    pub date: Date,
    #[serde(default, deserialize_with = "lenient")]
    pub platform: String,
    #[serde(default)]
    pub currency: Option<String>,
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub vat: Decimal,
    #[serde(default)]
    pub paid_on: Option<Date>,
}

#[derive(Deserialize)]
pub(super) struct Expense {
    pub id: String,
    pub kind: ExpenseKind,
    #[serde(default, deserialize_with = "lenient")]
    pub category: String,
    #[serde(default)]
    pub currency: Option<String>,
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub vat: Decimal,
    pub invoiced_on: Date,
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub to: Option<Date>,
    #[serde(default)]
    pub due_on: Option<Date>,
    #[serde(default)]
    pub paid_on: Option<Date>,
}

#[derive(Deserialize)]
pub(super) struct Purchase {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub supplier: String,
    #[serde(default)]
    pub currency: Option<String>,
    pub amount: Decimal,
    #[serde(default, deserialize_with = "lenient")]
    pub vat: Decimal,
    pub received_on: Date,
    #[serde(default)]
    pub due_on: Option<Date>,
    #[serde(default)]
    pub paid_on: Option<Date>,
}

#[derive(Deserialize)]
pub(super) struct Inventory {
    pub date: Date,
    pub value: Decimal,
}

#[derive(Deserialize)]
pub(super) struct Invoice {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub customer: String,
    #[serde(default)]
    pub currency: Option<String>,
    pub amount: Decimal,
    pub issued_on: Date,
    pub due_on: Date,
    #[serde(default, deserialize_with = "lenient")]
    pub payments: Vec<Installment>,
}

#[derive(Deserialize)]
pub(super) struct Installment {
    pub date: Date,
    pub amount: Decimal,
}

#[derive(Deserialize)]
pub(super) struct Cash {
    pub at: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub account: String,
    #[serde(default)]
    pub currency: Option<String>,
    pub balance: Decimal,
}

#[derive(Deserialize)]
pub(super) struct OtherCash {
    pub id: String,
    pub date: Date,
    pub kind: OtherCashKind,
    pub amount: Decimal,
}
