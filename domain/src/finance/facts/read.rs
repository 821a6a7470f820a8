//! From JSON to facts.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use jiff::tz::TimeZone;

use super::*;
use crate::Currency;

pub(super) type Read<T> = Result<T, FactsError>;

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    list: &'a str,
    index: usize,
    inner: Option<(&'a str, usize)>,
}

impl<'a> At<'a> {
    fn new(list: &'a str, index: usize) -> Self {
        Self { list, index, inner: None }
    }
    pub(super) fn inner(self, list: &'a str, index: usize) -> Self {
        Self { inner: Some((list, index)), ..self }
    }
    pub(super) fn error(self, field: &str, problem: Problem) -> FactsError {
        let inner = self.inner.map(|(list, index)| format!(".{list}[{index}]")).unwrap_or_default();
        FactsError { path: format!("{}[{}]{inner}.{field}", self.list, self.index), problem }
    }
    pub(super) fn amount(self, field: &str, value: Decimal, currency: Currency) -> Read<i64> {
        value.to_minor(currency.exponent()).map_err(|problem| self.error(field, problem))
    }
    pub(super) fn currency(self, code: Option<&str>, shop: Currency) -> Read<Currency> {
        match code {
            None => Ok(shop),
            Some(code) => code.parse().map_err(|problem| self.error("currency", Problem::Currency(problem))),
        }
    }
    pub(super) fn count(self, field: &str, value: i64) -> Read<i64> {
        if value < 0 { Err(self.error(field, Problem::Negative)) } else { Ok(value) }
    }
}

impl FactSet {
    /// Reads a fact set.
    ///
    /// # Errors
    /// At the first value that cannot be one, with its path.
    pub fn from_json(text: &str) -> Result<Self, FactsError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let document: wire::Document = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| FactsError { path: error.path().to_string(), problem: said(error.inner()) })?;
        json.end().map_err(|error| FactsError { path: ".".to_owned(), problem: said(&error) })?;
        read(document)
    }
}

fn said(error: &serde_json::Error) -> Problem {
    Problem::Json(error.to_string())
}

