//! Whether a debtor is written to, of what, how, and when.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::debt::{Debt, DebtorContact, NoPhone, OpenInvoice};
use super::record::Past;
use super::tone::Tone;
use crate::finance::advice::collections::{CONTACT_RULES, Contact, History, may_contact, step_of_invoice};
use crate::outbound::FREE_WINDOW;
use crate::{Money, Timestamp};

/// Reminders about one invoice, in all.
pub const MOST_PER_INVOICE: usize = 3;

/// As what it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a text of its own: the debtor wrote within 24 hours of it.
    Text,
    /// As the template that WhatsApp approved.
    Template,
}

/// Why a debtor gets none now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Nothing of it is due within three days.
    NotDue,
    /// Their phone is not known.
    NoPhone,
    /// Several people have that name.
    SeveralPhones,
    /// It is the phone of a member of the shop.
    Member,
    /// They asked for no unasked messages.
    Stopped,
    /// A person of the shop talks with them.
    WithPerson,
    /// One is on its way, and leaves at this instant.
    Scheduled(Timestamp),
    /// They got one at this instant, less than [`CONTACT_RULES`]' days ago.
    Recent(Timestamp),
    /// They got [`MOST_PER_INVOICE`] about each invoice.
    Enough,
    /// They got the last notice about each invoice.
    LastNoticeSent,
    /// They wrote nothing for a day, and no template is there to write to them with.
    WindowShut,
}

impl Skip {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::NoPhone => "no_phone",
            Self::SeveralPhones => "several_phones",
            Self::Member => "member",
            Self::Stopped => "stopped",
            Self::WithPerson => "with_person",
            Self::Scheduled(_) => "scheduled",
            Self::Recent(_) => "recent",
            Self::Enough => "enough",
            Self::LastNoticeSent => "last_notice_sent",
            Self::WindowShut => "window_shut",
        }
    }
}

/// A reminder before it is worded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Of what, the earliest due first.
    pub invoices: Vec<OpenInvoice>,
    /// How.
    pub tone: Tone,
    /// When it leaves: now, or at the next hour at which debtors are written to.
    pub send_at: Timestamp,
    /// As what.
    pub way: Way,
}

impl Planned {
    /// What is owed on them, by currency, in the order of the invoices. `None` when it does not fit.
    pub fn totals(&self) -> Option<Vec<Money>> {
        totals(&self.invoices)
    }
}

/// Sums by currency, in the order in which the currencies come; `None` when one does not fit.
pub(super) fn totals(invoices: &[OpenInvoice]) -> Option<Vec<Money>> {
    let mut sums: Vec<Money> = Vec::new();
    for invoice in invoices {
        match sums.iter_mut().find(|sum| sum.currency == invoice.balance.currency) {
            Some(sum) => *sum = sum.plus(invoice.balance).ok()?,
            None => sums.push(invoice.balance),
        }
    }
    Some(sums)
}

/// Decides about a debtor. `template`: whether WhatsApp approved one to write with outside of its window.
///
/// # Errors
/// Why they get none now, the reason that lasts longest first.
pub fn plan(
    debt: &Debt,
    contact: Result<&DebtorContact, NoPhone>,
    (now, zone): (Timestamp, &TimeZone),
    template: bool,
) -> Result<Planned, Skip> {
    let (invoices, tone) = spoken_of(debt, now.in_zone(zone).date())?;
    let last = debt.past.iter().filter(|past| past.counts()).max_by_key(|past| past.send_at);
    if let Some(past) = last {
        if past.is_waiting() {
            return Err(Skip::Scheduled(past.send_at));
        }
        let days = Duration::from_secs(86_400 * CONTACT_RULES.days_between.unsigned_abs());
        if now < past.send_at.plus(days) {
            return Err(Skip::Recent(past.send_at));
        }
    }
    let contact = contact.map_err(|missing| match missing {
        NoPhone::Unknown => Skip::NoPhone,
        NoPhone::Several => Skip::SeveralPhones,
    })?;
    if contact.member.is_some() {
        return Err(Skip::Member);
    }
    let reached = contact.reached.as_ref();
    let history = History { consent: !reached.is_some_and(|one| one.stopped), ..History::default() };
    let send_at = match may_contact(&CONTACT_RULES, &history, now, zone) {
        Contact::Now => now,
        Contact::NotBefore(local) => local.to_zoned(zone.clone()).map_or(now, |at| at.timestamp().into()),
        Contact::NoConsent | Contact::Disputed | Contact::Paid => return Err(Skip::Stopped),
    };
    if reached.is_some_and(|one| one.with_person) {
        return Err(Skip::WithPerson);
    }
    let wrote = reached.and_then(|one| one.last_inbound_at);
    let way = match wrote.is_some_and(|at| send_at.since(at) < FREE_WINDOW) {
        true => Way::Text,
        false if template => Way::Template,
        false => return Err(Skip::WindowShut),
    };
    Ok(Planned { invoices, tone, send_at, way })
}

/// The invoices that may be spoken of, and the tone of the oldest.
///
/// # Errors
/// Why there is none.
pub fn spoken_of(debt: &Debt, today: Date) -> Result<(Vec<OpenInvoice>, Tone), Skip> {
    let tone_of = |invoice: &OpenInvoice| Tone::of_step(step_of_invoice(invoice.days_past_due(today)));
    let due: Vec<&OpenInvoice> = debt.invoices.iter().filter(|invoice| tone_of(invoice).is_some()).collect();
    if due.is_empty() {
        return Err(Skip::NotDue);
    }
    let about = |invoice: &OpenInvoice| -> Vec<&Past> {
        debt.past.iter().filter(|past| past.counts() && past.invoices.contains(&invoice.id)).collect()
    };
    let final_said = |past: &[&Past]| past.iter().any(|one| one.tone == Tone::LastNotice);
    let open: Vec<OpenInvoice> = due
        .iter()
        .filter(|invoice| {
            let past = about(invoice);
            past.len() < MOST_PER_INVOICE && !final_said(&past)
        })
        .map(|invoice| (*invoice).clone())
        .collect();
    let Some(tone) = open.iter().filter_map(tone_of).max() else {
        let all_final = due.iter().all(|invoice| final_said(&about(invoice)));
        return Err(if all_final { Skip::LastNoticeSent } else { Skip::Enough });
    };
    Ok((open, tone))
}
