//! What is computed for a large shop, from its day book: a computation asks for what it needs, that is brought, and it is
//! computed again, until nothing is wanted. So nothing is read that is not needed, and all facts never are.

use std::sync::Arc;

use recado_domain::effect::Effect;
use recado_domain::finance::figures::Source;
use recado_domain::finance::figures::day_book::Gathered;
use recado_domain::finance::question::Question;
use recado_domain::tools::{MemberTools, ToolError};
use serde_json::json;

use super::asked::Asked;
use super::narrow::Narrowed;
use super::{AGENT, period_buttons};
use crate::desk::TurnError;
use crate::turn::Turn;

/// How often a computation may ask for more.
const ROUNDS: usize = 12;
/// After how long what nobody waits for is tried again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(300);

/// The day book of a large shop; `None` when the shop keeps none, or it is behind.
///
/// # Errors
/// When the facts cannot be read.
pub async fn opened(tools: &dyn MemberTools) -> Result<Option<Box<Gathered>>, ToolError> {
    Ok(tools.day_book().await?.map(|(reading, beside)| Box::new(Gathered::new(reading, beside))))
}

/// Computes something from a day book; `None` when the book moves on meanwhile.
///
/// # Errors
/// When the facts cannot be read.
pub async fn computed<T>(
    tools: &dyn MemberTools,
    accounts: Box<Gathered>,
    compute: impl Fn(&Gathered) -> T,
) -> Result<Option<T>, ToolError> {
    Ok(in_rounds(tools, accounts, |accounts| compute(accounts)).await?.map(|(told, _)| told))
}

/// The same of what is asked: with the accounts as they were gathered for it.
///
/// # Errors
/// When the facts cannot be read.
pub async fn rehearsed<'a, T>(
    turn: &Turn<'a>,
    tools: &dyn MemberTools,
    accounts: Box<Gathered>,
    (question, narrowed): (&Question, &Narrowed),
    compute: impl Fn(&Asked<'a>) -> T,
) -> Result<Option<(T, Arc<Gathered>)>, ToolError> {
    let told_at = tools.told_at().await?;
    in_rounds(tools, accounts, |accounts| {
        let source = Source::Days(Arc::clone(accounts));
        compute(&Asked::new(turn, question.clone(), source, narrowed.clone(), told_at))
    })
    .await
}

/// Computes, brings what was wanting, and computes again until nothing is. What `compute` returns must not keep the
/// accounts.
async fn in_rounds<T>(
    tools: &dyn MemberTools,
    mut accounts: Box<Gathered>,
    compute: impl Fn(&Arc<Gathered>) -> T,
) -> Result<Option<(T, Arc<Gathered>)>, ToolError> {
    for _ in 0..ROUNDS {
        let shared: Arc<Gathered> = Arc::from(accounts);
        let told = compute(&shared);
        let wanted = shared.wanted();
        if wanted.is_empty() {
            return Ok(Some((told, shared)));
        }
        let Some(again) = Arc::into_inner(shared) else { break };
        accounts = Box::new(again);
        if !tools.gather(&mut accounts, wanted).await? {
            break;
        }
    }
    Ok(None)
}

/// Says that a shop is too large for what was asked, or that its books are being brought up to date.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn refuse(turn: &mut Turn<'_>, tools: &dyn MemberTools) -> Result<(), TurnError> {
    let behind = tools.day_book().await?.is_none();
    turn.decided(AGENT, if behind { "books_behind" } else { "too_large_a_shop" });
    let buttons = period_buttons(turn);
    turn.reply("finance_large", &json!({"behind": behind}), buttons)
}

/// Waits a while with what is told unasked: the books of a large shop are being brought up to date.
pub fn put_off(turn: &mut Turn<'_>, timer: &str) {
    turn.decided(AGENT, "books_behind");
    turn.effects.push(Effect::StartTimer { kind: timer.to_owned(), after: AGAIN });
}
