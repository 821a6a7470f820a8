//! Money that others owe: carriers and customers.

use std::collections::BTreeMap;

use super::Said;
use crate::finance::advice::case::Case;
use crate::finance::advice::effect::{Certainty, Effect, Omitted};
use crate::finance::advice::number::{Finding, Named, summed};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{FindingKind, Metric, OpenItem, OwedBy, Undefined};

/// Something is overdue at a carrier, or a remittance does not add up.
pub(super) fn collect_cod(case: &Case<'_>) -> Said {
    let findings = case.accounts.reconciliation()?;
    let overdue = case.known(Metric::CodOverdue)?;
    if findings.is_empty() && overdue.is_none_or(|overdue| !overdue.is_positive()) {
        return Ok(None);
    }
    let mut carriers: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut sum = 0_i64;
    for finding in &findings {
        let amount = i64::try_from(finding.amount).map_err(|_| Undefined::TooLarge)?;
        let signed = match finding.kind {
            FindingKind::Missing | FindingKind::Short => amount,
            FindingKind::Duplicate => -amount,
            // Money that is here, and a remittance that does not add up, are listed; they are no claim by parcel.
            FindingKind::Unexpected | FindingKind::NetMismatch => 0,
        };
        sum = summed([sum, signed])?;
        let (claimed, rows) = carriers.entry(&finding.carrier).or_default();
        (*claimed, *rows) = (summed([*claimed, signed])?, *rows + 1);
    }
    let claim = |(carrier, (claimed, rows)): (&str, (i64, i64))| {
        let numbers = vec![Named::money("claim", claimed, case.currency), Named::count("exceptions", rows)];
        Finding::about("carrier_claim", carrier, numbers)
    };
    let details = carriers.into_iter().map(claim).collect();
    // What only adds up to giving money back is to be cleared up; it brings nothing.
    let effect = if sum > 0 { Effect::Amount(sum) } else { Effect::Omitted(Omitted::NothingToSave) };
    case.recommend(Code::CollectCod, &[Metric::CodOverdue], details, effect, Certainty::CERTAIN)
}

/// An invoice is past its due day.
pub(super) fn collect_invoices(case: &Case<'_>) -> Said {
    let items = case.items.as_ref().map_err(|why| *why)?;
    let overdue = |item: &&OpenItem| item.is_overdue() && matches!(item.debtor, OwedBy::Customer(_));
    let overdue: Vec<&OpenItem> = items.iter().filter(overdue).collect();
    if overdue.is_empty() {
        return Ok(None);
    }
    let expected = overdue.iter().map(|item| item.expected()).collect::<Result<Vec<_>, _>>()?;
    let mut details: Vec<Finding> = overdue
        .iter()
        .zip(&expected)
        .map(|(item, expected)| {
            let numbers = vec![
                Named::name("invoice", &item.id),
                Named::money("balance", item.balance, case.currency),
                Named::money("expected", *expected, case.currency),
                Named::count("days_past_due", item.days_past_due.unwrap_or(0)),
            ];
            Finding::about("invoice", item.debtor.name(), numbers)
        })
        .collect();
    details.sort_by_key(|finding| std::cmp::Reverse(finding.money("expected").map_or(0, |money| money.minor)));
    let effect = Effect::Amount(summed(expected)?);
    case.recommend(Code::CollectInvoices, &[Metric::InvoicesOverdue], details, effect, Certainty::CERTAIN)
}
