//! Answers that are a short list: costs, debts, remittances, the way from profit to cash, cohorts, a page of figures.

use recado_domain::finance::figures::{Accounts, Dimension, FindingKind, Ledger, Metric, Undefined, Value};
use recado_domain::finance::question::{Question, Subject};
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::{AGENT, figure, line, with_shapes};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Lines of a list.
const MOST: usize = 10;
/// The page of figures, which can be had every week.
const REPORT: &str = "title.report";
/// Facts of a kind named in a proof.
pub const PROOFS: usize = 12;

/// The lines of cost, in the order of the statement of results.
const COSTS: [Metric; 10] = [
    Metric::Cogs,
    Metric::FreightOut,
    Metric::FreightReturn,
    Metric::CodFees,
    Metric::VariableExpenses,
    Metric::InventoryLosses,
    Metric::PaymentFees,
    Metric::Chargebacks,
    Metric::Marketing,
    Metric::FixedExpenses,
];
/// A page of figures: the statement of results.
const STATEMENT: [Metric; 9] = [
    Metric::BookedNetSales,
    Metric::RealisedNetRevenue,
    Metric::Cogs,
    Metric::Fulfilment,
    Metric::Cm2,
    Metric::Marketing,
    Metric::Cm3,
    Metric::FixedExpenses,
    Metric::OperatingProfit,
];

/// Answers a subject that is a list.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, subject: &Subject) -> Result<(), TurnError> {
    match subject {
        Subject::Costs => return costs(turn, asked),
        Subject::MissingCosts => return missing_costs(turn, asked),
        Subject::OtherFigures => return other_figures(turn, asked),
        Subject::NotRealised => return not_realised(turn, asked),
        Subject::Aging => return aging(turn, asked),
        Subject::Report => return figures(turn, asked, REPORT, &STATEMENT),
        Subject::Proof => return proof(turn, asked),
        _ => {}
    }
    let accounts = asked.source.accounts();
    match (subject, accounts.all_facts()) {
        (Subject::Exceptions, _) => exceptions(turn, asked, accounts),
        (Subject::Debtors, _) => debtors(turn, asked, accounts),
        (Subject::Cohorts, _) => cohorts(turn, asked, accounts),
        // The others look at the facts themselves.
        (Subject::ProfitToCash, Some(ledger)) => profit_to_cash(turn, asked, ledger),
        (Subject::BestCustomers, Some(ledger)) => best_customers(turn, asked, ledger),
        _ => Ok(()),
    }
}

/// Says a list under a title.
pub fn list(
    turn: &mut Turn<'_>,
    asked: &Asked<'_>,
    title: &str,
    lines: Vec<Json>,
    notes: Vec<String>,
) -> Result<(), TurnError> {
    let context = json!({
        "title": asked.word(title),
        "period": asked.period(None),
        "none": lines.is_empty(),
        "lines": lines,
        "notes": notes,
    });
    let decision = title.strip_prefix("title.").unwrap_or(title).to_owned();
    turn.decided(AGENT, &decision);
    let buttons = vec![turn.button("fin:proof", "button.proof")];
    let mut buttons = with_shapes(turn, buttons);
    if title == REPORT {
        buttons.push(turn.button("digest:weekly", "button.digest_weekly"));
    }
    turn.reply("finance_list", &context, buttons)
}

/// Figures, one a line; those that are not there are left out.
pub fn figures(turn: &mut Turn<'_>, asked: &Asked<'_>, title: &str, metrics: &[Metric]) -> Result<(), TurnError> {
    let lines = lines(asked, metrics);
    let notes = asked.notes(metrics);
    list(turn, asked, title, lines, notes)
}

/// Figures as lines.
pub fn lines(asked: &Asked<'_>, metrics: &[Metric]) -> Vec<Json> {
    let figures = asked.figures(asked.days);
    let told = metrics.iter().filter_map(|metric| {
        let value = figures.value(*metric).ok()?;
        Some(line(&asked.values.name(*metric), &asked.values.value(*metric, value)))
    });
    told.collect()
}

