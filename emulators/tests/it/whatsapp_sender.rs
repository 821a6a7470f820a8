//! The WhatsApp sender under every behaviour of the platform.

use std::sync::Arc;
use std::time::Duration;

use recado_channels::{WhatsAppConfig, WhatsAppSender};
use recado_domain::attachment::{Attachment, File, Form};
use recado_domain::outbound::{
    Away, Button, OutboundMessage, Recipient, SendResult, Sendable, Sender, Settlement, UploadError,
};
use recado_domain::{MerchantId, OutboxId, Secret, Timestamp, TraceId};
use recado_emulators::behaviour::MixPart;
use recado_emulators::{Behaviour, EmulatorKind, Keep, Mix, RunOptions, WhatsAppEmulator, WhatsAppEmulatorConfig, run};

use crate::prepare;

const NUMBER: &str = "106540352242922";

pub async fn emulator() -> WhatsAppEmulator {
    prepare();
    WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap()
}

pub fn sender(api_base: &str) -> WhatsAppSender {
    prepare();
    let mut config = WhatsAppConfig::new(Secret::new("emulator-access-token"));
    config.api_base = api_base.to_owned();
    config.timeout = Duration::from_millis(800);
    WhatsAppSender::new(config).unwrap()
}

pub fn sendable(body: &str, buttons: usize) -> Sendable {
    let mut message = OutboundMessage::text("test", body);
    message.buttons =
        (1..=buttons).map(|n| Button { id: format!("id{n}"), title: format!("Opción número {n}") }).collect();
    let recipient =
        Recipient::WhatsApp { phone_number_id: NUMBER.into(), wa_id: Some("573001112233".into()), user_id: None };
    let now = Timestamp::from_seconds(1_795_000_000);
    Sendable {
        id: OutboxId::new(now),
        merchant: MerchantId::new(now),
        recipient,
        message,
        media: None,
        attempt: 1,
        decided_at: now,
        trace: TraceId::new(now),
    }
}

/// The result's kind, and whether the platform took the message.
async fn under(behaviour: Behaviour) -> (SendResult, bool) {
    let emulator = emulator().await;
    emulator.plan().next([behaviour]);
    let result = sender(&emulator.api_base()).send(&sendable("hola", 0)).await;
    let sends = emulator.sends();
    assert_eq!(sends.len(), 1, "{sends:?}");
    (result, sends[0].accepted)
}

#[tokio::test]
async fn every_kind_of_message_is_taken_and_read_as_meant() {
    let emulator = emulator().await;
    let sender = sender(&emulator.api_base());
    let long = "¿Qué tal? 🎉 ".repeat(900);
    for (body, buttons) in [
        ("hola", 0),
        ("¿Cuál?", 1),
        ("x", 3),
        ("x", 4),
        ("x", 10),
        ("x", 11),
        (&*long, 0),
        (&*long, 2),
        (&*long, 7),
        (&*long, 30),
    ] {
        let message = sendable(body, buttons);
        let result = sender.send(&message).await;
        let sent = emulator.sends().pop().unwrap();
        assert_eq!(result, SendResult::Sent { provider_id: sent.id.clone() }, "{buttons}");
        assert_eq!(sent.opaque, Some(message.id.to_string()));
        assert_eq!(sent.to, "+573001112233");
        let interactive = sent.kind == "interactive";
        assert_eq!(sent.buttons.len(), if interactive { buttons } else { 0 });
        assert!(interactive || buttons == 0 || sent.body.contains(&format!("\n{buttons}. Opción número {buttons}")));
    }
    assert!(emulator.sends().iter().all(|sent| sent.accepted));
}

