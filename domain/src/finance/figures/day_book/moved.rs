//! How many clusters moved a figure, from counts by measure and day: where there are none nothing is looked for, and where
//! all were found nothing more.

use jiff::civil::Date;

use super::super::evaluate::Figures;
use super::super::metric::Metric;
use super::super::sums::Sums;
use super::amounts::Amounts;
use super::pack::Damaged;
use super::pages::keys_of;

/// How often clusters are counted among what moved a figure of some days: once for each day and measure; `None` for figures
/// that count customers, of which no measure tells. `pages` are all of [`Tally::Moved`](super::super::Tally::Moved), each with
/// its period.
///
/// # Errors
/// When a page is damaged.
pub fn moved<'a, S: Sums + ?Sized>(
    pages: impl Iterator<Item = (&'a str, &'a [u8])>,
    figures: &Figures<'_, S>,
    metric: Metric,
) -> Result<Option<i128>, Damaged> {
    if matches!(metric, Metric::ActiveCustomers | Metric::ReturningCustomerRate) {
        return Ok(None);
    }
    let mut sum = 0;
    for (period, page) in pages {
        let day = period.parse().map_err(|_| Damaged)?;
        keys_of(page, |_, counts| {
            sum += times(figures, metric, day, counts);
            Ok(())
        })?;
    }
    Ok(Some(sum))
}

/// Of the counts of a day, those that are about a figure; what is held is on no day.
pub(super) fn times<S: Sums + ?Sized>(figures: &Figures<'_, S>, metric: Metric, day: Date, counts: &Amounts) -> i128 {
    if day != Date::ZERO && !figures.proof_days(metric).holds(day) {
        return 0;
    }
    metric.measures().iter().map(|measure| counts.get(measure.index() as u32)).sum()
}
