//! What the rules look at, computed once.

use super::analysis::Trust;
use super::effect::{Certainty, Effect};
use super::follow_up::reading;
use super::number::{Finding, Named, known};
use super::policy::WINDOW_DAYS;
use super::pricing::ShopTerms;
use super::recommendation::{Code, Recommendation};
use crate::Currency;
use crate::finance::figures::{
    Accounts, Days, Dimension, Figures, Forecast, Health, Metric, OpenItem, Part, Scenario, Stakes, Sums, Undefined,
};
use crate::finance::ratio::Ratio;

/// A shop over the 90 full days before today.
pub(super) struct Case<'a> {
    pub accounts: &'a dyn Accounts,
    pub currency: Currency,
    pub window: Figures<'a, dyn Sums>,
    pub health: Health,
    pub forecast: Result<Forecast, Undefined>,
    pub stakes: Result<Stakes, Undefined>,
    pub items: Result<Vec<OpenItem>, Undefined>,
    pub products: Vec<Part<'a, dyn Sums>>,
    pub terms: ShopTerms,
}

impl<'a> Case<'a> {
    /// # Errors
    /// When a number does not fit.
    pub fn new(accounts: &'a dyn Accounts) -> Result<Self, Undefined> {
        let window = accounts.figures(window(accounts));
        let products = accounts.breakdown(Dimension::Product, window.days).parts;
        Ok(Self {
            accounts,
            currency: accounts.currency(),
            health: accounts.health()?,
            forecast: accounts.forecast(Scenario::Committed),
            stakes: window.stakes(),
            items: accounts.open_items(),
            products,
            terms: ShopTerms::new(&window)?,
            window,
        })
    }

    /// A figure of the window, if it is defined.
    pub fn known(&self, metric: Metric) -> Result<Option<Ratio>, Undefined> {
        known(self.window.value(metric).map(|value| value.ratio()))
    }
    /// A figure of the window.
    pub fn ratio(&self, metric: Metric) -> Result<Ratio, Undefined> {
        self.window.value(metric).map(|value| value.ratio())
    }
    /// An amount of the window, in minor units.
    pub fn money(&self, metric: Metric) -> Result<i64, Undefined> {
        money(&self.window, metric)
    }
    /// Parcels that left in the window.
    pub fn parcels(&self) -> Result<i64, Undefined> {
        self.window.parcels()
    }
    /// An input of the health score.
    pub fn health_input(&self, id: &str) -> Option<Ratio> {
        let inputs = self.health.components.iter().flat_map(|component| &component.inputs);
        inputs.filter(|input| input.id == id).find_map(|input| input.value)
    }
    /// The title of a product.
    pub fn title(&self, id: &str) -> String {
        self.accounts.products().get(id).map_or_else(|| id.to_owned(), |product| product.title.clone())
    }
    /// How far the figures can be trusted.
    pub fn certainty(&self) -> Certainty {
        Certainty(self.health.confidence.value)
    }
    /// A recommendation, with the figures that called for it and the one by which it will be checked.
    pub fn recommend(
        &self,
        code: Code,
        trigger: &[Metric],
        details: Vec<Finding>,
        effect: Effect,
        certainty: Certainty,
    ) -> Result<Option<Recommendation>, Undefined> {
        let trigger = trigger.iter().map(|metric| Named::figure(&self.window, *metric, self.currency));
        Ok(Some(Recommendation {
            code,
            trigger: trigger.collect::<Result<_, _>>()?,
            details,
            effect,
            certainty,
            baseline: reading(self.accounts, code)?,
        }))
    }
}

/// The days from which advice is made.
pub(super) fn window(accounts: &dyn Accounts) -> Days {
    Days::before(accounts.today(), WINDOW_DAYS)
}

/// An amount, in minor units.
pub(super) fn money<S: Sums + ?Sized>(figures: &Figures<'_, S>, metric: Metric) -> Result<i64, Undefined> {
    figures.value(metric).and_then(|value| Ok(value.ratio().rounded()?))
}

/// How far a shop's figures can be trusted.
pub(super) fn trust(health: &Health) -> Trust {
    Trust { level: health.confidence_level(), value: health.confidence.value }
}

/// Whether one ratio is below another.
pub(super) fn below(one: Ratio, other: Ratio) -> Result<bool, Undefined> {
    Ok(one.minus(other)?.numerator() < 0)
}