fn read(document: wire::Document) -> Read<FactSet> {
    if let Some(schema) = document.schema.filter(|schema| schema != SCHEMA) {
        return Err(FactsError { path: "schema".to_owned(), problem: Problem::Schema(schema) });
    }
    let shop = shop(document.merchant)?;
    let currency = shop.currency;
    let each = |list: &'static str, index: usize| At::new(list, index);

    // An order's later copy decides whether it exists at all.
    let orders = last_copies(document.orders.into_iter().enumerate(), |(_, order)| order.id.clone());
    let absent: HashSet<String> =
        orders.iter().filter(|(_, order)| order.test || order.deleted).map(|(_, order)| order.id.clone()).collect();
    let shipments = last_copies(document.shipments.into_iter().enumerate(), |(_, parcel)| parcel.id.clone());
    let lost: HashSet<String> = shipments
        .iter()
        .filter(|(_, parcel)| absent.contains(&parcel.order_id))
        .map(|(_, parcel)| parcel.id.clone())
        .collect();

    Ok(FactSet {
        as_of: document.as_of,
        synced_at: document.synced_at,
        rates: rates(document.fx)?,
        products: products(document.products, currency)?,
        orders: orders
            .into_iter()
            .filter(|(_, order)| !absent.contains(&order.id))
            .map(|(index, order)| read_order::order(each("orders", index), order, currency))
            .collect::<Read<_>>()?,
        shipments: shipments
            .into_iter()
            .filter(|(_, parcel)| !lost.contains(&parcel.id))
            .map(|(index, parcel)| shipment(each("shipments", index), parcel, currency))
            .collect::<Read<_>>()?,
        charges: last_copies(document.carrier_charges.into_iter().enumerate(), |(_, charge)| charge.id.clone())
            .into_iter()
            .filter(|(_, charge)| !lost.contains(&charge.shipment_id))
            .map(|(index, charge)| self::charge(each("carrier_charges", index), charge, currency))
            .collect::<Read<_>>()?,
        payments: last_copies(document.payments.into_iter().enumerate(), |(_, payment)| payment.id.clone())
            .into_iter()
            .filter(|(_, payment)| !absent.contains(&payment.order_id))
            .map(|(index, payment)| self::payment(each("payments", index), payment, currency))
            .collect::<Read<_>>()?,
        gateway_fees: gateway_fees(document.gateway_fees, currency)?,
        remittances: last_copies(document.remittances.into_iter().enumerate(), |(_, remittance)| remittance.id.clone())
            .into_iter()
            .map(|(index, remittance)| self::remittance(each("remittances", index), remittance, currency))
            .collect::<Read<_>>()?,
        ad_spend: last_copies(document.ad_spend.into_iter().enumerate(), |(_, spend)| spend.id.clone())
            .into_iter()
            .map(|(index, spend)| ads(each("ad_spend", index), spend, currency))
            .collect::<Read<_>>()?,
        expenses: last_copies(document.expenses.into_iter().enumerate(), |(_, expense)| expense.id.clone())
            .into_iter()
            .map(|(index, expense)| self::expense(each("expenses", index), expense, currency))
            .collect::<Read<_>>()?,
        purchases: last_copies(document.purchases.into_iter().enumerate(), |(_, purchase)| purchase.id.clone())
            .into_iter()
            .map(|(index, purchase)| self::purchase(each("purchases", index), purchase, currency))
            .collect::<Read<_>>()?,
        inventory: last_copies(document.inventory.into_iter().enumerate(), |(_, stock)| stock.date)
            .into_iter()
            .map(|(index, stock)| {
                let value = each("inventory", index).amount("value", stock.value, currency)?;
                Ok(Inventory { date: stock.date, value })
            })
            .collect::<Read<_>>()?,
        invoices: last_copies(document.invoices.into_iter().enumerate(), |(_, invoice)| invoice.id.clone())
            .into_iter()
            .map(|(index, invoice)| self::invoice(each("invoices", index), invoice, currency))
            .collect::<Read<_>>()?,
        cash: last_copies(document.cash.into_iter().enumerate(), |(_, cash)| (cash.at, cash.account.clone()))
            .into_iter()
            .map(|(index, cash)| {
                let at = each("cash", index);
                let unit = at.currency(cash.currency.as_deref(), currency)?;
                let balance = at.amount("balance", cash.balance, unit)?;
                Ok(CashBalance { at: cash.at, account: cash.account, currency: unit, balance })
            })
            .collect::<Read<_>>()?,
        other_cash: last_copies(document.other_cash.into_iter().enumerate(), |(_, cash)| cash.id.clone())
            .into_iter()
            .map(|(index, cash)| {
                let amount = each("other_cash", index).amount("amount", cash.amount, currency)?;
                Ok(OtherCash { id: cash.id, date: cash.date, kind: cash.kind, amount })
            })
            .collect::<Read<_>>()?,
        shop,
    })
}

/// Each key once, with its last copy, where its first copy stood.
pub(super) fn last_copies<T, K: Eq + Hash>(copies: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut places: HashMap<K, usize> = HashMap::new();
    let mut kept: Vec<T> = Vec::new();
    for copy in copies {
        match places.entry(key(&copy)) {
            std::collections::hash_map::Entry::Occupied(place) => kept[*place.get()] = copy,
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(copy);
            }
        }
    }
    kept
}

fn shop(merchant: wire::Merchant) -> Read<Shop> {
    let wrong = |field: &str, problem: Problem| FactsError { path: format!("merchant.{field}"), problem };
    let zone = TimeZone::get(&merchant.timezone)
        .map_err(|_| wrong("timezone", Problem::TimeZone(merchant.timezone.chars().take(40).collect())))?;
    let currency = merchant.currency.parse().map_err(|problem| wrong("currency", Problem::Currency(problem)))?;
    let carriers = merchant
        .carriers
        .into_iter()
        .map(|(name, terms)| (name, CarrierTerms { term_days: terms.term_days, transit_days: terms.transit_days }))
        .collect();
    Ok(Shop { name: merchant.name, zone, currency, vat_registered: merchant.vat_registered, carriers })
}