#[tokio::test]
async fn a_person_with_a_business_scoped_id_only_is_reached() {
    let emulator = emulator().await;
    let mut message = sendable("hola", 0);
    message.recipient =
        Recipient::WhatsApp { phone_number_id: NUMBER.into(), wa_id: None, user_id: Some("CO.134".into()) };
    message.message.reply_to = Some("wamid.ABC".into());
    assert!(matches!(sender(&emulator.api_base()).send(&message).await, SendResult::Sent { .. }));
    let sent = emulator.sends().pop().unwrap();
    assert_eq!((sent.user_id.as_deref(), sent.reply_to.as_deref()), (Some("CO.134"), Some("wamid.ABC")));
}

#[tokio::test]
async fn whatever_may_have_been_taken_is_ambiguous() {
    let taken = [
        Behaviour::AcceptThenCut,
        Behaviour::AcceptThen500,
        Behaviour::AcceptThenGarbage,
        Behaviour::Hang { millis: 5_000, accepted: true },
    ];
    for behaviour in taken {
        let (result, accepted) = under(behaviour.clone()).await;
        assert!(matches!(result, SendResult::Ambiguous { .. }), "{behaviour:?}: {result:?}");
        assert!(accepted, "{behaviour:?}");
    }
    // The two ways of not hearing are really those two.
    let reason = |result: SendResult| match result {
        SendResult::Ambiguous { reason } => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason(under(Behaviour::AcceptThenCut).await.0).contains("connection broke"));
    assert!(reason(under(Behaviour::Hang { millis: 5_000, accepted: true }).await.0).contains("no answer in time"));
    for behaviour in [Behaviour::Cut, Behaviour::Fail500] {
        let (result, accepted) = under(behaviour.clone()).await;
        assert!(matches!(result, SendResult::Ambiguous { .. }), "{behaviour:?}: {result:?}");
        assert!(!accepted, "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_throttled_send_is_tried_again_later() {
    for (code, attempt, seconds) in [(131_056, 1, 4), (131_056, 3, 64), (130_429, 1, 2), (80_007, 2, 2)] {
        let emulator = emulator().await;
        emulator.plan().next([Behaviour::Throttle { code, retry_after: None }]);
        let mut message = sendable("hola", 0);
        message.attempt = attempt;
        // The limit of a pair is this person's; the others are everybody's.
        let result = sender(&emulator.api_base()).send(&message).await;
        let after = match (code, result) {
            (131_056, SendResult::Retry { after, .. }) => after,
            (130_429 | 80_007, SendResult::Away { after, .. }) => after,
            other => panic!("{other:?}"),
        };
        assert_eq!(after, Some(Duration::from_secs(seconds)), "{code}");
        assert!(!emulator.sends()[0].accepted);
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_a_platform_that_is_away_is_not() {
    for code in [131_026, 131_047, 100, 10, 368, 131_031, 132_000] {
        let (result, accepted) = under(Behaviour::Refuse { code, description: None }).await;
        assert!(matches!(&result, SendResult::Failed { reason } if reason.contains(&code.to_string())), "{result:?}");
        assert!(!accepted);
    }
    // Nor is a token that ran out: what waits leaves with the next one.
    for code in [131_016, 131_057, 133_004, 2, 190] {
        let (result, accepted) = under(Behaviour::Refuse { code, description: None }).await;
        assert!(matches!(result, SendResult::Away { .. }), "{code}: {result:?}");
        assert!(!accepted);
    }
    // The platform's "something went wrong" does not say that nothing was sent.
    for code in [1, 131_000] {
        let (result, _) = under(Behaviour::Refuse { code, description: None }).await;
        assert!(matches!(result, SendResult::Ambiguous { .. }), "{code}: {result:?}");
    }
}

#[tokio::test]
async fn without_a_connection_nothing_can_have_been_taken() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let result = sender(&format!("http://{address}")).send(&sendable("hola", 0)).await;
    assert!(matches!(result, SendResult::Away { .. }), "{result:?}");
}

#[tokio::test]
async fn a_wrong_number_fails_for_good_and_a_wrong_token_until_there_is_a_right_one() {
    let emulator = emulator().await;
    let mut config = WhatsAppConfig::new(Secret::new("another-token"));
    config.api_base = emulator.api_base();
    let stranger = WhatsAppSender::new(config).unwrap();
    let refused = stranger.send(&sendable("hola", 0)).await;
    assert!(matches!(refused, SendResult::Away { why: Away::TokenRefused, .. }), "{refused:?}");
    for number in ["999", "../me", ""] {
        let mut message = sendable("hola", 0);
        message.recipient =
            Recipient::WhatsApp { phone_number_id: number.into(), wa_id: Some("573001112233".into()), user_id: None };
        assert!(matches!(sender(&emulator.api_base()).send(&message).await, SendResult::Failed { .. }), "{number}");
    }
    assert!(emulator.sends().is_empty());
}

#[tokio::test]
async fn unclear_sends_are_settled_by_an_echo() {
    assert_eq!(sender("http://127.0.0.1:1").settlement(), Settlement::Echo(Duration::from_secs(60)));
}

#[tokio::test]
async fn under_a_seeded_mix_the_sender_is_never_surer_than_the_ledger() {
    let emulator = emulator().await;
    let part = |percent, behaviour| MixPart { percent, behaviour };
    emulator.plan().mix(Some(Mix {
        seed: 20_261_126,
        parts: vec![
            part(20, Behaviour::AcceptThenCut),
            part(10, Behaviour::AcceptThen500),
            part(10, Behaviour::Cut),
            part(10, Behaviour::Throttle { code: 130_429, retry_after: None }),
            part(10, Behaviour::Refuse { code: 131_026, description: None }),
        ],
    }));
    let sender = sender(&emulator.api_base());
    let mut kinds = [0; 4];
    for _ in 0..200 {
        let message = sendable("hola", 0);
        let result = sender.send(&message).await;
        let sent = emulator.sends().pop().unwrap();
        assert_eq!(sent.opaque, Some(message.id.to_string()));
        match result {
            SendResult::Sent { provider_id } => {
                kinds[0] += 1;
                assert!(sent.accepted && sent.id == provider_id);
            }
            SendResult::Retry { .. } | SendResult::Away { .. } => {
                kinds[1] += 1;
                assert!(!sent.accepted, "a message that was taken would be sent twice");
            }
            SendResult::Failed { .. } => {
                kinds[2] += 1;
                assert!(!sent.accepted, "a message that was taken is called failed");
            }
            SendResult::Ambiguous { .. } => kinds[3] += 1,
        }
    }
    assert!(kinds.iter().all(|count| *count > 5), "{kinds:?}");
}

#[tokio::test]
async fn a_hanging_platform_takes_nothing_from_a_caller_who_left() {
    let emulator = emulator().await;
    emulator.plan().next([Behaviour::Hang { millis: 1_200, accepted: false }]);
    let result = sender(&emulator.api_base()).send(&sendable("hola", 0)).await;
    assert!(matches!(result, SendResult::Ambiguous { .. }), "{result:?}");
    // Well past the end of the hang.
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert!(emulator.sends().is_empty());
    assert_eq!(emulator.ledger().counters().requests, 1);
}

#[tokio::test]
async fn the_program_form_serves_until_it_is_dropped_and_says_when_it_cannot() {
    prepare();
    let first = emulator().await;
    for kind in ["whatsapp", "telegram", "shopify"] {
        let options = RunOptions { listen: Some(first.address()), ..RunOptions::default() };
        let failure = run(kind.parse().unwrap(), options).await.unwrap_err();
        assert!(failure.to_string().contains("cannot listen"), "{failure}");
    }
    assert!("fax".parse::<EmulatorKind>().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counting_emulator_takes_many_at_once_and_keeps_none() {
    prepare();
    let config = WhatsAppEmulatorConfig { keep: Keep::Counters, ..WhatsAppEmulatorConfig::default() };
    let emulator = WhatsAppEmulator::start(config).await.unwrap();
    let sender = Arc::new(sender(&emulator.api_base()));
    let tasks = (0..32).map(|_| {
        let sender = Arc::clone(&sender);
        tokio::spawn(async move {
            for _ in 0..20 {
                assert!(matches!(sender.send(&sendable("hola", 2)).await, SendResult::Sent { .. }));
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(emulator.ledger().counters().accepted, 640);
    assert!(emulator.sends().is_empty() && emulator.ledger().entries().is_empty());
}

fn pdf(bytes: usize) -> File {
    File {
        mime_type: "application/pdf".to_owned(),
        name: "informe.pdf".to_owned(),
        alt: "octubre".to_owned(),
        bytes: vec![b'x'; bytes],
    }
}

/// A message that goes with a document.
fn captioned(media: &str) -> Sendable {
    let mut row = sendable("Tu informe", 0);
    let day = jiff::civil::date(2026, 10, 1);
    row.message.attachment = Some(Box::new(Attachment {
        form: Form::Report,
        first: day,
        last: day,
        parts: Vec::new(),
        as_of: Timestamp::EPOCH,
        language: recado_domain::Language::Es,
        filename: "informe.pdf".to_owned(),
        instead: "no".to_owned(),
    }));
    row.media = Some(media.to_owned());
    row
}

#[tokio::test]
async fn a_document_is_given_to_the_platform_and_named_by_its_id_while_it_lives() {
    let emulator = emulator().await;
    let sender = sender(&emulator.api_base());
    let to = sendable("x", 0).recipient;
    let media = sender.upload(&to, &pdf(1_000)).await.unwrap();
    assert_eq!(emulator.file(&media).unwrap().1.len(), 1_000);
    let sent = sender.send(&captioned(&media)).await;
    assert!(matches!(sent, SendResult::Sent { .. }), "{sent:?}");
    let message = emulator.sends().pop().unwrap();
    let named = message.media.unwrap();
    assert_eq!(
        (named.kind.as_str(), named.id, named.filename.as_deref()),
        ("document", media.clone(), Some("informe.pdf"))
    );
    assert_eq!((message.kind.as_str(), message.body.as_str()), ("document", "Tu informe"));
    // One that the platform does not have, or no longer, is refused for certain: nothing was shown.
    for gone in ["123", media.as_str()] {
        emulator.expire_uploads();
        let refused = sender.send(&captioned(gone)).await;
        assert!(matches!(refused, SendResult::Failed { .. }), "{gone}: {refused:?}");
    }
}

#[tokio::test]
async fn an_upload_may_be_done_again_unless_it_is_refused_for_good() {
    let emulator = emulator().await;
    let sender = sender(&emulator.api_base());
    let to = sendable("x", 0).recipient;
    for lost in [
        Behaviour::AcceptThenCut,
        Behaviour::AcceptThen500,
        Behaviour::AcceptThenGarbage,
        Behaviour::Cut,
        Behaviour::Fail500,
        Behaviour::Throttle { code: 131_056, retry_after: Some(7) },
        Behaviour::Hang { millis: 5_000, accepted: true },
    ] {
        emulator.upload_plan().next([lost.clone()]);
        let result = sender.upload(&to, &pdf(10)).await;
        assert!(matches!(result, Err(UploadError::Again { .. })), "{lost:?}: {result:?}");
    }
    emulator.upload_plan().next([Behaviour::Throttle { code: 130_429, retry_after: Some(7) }]);
    let result = sender.upload(&to, &pdf(10)).await;
    assert!(matches!(result, Err(UploadError::Away { why: Away::Limited, after: Some(_), .. })), "{result:?}");
    let mut wrong = pdf(10);
    wrong.mime_type = "application/x-unknown".to_owned();
    let result = sender.upload(&to, &wrong).await;
    assert!(matches!(result, Err(UploadError::Never(_))), "{result:?}");
    // A sticker may have 500 KB; a picture's bound takes an unoptimised stand-in longer to read than a sender waits.
    let mut large = pdf(600 << 10);
    large.mime_type = "image/webp".to_owned();
    assert!(matches!(sender.upload(&to, &large).await, Err(UploadError::Never(_))));
}
