use recado_domain::OutboxId;
use recado_domain::event::{EventContent, LaneKey, Receipt, ReceiptStatus};
use recado_domain::message::{InboundMessage, MediaKind, MessageBody};
use serde_json::json;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

fn events(value: Value) -> Vec<Incoming> {
    let body = json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1029", "changes": [{"field": "messages", "value": value}]}]});
    parse(body.to_string().as_bytes(), now())
}

fn message_of(event: &Incoming) -> &InboundMessage {
    match &event.content {
        EventContent::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

/// The body of one message of a type with its content.
fn body_of(kind: &str, content: Value) -> MessageBody {
    let mut message = json!({"from": "57300", "id": "wamid.1", "timestamp": "1795694400", "type": kind});
    message[kind] = content;
    let events = events(json!({"metadata": {"phone_number_id": "1065"}, "messages": [message]}));
    message_of(&events[0]).body.clone()
}

#[test]
fn every_documented_kind_has_its_type() {
    let text = |text: &str| MessageBody::Text { text: text.to_owned() };
    assert_eq!(body_of("text", json!({"body": "¿dónde?"})), text("¿dónde?"));
    assert_eq!(
        body_of("button", json!({"payload": "yes", "text": "Sí"})),
        MessageBody::Choice { id: "yes".to_owned(), title: "Sí".to_owned() }
    );
    for kind in ["button_reply", "list_reply"] {
        let mut reply = json!({"type": kind});
        reply[kind] = json!({"id": "a", "title": "A", "description": "x"});
        assert_eq!(body_of("interactive", reply), MessageBody::Choice { id: "a".to_owned(), title: "A".to_owned() });
    }
    let form = json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{\"city\":\"Cali\"}"}});
    let MessageBody::Form { name, answers } = body_of("interactive", form) else { panic!() };
    assert_eq!((name.as_str(), answers), ("flow", json!({"city": "Cali"})));
    let broken = json!({"type": "nfm_reply", "nfm_reply": {"response_json": "{city"}});
    assert!(matches!(body_of("interactive", broken), MessageBody::Form { answers, .. } if answers == json!("{city")));
    let call = json!({"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}});
    assert!(matches!(body_of("interactive", call), MessageBody::Form { name, .. } if name == "call_permission_reply"));
    for (kind, media_kind) in [
        ("image", MediaKind::Image),
        ("video", MediaKind::Video),
        ("audio", MediaKind::Audio),
        ("document", MediaKind::Document),
        ("sticker", MediaKind::Sticker),
    ] {
        let content = json!({"id": 1234567890123456789_u64, "mime_type": "a/b", "voice": true, "caption": null});
        let MessageBody::Media(media) = body_of(kind, content) else { panic!() };
        assert_eq!((media.media_kind, media.id.as_str(), media.caption), (media_kind, "1234567890123456789", None));
    }
    let place = json!({"latitude": "4.6", "longitude": -74.08, "name": "Casa", "address": "Calle 1"});
    assert_eq!(
        body_of("location", place),
        MessageBody::Location { latitude: 4.6, longitude: -74.08, label: Some("Casa, Calle 1".to_owned()) }
    );
    let MessageBody::Contacts { cards } = body_of("contacts", json!([{"phones": [{"phone": "+57 1"}]}, {}])) else {
        panic!()
    };
    assert_eq!((cards.len(), cards[0].phones.len(), cards[1].name.as_deref()), (2, 1, None));
    let order = json!({"product_items": [{"product_retailer_id": "P1", "quantity": "2"}, null], "text": "ya"});
    assert!(
        matches!(body_of("order", order), MessageBody::Cart { items, .. } if items.len() == 1 && items[0].quantity == 2)
    );
    for gone in [json!({"message_id": "w"}), json!({"message_id": "w", "emoji": ""})] {
        assert!(matches!(body_of("reaction", gone), MessageBody::Reaction { emoji: None, .. }));
    }
    let changed = body_of("system", json!({"type": "user_changed_number", "wa_id": "57301", "body": "57300 → 57301"}));
    let MessageBody::IdentityChange { new: Some(new), change } = changed else { panic!() };
    assert_eq!((new.wa_id.as_deref(), change.as_str()), (Some("57301"), "user_changed_number"));
    assert_eq!(body_of("request_welcome", Value::Null), MessageBody::Welcome);
    let edit = json!({"original_message_id": "w0", "message": {"type": "text", "text": {"body": "nuevo"}}});
    assert!(matches!(body_of("edit", edit), MessageBody::Edit { text: Some(text), .. } if text == "nuevo"));
    assert!(matches!(body_of("revoke", json!({"original_message_id": "w0"})), MessageBody::Revoke { .. }));
}

#[test]
fn what_cannot_be_shown_is_unsupported_with_its_reason() {
    for (kind, content) in
        [("poll", json!({"a": 1})), ("text", Value::Null), ("image", json!({})), ("hologram", json!(3))]
    {
        let body = body_of(kind, content);
        assert!(matches!(&body, MessageBody::Unsupported { platform_type, .. } if platform_type == kind), "{body:?}");
    }
    let far = json!({"latitude": 91, "longitude": 0});
    assert!(matches!(body_of("location", far), MessageBody::Unsupported { .. }));
    let events = events(json!({"messages": [{"from": "57300", "id": "w", "type": "unsupported",
        "unsupported": {"type": "poll"}, "errors": [{"code": 131051, "title": "Unsupported", "error_data": {"details": "x"}}]}]}));
    let MessageBody::Unsupported { platform_type, reason } = &message_of(&events[0]).body else { panic!() };
    assert_eq!((platform_type.as_str(), reason.as_deref()), ("poll", Some("131051 Unsupported: x")));
}

#[test]
fn people_are_matched_by_id_then_by_place() {
    let contact =
        |wa: Option<&str>, user: &str, name: &str| json!({"wa_id": wa, "user_id": user, "profile": {"name": name}});
    let message = |id: &str, from: Option<&str>, user: Option<&str>| {
        json!({"id": id, "type": "text", "from": from,
        "from_user_id": user, "text": {"body": "x"}})
    };
    let found = events(json!({
        "contacts": [contact(Some("2"), "CO.2", "Beto"), contact(Some("1"), "CO.1", "Ana"), contact(None, "CO.3", "Caro")],
        "messages": [message("a", Some("1"), None), message("b", Some("2"), None), message("c", None, Some("CO.3"))]}));
    let people: Vec<_> = found
        .iter()
        .map(|event| {
            let message = message_of(event);
            (message.profile_name.clone().unwrap(), message.from.user_id.clone().unwrap(), message.from.wa_id.clone())
        })
        .collect();
    let person = |name: &str, user: &str, wa: Option<&str>| (name.to_owned(), user.to_owned(), wa.map(str::to_owned));
    assert_eq!(
        people,
        [person("Ana", "CO.1", Some("1")), person("Beto", "CO.2", Some("2")), person("Caro", "CO.3", None)]
    );
    // Brazil's ninth digit: the ids differ, the place tells.
    let placed = events(
        json!({"contacts": [contact(Some("5511"), "BR.1", "Davi")], "messages": [message("d", Some("55911"), None)]}),
    );
    assert_eq!(message_of(&placed[0]).from.user_id.as_deref(), Some("BR.1"));
    // Two messages, one contact that is the second's: the first stays without a name.
    let one = events(json!({"contacts": [contact(Some("2"), "CO.2", "Beto")],
        "messages": [message("e", Some("9"), None), message("f", Some("2"), None)]}));
    assert_eq!((message_of(&one[0]).profile_name.clone(), message_of(&one[0]).from.user_id.clone()), (None, None));
    // Nobody at all: kept as the account's matter.
    let nobody = events(json!({"messages": [message("g", None, None)]}));
    assert!(matches!(&nobody[0].content, EventContent::Account(notice) if notice.field == "messages"));
    assert_eq!(nobody[0].dedupe, "g");
}

#[test]
fn receipts_have_a_key_per_status_and_participant_that_names_nobody() {
    let outbox = OutboxId::new(now());
    let found = events(json!({"metadata": {"phone_number_id": 1065}, "statuses": [
        {"id": "w1", "status": "delivered", "timestamp": "1795694400", "recipient_id": "57300",
         "biz_opaque_callback_data": outbox.to_string()},
        {"id": "w1", "status": "failed", "timestamp": 1795694401, "recipient_user_id": "CO.1",
         "errors": [{"code": 131047, "title": "Re-engagement message"}]},
        {"id": "w1", "status": "read", "recipient_id": "group", "recipient_participant_id": "57301",
         "biz_opaque_callback_data": "something else"},
        {"id": "w1", "status": "warning"},
        {"status": "sent"},
        {"id": "w1", "status": "read", "recipient_id": "group", "recipient_participant_id": "57302"},
        {"id": "w1", "status": "read", "recipient_id": "group", "recipient_participant_id": "57301"}]}));
    let keys: Vec<&str> = found.iter().map(|event| event.dedupe.as_str()).collect();
    assert_eq!((keys[0], keys[1], keys[3]), ("status:w1:delivered:", "status:w1:failed:", "status:w1:warning:"));
    let of_group = keys[2].strip_prefix("status:w1:read:").unwrap();
    assert!(of_group.len() == 16 && !keys.iter().any(|key| key.contains("5730")), "{keys:?}");
    assert_eq!(keys[2], keys[6]);
    assert_ne!(keys[2], keys[5]);
    let receipt = |index: usize| match &found[index].content {
        EventContent::Receipt(receipt) => receipt.clone(),
        other => panic!("{other:?}"),
    };
    let expected = Receipt {
        provider_id: "w1".to_owned(),
        status: ReceiptStatus::Delivered,
        outbox: Some(outbox),
        at: Timestamp::from_seconds(1_795_694_400),
        error: None,
    };
    assert_eq!(receipt(0), expected);
    assert_eq!(receipt(1).error.as_deref(), Some("131047 Re-engagement message"));
    assert_eq!((receipt(2).outbox, receipt(2).at), (None, now()));
    assert!(found[..3].iter().all(|event| event.lane == LaneKey::Receipts));
    assert_eq!(found[0].destination, Destination::PhoneNumber("1065".to_owned()));
    for (index, kind) in [(3, "whatsapp:status/warning"), (4, "whatsapp:status")] {
        assert!(matches!(&found[index].content, EventContent::Unknown { kind: found, .. } if found == kind));
    }
}

#[test]
fn notices_are_one_line_without_personal_data() {
    let notice = |field: &str, value: Value| {
        let body =
            json!({"entry": [{"id": "1029", "time": 1795694400, "changes": [{"field": field, "value": value}]}]});
        let event = parse(body.to_string().as_bytes(), now()).remove(0);
        let EventContent::Account(notice) = event.content else { panic!("{:?}", event.content) };
        assert_eq!(event.lane, LaneKey::Thing("account", field.to_owned()));
        notice.summary
    };
    let summary = notice(
        "message_template_status_update",
        json!({"event": "REJECTED", "message_template_name": "pedido", "reason": null, "message_template_id": 1689556908129835_u64}),
    );
    assert_eq!(summary, "event REJECTED · message_template_name pedido");
    let summary = notice(
        "user_preferences",
        json!({"contacts": [{"wa_id": "573001234418", "profile": {"name": "Ana"}}], "user_preferences": [
            {"wa_id": "573001234418", "detail": "User requested to stop", "category": "marketing_messages", "value": "stop"}]}),
    );
    assert_eq!(summary, "1 × user_preferences · category marketing_messages · value stop");
    let summary = notice(
        "smb_message_echoes",
        json!({"message_echoes": [{"from": "57300", "to": "573001234418", "type": "text", "text": {"body": "hola Ana"}}]}),
    );
    assert_eq!(summary, "1 × message_echoes · type text");
    let odd = notice("account_update", json!({"event": "+57 300 123 4418", "type": "ana@example.com"}));
    assert_eq!(odd, "");
}

#[test]
fn errors_alone_are_the_accounts_and_an_unknown_field_is_unknown() {
    let found =
        events(json!({"metadata": {"phone_number_id": "1"}, "errors": [{"code": 130429, "title": "Rate limit hit"}]}));
    let EventContent::Account(notice) = &found[0].content else { panic!() };
    assert_eq!((notice.field.as_str(), notice.summary.as_str()), ("errors", "130429 Rate limit hit"));
    let body = json!({"entry": [{"id": "1029", "changes": [{"field": "telepathy", "value": {}}, {"field": 7}, 3]}]});
    let found = parse(body.to_string().as_bytes(), now());
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|event| matches!(event.content, EventContent::Unknown { .. })));
    assert!(found.iter().all(|event| event.destination == Destination::WhatsAppAccount("1029".to_owned())));
}

#[test]
fn a_batch_keeps_its_order_and_its_good_members() {
    let message =
        |index: usize| json!({"from": "57300", "id": format!("w{index}"), "type": "text", "text": {"body": "x"}});
    let messages: Vec<Value> =
        (0..1_000).map(|index| if index == 500 { json!([null]) } else { message(index) }).collect();
    let found = events(json!({"messages": messages, "contacts": null, "metadata": null}));
    assert_eq!(found.len(), 1_000);
    assert_eq!(found.iter().filter(|event| matches!(event.content, EventContent::Message(_))).count(), 999);
    assert_eq!(found[999].dedupe, "w999");
}