fn rates(fx: Vec<wire::Fx>) -> Read<Vec<Rate>> {
    let mut rates = BTreeMap::new();
    for (index, rate) in fx.into_iter().enumerate() {
        let at = At::new("fx", index);
        let currency: Currency =
            rate.currency.parse().map_err(|problem| at.error("currency", Problem::Currency(problem)))?;
        if rate.rate.unscaled <= 0 {
            return Err(at.error("rate", Problem::NotPositive));
        }
        rates.insert((currency, rate.date), Rate { date: rate.date, currency, rate: rate.rate });
    }
    Ok(rates.into_values().collect())
}

fn products(products: Vec<wire::Product>, currency: Currency) -> Read<BTreeMap<String, Product>> {
    let mut read = BTreeMap::new();
    for (index, product) in products.into_iter().enumerate() {
        let at = At::new("products", index);
        let mut costs = BTreeMap::new();
        for (inner, cost) in product.costs.iter().enumerate() {
            let unit_cost = at.inner("costs", inner).amount("unit_cost", cost.unit_cost, currency)?;
            costs.insert(cost.from, UnitCost { from: cost.from, unit_cost });
        }
        read.insert(product.variant_id, Product { title: product.title, costs: costs.into_values().collect() });
    }
    Ok(read)
}

fn shipment(at: At<'_>, parcel: wire::Shipment, currency: Currency) -> Read<Shipment> {
    Ok(Shipment {
        cod_amount: at.amount("cod_amount", parcel.cod_amount, currency)?,
        id: parcel.id,
        order_id: parcel.order_id,
        carrier: parcel.carrier,
        line_ids: parcel.line_ids,
        shipped_at: parcel.shipped_at,
        delivered_at: parcel.delivered_at,
        returned_at: parcel.returned_at,
        lost_at: parcel.lost_at,
        return_condition: parcel.return_condition,
    })
}

fn charge(at: At<'_>, charge: wire::CarrierCharge, currency: Currency) -> Read<CarrierCharge> {
    Ok(CarrierCharge {
        amount: at.amount("amount", charge.amount, currency)?,
        vat: at.amount("vat", charge.vat, currency)?,
        id: charge.id,
        shipment_id: charge.shipment_id,
        kind: charge.kind,
        occurred_at: charge.occurred_at,
        deducted: charge.deducted,
        paid_on: charge.paid_on,
    })
}

fn payment(at: At<'_>, payment: wire::Payment, currency: Currency) -> Read<Payment> {
    let withheld = payment
        .withheld
        .into_iter()
        .map(|(name, amount)| Ok((name.clone(), at.amount(&format!("withheld.{name}"), amount, currency)?)))
        .collect::<Read<_>>()?;
    Ok(Payment {
        amount: at.amount("amount", payment.amount, currency)?,
        fee: Some(Fee {
            amount: at.amount("fee", payment.fee, currency)?,
            vat: at.amount("fee_vat", payment.fee_vat, currency)?,
        }),
        withheld,
        id: payment.id,
        order_id: payment.order_id,
        gateway: payment.gateway,
        kind: payment.kind,
        processed_at: payment.processed_at,
        payout: payment.payout_at.map_or(Payout::Open, Payout::At),
    })
}

