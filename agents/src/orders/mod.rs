//! Orders and tracking: where is it, what is in it, and whose is it.

pub mod changes;
mod due;
mod status;

use recado_domain::command::Command;
use recado_domain::conversation::Pending;
use recado_domain::intent::Intent;
use recado_domain::order::order_number;
use recado_domain::outbound::Button;
use recado_domain::tools::{OrderView, ProofOutcome, ToolBox};
use serde_json::json;

pub use status::{Audience, is_active, short_status, status_context};

use self::due::Due;
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::asks::asks_where_delivered;
use crate::understanding::normalise::normalise;
use crate::wording::clip;
use crate::{flows, knowledge, person};

const AGENT: &str = "orders";
/// Rows of a WhatsApp list (CONTRACTS A9).
const ROWS: usize = 10;
/// Lines of an order that are listed.
const LINES: usize = 10;

/// What is asked about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Where is it?
    Status,
    /// What is in it?
    Contents,
    /// What is there to pay?
    Due,
}

/// Carries out a command about orders.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    match command {
        Command::TrackOrder { reference: Some(reference) } => by_reference(turn, reference, Wish::Status).await,
        Command::TrackOrder { reference: None } => own(turn, Wish::Status).await,
        Command::OrderContents { reference } => spoken_of(turn, reference.as_deref(), Wish::Contents).await,
        Command::AmountDue { reference } => spoken_of(turn, reference.as_deref(), Wish::Due).await,
        Command::Prove { text } => match turn.session.pending.clone() {
            Some(Pending::Proof { order, failures }) => prove(turn, &order, text, failures).await,
            _ => own(turn, Wish::Status).await,
        },
        _ => delivery_time(turn).await,
    }
}

/// An order named together with the proof that it is the asker's.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn with_proof(turn: &mut Turn<'_>, reference: &str, proof: &str) -> Result<(), TurnError> {
    if let Some(view) = find(turn, reference).await? {
        return show(turn, &view, Audience::Own);
    }
    match turn.tools {
        ToolBox::Shopper(_) => prove(turn, reference, proof, 0).await,
        _ => not_found(turn, reference),
    }
}

/// Asks a waiting question once more.
///
/// # Errors
/// When a template does not render.
pub async fn ask_again(turn: &mut Turn<'_>, pending: &Pending) -> Result<(), TurnError> {
    match pending {
        Pending::Proof { order, .. } => {
            turn.decided(AGENT, "ask_proof");
            turn.reply("ask_proof", &json!({"order": shown_name(order), "again": true}), vec![])
        }
        Pending::OrderReference => ask_reference(turn),
        Pending::PickOrder { names } => {
            let buttons = names.iter().take(ROWS).map(|name| turn.titled(&order_id(name), name)).collect();
            turn.decided(AGENT, "pick_order");
            turn.reply("pick_order", &json!({"count": names.len()}), buttons)
        }
        Pending::Record { note, .. } => crate::finance::ask_record(turn, note),
        Pending::Remind { whom, .. } => crate::finance::reminders::show(turn, whom).await,
        Pending::DebtorPhone { debtor } => crate::finance::reminders::ask_phone(turn, debtor),
        Pending::DebtPaid { debtor, amount, day, .. } => {
            crate::finance::reminders::payment::tell(turn, debtor, *amount, *day).await
        }
        Pending::Person => {
            turn.decided(AGENT, "ask_person");
            let buttons = vec![turn.button("human", "button.human"), turn.button("menu", "button.menu")];
            turn.reply("unclear_again", &json!({}), buttons)
        }
    }
}

async fn own_orders(turn: &mut Turn<'_>) -> Result<Vec<OrderView>, TurnError> {
    let ToolBox::Shopper(tools) = turn.tools else { return Ok(Vec::new()) };
    let found = tools.own_orders().await?;
    turn.used(format!("own_orders: {}", found.len()));
    Ok(found)
}

