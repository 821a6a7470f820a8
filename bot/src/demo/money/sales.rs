//! Sales of the months before, and what goods cost.

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use recado_domain::Timestamp;
use serde_json::{Value, json};

use super::super::bodies::decimal;
use super::super::catalogue::{self, Item};
use super::super::dice::Dice;
use super::super::order::{self, Order};
use super::super::people;
use super::super::plan::{Buyer, OLD_CITIES, Plan, Stage};
use super::calendar::Calendar;
use super::{Facts, Sent, Sold};

/// Numbers of customers of the months before; those of the webhooks begin at 0 and buy again now and then.
const CUSTOMERS: i64 = 2_000;
/// Customers whom both the months before and the webhooks know.
const BOTH: i64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// What goods cost, and what they cost before suppliers raised their prices two months ago.
pub(super) fn costs(facts: &mut Facts, calendar: &Calendar) {
    let (first, raised) = (calendar.opening().saturating_sub(1.year()), calendar.before(62));
    for item in catalogue::items().iter().filter(|item| !item.gift_card) {
        let before = item.cost * 100 * 94 / 100;
        facts.add(
            "products",
            json!({"variant_id": item.variant_id.to_string(), "title": format!("{} · {}", item.title, item.variant), "costs": [
                {"from": calendar.instant(first, 0), "unit_cost": decimal(before)},
                {"from": calendar.instant(raised, 0), "unit_cost": decimal(item.cost * 100)}]}),
        );
    }
}

/// Orders of a usual day of the week.
fn usual(day: Date) -> i64 {
    match day.weekday() {
        Weekday::Monday | Weekday::Tuesday | Weekday::Thursday => 5,
        Weekday::Friday => 6,
        Weekday::Wednesday | Weekday::Saturday => 4,
        Weekday::Sunday => 3,
    }
}

/// What became of an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Delivered,
    /// Cancelled before it left.
    Cancelled,
    /// Refused at the door.
    Refused,
    Lost,
    /// Its voucher was never paid.
    Unpaid,
    /// Delivered, and a line came back.
    SentBack,
}

fn fate(cod: bool, dice: &mut Dice) -> Fate {
    match (cod, dice.between(1, 100)) {
        (true, ..=5) | (false, ..=2) => Fate::Cancelled,
        (true, 6..=19) => Fate::Refused,
        (true, 20) => Fate::Lost,
        (false, 3..=4) => Fate::Unpaid,
        (false, 5..=8) => Fate::SentBack,
        _ => Fate::Delivered,
    }
}

/// Tells the sales of the months before, and gives them to whoever charges for them.
pub(super) fn history(facts: &mut Facts, calendar: &Calendar, dice: &mut Dice) -> Vec<Sold> {
    let items = catalogue::items();
    let mut sold = Vec::new();
    let mut customers = 0;
    let days: Vec<Date> = calendar.days().take_while(|day| *day <= calendar.closing()).collect();
    for day in days {
        // The shop grows by a quarter over these months; of the last weeks, most orders of Shopify are its own to tell.
        let promille = 800 + calendar.progress(day) / 4 - if calendar.is_live(day) { 150 } else { 0 };
        let wanted = (usual(day) * promille + dice.between(0, 999)) / 1_000;
        for _ in 0..wanted {
            let number = sold.len() as i64 + 1;
            let customer = match dice.between(1, 100) {
                ..=26 if customers > 20 => dice.between(1, customers),
                27..=33 => -dice.between(1, BOTH),
                _ => {
                    customers += 1;
                    customers
                }
            };
            let at = calendar.instant(day, dice.between(8 * 60, 21 * 60));
            sold.push(one(facts, number, customer, at, calendar, &items, dice));
        }
    }
    sold
}

