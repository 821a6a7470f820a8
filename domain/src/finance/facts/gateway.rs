//! What a gateway takes of a charge and when it pays out: the merchant's word for it, of which webhooks tell nothing.

use jiff::civil::Date;

use super::{Decimal, FactsError, Fee, Problem};
use crate::money::divide_half_even;
use crate::shipment::place_key;

/// What a gateway takes of each charge, from a day on (FINANCE §1.4): percent + fixed + VAT on both, on the full amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayFee {
    /// Which gateway, as the merchant calls it; none = every gateway of which nothing else is told.
    pub gateway: String,
    /// The shop's first day of it; `None` = it was always so.
    pub from: Option<Date>,
    /// The share of the amount; `0.0265` is 2.65 %.
    pub rate: Decimal,
    /// What it takes besides, minor units of the shop's currency.
    pub fixed: i64,
    /// The VAT on both; `0.19` is 19 %.
    pub vat_rate: Decimal,
    /// Days until it pays out; `None` = nobody told.
    pub payout_days: Option<u16>,
}

impl GatewayFee {
    /// What it takes of a charge. Each of both amounts is rounded once, half-even.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn of(&self, amount: i64) -> Result<Fee, FactsError> {
        let of = |whole: i64, share: Decimal| {
            divide_half_even(i128::from(whole) * i128::from(share.unscaled), 10_i128.pow(share.scale))
        };
        let too_large = |_| FactsError { path: format!("gateway_fees[{}]", self.gateway), problem: Problem::TooLarge };
        let taken = i64::try_from(of(amount, self.rate) + i128::from(self.fixed)).map_err(too_large)?;
        let vat = i64::try_from(of(taken, self.vat_rate)).map_err(too_large)?;
        Ok(Fee { amount: taken, vat })
    }
}

/// The comparison key of a gateway's name: letters and digits alone (`Mercado Pago` and `mercado_pago` are one).
pub fn gateway_key(name: &str) -> String {
    place_key(name)
}

/// The word on a gateway that is in force on a day: of those whose name begins like its own the longest, and of that the
/// latest. So «Wompi» speaks of `wompi_cards` too, unless that one has a word of its own.
pub fn in_force<'f>(fees: &'f [GatewayFee], gateway: &str, day: Date) -> Option<&'f GatewayFee> {
    let gateway = gateway_key(gateway);
    let begun = fees.iter().filter(|fee| fee.from.is_none_or(|from| from <= day));
    let of = begun.map(|fee| (gateway_key(&fee.gateway), fee)).filter(|(key, _)| gateway.starts_with(key.as_str()));
    of.max_by_key(|(key, fee)| (key.len(), fee.from)).map(|(_, fee)| fee)
}
