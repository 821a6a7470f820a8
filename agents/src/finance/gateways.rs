//! What gateways take, in words, and what is missing of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use recado_domain::finance::facts::{Decimal, GatewayFee, gateway_key};
use recado_domain::finance::figures::{Days, Gateways, Metric};
use recado_domain::money::Money;

use super::asked::Asked;
use crate::wording::capital;

/// A share as it is told: `0.0265` is «2,65 %».
pub fn percent(share: Decimal, comma_decimal: bool, space: &str) -> String {
    let hundred = match share.scale {
        0 => Decimal { unscaled: share.unscaled.saturating_mul(100), scale: 0 },
        1 => Decimal { unscaled: share.unscaled.saturating_mul(10), scale: 0 },
        scale => Decimal { scale: scale - 2, ..share },
    };
    let text = hundred.to_string();
    format!("{}{space}%", if comma_decimal { text.replace('.', ",") } else { text })
}

/// «2,65 % + $700 + IVA 19 %».
pub fn terms(rate: Decimal, fixed: Money, vat_rate: Decimal, vat: &str, space: &str) -> String {
    let comma = fixed.currency.comma_decimal();
    let mut parts = vec![percent(rate, comma, space)];
    if fixed.minor != 0 {
        parts.push(fixed.shown());
    }
    if vat_rate.unscaled != 0 {
        parts.push(format!("{vat} {}", percent(vat_rate, comma, space)));
    }
    parts.join(" + ")
}

impl Asked<'_> {
    /// The gateways of charges on the days of whose fees nobody told.
    pub(super) fn without_fees(&self) -> Vec<String> {
        self.named(self.days, Gateways::without_fees)
    }
    /// The gateways of which nobody told when they pay out.
    pub(super) fn without_terms(&self) -> Vec<String> {
        self.named(Days::new(Date::constant(1970, 1, 1), self.source.today()), Gateways::without_payouts)
    }

    /// Asks a day book for what is said of gateways beside an answer about these figures.
    pub(super) fn rehearse_gateways(&self, metrics: &[Metric]) {
        let figures = self.figures(self.days);
        if figures.untold_fees() == Ok(true) {
            drop(self.without_fees());
        }
        if figures.untold_payouts() == Ok(true) {
            drop(self.without_terms());
        }
        if metrics.contains(&Metric::PaymentFees) {
            drop(self.gateway_terms());
        }
    }

    /// Gateways as people call them, each once however its payments spell it; none while they are not at hand.
    fn named(&self, days: Days, of: impl Fn(&Gateways, Days) -> BTreeSet<&str>) -> Vec<String> {
        let Ok(known) = self.source.accounts().gateways(days) else { return Vec::new() };
        let named = of(known, days).into_iter().map(|gateway| (gateway_key(gateway), capital(gateway)));
        let mut of_key: BTreeMap<String, String> = BTreeMap::new();
        for (key, name) in named {
            of_key.entry(key).or_insert(name);
        }
        of_key.into_values().collect()
    }

    /// A sentence that names what is missing, and how to tell it.
    pub(super) fn of_gateways(&self, sentence: &str, gateways: &[String]) -> String {
        let any = self.word("gateway.any");
        let first = gateways.first().unwrap_or(&any);
        let all = if gateways.is_empty() { any.clone() } else { gateways.join(", ") };
        sentence.replace("{gateways}", &all).replace("{gateway}", first)
    }

    /// What the shop's gateways take now, each by the latest word on it.
    pub(super) fn gateway_terms(&self) -> Vec<String> {
        let Ok(ledger) = self.source.accounts().beside_sales() else { return Vec::new() };
        let today = self.source.today();
        let mut latest: Vec<&GatewayFee> = Vec::new();
        for fee in ledger.facts().gateway_fees.iter().filter(|fee| fee.from.is_none_or(|from| from <= today)) {
            let key = gateway_key(&fee.gateway);
            match latest.iter_mut().find(|known| gateway_key(&known.gateway) == key) {
                Some(known) if known.from < fee.from => *known = fee,
                Some(_) => {}
                None => latest.push(fee),
            }
        }
        let currency = self.source.shop().currency;
        let said = |fee: &&GatewayFee| {
            let vat = self.word("gateway.vat");
            let terms =
                terms(fee.rate, Money::new(fee.fixed, currency), fee.vat_rate, &vat, self.values.percent_space());
            let name = if fee.gateway.is_empty() { self.word("gateway.any") } else { fee.gateway.clone() };
            let key = if fee.payout_days.is_some() { "note.gateway_pays" } else { "note.gateway" };
            let days = fee.payout_days.map_or_else(String::new, |days| days.to_string());
            self.word(key).replace("{gateway}", &capital(&name)).replace("{terms}", &terms).replace("{days}", &days)
        };
        latest.iter().map(said).collect()
    }
}
