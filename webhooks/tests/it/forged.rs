//! RELIABILITY S1: ten thousand forged requests per channel, none accepted; and the same attack against verifiers
//! that are broken on purpose, each of which it must catch.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use http::{HeaderMap, Request, StatusCode};
use recado_domain::Secret;
use recado_domain::event::EventContent;
use recado_webhooks::{shopify, whatsapp};
use serde_json::Value;

use crate::support::{
    APP_SECRET, CLIENT_SECRET, MemoryInbox, Mood, OTHER_TELEGRAM_TOKEN, SHOP, TELEGRAM_TOKEN, edges, order, send,
    shopify_request, telegram_request, whatsapp_request, whatsapp_text,
};

const ATTACKS: u64 = 10_000;

/// SplitMix64: the same attack on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }
}

/// The two channels that sign bodies.
#[derive(Clone, Copy, PartialEq)]
enum Signer {
    WhatsApp,
    Shopify,
}

impl Signer {
    fn sign(self, secret: &str, body: &[u8]) -> String {
        match self {
            Self::WhatsApp => whatsapp::signature(&Secret::new(secret), body),
            Self::Shopify => shopify::signature(&Secret::new(secret), body),
        }
    }
    /// The signature that is right.
    fn right(self, body: &[u8]) -> String {
        self.sign(self.secret(), body)
    }
    fn secret(self) -> &'static str {
        match self {
            Self::WhatsApp => APP_SECRET,
            Self::Shopify => CLIENT_SECRET,
        }
    }
    fn header(self) -> &'static str {
        match self {
            Self::WhatsApp => "x-hub-signature-256",
            Self::Shopify => "x-shopify-hmac-sha256",
        }
    }
    /// A good body, new at each turn, with letters that are escaped differently when written again.
    fn body(self, turn: u64) -> Vec<u8> {
        let text = match self {
            Self::WhatsApp => whatsapp_text(&format!("wamid.{turn}"), "¿dónde está?").to_string(),
            Self::Shopify => order(turn + 1, SHOP).to_string(),
        };
        text.replace('á', "\\u00e1").into_bytes()
    }
    fn request(self, turn: u64, signatures: &[Vec<u8>], body: Vec<u8>) -> Request<Body> {
        let mut request = match self {
            Self::WhatsApp => whatsapp_request(Vec::new()),
            Self::Shopify => shopify_request("orders/create", SHOP, &format!("w-{turn}"), Vec::new()),
        };
        request.headers_mut().remove(self.header());
        for signature in signatures {
            let value = http::HeaderValue::from_bytes(signature).unwrap();
            request.headers_mut().append(self.header(), value);
        }
        *request.body_mut() = Body::from(body);
        request
    }
}

