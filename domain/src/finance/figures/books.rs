//! The facts, linked: which parcel realised which line, which charges belong to which parcel, who came back.

use std::collections::HashMap;

use jiff::civil::Date;

use super::customers::Customers;
use super::undefined::Undefined;
use crate::finance::facts::{FactSet, Line, Order, Outcome, PaymentMethod};
use crate::money::divide_half_even;
use crate::{Currency, Timestamp};

/// The facts known at an instant, linked.
pub(super) struct Books {
    pub facts: FactSet,
    /// The day of `as_of`.
    pub today: Date,
    /// Beside each order of the facts.
    pub orders: Vec<OrderView>,
    /// Place of the order of each parcel.
    pub order_of_parcel: Vec<Option<usize>>,
    /// Places of the charges of each parcel.
    pub charges_of_parcel: Vec<Vec<usize>>,
    /// What carriers paid over for each parcel.
    pub settled: Vec<Settlement>,
    pub order_places: HashMap<String, usize>,
    pub parcel_places: HashMap<String, usize>,
    pub customers: Customers,
}

/// An order, linked.
pub(super) struct OrderView {
    pub lines: Vec<LineView>,
    /// When its shipping was realised.
    pub shipping_realised: Option<Timestamp>,
    /// When the first of its goods was realised.
    pub realised: Option<Timestamp>,
    /// Places of its parcels.
    pub parcels: Vec<usize>,
    /// Its first delivered parcel.
    pub first_delivered: Option<usize>,
}

/// A line, linked.
#[derive(Clone, Copy)]
pub(super) struct LineView {
    pub booked: Timestamp,
    pub realised: Option<Timestamp>,
    /// The first delivered parcel that holds it.
    pub parcel: Option<usize>,
    /// Cost of one unit, if known.
    pub cost: Option<i64>,
    pub net: NetLine,
}

/// A line's parts without VAT: gross − discount is exactly what was charged net.
#[derive(Clone, Copy)]
pub(super) struct NetLine {
    pub gross: i128,
    pub discount: i128,
    pub tax: i128,
}

/// What carriers paid over for a parcel.
#[derive(Clone, Default)]
pub(super) struct Settlement {
    pub collected: i128,
    /// How many remittances hold it.
    pub remittances: usize,
    /// How many of them collected something.
    pub collections: usize,
}

impl NetLine {
    pub(super) fn of(line: &Line, taxes_included: bool) -> Self {
        let price = i128::from(line.unit_price) * i128::from(line.quantity);
        let (discount, tax) = (i128::from(line.discount), i128::from(line.tax));
        if !taxes_included {
            return Self { gross: price, discount, tax };
        }
        // VAT inside the discount: discount × r ÷ (1 + r), extracted once, half-even.
        let rate = i128::from(line.tax_rate.unscaled);
        let tax_in_discount = divide_half_even(discount * rate, 10_i128.pow(line.tax_rate.scale) + rate);
        Self { gross: price - tax - tax_in_discount, discount: discount - tax_in_discount, tax }
    }
    /// gross − discount.
    pub(super) const fn value(self) -> i128 {
        self.gross - self.discount
    }
}

impl Books {
    pub(super) fn new(facts: FactSet, as_of: Timestamp) -> Self {
        let facts = facts.known_at(as_of);
        let today = as_of.in_zone(&facts.shop.zone).date();
        let places = |ids: &mut dyn Iterator<Item = &String>| -> HashMap<String, usize> {
            ids.enumerate().map(|(place, id)| (id.clone(), place)).collect()
        };
        let order_places = places(&mut facts.orders.iter().map(|order| &order.id));
        let parcel_places = places(&mut facts.shipments.iter().map(|parcel| &parcel.id));
        let order_of_parcel: Vec<Option<usize>> =
            facts.shipments.iter().map(|parcel| order_places.get(&parcel.order_id).copied()).collect();

        let mut parcels_of_order = vec![Vec::new(); facts.orders.len()];
        for (parcel, order) in order_of_parcel.iter().enumerate() {
            if let Some(order) = order {
                parcels_of_order[*order].push(parcel);
            }
        }
        let mut charges_of_parcel = vec![Vec::new(); facts.shipments.len()];
        for (place, charge) in facts.charges.iter().enumerate() {
            if let Some(parcel) = parcel_places.get(&charge.shipment_id) {
                charges_of_parcel[*parcel].push(place);
            }
        }
        let mut settled = vec![Settlement::default(); facts.shipments.len()];
        for line in facts.remittances.iter().flat_map(|remittance| &remittance.lines) {
            if let Some(parcel) = parcel_places.get(&line.shipment_id) {
                let settlement = &mut settled[*parcel];
                settlement.collected += i128::from(line.collected);
                settlement.remittances += 1;
                settlement.collections += usize::from(line.collected != 0);
            }
        }
        let orders: Vec<OrderView> = facts
            .orders
            .iter()
            .zip(parcels_of_order)
            .map(|(order, parcels)| OrderView::new(order, parcels, &facts))
            .collect();
        let customers = Customers::new(&facts, &orders);
        Self {
            today,
            orders,
            order_of_parcel,
            charges_of_parcel,
            settled,
            order_places,
            parcel_places,
            customers,
            facts,
        }
    }