/// One of the orders that the asker may see in full.
async fn find(turn: &mut Turn<'_>, reference: &str) -> Result<Option<OrderView>, TurnError> {
    let found = match turn.tools {
        ToolBox::Shopper(tools) => tools.own_order(reference).await?,
        ToolBox::Member(tools) => tools.order(reference).await?,
        _ => None,
    };
    turn.used(format!("order: {}", usize::from(found.is_some())));
    Ok(found)
}

/// The order that is named, else the one that was spoken of last, else the asker's own.
async fn spoken_of(turn: &mut Turn<'_>, reference: Option<&str>, wish: Wish) -> Result<(), TurnError> {
    match reference.map(str::to_owned).or_else(|| turn.session.last_order.clone()) {
        Some(reference) => by_reference(turn, &reference, wish).await,
        None => own(turn, wish).await,
    }
}

async fn own(turn: &mut Turn<'_>, wish: Wish) -> Result<(), TurnError> {
    let orders = own_orders(turn).await?;
    let active: Vec<&OrderView> = orders.iter().filter(|view| is_active(view)).collect();
    if active.len() > 1 {
        return pick(turn, &active);
    }
    match active.first().copied().or(orders.first()) {
        None => ask_reference(turn),
        Some(one) => tell(turn, one, wish),
    }
}

/// «¿Cuánto se demora?»: from the asker's own order on its way, else in the shop's own words, else a person knows. Where the
/// shop delivers, only the shop knows: no order of anybody tells it.
async fn delivery_time(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let orders = own_orders(turn).await?;
    if !orders.is_empty() && asks_where_delivered(&normalise(&turn.asked)) {
        return if knowledge::answers_delivery(turn).await? { Ok(()) } else { area_unknown(turn) };
    }
    if let Some(view) = orders.iter().find(|view| is_active(view)) {
        return show(turn, view, Audience::Own);
    }
    if knowledge::answers_delivery(turn).await? {
        return Ok(());
    }
    person::hand_over(turn, Some(Intent::DeliveryPeriod)).await
}

fn area_unknown(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.pending = Some(Pending::Person);
    turn.decided(AGENT, "area_unknown");
    let buttons = vec![turn.button("human", "button.human"), turn.button("track", "button.track")];
    turn.reply("delivery_area", &json!({"merchant": turn.input.merchant.name}), buttons)
}

fn ask_reference(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.pending = Some(Pending::OrderReference);
    turn.decided(AGENT, "ask_reference");
    turn.reply("ask_reference", &json!({"member": turn.is_member()}), vec![])
}

fn pick(turn: &mut Turn<'_>, several: &[&OrderView]) -> Result<(), TurnError> {
    let names: Vec<String> = several.iter().take(ROWS).map(|view| view.order.name.clone()).collect();
    let buttons: Vec<Button> = several
        .iter()
        .take(ROWS)
        .map(|view| {
            let title = format!("{} · {}", view.order.name, short_status(turn, view));
            turn.titled(&order_id(&view.order.name), &title)
        })
        .collect();
    turn.session.pending = Some(Pending::PickOrder { names });
    turn.decided(AGENT, "pick_order");
    turn.reply("pick_order", &json!({"count": several.len()}), buttons)
}

fn order_id(name: &str) -> String {
    format!("order:{}", order_number(name))
}

/// As people write it: «#1042».
fn shown_name(reference: &str) -> String {
    let short = clip(reference.trim(), 24);
    if short.chars().all(|letter| letter.is_ascii_digit()) && short.len() <= 7 { format!("#{short}") } else { short }
}

fn tell(turn: &mut Turn<'_>, view: &OrderView, wish: Wish) -> Result<(), TurnError> {
    match wish {
        Wish::Status => show(turn, view, Audience::Own),
        Wish::Contents => items(turn, view),
        Wish::Due => due(turn, view),
    }
}

async fn by_reference(turn: &mut Turn<'_>, reference: &str, wish: Wish) -> Result<(), TurnError> {
    match find(turn, reference).await? {
        Some(view) => tell(turn, &view, wish),
        None if turn.is_member() => not_found(turn, reference),
        None => {
            turn.session.pending = Some(Pending::Proof { order: reference.to_owned(), failures: 0 });
            turn.decided(AGENT, "ask_proof");
            turn.reply("ask_proof", &json!({"order": shown_name(reference), "again": false}), vec![])
        }
    }
}

