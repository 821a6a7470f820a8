//! D5: changes in the shop. The process ends around the call, answers get lost, and each order is cancelled once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use recado_emulators::DeliverOptions;
use recado_emulators::behaviour::{Behaviour, Mix, MixPart};
use recado_emulators::telegram::{TelegramMessage, TelegramTap, TelegramUser};
use serde_json::{Value, json};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::platforms::Platforms;
use super::talk::seed;

/// Telegram's id of the one who asks.
const STAFF: i64 = 7_001;
/// After this long, a cancellation that does not show was never taken.
const SETTLE: u64 = 5;
/// Answers that are lost one after the other are asked for at growing intervals; of many actions one may be unlucky often.
const PATIENCE: Duration = Duration::from_secs(400);
const ORDERS: usize = 25;

#[derive(Clone, Copy)]
struct Trial {
    kind: Kind,
    /// Where the process ends, and at which time it comes there.
    crash: Option<(&'static str, u32)>,
    /// Of a hundred calls, so many lose their answer.
    unclear: u8,
    /// Milliseconds of the shop's background job.
    cancelling: u64,
    sabotage: Option<&'static str>,
    seed: u64,
}

struct Outcome {
    /// Orders that the shop was made to cancel more than once.
    twice: Vec<String>,
    /// Orders that it was never made to cancel.
    never: Vec<String>,
    /// Orders that staff was told of, each once.
    told: usize,
    took: Duration,
    words: String,
}

fn order(number: usize) -> Value {
    let id = 5_600_000 + number;
    json!({
        "id": id, "name": format!("#{number}"), "currency": "COP", "taxes_included": true, "test": false,
        "created_at": "2026-11-20T10:00:00-05:00", "processed_at": "2026-11-20T10:00:00-05:00",
        "updated_at": "2026-11-20T10:00:00-05:00", "cancelled_at": null, "financial_status": "pending",
        "fulfillment_status": null, "payment_gateway_names": ["Cash on Delivery (COD)"],
        "total_price": "89900.00", "phone": "+573001112233",
        "line_items": [{ "id": id * 10, "title": "Faja", "quantity": 1, "price": "89900.00", "tax_lines": [],
            "discount_allocations": [] }],
        "shipping_lines": [], "refunds": [],
    })
}

async fn insist<F: Future<Output = Option<u16>>>(mut deliver: impl FnMut() -> F) {
    let started = Instant::now();
    while deliver().await != Some(200) {
        assert!(started.elapsed() < Duration::from_secs(60), "never accepted");
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

fn staff() -> TelegramUser {
    TelegramUser::new(STAFF, "Laura")
}

/// Asks to cancel each order, and taps the button of each preview.
async fn ask_and_confirm(platforms: &Platforms) {
    let telegram = &platforms.telegram;
    for number in 1..=ORDERS {
        let update = 1_000 + number as i64;
        let text = format!("/cancelar {number}");
        let message = TelegramMessage { from: staff(), chat: None, text, reply_to: None, update_id: Some(update) };
        insist(|| async {
            telegram.deliver_message(&message, &DeliverOptions::default()).await.ok().and_then(|one| one.status())
        })
        .await;
    }
    let started = Instant::now();
    let mut tapped = BTreeMap::new();
    while tapped.len() < ORDERS {
        assert!(started.elapsed() < Duration::from_secs(60), "only {} of {ORDERS} previews came", tapped.len());
        for sent in telegram.sends().into_iter().filter(|sent| sent.accepted) {
            let Some(button) = sent.buttons.iter().find(|button| button.id.starts_with("act:yes:")) else { continue };
            if tapped.contains_key(&button.id) {
                continue;
            }
            let update = 5_000 + tapped.len() as i64;
            tapped.insert(button.id.clone(), ());
            let tap = TelegramTap {
                from: staff(),
                chat: None,
                message_id: sent.id.parse().unwrap(),
                data: button.id.clone(),
                update_id: Some(update),
            };
            insist(|| async {
                telegram.deliver_tap(&tap, &DeliverOptions::default()).await.ok().and_then(|one| one.status())
            })
            .await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn trial(trial: Trial) -> Outcome {
    let mut plan = Plan { settle: SETTLE, ..Plan::new(trial.kind, 1) }.with("RECADO_CHAOS_ECHO", "off");
    if let Some(promise) = trial.sabotage {
        plan = plan.sabotaged(promise);
    }
    let mut desk = Desk::prepare_with(plan, Duration::from_millis(trial.cancelling)).await;
    desk.replicas[0].run(&["staff", "add", "Laura", "--telegram-user-id", &STAFF.to_string(), "--role", "lead"]);
    if let Some((point, nth)) = trial.crash {
        desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:{nth}"));
    }
    desk.replicas[0].start().await;
    let orders: Vec<Value> = (1..=ORDERS).map(order).collect();
    desk.platforms.shopify.load_orders(orders.clone());
    for body in orders {
        let shopify = &desk.platforms.shopify;
        insist(|| async {
            let delivered = shopify.deliver("orders/create", body.clone(), &DeliverOptions::default()).await;
            delivered.ok().and_then(|one| one.status())
        })
        .await;
    }
    if trial.unclear > 0 {
        let half = trial.unclear / 2;
        let parts = [(half, Behaviour::AcceptThenCut), (trial.unclear - half, Behaviour::AcceptThen500)];
        let parts = parts.into_iter().map(|(percent, behaviour)| MixPart { percent, behaviour }).collect();
        desk.platforms.shopify.plan().mix(Some(Mix { seed: trial.seed, parts }));
    }
    let started = Instant::now();
    let mut replica = desk.replicas.remove(0);
    let platforms = &desk.platforms;
    let crash = async {
        if let Some((point, nth)) = trial.crash {
            assert!(replica.ends(Duration::from_secs(60)).await.is_some(), "{point}:{nth} was never reached");
            replica.unset("RECADO_CRASH_AT");
            replica.start().await;
        }
        replica
    };
    let (replica, ()) = tokio::join!(crash, ask_and_confirm(platforms));
    desk.replicas.push(replica);
    let told = || {
        let sends = desk.platforms.telegram.sends();
        sends.iter().filter(|sent| sent.accepted && sent.body.starts_with('✅')).count()
    };
    while started.elapsed() < PATIENCE && told() < ORDERS {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A second job could still be started.
    tokio::time::sleep(Duration::from_secs(SETTLE + 1)).await;
    let mut jobs: BTreeMap<String, usize> = BTreeMap::new();
    for job in desk.platforms.shopify.cancellations() {
        *jobs.entry(job.order).or_default() += 1;
    }
    let id = |number: usize| (5_600_000 + number).to_string();
    let outcome = Outcome {
        twice: jobs.iter().filter(|(_, count)| **count > 1).map(|(order, _)| order.clone()).collect(),
        never: (1..=ORDERS).map(id).filter(|order| !jobs.contains_key(order)).collect(),
        told: told(),
        took: started.elapsed(),
        words: desk.words(),
    };
    desk.end().await;
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_cancelled_once_wherever_the_process_ends() {
    let seed = seed("actions");
    let mut random = StdRng::seed_from_u64(seed);
    let mut trials = Vec::new();
    let usual = Trial { kind: Kind::Sqlite, crash: None, unclear: 0, cancelling: 700, sabotage: None, seed };
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for point in ["calling", "acted"] {
            for _ in 0..4 {
                trials.push(Trial { kind, crash: Some((point, random.random_range(1..=ORDERS as u32))), ..usual });
            }
        }
        for unclear in [30, 60] {
            trials.push(Trial { kind, unclear, seed: random.random(), ..usual });
        }
    }
    let total = trials.len() * ORDERS;
    let outcomes: Vec<_> = futures::stream::iter(trials)
        .map(|one| async move { (one, trial(one).await) })
        .buffer_unordered(5)
        .collect()
        .await;
    for (one, outcome) in outcomes {
        let name = format!("{:?} {:?} unclear {} %", one.kind, one.crash, one.unclear);
        println!(
            "{name}: twice {}, never {}, told {} of {ORDERS}, {:?}",
            outcome.twice.len(),
            outcome.never.len(),
            outcome.told,
            outcome.took
        );
        assert!(outcome.twice.is_empty(), "{name}: executed twice {:?}\n{}", outcome.twice, outcome.words);
        assert!(outcome.never.is_empty(), "{name}: forgotten {:?}\n{}", outcome.never, outcome.words);
        assert_eq!(outcome.told, ORDERS, "{name}: staff was told of {}\n{}", outcome.told, outcome.words);
    }
    println!("actions: n={total}, 0 executed twice, 0 forgotten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_action_without_a_look_is_seen_to_happen_twice() {
    // The shop's job takes longer than the restart, so a second call meets an order that does not show the first.
    let one = Trial {
        kind: Kind::Sqlite,
        crash: Some(("acted", 3)),
        unclear: 0,
        cancelling: 8_000,
        sabotage: Some("blind_action"),
        seed: 1,
    };
    let outcome = trial(one).await;
    println!("control blind_action: {} executed twice", outcome.twice.len());
    assert!(!outcome.twice.is_empty(), "the harness is blind to doubled actions");
}