    /// The shop's day of an instant.
    pub(super) fn day(&self, at: Timestamp) -> Date {
        at.in_zone(&self.facts.shop.zone).date()
    }

    /// A cost to the shop: VAT is part of it only when nobody gives it back.
    pub(super) fn cost(&self, amount: i64, vat: i64) -> i128 {
        i128::from(amount) + if self.facts.shop.vat_registered { 0 } else { i128::from(vat) }
    }

    /// An amount in the shop's currency, at the last rate on or before a day; rounded once, half-even.
    pub(super) fn converted(&self, amount: i64, currency: Currency, day: Date) -> Result<i64, Undefined> {
        let shop = self.facts.shop.currency;
        if currency == shop {
            return Ok(amount);
        }
        // Rates are sorted by currency and day.
        let after = self.facts.rates.partition_point(|rate| (rate.currency, rate.date) <= (currency, day));
        let rate = after.checked_sub(1).map(|place| self.facts.rates[place]).filter(|rate| rate.currency == currency);
        let rate = rate.ok_or(Undefined::NoExchangeRate)?.rate;
        let units = i128::from(amount) * i128::from(rate.unscaled);
        let up = units.checked_mul(10_i128.pow(shop.exponent())).ok_or(Undefined::TooLarge)?;
        let converted = divide_half_even(up, 10_i128.pow(rate.scale + currency.exponent()));
        i64::try_from(converted).map_err(|_| Undefined::TooLarge)
    }

    /// Amount and VAT, each converted.
    pub(super) fn converted_with_vat(
        &self,
        amount: i64,
        vat: i64,
        currency: Currency,
        day: Date,
    ) -> Result<i64, Undefined> {
        let amount = self.converted(amount, currency, day)?;
        amount.checked_add(self.converted(vat, currency, day)?).ok_or(Undefined::TooLarge)
    }

    /// A cost to the shop, converted.
    pub(super) fn converted_cost(
        &self,
        amount: i64,
        vat: i64,
        currency: Currency,
        day: Date,
    ) -> Result<i64, Undefined> {
        if self.facts.shop.vat_registered {
            self.converted(amount, currency, day)
        } else {
            self.converted_with_vat(amount, vat, currency, day)
        }
    }

    /// Whether a parcel is cash on delivery: as its order is; without its order, when something is due.
    pub(super) fn is_cod(&self, parcel: usize) -> bool {
        match self.order_of_parcel[parcel] {
            Some(order) => self.facts.orders[order].payment == PaymentMethod::Cod,
            None => self.facts.shipments[parcel].cod_amount != 0,
        }
    }
}

impl OrderView {
    fn new(order: &Order, parcels: Vec<usize>, facts: &FactSet) -> Self {
        let delivered = |parcel: &usize| match facts.shipments[*parcel].outcome() {
            Outcome::Delivered(at) => Some((at, facts.shipments[*parcel].id.as_str(), *parcel)),
            Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => None,
        };
        let first_delivered = parcels.iter().filter_map(delivered).min();
        let realised = |booked: Timestamp, delivered: Option<Timestamp>| {
            let settled = match order.payment {
                PaymentMethod::Prepaid => order.paid_at,
                PaymentMethod::Cod => delivered,
            };
            settled.map(|at| at.max(booked))
        };
        let lines: Vec<LineView> = order
            .lines
            .iter()
            .map(|line| {
                let holds = |parcel: &&usize| facts.shipments[**parcel].holds(&line.id);
                let parcel = parcels.iter().filter(holds).filter_map(delivered).min();
                let booked = line.added_at.unwrap_or(order.processed_at);
                let product = line.variant_id.as_ref().and_then(|id| facts.products.get(id));
                LineView {
                    booked,
                    realised: realised(booked, parcel.map(|(at, _, _)| at)),
                    parcel: parcel.map(|(_, _, place)| place),
                    cost: product.and_then(|product| product.cost_at(booked)),
                    net: NetLine::of(line, order.taxes_included),
                }
            })
            .collect();
        let goods = order.lines.iter().zip(&lines).filter(|(line, _)| !line.gift_card);
        Self {
            shipping_realised: realised(order.processed_at, first_delivered.map(|(at, _, _)| at)),
            realised: goods.filter_map(|(_, view)| view.realised).min(),
            first_delivered: first_delivered.map(|(_, _, place)| place),
            lines,
            parcels,
        }
    }
}

/// Whether an order holds more than gift cards.
pub(super) fn has_goods(order: &Order) -> bool {
    order.lines.iter().any(|line| !line.gift_card)
}

/// Shipping charged without VAT, and its VAT.
pub(super) fn shipping_charged(order: &Order) -> (i128, i128) {
    let shipping = &order.shipping;
    let inside = if order.taxes_included { i128::from(shipping.tax) } else { 0 };
    (i128::from(shipping.price) - i128::from(shipping.discount) - inside, i128::from(shipping.tax))
}
