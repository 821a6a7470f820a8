//! What a product's price must cover, from the facts of the window.

use crate::finance::figures::calculators::{Costs, Delivery};
use crate::finance::figures::{Accounts, Figures, LastSale, Metric, Stakes, Sums, Undefined};
use crate::finance::ratio::Ratio;

use super::super::number::known;

/// What orders cost in this shop beside their products. Amounts are minor units, rounded half-even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShopTerms {
    /// Freight out of a prepaid parcel; `None` when none left in the window.
    pub freight: Option<i64>,
    /// Variable expenses per realised order.
    pub variable: i64,
    /// Fees of gateways ÷ what they charged; `None` when they charged nothing.
    pub fee: Option<Ratio>,
    /// Marketing per realised order.
    pub marketing: i64,
    /// Cash on delivery, where parcels were delivered.
    pub door: Option<Stakes>,
}

impl ShopTerms {
    /// # Errors
    /// When a number does not fit.
    pub(in super::super) fn new(window: &Figures<'_, dyn Sums>) -> Result<Self, Undefined> {
        let costs = window.order_costs()?;
        let orders = known(window.value(Metric::RealisedOrders))?.map(|orders| orders.ratio());
        let per_order = |metric: Metric| -> Result<i64, Undefined> {
            let (Some(sum), Some(orders)) = (known(window.value(metric))?, orders) else { return Ok(0) };
            Ok(sum.ratio().over(orders)?.unwrap_or(Ratio::ZERO).rounded()?)
        };
        Ok(Self {
            freight: costs.freight.map(Ratio::rounded).transpose()?,
            variable: per_order(Metric::VariableExpenses)?,
            marketing: per_order(Metric::Marketing)?,
            fee: costs.fee,
            door: known(window.stakes())?,
        })
    }
    /// K of a prepaid order: freight out and variable expenses.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn order(&self) -> Result<i64, Undefined> {
        self.freight.unwrap_or(0).checked_add(self.variable).ok_or(Undefined::TooLarge)
    }
    /// What a prepaid price must cover.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn prepaid(&self, product: i64, tax: Ratio) -> Result<Costs, Undefined> {
        Ok(Costs { product, order: self.order()?, fee: self.fee.unwrap_or(Ratio::ZERO), tax })
    }
    /// What a price paid at the door must cover; the collection fee is among its charges.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn at_the_door(&self, product: i64, tax: Ratio) -> Result<Option<(Costs, Delivery)>, Undefined> {
        let Some(door) = self.door else { return Ok(None) };
        let order = door.charges.rounded()?.checked_add(self.variable).ok_or(Undefined::TooLarge)?;
        let costs = Costs { product, order, fee: Ratio::ZERO, tax };
        let delivery = Delivery { rate: door.rate, failure: door.loss.rounded()?, ads: door.marketing.rounded()? };
        Ok(Some((costs, delivery)))
    }
}

/// A product as it is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its variant.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The price at which it was last sold, with VAT, before discounts.
    pub price: i64,
    /// Its VAT.
    pub tax: Ratio,
    /// The cost in force; `None` = unknown.
    pub cost: Option<i64>,
}

/// The prices at which products were last sold, by variant.
///
/// # Errors
/// When a price does not fit.
pub fn offers(accounts: &dyn Accounts) -> Result<Vec<Offer>, Undefined> {
    let offer = |(id, last): (&str, LastSale)| {
        let product = accounts.products().get(id);
        Offer {
            id: id.to_owned(),
            title: product.map_or_else(|| id.to_owned(), |product| product.title.clone()),
            price: last.price,
            tax: last.tax,
            cost: product.and_then(|product| product.cost_at(accounts.as_of())),
        }
    };
    Ok(accounts.sales()?.last()?.into_iter().map(offer).collect())
}