/// Of one gateway and day the last copy stands, as everywhere.
fn gateway_fees(told: Vec<wire::GatewayFee>, currency: Currency) -> Read<Vec<GatewayFee>> {
    let told = last_copies(told.into_iter().enumerate(), |(_, fee)| (gateway_key(&fee.gateway), fee.from));
    let read = |(index, fee): (usize, wire::GatewayFee)| {
        let at = At::new("gateway_fees", index);
        let share = |field: &str, share: Decimal| {
            if share.unscaled < 0 { Err(at.error(field, Problem::Negative)) } else { Ok(share) }
        };
        Ok(GatewayFee {
            rate: share("rate", fee.rate)?,
            fixed: at.count("fixed", at.amount("fixed", fee.fixed, currency)?)?,
            vat_rate: share("vat_rate", fee.vat_rate)?,
            gateway: fee.gateway,
            from: fee.from,
            payout_days: fee.payout_days,
        })
    };
    told.into_iter().map(read).collect()
}

fn remittance(at: At<'_>, remittance: wire::Remittance, currency: Currency) -> Read<Remittance> {
    let lines = remittance
        .lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let at = at.inner("lines", index);
            Ok(RemittanceLine {
                collected: at.amount("collected", line.collected, currency)?,
                freight: at.amount("freight", line.freight, currency)?,
                fee: at.amount("fee", line.fee, currency)?,
                other: at.amount("other", line.other, currency)?,
                shipment_id: line.shipment_id,
            })
        })
        .collect::<Read<_>>()?;
    Ok(Remittance {
        net: at.amount("net", remittance.net, currency)?,
        lines,
        id: remittance.id,
        carrier: remittance.carrier,
        remitted_at: remittance.remitted_at,
    })
}

fn ads(at: At<'_>, spend: wire::AdSpend, shop: Currency) -> Read<AdSpend> {
    let currency = at.currency(spend.currency.as_deref(), shop)?;
    Ok(AdSpend {
        amount: at.amount("amount", spend.amount, currency)?,
        vat: at.amount("vat", spend.vat, currency)?,
        currency,
        id: spend.id,
        date: spend.date,
        platform: spend.platform,
        paid_on: spend.paid_on,
    })
}

fn expense(at: At<'_>, expense: wire::Expense, shop: Currency) -> Read<Expense> {
    let currency = at.currency(expense.currency.as_deref(), shop)?;
    let from = expense.from.or(expense.to).unwrap_or(expense.invoiced_on);
    let to = expense.to.unwrap_or(from);
    if to < from {
        return Err(at.error("to", Problem::Range));
    }
    Ok(Expense {
        amount: at.amount("amount", expense.amount, currency)?,
        vat: at.amount("vat", expense.vat, currency)?,
        currency,
        id: expense.id,
        kind: expense.kind,
        category: expense.category,
        invoiced_on: expense.invoiced_on,
        from,
        to,
        due_on: expense.due_on,
        paid_on: expense.paid_on,
    })
}

fn purchase(at: At<'_>, purchase: wire::Purchase, shop: Currency) -> Read<Purchase> {
    let currency = at.currency(purchase.currency.as_deref(), shop)?;
    Ok(Purchase {
        amount: at.amount("amount", purchase.amount, currency)?,
        vat: at.amount("vat", purchase.vat, currency)?,
        currency,
        id: purchase.id,
        supplier: purchase.supplier,
        received_on: purchase.received_on,
        due_on: purchase.due_on,
        paid_on: purchase.paid_on,
    })
}

fn invoice(at: At<'_>, invoice: wire::Invoice, shop: Currency) -> Read<Invoice> {
    let currency = at.currency(invoice.currency.as_deref(), shop)?;
    let payments = invoice
        .payments
        .into_iter()
        .enumerate()
        .map(|(index, part)| {
            let amount = at.inner("payments", index).amount("amount", part.amount, currency)?;
            Ok(Installment { date: part.date, amount })
        })
        .collect::<Read<_>>()?;
    Ok(Invoice {
        amount: at.amount("amount", invoice.amount, currency)?,
        currency,
        payments,
        id: invoice.id,
        customer: invoice.customer,
        issued_on: invoice.issued_on,
        due_on: invoice.due_on,
    })
}
