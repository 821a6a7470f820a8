//! What must not start (O7, D11, S1), and who must not get in (S1).

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use recado_emulators::{ShopifyEmulatorConfig, TelegramEmulatorConfig, WhatsAppEmulatorConfig, signature};

use super::database::{Database, Kind};
use super::desk::{Desk, Plan};
use super::platforms::{Post, whatsapp_text};
use super::talk::{phone, seed};

/// How a replica with these variables ends, and what it says.
async fn refusal(desk: &mut Desk, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let replica = &mut desk.replicas[0];
    for (name, value) in variables {
        replica.set(name, value);
    }
    replica.spawn();
    let status = replica.ends(Duration::from_secs(20)).await;
    let words = replica.words();
    replica.kill();
    for (name, _) in variables {
        replica.unset(name);
    }
    (status.and_then(|status| status.code()), words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_one_sqlite_file_is_refused_and_the_first_goes_on() {
    let mut desk = Desk::prepare(Plan::new(Kind::Sqlite, 2)).await;
    desk.replicas[1].start().await;
    let (code, words) = refusal(&mut desk, &[]).await;
    assert_eq!(code, Some(4), "{words}");
    assert!(words.contains("in use by another recado"), "{words}");
    assert!(desk.replicas[1].becomes_ready(Duration::from_secs(2)).await);
    // The control: once the first is gone, the second may.
    desk.replicas[1].kill();
    desk.replicas[0].start().await;
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn production_does_not_start_on_a_store_that_may_forget() {
    let mut desk = Desk::prepare(Plan::new(Kind::Postgres, 1)).await;
    let production = ("RECADO_PRODUCTION", "true");
    let (code, words) = refusal(&mut desk, &[production, ("RECADO_DATABASE_URL", "sqlite::memory:")]).await;
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("in memory"), "{words}");
    let url = desk.database.url();
    let Database::Postgres { name, .. } = desk.database.clone() else { unreachable!() };
    desk.database.administer(format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    let (code, words) = refusal(&mut desk, &[production, ("RECADO_DATABASE_URL", &url)]).await;
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("synchronous_commit"), "{words}");
    // The controls: not in production it starts and warns; durable, it starts in production.
    desk.replicas[0].set("RECADO_DATABASE_URL", &url);
    desk.replicas[0].start().await;
    assert!(desk.replicas[0].words().contains("could be lost"), "{}", desk.replicas[0].words());
    desk.replicas[0].kill();
    desk.database.administer(format!("ALTER DATABASE {name} SET synchronous_commit = on")).await;
    desk.replicas[0].set("RECADO_PRODUCTION", "true");
    desk.replicas[0].start().await;
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_on_without_its_secret_does_not_start() {
    let mut desk = Desk::prepare(Plan::new(Kind::Sqlite, 1)).await;
    for secret in [
        "RECADO_WHATSAPP__APP_SECRET",
        "RECADO_WHATSAPP__VERIFY_TOKEN",
        "RECADO_SHOPIFY__CLIENT_SECRET",
        "RECADO_TELEGRAM__SECRET_TOKEN",
    ] {
        let before = desk.replicas[0].variable(secret);
        let (code, words) = refusal(&mut desk, &[(secret, "")]).await;
        assert_eq!(code, Some(2), "{secret}: {words}");
        desk.replicas[0].set(secret, &before);
    }
    desk.replicas[0].start().await;
    desk.end().await;
}

/// A channel's way to prove a delivery.
struct Channel {
    path: &'static str,
    header: &'static str,
    body: Vec<u8>,
    /// The right proof of a body.
    prove: fn(&[u8]) -> String,
    /// A proof with another secret.
    pretend: fn(&[u8]) -> String,
    /// Whether the proof depends on the body.
    signs: bool,
}

fn channels() -> [Channel; 3] {
    [
        Channel {
            path: "/webhooks/whatsapp",
            header: "x-hub-signature-256",
            body: whatsapp_text("wamid.forged", &phone(1), "hola"),
            prove: |body| signature::hub_signature(&WhatsAppEmulatorConfig::default().app_secret, body),
            pretend: |body| signature::hub_signature("another", body),
            signs: true,
        },
        Channel {
            path: "/webhooks/shopify",
            header: "x-shopify-hmac-sha256",
            body: br#"{"id":1,"name":"Producto"}"#.to_vec(),
            prove: |body| signature::shopify_signature(&ShopifyEmulatorConfig::default().client_secret, body),
            pretend: |body| signature::shopify_signature("another", body),
            signs: true,
        },
        Channel {
            path: "/webhooks/telegram/staff",
            header: "x-telegram-bot-api-secret-token",
            body: br#"{"update_id":1,"message":{"message_id":1,"date":1764000000,"from":{"id":7,"is_bot":false,"first_name":"Eva"},"chat":{"id":7,"type":"private"},"text":"hola"}}"#.to_vec(),
            prove: |_| TelegramEmulatorConfig::default().secret_token,
            pretend: |_| "another".to_owned(),
            signs: false,
        },
    ]
}

/// One of many ways to have no right proof.
fn forge(channel: &Channel, random: &mut StdRng) -> Post {
    let mut body = channel.body.clone();
    let right = (channel.prove)(&body);
    let mut headers = vec![(channel.header.to_owned(), right.clone())];
    let changes = if channel.signs { 10 } else { 8 };
    match random.random_range(0..changes) {
        0 => headers.clear(),
        1 => headers[0].1.clear(),
        2 => headers[0].1 = (channel.pretend)(&body),
        3 => headers[0].1 = right[..random.random_range(1..right.len())].to_owned(),
        4 => headers.push((channel.header.to_owned(), (channel.pretend)(&body))),
        5 => headers[0].1 = format!("{right}{}", *b"=0aA".map(char::from).choose(random).unwrap()),
        6 => {
            let swapped = right.chars().map(|letter| {
                if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
            });
            // Hexadecimal of the other case is the same signature; what names it is not.
            headers[0].1 = format!("x{}", swapped.collect::<String>());
        }
        7 => {
            let noise: String = (0..random.random_range(0..600)).map(|_| random.random_range('!'..='~')).collect();
            headers[0].1 = noise;
        }
        8 => body.push(b' '),
        _ => {
            let place = random.random_range(0..body.len());
            body[place] ^= 1 << random.random_range(0..7);
        }
    }
    Post { path: channel.path, headers, body }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_forged_webhook_gets_in() {
    const EACH: usize = 400;
    let seed = seed("forged webhooks");
    let mut random = StdRng::seed_from_u64(seed);
    let desk = Desk::start(Plan::new(Kind::Sqlite, 1)).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for channel in channels() {
        for number in 0..EACH {
            let post = forge(&channel, &mut random);
            let answer = post.send(&client, desk.front()).await;
            let refused = answer.status.is_some_and(|status| (400..500).contains(&status));
            assert!(refused, "seed {seed}, {} {number}: {answer:?} to {:?}", channel.path, post.headers);
        }
    }
    let rows = desk.database.number("SELECT COUNT(*) FROM arrivals").await;
    println!("forged webhooks: n={} accepted={rows}", 3 * EACH);
    assert_eq!(rows, 0);
    // The control: the same bodies with their right proof are let in.
    for channel in channels() {
        let headers = vec![(channel.header.to_owned(), (channel.prove)(&channel.body))];
        let post = Post { path: channel.path, headers, body: channel.body };
        assert_eq!(post.send(&client, desk.front()).await.status, Some(200), "{}", channel.path);
    }
    assert!(desk.replicas[0].metric("recado_webhooks_refused_total").await >= 1.0);
    desk.end().await;
}
