//! How many whole analyses (the health score with every recommendation) a minute, of a shop of 5,000 orders, on one core.
//!
//! ```sh
//! cargo run --release --package recado-domain --example advice_speed -- [orders] [seconds]
//! ```

use std::time::{Duration, Instant};

use recado_domain::Timestamp;
use recado_domain::finance::advice::advise;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::Ledger;
use serde_json::{Value, json};

/// The first day: 1 June 2026, noon in Bogotá.
const FIRST: i64 = 1_780_333_200;
/// Days over which the orders lie.
const DAYS: i64 = 180;
const PRODUCTS: i64 = 40;

fn at(seconds: i64) -> String {
    Timestamp::from_seconds(seconds).to_string()
}

fn day(seconds: i64) -> String {
    at(seconds)[..10].to_owned()
}

/// A shop: two orders of three are paid at the door, one parcel of four of those comes back, each is charged and paid
/// over; advertising every day on two platforms, fixed expenses every month.
fn shop(orders: i64) -> FactSet {
    let mut lists: [Vec<Value>; 5] = Default::default();
    let [sold, parcels, charges, payments, remitted] = &mut lists;
    for place in 0..orders {
        let placed = FIRST + place * DAYS * 86_400 / orders;
        let (door, failed) = (place % 3 != 0, place % 12 == 1);
        let id = format!("#{place}");
        let line = |index: i64| {
            let variant = (place * 7 + index * 13) % PRODUCTS;
            let price = 40_000 + variant * 1_000;
            json!({"id": index.to_string(), "variant_id": format!("V{variant}"), "qty": 1 + index, "unit_price": price.to_string(),
                "discount": "1000", "tax": format!("{}.00", (price * (1 + index) - 1_000) * 19 / 119)})
        };
        sold.push(
            json!({"id": id, "processed_at": at(placed), "customer_id": format!("c{}", place * 11 % (orders * 3 / 4)),
            "payment": if door { "cod" } else { "prepaid" }, "confirmed_at": at(placed + 3_600),
            "paid_at": (!door).then(|| at(placed + 60)), "lines": [line(0), line(1)],
            "shipping": {"price": "8000", "tax": "1277.31"}}),
        );
        let arrived = at(placed + 4 * 86_400);
        parcels.push(json!({"id": format!("S{place}"), "order_id": id, "carrier": "envia", "shipped_at": at(placed + 86_400),
            "delivered_at": (!failed).then(|| arrived.clone()), "returned_at": failed.then_some(arrived), "return_condition": "resellable",
            "cod_amount": if door { "120000" } else { "0" }}));
        charges.push(json!({"id": format!("C{place}"), "shipment_id": format!("S{place}"), "kind": "outbound", "amount": "9500",
            "occurred_at": at(placed + 86_400), "deducted": door, "paid_on": (!door).then(|| day(placed + 30 * 86_400))}));
        if !door {
            payments.push(json!({"id": format!("P{place}"), "order_id": id, "gateway": "wompi", "kind": "charge", "amount": "120000",
                "fee": "3880", "fee_vat": "737.20", "processed_at": at(placed + 60), "payout_at": at(placed + 2 * 86_400)}));
        } else if !failed && place % 17 != 0 {
            remitted.push(json!({"id": format!("R{place}"), "carrier": "envia", "remitted_at": at(placed + 12 * 86_400), "net": "110500",
                "lines": [{"shipment_id": format!("S{place}"), "collected": "120000", "freight": "9500", "fee": "0"}]}));
        }
    }
    let ads: Vec<Value> = (0..DAYS)
        .flat_map(|back| ["meta", "google"].map(|platform| (back, platform)))
        .map(|(back, platform)| {
            let spent = FIRST + back * 86_400;
            json!({"id": format!("A{platform}{back}"), "date": day(spent), "platform": platform, "amount": "400000", "paid_on": day(spent)})
        })
        .collect();
    let rents: Vec<Value> = (0..6)
        .map(|month| {
            let from = FIRST + month * 30 * 86_400;
            json!({"id": format!("X{month}"), "kind": "fixed", "category": "arriendo", "amount": "6000000", "invoiced_on": day(from),
                "from": day(from), "to": day(from + 29 * 86_400), "paid_on": day(from)})
        })
        .collect();
    let products: Vec<Value> = (0..PRODUCTS)
        .map(|variant| {
            let cost = (15_000 + variant * 500).to_string();
            json!({"variant_id": format!("V{variant}"), "title": format!("Producto {variant}"),
                "costs": [{"from": "2026-01-01T00:00:00Z", "unit_cost": cost}]})
        })
        .collect();
    let now = FIRST + DAYS * 86_400;
    let [sold, parcels, charges, payments, remitted] = lists;
    let facts = json!({"schema": "finance-facts/1", "as_of": at(now), "synced_at": at(now - 3_600),
        "merchant": {"name": "Tienda", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true,
            "carriers": {"envia": {"term_days": 8, "transit_days": 3}}},
        "products": products, "orders": sold, "shipments": parcels, "carrier_charges": charges, "payments": payments,
        "remittances": remitted, "ad_spend": ads, "expenses": rents,
        "inventory": [{"date": day(now - 95 * 86_400), "value": "90000000"}, {"date": day(now - 86_400), "value": "95000000"}],
        "cash": [{"at": at(now - 7_200), "account": "banco", "balance": "60000000"}]});
    FactSet::from_json(&facts.to_string()).expect("the facts made here are a fact set")
}

/// Time that this thread has had on a core, where Linux tells it.
fn on_core() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// How often something is done, for some seconds: by the clock, and by the time the thread had on a core, which other
/// programs do not take away.
fn paced(name: &str, seconds: u64, mut one: impl FnMut()) {
    let (started, core) = (Instant::now(), on_core());
    let mut times = 0_u32;
    while started.elapsed() < Duration::from_secs(seconds) {
        one();
        times += 1;
    }
    let a_minute = |spent: Duration| f64::from(times) * 60.0 / spent.as_secs_f64();
    let elapsed = started.elapsed();
    print!("{name}: {:.0} a minute by the clock", a_minute(elapsed));
    if let Some(core) = core.and_then(|core| on_core()?.checked_sub(core)) {
        let each = core.as_secs_f64() * 1e3 / f64::from(times);
        print!(", {:.0} a minute of one core ({each:.1} ms each)", a_minute(core));
    }
    println!();
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse::<i64>().ok());
    let orders = arguments.next().unwrap_or(5_000).clamp(1, 1_000_000);
    let seconds = arguments.next().unwrap_or(10).clamp(1, 600) as u64;
    let facts = shop(orders);
    let as_of = facts.as_of;
    let ledger = Ledger::new(facts.clone(), as_of);
    let analysis = advise(&ledger).expect("the amounts made here fit");
    let said: Vec<&str> = analysis.actions.ranked.iter().map(|one| one.code.id()).collect();
    println!("{orders} orders; recommended: {}", said.join(", "));
    paced("analyses (health and recommendations)", seconds, || drop(std::hint::black_box(advise(&ledger))));
    paced("books folded from facts", seconds, || drop(std::hint::black_box(Ledger::new(facts.clone(), as_of))));
}