fn whole(value: Result<Value, Undefined>) -> Option<i64> {
    value.ok().and_then(|value| value.ratio().rounded().ok())
}

fn costs(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let now = asked.figures(asked.days);
    let before = asked.question.versus.map(|_| asked.figures(asked.days_before()));
    let mut rows: Vec<(Metric, i64, i64)> = COSTS
        .iter()
        .filter_map(|metric| {
            let cost = whole(now.value(*metric))?;
            let rise = before.as_ref().and_then(|before| whole(before.value(*metric))).map_or(0, |was| cost - was);
            Some((*metric, cost, rise))
        })
        .filter(|(_, cost, rise)| *cost != 0 || *rise != 0)
        .collect();
    match before {
        Some(_) => rows.sort_by_key(|(_, _, rise)| std::cmp::Reverse(*rise)),
        None => rows.sort_by_key(|(_, cost, _)| std::cmp::Reverse(*cost)),
    }
    let total: i128 = rows.iter().map(|(_, cost, _)| i128::from(*cost)).sum();
    let mut told: Vec<Json> = rows
        .iter()
        .map(|(metric, cost, rise)| {
            let amount = asked.values.money(*cost);
            let text = if before.is_some() { format!("{amount} ({})", asked.values.signed(*rise)) } else { amount };
            line(&asked.values.name(*metric), &text)
        })
        .collect();
    if let (false, Ok(total)) = (told.is_empty(), i64::try_from(total)) {
        told.insert(0, line(&asked.word("list.total"), &asked.values.money(total)));
    }
    let title = if before.is_some() { "title.costs_compared" } else { "title.costs" };
    list(turn, asked, title, told, asked.notes(&[Metric::Cogs]))
}

fn missing_costs(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let now = asked.source.as_of();
    let products = asked.source.products().values();
    let sold = asked.source.breakdown(Dimension::Product, &[], asked.days);
    let mut told = Vec::new();
    for part in &sold.parts {
        let Some(key) = &part.key else { continue };
        let known = asked.source.products().get(key).is_some_and(|product| product.cost_at(now).is_some());
        if let Some(net) = whole(part.figures.value(Metric::BookedNetSales)).filter(|net| !known && *net != 0) {
            told.push((net, line(&asked.key(key), &asked.values.money(net))));
        }
    }
    told.sort_by_key(|(net, _)| std::cmp::Reverse(*net));
    let title = if told.is_empty() && products.len() > 0 { "title.all_costs" } else { "title.missing_costs" };
    let told = told.into_iter().map(|(_, line)| line).take(MOST).collect();
    list(turn, asked, title, told, asked.notes(&[Metric::Cogs]))
}

/// Why the shop's page shows another number: the same sales by each of the definitions in use.
fn other_figures(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let metrics = [
        Metric::BookedGrossSales,
        Metric::BookedDiscounts,
        Metric::BookedReturns,
        Metric::BookedNetSales,
        Metric::BookedTotalSales,
        Metric::RealisedNetSales,
    ];
    let mut notes = vec![asked.word("note.other_figures")];
    notes.extend(asked.notes(&metrics));
    let lines = lines(asked, &metrics);
    list(turn, asked, "title.other_figures", lines, notes)
}

fn not_realised(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let figures = asked.figures(asked.days);
    let (booked, realised) =
        (whole(figures.value(Metric::BookedNetSales)), whole(figures.value(Metric::RealisedNetSales)));
    let mut told = lines(asked, &[Metric::BookedNetSales, Metric::RealisedNetSales]);
    if let Some(gap) = booked.zip(realised).and_then(|(booked, realised)| booked.checked_sub(realised)) {
        told.insert(0, line(&asked.word("list.not_realised"), &asked.values.money(gap)));
    }
    told.extend(lines(asked, &[Metric::OrdersCancelled, Metric::CodInTransit, Metric::CodReturned]));
    list(turn, asked, "title.not_realised", told, asked.notes(&[Metric::BookedNetSales]))
}