/// One forged request. Each kind is a way in which a verifier has been wrong somewhere.
fn forged(signer: Signer, turn: u64, dice: &mut Dice) -> Request<Body> {
    let body = signer.body(turn);
    let good = signer.right(&body);
    let with = |signature: String, body: Vec<u8>| signer.request(turn, &[signature.into_bytes()], body);
    let hostile = match dice.roll(7) {
        0 => format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
        1 => b"{\"a\":1e99999,\"b\":123456789012345678901234567890}".to_vec(),
        2 => b"{\"a\":1,\"a\":2}".to_vec(),
        3 => b"{\"a\":\"\0\"}".to_vec(),
        4 => b"\xff\xfe{\"a\":\"\xc3\x28\"}".to_vec(),
        5 => Vec::new(),
        _ => (0..dice.roll(200)).map(|_| dice.roll(256) as u8).collect(),
    };
    match dice.roll(24) {
        0 => signer.request(turn, &[], body),
        1 => with(String::new(), body),
        2 => with(" ".to_owned(), body),
        3 => with(signer.sign("", &body), body),
        4 => with(signer.sign("another-tenants-secret", &body), body),
        5 => with(good.replace("sha256=", "sha1="), if signer == Signer::WhatsApp { body } else { hostile }),
        6 if signer == Signer::WhatsApp => with(good.replace("sha256=", "SHA256="), body),
        6 | 7 => with(good.to_uppercase(), body),
        8 if signer == Signer::WhatsApp => with(good.replace("sha256=", ""), body),
        8 => with(format!("sha256={good}"), body),
        9 => with(good[..good.len() - 1 - dice.roll(good.len() - 1)].to_owned(), body),
        10 => with(format!("{good}00"), body),
        11 => {
            // Signed as another program would write the same JSON.
            let parsed: Value = serde_json::from_slice(&body).unwrap();
            with(signer.right(parsed.to_string().as_bytes()), body)
        }
        12 => with(good, [body, b" ".to_vec()].concat()),
        13 => with(good, body[..body.len() - 1].to_vec()),
        14 => {
            let mut changed = body;
            let at = dice.roll(changed.len());
            changed[at] ^= 1 << dice.roll(8);
            with(good, changed)
        }
        15 => signer.request(turn, &[good.clone().into_bytes(), good.into_bytes()], body),
        16 => signer.request(turn, &[good.into_bytes(), b"sha256=00".to_vec()], body),
        17 => signer.request(turn, &[b"sha256=00".to_vec(), good.into_bytes()], body),
        18 => signer.request(turn, &[[b"\xff".to_vec(), good.into_bytes()].concat()], body),
        19 => {
            let mut changed = good.into_bytes();
            let at = dice.roll(changed.len() - 8) + 7;
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            signer.request(turn, &[changed], body)
        }
        20 => with(signer.sign("guess", &hostile), hostile),
        21 => with(good, hostile),
        22 => {
            let mut request = with(signer.sign("guess", &body), body);
            request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
            request
        }
        // The other encoding of the right MAC.
        _ => {
            let other = if signer == Signer::WhatsApp { Signer::Shopify } else { Signer::WhatsApp };
            with(other.sign(signer.secret(), &body), body)
        }
    }
}

struct Outcome {
    accepted: usize,
    server_errors: usize,
    not_client_errors: usize,
}

async fn attack(router: &Router, inbox: &MemoryInbox, requests: impl Iterator<Item = Request<Body>>) -> Outcome {
    let (mut server_errors, mut not_client_errors) = (0, 0);
    for request in requests {
        let status = send(router, request).await.status();
        server_errors += usize::from(status.is_server_error());
        not_client_errors += usize::from(!status.is_client_error());
    }
    Outcome { accepted: inbox.deliveries(), server_errors, not_client_errors }
}

fn forgeries(signer: Signer, count: u64) -> impl Iterator<Item = Request<Body>> {
    let mut dice = Dice(0x5eed);
    (0..count).map(move |turn| forged(signer, turn, &mut dice))
}

async fn withstands(requests: impl Iterator<Item = Request<Body>>) {
    let inbox = MemoryInbox::new(Mood::Well);
    let outcome = attack(&edges(inbox.clone()), &inbox, requests).await;
    assert_eq!((outcome.accepted, outcome.server_errors, outcome.not_client_errors), (0, 0, 0));
}

#[tokio::test]
async fn ten_thousand_forged_whatsapp_deliveries_are_all_refused() {
    withstands(forgeries(Signer::WhatsApp, ATTACKS)).await;
}

#[tokio::test]
async fn ten_thousand_forged_shopify_deliveries_are_all_refused() {
    withstands(forgeries(Signer::Shopify, ATTACKS)).await;
}

#[tokio::test]
async fn ten_thousand_forged_telegram_updates_are_all_refused() {
    let mut dice = Dice(0x5eed);
    withstands((0..ATTACKS).map(move |turn| forged_update(turn, &mut dice))).await;
}

