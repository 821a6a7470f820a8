//! Advertising, expenses, and stock bought.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::json;

use super::super::bodies::decimal;
use super::super::dice::Dice;
use super::calendar::{Calendar, next_month};
use super::{Facts, Sold};

/// VAT of Colombia, of a whole.
fn vat(amount: i64) -> i64 {
    amount * 19 / 100
}

/// Everything that the shop spends.
pub(super) fn spending(facts: &mut Facts, sold: &[Sold], calendar: &Calendar, dice: &mut Dice) {
    rates(facts, calendar, dice);
    advertising(facts, calendar, dice);
    expenses(facts, sold, calendar);
    purchases(facts, sold, calendar);
}

/// The dollar, each Monday.
fn rates(facts: &mut Facts, calendar: &Calendar, dice: &mut Dice) {
    let mut rate = 401_500;
    let first = calendar.opening().saturating_sub(7.days());
    facts.add("fx", json!({"date": first, "currency": "USD", "rate": decimal(rate)}));
    for day in calendar.days().filter(|day| day.weekday() == jiff::civil::Weekday::Monday) {
        rate += dice.between(-3_200, 2_900);
        facts.add("fx", json!({"date": day, "currency": "USD", "rate": decimal(rate)}));
    }
}

fn advertising(facts: &mut Facts, calendar: &Calendar, dice: &mut Dice) {
    for day in calendar.days() {
        // With the shop's growth; in the bad week somebody doubled the budget of Meta.
        let budget = 8_800_000 + calendar.progress(day) * 2_600 + dice.between(-900_000, 900_000);
        let meta = if calendar.is_bad(day) { budget * 23 / 10 } else { budget };
        let paid = calendar.paid(day.saturating_add(3.days()));
        facts.add(
            "ad_spend",
            json!({"id": format!("meta {day}"), "date": day, "platform": "meta", "currency": "COP",
            "amount": decimal(meta), "vat": decimal(vat(meta)), "paid_on": paid}),
        );
        let google = 950 + dice.between(-150, 350);
        facts.add(
            "ad_spend",
            json!({"id": format!("google {day}"), "date": day, "platform": "google", "currency": "USD",
            "amount": decimal(google), "vat": decimal(vat(google)), "paid_on": calendar.paid(next_month(day, 2))}),
        );
    }
}

/// Kind, category, currency, amount without VAT in hundredths, whether VAT is on it, day of the month on which it is paid.
const MONTHLY: [(&str, &str, &str, i64, bool, i64); 9] = [
    ("fixed", "arriendo de bodega", "COP", 170_000_000, true, 5),
    ("fixed", "nómina", "COP", 230_000_000, false, 28),
    ("fixed", "contadora", "COP", 38_000_000, false, 10),
    ("fixed", "servicios e internet", "COP", 31_000_000, true, 18),
    ("fixed", "Shopify", "USD", 3_900, false, 7),
    ("fixed", "aplicaciones", "USD", 4_700, false, 7),
    ("marketing", "fotos y contenido", "COP", 42_000_000, true, 15),
    ("owner", "retiro de la dueña", "COP", 120_000_000, false, 30),
    ("financing", "cuota del préstamo", "COP", 46_000_000, false, 12),
];

fn expenses(facts: &mut Facts, sold: &[Sold], calendar: &Calendar) {
    for month in calendar.months() {
        let last = month.last_of_month();
        for (kind, category, currency, amount, taxed, of_month) in MONTHLY {
            let due = month.saturating_add((of_month - 1).days()).min(last);
            let tax = if taxed { vat(amount) } else { 0 };
            facts.add("expenses", json!({"id": format!("{category} {month}"), "kind": kind, "category": category, "currency": currency,
                "amount": decimal(amount), "vat": decimal(tax), "invoiced_on": month, "from": month, "to": last, "due_on": due,
                "paid_on": calendar.paid(due)}));
        }
        // Boxes and tape for every parcel of the month, billed at its end or today.
        let end = last.min(calendar.today);
        let parcels = sold.iter().flat_map(|order| &order.parcels).map(|parcel| calendar.day(parcel.shipped));
        let count = parcels.filter(|day| *day >= month && *day <= end).count() as i64;
        let packaging = count * 320_000;
        facts.add(
            "expenses",
            json!({"id": format!("empaques {month}"), "kind": "variable", "category": "empaques", "currency": "COP",
            "amount": decimal(packaging), "vat": decimal(vat(packaging)), "invoiced_on": end, "from": month, "to": end,
            "due_on": end.saturating_add(15.days()), "paid_on": calendar.paid(end.saturating_add(15.days()))}),
        );
    }
    let machine = calendar.before(74);
    facts.add("expenses", json!({"id": "selladora", "kind": "capex", "category": "selladora de bolsas", "currency": "COP",
        "amount": decimal(145_000_000), "vat": decimal(vat(145_000_000)), "invoiced_on": machine, "from": machine, "to": machine,
        "due_on": machine, "paid_on": machine}));
    value_added_tax(facts, calendar);
}

/// VAT is paid every two months, some weeks after they end.
fn value_added_tax(facts: &mut Facts, calendar: &Calendar) {
    for month in calendar.months().filter(|month| month.month() % 2 == 0) {
        let (last, due) = (month.last_of_month(), next_month(month, 17));
        if last >= calendar.today {
            continue;
        }
        let amount = 640_000_000;
        facts.add(
            "expenses",
            json!({"id": format!("IVA {month}"), "kind": "tax", "category": "IVA bimestral", "currency": "COP",
            "amount": decimal(amount), "vat": "0", "invoiced_on": last, "from": last, "to": last, "due_on": due,
            "paid_on": calendar.paid(due)}),
        );
    }
}

/// Every third week what was sold since is bought again, on thirty days.
fn purchases(facts: &mut Facts, sold: &[Sold], calendar: &Calendar) {
    const SUPPLIERS: [&str; 3] = ["Textiles del Valle", "Cerámicas de Ráquira", "Importadora Andina"];
    let mut since = calendar.opening();
    let mut index = 0_usize;
    while since.saturating_add(21.days()) <= calendar.today {
        let until = since.saturating_add(21.days());
        let within = |day: Date| day >= since && day < until;
        let cost: i64 = sold.iter().filter(|order| within(calendar.day(order.at))).map(|order| order.cost).sum();
        let amount = cost * 98 / 100;
        let due = until.saturating_add(30.days());
        facts.add("purchases", json!({"id": format!("FC-{:04}", 301 + index), "supplier": SUPPLIERS[index % 3], "currency": "COP",
            "amount": decimal(amount), "vat": decimal(vat(amount)), "received_on": until, "due_on": due, "paid_on": calendar.paid(due)}));
        since = until;
        index += 1;
    }
}