/// One order. A customer below zero is one of the webhooks'.
fn one(
    facts: &mut Facts,
    number: i64,
    customer: i64,
    at: Timestamp,
    calendar: &Calendar,
    items: &[Item],
    dice: &mut Dice,
) -> Sold {
    let (city, carrier) = OLD_CITIES[usize::try_from(dice.between(0, OLD_CITIES.len() as i64 - 1)).unwrap_or(0)];
    let cod = dice.percent(38);
    let plan = Plan { age: 0, stage: Stage::Delivered, carrier, city, cod, buyer: Buyer::Anyone };
    let key = if customer < 0 { -customer - 1 } else { CUSTOMERS + customer };
    let buyer = people::customer(key, city, dice);
    let order = order::book(number, at, plan, buyer, items, dice);
    let fate = fate(cod, dice);
    let channel = match (calendar.is_live(calendar.day(at)), dice.between(1, 100)) {
        (false, ..=72) => "web",
        (_, ..=88) => "instagram",
        _ => "pos",
    };
    let id = format!("CG-{number:04}");
    let paid_at = match fate {
        _ if cod => None,
        Fate::Unpaid => None,
        _ if dice.percent(85) => Some(at),
        _ => Some(at.plus(Duration::from_secs(HOUR * dice.between(2, 40) as u64))),
    };
    let cancelled = match fate {
        Fate::Cancelled => Some(at.plus(Duration::from_secs(HOUR * 6))),
        Fate::Unpaid => Some(at.plus(Duration::from_secs(DAY * 3))),
        _ => None,
    };
    let sent = (cancelled.is_none()).then(|| parcel(&id, &order, fate, paid_at, dice));
    // What was refused or lost is cancelled when the shop hears of it.
    let cancelled = cancelled.or_else(|| sent.as_ref().and_then(|sent| sent.returned.or(sent.lost)));
    let refund = match (fate, &sent) {
        (Fate::Cancelled, _) if !cod => Some((at.plus(Duration::from_secs(HOUR * 6)), order.lines.len(), true)),
        (Fate::SentBack, Some(sent)) => sent.delivered.map(|at| (at.plus(Duration::from_secs(DAY * 4)), 1, false)),
        _ => None,
    };
    let lines: Vec<Value> = order.lines.iter().map(|line| {
        json!({"id": format!("{id}-{}", line.id % 1_000), "variant_id": line.item.variant_id.to_string(), "qty": line.quantity,
            "unit_price": decimal(line.item.price * 100), "discount": decimal(line.discount), "tax": decimal(line.tax), "tax_rate": "0.19"})
    }).collect();
    let mut returned = Vec::new();
    let mut refunds = Vec::new();
    if let Some((when, count, whole)) = refund {
        let back: Vec<Value> = order.lines.iter().take(count).map(|line| {
            json!({"line_id": format!("{id}-{}", line.id % 1_000), "qty": line.quantity, "subtotal": decimal(line.paid() - line.tax),
                "tax": decimal(line.tax), "restock": true})
        }).collect();
        let mut amount: i64 = order.lines.iter().take(count).map(order::Line::paid).sum();
        let shipping = whole && order.shipping > 0;
        if shipping {
            amount += order.shipping;
        }
        let shipping = shipping.then(
            || json!({"amount": decimal(order.shipping - order.shipping_tax), "tax": decimal(order.shipping_tax)}),
        );
        refunds.push(json!({"id": format!("{id}-R"), "processed_at": when, "lines": back, "shipping": shipping}));
        returned.push((when, amount));
    }
    facts.add(
        "orders",
        json!({"id": id, "processed_at": at, "customer_id": order.buyer.id.to_string(),
        "payment": if cod { "cod" } else { "prepaid" }, "taxes_included": true, "channel": channel, "city": city.name,
        "confirmed_at": (cod && fate != Fate::Cancelled).then(|| at.plus(Duration::from_secs(HOUR * 2))),
        "paid_at": paid_at, "cancelled_at": cancelled, "lines": lines, "refunds": refunds,
        "shipping": {"price": decimal(order.shipping), "tax": decimal(order.shipping_tax), "tax_rate": "0.19"}}),
    );
    if let Some(sent) = &sent {
        facts.add(
            "shipments",
            json!({"id": sent.id, "order_id": id, "carrier": sent.carrier, "shipped_at": sent.shipped,
            "delivered_at": sent.delivered, "returned_at": sent.returned, "lost_at": sent.lost,
            "return_condition": sent.returned.map(|_| if dice.percent(12) { "damaged" } else { "resellable" }),
            "cod_amount": decimal(sent.due)}),
        );
    }
    let vat = order.tax();
    Sold {
        id,
        at,
        paid_at,
        total: order.total(),
        vat,
        returned,
        cost: cost(&order),
        parcels: sent.into_iter().collect(),
    }
}

fn cost(order: &Order) -> i64 {
    order.lines.iter().map(|line| line.item.cost * 100 * line.quantity).sum()
}

fn parcel(id: &str, order: &Order, fate: Fate, paid_at: Option<Timestamp>, dice: &mut Dice) -> Sent {
    let ready = paid_at.unwrap_or(order.created);
    let shipped = ready.plus(Duration::from_secs(HOUR * dice.between(5, 20) as u64));
    let later = |least: i64, most: i64, dice: &mut Dice| {
        shipped.plus(Duration::from_secs(HOUR * dice.between(least, most) as u64))
    };
    let cod = order.plan.cod;
    Sent {
        id: format!("{id}-G"),
        carrier: order.plan.carrier.name().to_owned(),
        due: if cod { order.total() } else { 0 },
        cod,
        cost: cost(order),
        shipped,
        delivered: matches!(fate, Fate::Delivered | Fate::SentBack).then(|| later(40, 96, dice)),
        returned: (fate == Fate::Refused).then(|| later(190, 260, dice)),
        lost: (fate == Fate::Lost).then(|| later(300, 360, dice)),
    }
}
