use serde_json::json;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

fn event(update: &Value) -> Incoming {
    let mut events = parse("desk", update.to_string().as_bytes(), now());
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn staff_of(update: &Value) -> StaffMessage {
    match event(update).content {
        EventContent::Staff(message) => message,
        other => panic!("{other:?}"),
    }
}

fn update(key: &str, extra: Value) -> Value {
    let mut message = json!({"message_id": 3, "date": 1795694400, "chat": {"id": -1001234567890_i64, "type": "supergroup"},
        "from": {"id": 5964236329_i64, "is_bot": false, "first_name": "Eva", "last_name": "Ruiz", "username": "eva"},
        "reply_to_message": {"message_id": 2}, "text": "/ack 7"});
    for (name, value) in extra.as_object().unwrap() {
        message[name] = value.clone();
    }
    json!({"update_id": 10, key: message})
}

#[test]
fn a_text_of_a_person_is_first_hand() {
    let update = update("message", json!({}));
    let message = staff_of(&update);
    assert_eq!((message.chat_id, message.user_id), (-1001234567890, 5964236329));
    assert_eq!((message.display_name.as_str(), message.reply_to), ("Eva Ruiz", Some(2)));
    assert_eq!((message.second_hand, message.body), (false, StaffBody::Text { text: "/ack 7".to_owned() }));
    let event = event(&update);
    assert_eq!((event.dedupe.as_str(), event.occurred_at), ("10", Timestamp::from_seconds(1_795_694_400)));
    assert_eq!(event.lane, LaneKey::Staff { chat_id: -1001234567890, user_id: 5964236329 });
    assert_eq!(event.destination, Destination::TelegramBot("desk".to_owned()));
}

#[test]
fn words_of_others_are_second_hand() {
    for (key, extra) in [
        ("edited_message", json!({})),
        ("channel_post", json!({"from": null, "sender_chat": {"id": -100, "title": "Canal"}})),
        ("edited_channel_post", json!({})),
        ("business_message", json!({})),
        ("message", json!({"forward_origin": {"type": "user"}})),
        ("message", json!({"forward_date": 1795694000})),
        ("message", json!({"sender_chat": {"id": -1001234567890_i64}})),
        ("message", json!({"via_bot": {"id": 1}})),
        ("message", json!({"from": {"id": 1087968824, "is_bot": true}})),
        ("message", json!({"from": null})),
        ("message", json!({"is_automatic_forward": true})),
    ] {
        assert!(staff_of(&update(key, extra.clone())).second_hand, "{key} {extra}");
    }
    assert_eq!(staff_of(&update("message", json!({"from": null}))).user_id, 0);
    assert!(!staff_of(&update("message", json!({"is_automatic_forward": false, "via_bot": null}))).second_hand);
}

#[test]
fn a_tap_carries_its_data_and_what_it_answers() {
    let tap = |data: Value| {
        json!({"update_id": 11, "callback_query": {"id": "99", "from": {"id": 5, "is_bot": false, "first_name": "Eva"},
            "message": {"message_id": 8, "date": 0, "chat": {"id": -7}}, "chat_instance": "1", "data": data}})
    };
    let message = staff_of(&tap(json!("ack:7")));
    assert_eq!((message.chat_id, message.user_id, message.reply_to), (-7, 5, Some(8)));
    assert_eq!(message.body, StaffBody::Tap { data: "ack:7".to_owned(), callback_id: "99".to_owned() });
    for odd in [json!(null), json!("x".repeat(65))] {
        assert!(matches!(staff_of(&tap(odd)).body, StaffBody::Other { .. }));
    }
}

#[test]
fn other_content_is_named_and_other_updates_are_unknown() {
    let photo = update("message", json!({"text": null, "photo": [], "caption": "mira"}));
    assert_eq!(staff_of(&photo).body, StaffBody::Other { what: "photo".to_owned() });
    for (update, kind) in [
        (json!({"update_id": 1, "message_reaction": {}}), "telegram:message_reaction"),
        (json!({"update_id": 1, "teleport": 3}), "telegram:teleport"),
        (json!({"update_id": 1, "message": {"text": "x"}}), "telegram:message"),
        (json!({"update_id": 1, "message": null}), "telegram:message"),
        (json!({"update_id": 1, "callback_query": {"id": "1"}}), "telegram:callback_query"),
        (json!({"update_id": 1}), "telegram"),
        (json!({"message": {}}), "telegram"),
    ] {
        let EventContent::Unknown { kind: found, .. } = event(&update).content else { panic!("{update}") };
        assert_eq!(found, kind);
    }
}