fn forged_update(turn: u64, dice: &mut Dice) -> Request<Body> {
    let body = format!(
        r#"{{"update_id":{turn},"message":{{"message_id":1,"chat":{{"id":1}},"from":{{"id":1}},"text":"/ack"}}}}"#
    );
    let with = |bot: &str, tokens: &[&[u8]]| {
        let mut request = telegram_request(bot, body.clone().into_bytes());
        request.headers_mut().remove("x-telegram-bot-api-secret-token");
        for token in tokens {
            let value = http::HeaderValue::from_bytes(token).unwrap();
            request.headers_mut().append("x-telegram-bot-api-secret-token", value);
        }
        request
    };
    let good = TELEGRAM_TOKEN.as_bytes();
    match dice.roll(12) {
        0 => with("desk", &[]),
        1 => with("desk", &[b""]),
        2 => with("desk", &[TELEGRAM_TOKEN.to_lowercase().as_bytes()]),
        3 => with("desk", &[&good[..dice.roll(good.len())]]),
        4 => with("desk", &[&[good, b"x"].concat()]),
        5 => with("desk", &[good, good]),
        6 => with("desk", &[b"wrong", good]),
        7 => with("desk", &[OTHER_TELEGRAM_TOKEN.as_bytes()]),
        8 => with("other", &[good]),
        9 => with(["nobody", "Desk", "desk%00", "%2e%2e", "desk%20"][dice.roll(5)], &[good]),
        10 => with("desk", &[b"\xff\xfe"]),
        _ => {
            let token: Vec<u8> = (0..1 + dice.roll(40)).map(|_| 33 + dice.roll(90) as u8).collect();
            with("desk", &[&token])
        }
    }
}

/// Verifiers of signed bodies that are broken in the same ways, whoever signs.
type BrokenSigner = fn(Signer, &HeaderMap, &[u8]) -> bool;
const BROKEN_SIGNERS: [(&str, BrokenSigner); 7] = [
    ("believes everybody", |_, _, _| true),
    ("lets the unsigned pass", |signer, headers, body| {
        value_of(headers, signer.header()).is_none_or(|text| text == signer.right(body))
    }),
    ("compares a prefix", |signer, headers, body| {
        value_of(headers, signer.header()).is_some_and(|text| signer.right(body).starts_with(text))
    }),
    ("takes the first of two", |signer, headers, body| {
        value_of(headers, signer.header()) == Some(signer.right(body).as_str())
    }),
    // Hexadecimal digits have no case; base64 tells its letters' case apart.
    ("ignores case", |signer, headers, body| {
        stands_once(headers, signer.header())
            && value_of(headers, signer.header()).is_some_and(|text| text.eq_ignore_ascii_case(&signer.right(body)))
    }),
    ("uses an unset secret", |signer, headers, body| {
        value_of(headers, signer.header()) == Some(signer.sign("", body).as_str())
    }),
    ("signs what it wrote again", |signer, headers, body| {
        value_of(headers, signer.header()) == Some(signer.right(&written_again(body)).as_str())
    }),
];

/// A receiver whose verifier is broken: `verify` stands where ours does, and what it lets through is delivered well.
fn broken_router(
    inbox: Arc<MemoryInbox>,
    path: &str,
    verify: impl Fn(&HeaderMap, &[u8]) -> bool + Clone + Send + Sync + 'static,
    deliver: impl Fn(Vec<u8>) -> Request<Body> + Clone + Send + Sync + 'static,
) -> Router {
    let handler = move |headers: HeaderMap, body: Bytes| async move {
        if !verify(&headers, &body) {
            return StatusCode::UNAUTHORIZED;
        }
        send(&edges(inbox), deliver(body.to_vec())).await.status()
    };
    Router::new().route(path, post(handler))
}

/// The attack must get something past each of these.
async fn finds(flaw: &str, inbox: Arc<MemoryInbox>, router: Router, requests: impl Iterator<Item = Request<Body>>) {
    let outcome = attack(&router, &inbox, requests).await;
    assert!(outcome.accepted > 0, "the attack does not notice a verifier that {flaw}");
}

fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn stands_once(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().count() == 1
}

fn written_again(body: &[u8]) -> Vec<u8> {
    serde_json::from_slice::<Value>(body).map(|value| value.to_string()).unwrap_or_default().into_bytes()
}

#[tokio::test]
async fn the_attack_finds_each_of_these_broken_whatsapp_verifiers() {
    for (flaw, verify) in BROKEN_SIGNERS {
        let inbox = MemoryInbox::new(Mood::Well);
        let verify = move |headers: &HeaderMap, body: &[u8]| verify(Signer::WhatsApp, headers, body);
        let router = broken_router(inbox.clone(), "/webhooks/whatsapp", verify, whatsapp_request);
        finds(flaw, inbox, router, forgeries(Signer::WhatsApp, 600)).await;
    }
}