fn not_found(turn: &mut Turn<'_>, reference: &str) -> Result<(), TurnError> {
    turn.session.pending = Some(Pending::OrderReference);
    turn.decided(AGENT, "order_not_found");
    turn.reply("order_not_found", &json!({"order": shown_name(reference)}), vec![])
}

async fn prove(turn: &mut Turn<'_>, order: &str, text: &str, failures: u8) -> Result<(), TurnError> {
    let ToolBox::Shopper(tools) = turn.tools else { return not_found(turn, order) };
    let outcome = tools.prove(order, text).await?;
    turn.used(match outcome {
        ProofOutcome::Proven(_) => "prove: proven",
        ProofOutcome::NotProven => "prove: not proven",
        ProofOutcome::Locked => "prove: locked",
    });
    match outcome {
        ProofOutcome::Proven(view) if flows::waits_for_order(&turn.session.flows) => {
            Box::pin(flows::proven(turn, &view)).await
        }
        ProofOutcome::Proven(view) => show(turn, &view, Audience::Proven),
        ProofOutcome::NotProven if failures == 0 => {
            turn.session.pending = Some(Pending::Proof { order: order.to_owned(), failures: 1 });
            turn.decided(AGENT, "proof_wrong");
            turn.reply("proof_wrong", &json!({"order": shown_name(order)}), vec![])
        }
        ProofOutcome::NotProven | ProofOutcome::Locked => {
            person::hand_over_with(turn, Some(Intent::TrackOrder), "handover_proof").await
        }
    }
}

fn show(turn: &mut Turn<'_>, view: &OrderView, audience: Audience) -> Result<(), TurnError> {
    turn.session.pending = None;
    let context = status_context(turn, view, audience);
    let mut buttons = Vec::new();
    if audience == Audience::Own {
        turn.session.last_order = Some(view.order.name.clone());
        buttons.push(turn.button(&format!("items:{}", view.order.number()), "button.items"));
    }
    if !turn.is_member() {
        buttons.push(turn.button("human", "button.human"));
    }
    // The status of a parcel in trouble offers a person: «sí» takes the offer.
    let offered = context["parcels"].as_array().is_some_and(|all| all.len() == 1 && all[0]["problem"] == true);
    if offered && !turn.is_member() {
        turn.session.pending = Some(Pending::Person);
    }
    turn.decided(AGENT, if audience == Audience::Own { "order_status" } else { "proven_status" });
    turn.reply("order_status", &context, buttons)
}

fn items(turn: &mut Turn<'_>, view: &OrderView) -> Result<(), TurnError> {
    turn.session.pending = None;
    turn.session.last_order = Some(view.order.name.clone());
    let lines: Vec<_> = view
        .order
        .lines
        .iter()
        .take(LINES)
        .map(|line| json!({"quantity": line.quantity, "title": clip(&line.title, 60)}))
        .collect();
    let context = json!({
        "order": view.order.name,
        "lines": lines,
        "more": view.order.lines.len().saturating_sub(LINES),
        "total": view.order.total.shown(),
    });
    let button = turn.button(&order_id(&view.order.name), "button.where");
    turn.decided(AGENT, "order_items");
    turn.reply("order_items", &context, vec![button])
}

fn due(turn: &mut Turn<'_>, view: &OrderView) -> Result<(), TurnError> {
    turn.session.pending = None;
    turn.session.last_order = Some(view.order.name.clone());
    let due = Due::of(view);
    let mut buttons = vec![turn.button(&order_id(&view.order.name), "button.where")];
    if !turn.is_member() {
        buttons.push(turn.button("human", "button.human"));
    }
    let context = json!({
        "order": view.order.name,
        "due": due.code(),
        "total": view.order.total.shown(),
        "member": turn.is_member(),
    });
    turn.decided(AGENT, "order_due");
    turn.reply("order_due", &context, buttons)
}