fn exceptions(turn: &mut Turn<'_>, asked: &Asked<'_>, accounts: &dyn Accounts) -> Result<(), TurnError> {
    let findings = match accounts.reconciliation() {
        Ok(findings) => findings,
        Err(why) => return figure::absent(turn, asked, Metric::CodReceivable, why),
    };
    let told = findings.iter().take(MOST).map(|finding| {
        let kind = asked.word(match finding.kind {
            FindingKind::Missing => "finding.missing",
            FindingKind::Short => "finding.short",
            FindingKind::Duplicate => "finding.duplicate",
            FindingKind::Unexpected => "finding.unexpected",
            FindingKind::NetMismatch => "finding.net_mismatch",
        });
        let amount = i64::try_from(finding.amount).unwrap_or(i64::MAX);
        line(&format!("{} · {}", finding.subject, finding.carrier), &format!("{kind} {}", asked.values.money(amount)))
    });
    let told = told.collect::<Vec<_>>();
    let title = if told.is_empty() { "title.no_exceptions" } else { "title.exceptions" };
    let mut told_all = told;
    if let Some(due) = whole(accounts.figures(asked.days).value(Metric::CodReceivable)) {
        told_all.push(line(&asked.values.name(Metric::CodReceivable), &asked.values.money(due)));
    }
    list(turn, asked, title, told_all, asked.notes(&[]))
}

fn debtors(turn: &mut Turn<'_>, asked: &Asked<'_>, accounts: &dyn Accounts) -> Result<(), TurnError> {
    let mut told = Vec::new();
    for debtor in accounts.debtors().unwrap_or_default().iter().take(MOST - 3) {
        let mut text = asked.values.money(debtor.open);
        if debtor.overdue != 0 {
            text = format!(
                "{text} ({})",
                asked.word("list.overdue").replace("{amount}", &asked.values.money(debtor.overdue))
            );
        }
        told.push(line(&debtor.customer, &text));
    }
    told.extend(lines(asked, &[Metric::CodReceivable, Metric::GatewayPending, Metric::Receivables]));
    list(turn, asked, "title.debtors", told, asked.notes(&[Metric::Receivables]))?;
    if accounts.debtors().unwrap_or_default().iter().any(|debtor| debtor.overdue > 0) {
        turn.offer("rem:all", "button.remind_all");
    }
    Ok(())
}

fn aging(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let metrics = [
        Metric::InvoicesOpen,
        Metric::InvoicesOverdue,
        Metric::ExpectedLoss,
        Metric::CodReceivable,
        Metric::CodOverdue,
        Metric::Receivables,
        Metric::OverdueShare,
    ];
    figures(turn, asked, "title.aging", &metrics)
}

fn profit_to_cash(turn: &mut Turn<'_>, asked: &Asked<'_>, ledger: &Ledger) -> Result<(), TurnError> {
    let bridge = match ledger.profit_to_cash(asked.days) {
        Ok(bridge) => bridge,
        Err(why) => {
            let metric = Metric::CashOperating;
            let notes = vec![asked.reason(metric, why), asked.age()];
            let told = lines(asked, &[Metric::OperatingProfit, metric, Metric::Receivables]);
            return list(turn, asked, "title.profit_to_cash", told, notes);
        }
    };
    let profit = (Metric::OperatingProfit, bridge.operating_profit);
    let mut told = vec![line(&asked.values.name(profit.0), &asked.values.money(profit.1))];
    for (step, amount) in bridge.steps.iter().filter(|(_, amount)| *amount != 0) {
        let name = asked.values.wording.known(asked.values.language, &format!("step.{step}")).unwrap_or(step);
        told.push(line(name, &asked.values.signed(*amount)));
    }
    if bridge.unexplained != 0 {
        told.push(line(&asked.word("list.unexplained"), &asked.values.signed(bridge.unexplained)));
    }
    told.push(line(&asked.values.name(Metric::CashOperating), &asked.values.money(bridge.cash_operating)));
    list(turn, asked, "title.profit_to_cash", told, asked.notes(&[Metric::OperatingProfit]))
}

