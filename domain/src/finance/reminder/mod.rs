//! Reminders of what is owed on invoices: who may get one, of what, in which tone, when and as what (FINANCE §2.8,
//! OPERATIONS §1.6). All of it is decided from facts at hand; nothing is sent here, and nothing is ever sent that a member
//! of the shop did not see and confirm word for word.

mod debt;
mod plan;
mod record;
mod tone;
mod whom;

pub use debt::{Debt, DebtorContact, NoPhone, OpenInvoice, PhoneSource, Reached, debts, settled_by};
pub use plan::{MOST_PER_INVOICE, Planned, Skip, Way, plan, spoken_of};
pub use record::{
    ANSWERED_WITHIN, Dropped, DueReminder, FOLLOW_UP_DAYS, NewReminder, Past, Reminder, Returned, State, TemplateWords,
    timer_kind, timer_of,
};
pub use tone::Tone;
pub use whom::{Whom, named};