#[tokio::test]
async fn the_attack_finds_each_of_these_broken_shopify_verifiers() {
    let own: (&str, BrokenSigner) = ("takes the other encoding", |signer, headers, body| {
        value_of(headers, signer.header()) == Some(Signer::WhatsApp.sign(CLIENT_SECRET, body).as_str())
    });
    for (flaw, verify) in BROKEN_SIGNERS.into_iter().chain([own]) {
        let inbox = MemoryInbox::new(Mood::Well);
        let deliver = |body: Vec<u8>| shopify_request("orders/create", SHOP, "w", body);
        let verify = move |headers: &HeaderMap, body: &[u8]| verify(Signer::Shopify, headers, body);
        let router = broken_router(inbox.clone(), "/webhooks/shopify", verify, deliver);
        finds(flaw, inbox, router, forgeries(Signer::Shopify, 600)).await;
    }
}

#[tokio::test]
async fn the_attack_finds_each_of_these_broken_telegram_verifiers() {
    const NAME: &str = "x-telegram-bot-api-secret-token";
    type Verifier = fn(&HeaderMap, &[u8]) -> bool;
    let broken: [(&str, Verifier); 7] = [
        ("believes everybody", |_, _| true),
        ("lets the unproven pass", |headers, _| value_of(headers, NAME).is_none_or(|text| text == TELEGRAM_TOKEN)),
        ("compares a prefix", |headers, _| {
            value_of(headers, NAME).is_some_and(|text| !text.is_empty() && TELEGRAM_TOKEN.starts_with(text))
        }),
        ("takes the first of two", |headers, _| value_of(headers, NAME) == Some(TELEGRAM_TOKEN)),
        ("takes the last of two", |headers, _| {
            headers.get_all(NAME).iter().next_back().is_some_and(|value| value == TELEGRAM_TOKEN)
        }),
        ("ignores case", |headers, _| {
            stands_once(headers, NAME)
                && value_of(headers, NAME).is_some_and(|text| text.eq_ignore_ascii_case(TELEGRAM_TOKEN))
        }),
        ("takes any bot's token", |headers, _| {
            stands_once(headers, NAME)
                && value_of(headers, NAME).is_some_and(|text| [TELEGRAM_TOKEN, OTHER_TELEGRAM_TOKEN].contains(&text))
        }),
    ];
    for (flaw, verify) in broken {
        let inbox = MemoryInbox::new(Mood::Well);
        let deliver = |body: Vec<u8>| telegram_request("desk", body);
        let router = broken_router(inbox.clone(), "/webhooks/telegram/{bot}", verify, deliver);
        let mut dice = Dice(0x5eed);
        finds(flaw, inbox, router, (0..600).map(move |turn| forged_update(turn, &mut dice))).await;
    }
}

#[tokio::test]
async fn ill_shaped_bodies_with_a_right_signature_are_stored_as_unknown() {
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"\"text\"".to_vec(),
        b"{\"entry\":{}}".to_vec(),
        b"{\"entry\":[{\"changes\":[]}]}".to_vec(),
        b"{\"entry\":[{\"changes\":[{\"field\":\"new_field\",\"value\":{}}]}]}".to_vec(),
        b"{\"id\":1,\"id\":2}".to_vec(),
        b"{\"a\":1e99999}".to_vec(),
        b"{\"a\":\"\xff\"}".to_vec(),
        b"\0\0\0".to_vec(),
        b"{\"update_id\":\"x\"}".to_vec(),
        format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000)).into_bytes(),
        b"<xml/>".to_vec(),
    ];
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    for body in &bodies {
        for request in [
            whatsapp_request(body.clone()),
            shopify_request("orders/create", SHOP, "w", body.clone()),
            telegram_request("desk", body.clone()),
        ] {
            assert_eq!(send(&router, request).await.status(), StatusCode::OK);
        }
    }
    let kept = inbox.kept.lock().unwrap();
    assert_eq!(kept.deliveries.len(), 3 * bodies.len());
    for delivery in &kept.deliveries {
        for event in &delivery.events {
            assert!(matches!(event.content, EventContent::Unknown { .. }), "{event:?}");
        }
    }
}
