//! The Telegram sender under every behaviour, and the emulator's updates.

use std::time::Duration;

use recado_channels::{TelegramConfig, TelegramSender};
use recado_domain::outbound::{Button, OutboundMessage, Recipient, SendResult, Sendable, Sender, Settlement};
use recado_domain::{MerchantId, OutboxId, Secret, Timestamp, TraceId};
use recado_emulators::telegram::{TelegramChat, TelegramMessage, TelegramTap, TelegramUser};
use recado_emulators::{Behaviour, DeliverOptions, TelegramEmulator, TelegramEmulatorConfig};

use crate::prepare;
use crate::receiver::Receiver;

const CHAT: i64 = -1_001_234_567_890;

async fn wired() -> (TelegramEmulator, TelegramSender) {
    prepare();
    let emulator = TelegramEmulator::start(TelegramEmulatorConfig::default()).await.unwrap();
    let mut config = TelegramConfig::new(Secret::new("700000001:emulator-bot-token"));
    config.api_base = emulator.api_base();
    config.timeout = Duration::from_millis(800);
    let sender = TelegramSender::new(config).unwrap();
    (emulator, sender)
}

fn sendable(body: &str) -> Sendable {
    let now = Timestamp::from_seconds(1_795_000_000);
    let mut message = OutboundMessage::text("test", body);
    message.buttons =
        ["Tomar", "Ver", "Cerrar"].map(|title| Button { id: title.to_lowercase(), title: title.into() }).into();
    Sendable {
        id: OutboxId::new(now),
        merchant: MerchantId::new(now),
        recipient: Recipient::Telegram { chat_id: CHAT },
        message,
        media: None,
        attempt: 1,
        decided_at: now,
        trace: TraceId::new(now),
    }
}

#[tokio::test]
async fn a_message_is_taken_and_read_as_meant() {
    let (emulator, sender) = wired().await;
    let mut message = sendable("*Pedido #1001*: 3 < 4 & <b>no</b>");
    message.message.reply_to = Some("55".into());
    let result = sender.send(&message).await;
    let sent = emulator.sends().pop().unwrap();
    assert_eq!(result, SendResult::Sent { provider_id: sent.id });
    assert_eq!(sent.body, "Pedido #1001: 3 < 4 & <b>no</b>");
    assert_eq!(sent.to, CHAT.to_string());
    assert_eq!(sent.reply_to.as_deref(), Some("55"));
    assert_eq!(sent.buttons.iter().map(|button| &*button.id).collect::<Vec<_>>(), ["tomar", "ver", "cerrar"]);
}

#[tokio::test]
async fn whatever_may_have_been_taken_is_ambiguous_and_left_to_people() {
    let cases = [
        (Behaviour::AcceptThenCut, true),
        (Behaviour::AcceptThen500, true),
        (Behaviour::AcceptThenGarbage, true),
        (Behaviour::Hang { millis: 5_000, accepted: true }, true),
        (Behaviour::Cut, false),
        (Behaviour::Refuse { code: 500, description: None }, false),
    ];
    for (behaviour, taken) in cases {
        let (emulator, sender) = wired().await;
        emulator.plan().next([behaviour.clone()]);
        let result = sender.send(&sendable("hola")).await;
        assert!(matches!(result, SendResult::Ambiguous { .. }), "{behaviour:?}: {result:?}");
        assert_eq!(emulator.sends().len(), 1, "one call, never a second: {behaviour:?}");
        assert_eq!(emulator.sends()[0].accepted, taken, "{behaviour:?}");
        assert_eq!(sender.settlement(), Settlement::Staff);
    }
}

#[tokio::test]
async fn a_throttled_send_waits_as_long_as_asked() {
    let (emulator, sender) = wired().await;
    emulator.plan().next([Behaviour::Throttle { code: 0, retry_after: Some(17) }]);
    let result = sender.send(&sendable("hola")).await;
    assert!(
        matches!(result, SendResult::Away { after: Some(after), .. } if after == Duration::from_secs(17)),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_refusal_is_final_and_a_bot_that_is_not_let_in_waits() {
    for (code, waits) in [(400, false), (401, true), (403, false), (404, true)] {
        let (emulator, sender) = wired().await;
        emulator.plan().next([Behaviour::Refuse { code, description: None }]);
        let result = sender.send(&sendable("hola")).await;
        assert_eq!(matches!(result, SendResult::Away { .. }), waits, "{code}: {result:?}");
        assert_eq!(matches!(result, SendResult::Failed { .. }), !waits, "{code}: {result:?}");
    }
    prepare();
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut config = TelegramConfig::new(Secret::new("1:a"));
    config.api_base = format!("http://{gone}");
    let result = TelegramSender::new(config).unwrap().send(&sendable("hola")).await;
    assert!(matches!(result, SendResult::Away { .. }), "{result:?}");
}

#[tokio::test]
async fn markup_that_is_not_understood_is_sent_as_plain_text() {
    let (emulator, sender) = wired().await;
    let description = Some("Bad Request: can't parse entities: Unsupported start tag".to_owned());
    emulator.plan().next([Behaviour::Refuse { code: 400, description }]);
    let result = sender.send(&sendable("*hola* <")).await;
    assert!(matches!(result, SendResult::Sent { .. }), "{result:?}");
    let sends = emulator.sends();
    assert_eq!(sends.iter().map(|sent| sent.accepted).collect::<Vec<_>>(), [false, true]);
    assert_eq!(sends[1].body, "hola <");
}

#[tokio::test]
async fn messages_and_taps_arrive_with_the_secret_and_parse_as_updates() {
    let (emulator, sender) = wired().await;
    let mut receiver = Receiver::start().await;
    emulator.set_webhook_url(&receiver.url);
    let SendResult::Sent { provider_id } = sender.send(&sendable("¿Quién lo toma?")).await else { panic!() };
    let from = TelegramUser::new(42, "Óscar");
    let message = TelegramMessage {
        from: from.clone(),
        chat: Some(TelegramChat(CHAT)),
        text: "/tomar 3F2A".into(),
        reply_to: provider_id.parse().ok(),
        update_id: None,
    };
    let delivery = emulator.deliver_message(&message, &DeliverOptions::default()).await.unwrap();
    let received = receiver.next().await;
    assert_eq!(received.header("x-telegram-bot-api-secret-token"), "emulator-secret-token");
    let update = received.json();
    assert_eq!(update["update_id"].to_string(), delivery.id);
    assert_eq!(update["message"]["reply_to_message"]["message_id"].to_string(), provider_id);
    assert_eq!(update["message"]["entities"][0]["type"], "bot_command");

    let tap = TelegramTap {
        from,
        chat: Some(TelegramChat(CHAT)),
        message_id: provider_id.parse().unwrap(),
        data: "tomar".into(),
        update_id: None,
    };
    let options = DeliverOptions { copies: 3, wrong_signature: true, ..DeliverOptions::default() };
    emulator.deliver_tap(&tap, &options).await.unwrap();
    for _ in 0..3 {
        let received = receiver.next().await;
        assert_ne!(received.header("x-telegram-bot-api-secret-token"), "emulator-secret-token");
        let update = received.json();
        assert_eq!(update["callback_query"]["data"], "tomar");
        assert_eq!(update["callback_query"]["message"]["text"], "¿Quién lo toma?");
    }

    sender.answer_callback("4200000001", Some("Listo")).await;
    let calls = serde_json::to_string(&emulator.ledger().entries()).unwrap();
    assert!(calls.contains("answerCallbackQuery") && calls.contains("Listo"));
    assert!(!calls.contains("emulator-bot-token"), "the token stays out of the ledger");
}
