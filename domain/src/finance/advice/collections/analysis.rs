//! Collections as an analysis.

use super::super::analysis::{Analysis, Kind};
use super::super::case::{trust, window};
use super::super::number::{Finding, Named};
use super::claims::claims;
use super::order::in_order;
use crate::finance::figures::{Accounts, FindingKind, Metric, Undefined};

const fn kind_code(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Missing => "missing",
        FindingKind::Short => "short",
        FindingKind::Duplicate => "duplicate",
        FindingKind::Unexpected => "unexpected",
        FindingKind::NetMismatch => "net_mismatch",
    }
}

/// What is owed, in the order in which to ask for it, and what is claimed from carriers.
///
/// # Errors
/// When an invoice in another currency has no rate, or an amount does not fit.
pub fn collections(accounts: &dyn Accounts) -> Result<Analysis, Undefined> {
    const INPUTS: [Metric; 7] = [
        Metric::Receivables,
        Metric::CodReceivable,
        Metric::CodOverdue,
        Metric::InvoicesOpen,
        Metric::InvoicesOverdue,
        Metric::ExpectedLoss,
        Metric::OverdueShare,
    ];
    let currency = accounts.currency();
    let figures = accounts.figures(window(accounts));
    let mut analysis = Analysis::new(Kind::Collections, accounts.as_of(), currency, trust(&accounts.health()?));
    let inputs = INPUTS.iter().map(|metric| Named::figure(&figures, *metric, currency));
    analysis.inputs = inputs.collect::<Result<_, _>>()?;
    for open in in_order(accounts)? {
        let mut numbers = vec![
            Named::name("debtor", open.item.debtor.name()),
            Named::money("balance", open.item.balance, currency),
            Named::money("expected", open.expected, currency),
            Named::word("step", open.step.code()),
        ];
        numbers.extend(open.item.due_on.map(|due| Named::day("due_on", due)));
        numbers.extend(open.item.days_past_due.map(|days| Named::count("days_past_due", days)));
        if let Some((step, on)) = open.next {
            numbers.extend([Named::word("next_step", step.code()), Named::day("next_step_on", on)]);
        }
        analysis.findings.push(Finding::about("open_item", open.item.order.unwrap_or(open.item.id), numbers));
    }
    for claim in claims(accounts)? {
        analysis.findings.push(Finding::about(
            "carrier_claim",
            &*claim.carrier,
            vec![Named::money("claim", claim.amount, currency), Named::count("exceptions", claim.rows.len() as i64)],
        ));
        for row in claim.rows {
            let mut numbers = vec![
                Named::name("carrier", &claim.carrier),
                Named::word("kind", kind_code(row.kind)),
                Named::name("subject", &row.subject),
                Named::money("amount", row.amount, currency),
            ];
            numbers.extend(row.delivered_on.map(|on| Named::day("delivered_on", on)));
            analysis.findings.push(Finding::about("claim_row", row.guide, numbers));
        }
    }
    Ok(analysis)
}