fn cohorts(turn: &mut Turn<'_>, asked: &Asked<'_>, accounts: &dyn Accounts) -> Result<(), TurnError> {
    let all = accounts.cohorts().unwrap_or_default();
    let asked_month = asked.question.period.map(|_| asked.days.first.first_of_month());
    let wanted = all.iter().rev().filter(|cohort| asked_month.is_none_or(|month| cohort.month == month));
    let told: Vec<Json> = wanted
        .take(6)
        .map(|cohort| {
            let worth =
                cohort.ltv_observed.last().and_then(|value| value.as_ref().ok()).and_then(|value| value.rounded().ok());
            let kept = cohort.retention.last().filter(|_| cohort.retention.len() > 1);
            let mut text = asked.word("list.cohort").replace("{n}", &asked.values.count(cohort.size));
            if let Some(worth) = worth {
                text = format!(
                    "{text}, {}",
                    asked.word("list.cohort_worth").replace("{amount}", &asked.values.money(worth))
                );
            }
            if let Some(kept) = kept {
                text = format!(
                    "{text}, {}",
                    asked.word("list.cohort_kept").replace("{share}", &asked.values.percent(*kept))
                );
            }
            let month = format!("{} {}", asked.moments.month(cohort.month.month()), cohort.month.year());
            line(&month, &text)
        })
        .collect();
    list(turn, asked, "title.cohorts", told, vec![asked.age()])
}

fn best_customers(turn: &mut Turn<'_>, asked: &Asked<'_>, ledger: &Ledger) -> Result<(), TurnError> {
    let Ok(shares) = ledger.customer_shares(asked.days) else {
        turn.decided(AGENT, "undefined");
        return turn.reply("finance_failed", &json!({}), vec![]);
    };
    let told = shares.iter().filter(|one| one.contribution > 0).take(5).map(|one| {
        let orders = asked.listed(one.orders.iter().map(String::as_str), 3);
        let name = one.customer.clone().unwrap_or_else(|| orders.clone());
        let text = asked.values.money(one.contribution);
        line(&name, &if name == orders { text } else { format!("{text} ({orders})") })
    });
    let told = told.collect();
    list(turn, asked, "title.best_customers", told, asked.notes(&[Metric::Cm2]))
}

/// The figure of which a proof is asked, after a question.
pub fn proven(question: &Question) -> Metric {
    let metric = match &question.subject {
        Subject::Metrics(metrics) => metrics.first().copied(),
        Subject::Why(metric) => *metric,
        Subject::Costs => Some(Metric::Fulfilment),
        Subject::Report => Some(Metric::OperatingProfit),
        Subject::Exceptions => Some(Metric::CodReceivable),
        Subject::Debtors | Subject::Aging => Some(Metric::Receivables),
        Subject::ProfitToCash => Some(Metric::CashOperating),
        _ => None,
    };
    metric.unwrap_or(Metric::BookedNetSales)
}

/// What is behind the last answer.
fn proof(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let metric = proven(&asked.question);
    let (facts, more) = asked.facts(metric);
    let told = facts.into_iter().map(|(kind, ids)| {
        let key = format!("fact.{}", kind.code());
        let name = asked.values.wording.known(asked.values.language, &key).unwrap_or(kind.code());
        let mut count = asked.values.count(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        if more {
            count = asked.word("list.at_least").replace("{n}", &count);
        }
        line(&format!("{count} {name}"), &asked.names_of(&ids, more, PROOFS))
    });
    let lines: Vec<Json> = told.collect();
    let value = asked.figures(asked.days).value(metric).ok().map(|value| asked.values.value(metric, value));
    let context = json!({
        "period": asked.period(Some(metric)),
        "name": asked.values.name(metric),
        "value": value,
        "meaning": asked.values.meaning(metric),
        "none": lines.is_empty(),
        "lines": lines,
        "notes": [asked.age()],
    });
    turn.decided(AGENT, "proof");
    turn.reply("finance_proof", &context, vec![])
}
