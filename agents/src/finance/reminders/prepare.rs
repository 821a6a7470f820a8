//! What would be sent to whom, from the facts of this moment.

use recado_domain::ReminderBatchId;
use recado_domain::finance::reminder::{
    Debt, DebtorContact, NoPhone, PhoneSource, Planned, Skip, TemplateWords, Way, plan,
};
use recado_domain::tools::MemberTools;

use super::words;
use crate::desk::TurnError;
use crate::turn::Turn;

/// Reminders of one preview: more could not be read before they are sent.
pub(super) const MOST: usize = 5;
/// Debtors whose phone is looked for at once.
const LOOKED_AT: usize = 15;

/// One that could be sent.
pub(super) struct Ready {
    pub debtor: String,
    /// By which the debtor is known.
    pub key: String,
    pub digits: String,
    pub source: PhoneSource,
    pub days_past_due: i64,
    pub planned: Planned,
    /// What is owed, as it is written.
    pub total: String,
    pub body: String,
    pub template: Option<TemplateWords>,
}

/// One who gets none.
pub(super) struct Left {
    pub debtor: String,
    pub skip: Skip,
    pub contact: Option<DebtorContact>,
}

/// Both, and how many were not looked at.
pub(super) struct Prepared {
    pub ready: Vec<Ready>,
    pub left: Vec<Left>,
    pub more: usize,
}

impl Prepared {
    /// The same for the same words to the same phones in the same way, and for nothing else.
    pub fn fingerprint(&self) -> String {
        let parts = self.ready.iter().flat_map(|ready| {
            let way = if ready.planned.way == Way::Template { "template" } else { "text" };
            [ready.key.as_str(), ready.digits.as_str(), way, ready.body.as_str()]
        });
        ReminderBatchId::derived(&parts.collect::<Vec<_>>()).to_string()
    }
}

/// Plans and words them. `given` is the phone that was just told of the only one.
pub(super) async fn prepare(
    turn: &mut Turn<'_>,
    tools: &dyn MemberTools,
    debts: &[&Debt],
    given: Option<DebtorContact>,
) -> Result<Prepared, TurnError> {
    let mut prepared = Prepared { ready: Vec::new(), left: Vec::new(), more: 0 };
    let many = debts.len() > 1;
    let zone = turn.input.merchant.zone();
    for (place, debt) in debts.iter().enumerate() {
        if prepared.ready.len() == MOST || place == LOOKED_AT {
            prepared.more = debts.len() - place;
            break;
        }
        let contact = match &given {
            Some(contact) => Ok(contact.clone()),
            None => tools.debtor_contact(&debt.debtor).await?,
        };
        // A name that somebody gave themselves is shown and confirmed one by one.
        let contact = contact
            .and_then(|one| if many && one.source == PhoneSource::Profile { Err(NoPhone::Unknown) } else { Ok(one) });
        let planned = plan(
            debt,
            contact.as_ref().map_err(|missing| *missing),
            (turn.input.now, &zone),
            turn.reminder_template.is_some(),
        );
        match (planned, contact) {
            (Ok(planned), Ok(contact)) => match worded(turn, debt, planned, contact)? {
                Some(ready) => prepared.ready.push(ready),
                None => turn.used("reminder: an amount that does not fit"),
            },
            (Err(skip), contact) => {
                prepared.left.push(Left { debtor: debt.debtor.clone(), skip, contact: contact.ok() })
            }
            // There is no plan without a contact.
            (Ok(_), Err(_)) => {}
        }
    }
    Ok(prepared)
}

fn worded(turn: &Turn<'_>, debt: &Debt, planned: Planned, contact: DebtorContact) -> Result<Option<Ready>, TurnError> {
    let zone = turn.input.merchant.zone();
    let (today, day) = (turn.input.now.in_zone(&zone).date(), planned.send_at.in_zone(&zone).date());
    let language = words::language_of(turn, Some(&contact));
    let Some(spoken) = words::Spoken::of(&debt.debtor, &planned.invoices, planned.tone, day) else { return Ok(None) };
    let (body, template) = match planned.way {
        Way::Text => (words::text(turn, language, &spoken)?, None),
        Way::Template => {
            let variables = words::variables(turn, language, &spoken);
            (words::template(turn, language, &variables)?, Some(TemplateWords { language, variables }))
        }
    };
    Ok(Some(Ready {
        debtor: debt.debtor.clone(),
        key: debt.key(),
        days_past_due: planned.invoices.first().map_or(0, |invoice| invoice.days_past_due(today)),
        total: spoken.total,
        digits: contact.digits,
        source: contact.source,
        planned,
        body,
        template,
    }))
}
