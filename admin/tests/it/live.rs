use std::time::Duration;

use axum::body::Body;
use futures::StreamExt as _;
use http::StatusCode;
use recado_admin::{LiveEvent, Topic};
use recado_domain::ConversationId;

use crate::client::Client;
use crate::support;

/// What a stream says until it has said `words`.
async fn heard(client: &Client, path: &str, last: Option<&str>, words: &str, then: impl FnOnce()) -> String {
    let mut request = client.request("GET", path).header("accept", "text/html, text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = client.raw(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    then();
    let mut body = response.into_body().into_data_stream();
    let mut text = String::new();
    let listen = async {
        while !text.contains(words) {
            let chunk = body.next().await.expect("the stream goes on").unwrap();
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(Duration::from_secs(10), listen).await.expect("it is said");
    text
}

#[tokio::test]
async fn a_page_hears_what_it_missed_and_is_told_to_start_over_when_that_is_unknown() {
    let world = support::empty(true).await;
    let client = Client::entered(&world).await;
    let position = world.state.live.position();
    let conversation = ConversationId::derived(&["x"]);
    let event = LiveEvent { merchant: Some(world.merchant), topic: Topic::Conversation(conversation) };
    world.state.live.publish(event);
    let missed = heard(&client, "/admin/events", Some(&position), &format!("event: c-{conversation}"), || {}).await;
    assert!(missed.contains(&format!("id: {}", world.state.live.position())), "{missed}");
    let by_address = heard(&client, &format!("/admin/events?after={position}"), None, "event: inbox", || {}).await;
    assert!(!by_address.contains("resync"), "{by_address}");
    for unknown in ["", "0000-1", "nonsense"] {
        heard(&client, "/admin/events", Some(unknown), "event: resync", || {}).await;
    }
    let now = world.state.live.position();
    let feed = world.state.live.clone();
    heard(&client, "/admin/events", Some(&now), "event: orders", move || {
        feed.publish(LiveEvent { merchant: None, topic: Topic::Orders });
    })
    .await;
    for _ in 0..2_500 {
        world.state.live.publish(event);
    }
    heard(&client, "/admin/events", Some(&now), "event: resync", || {}).await;
}

#[tokio::test]
async fn a_person_of_a_shop_hears_nothing_of_another() {
    let world = support::empty(true).await;
    let new = recado_store::login::NewAdminUser {
        email: "laura@lienzo.co".to_owned(),
        name: "Laura".to_owned(),
        password_hash: "!".to_owned(),
        role: recado_domain::merchant::StaffRole::Lead,
        merchant: Some(world.merchant),
        language: recado_domain::Language::Es,
        finance: false,
    };
    let user = world.store.add_admin_user(&new).await.unwrap();
    let token = world.store.begin_login(user.id, None).await.unwrap();
    let mut client = Client::new(&world);
    client.cookies.push(("recado_login".to_owned(), token.expose().to_owned()));
    let position = world.state.live.position();
    for (merchant, topic) in
        [(Some(world.other), Topic::Incidents), (None, Topic::Dead), (Some(world.merchant), Topic::Orders)]
    {
        world.state.live.publish(LiveEvent { merchant, topic });
    }
    let told = heard(&client, "/admin/events", Some(&position), "event: orders", || {}).await;
    assert!(!told.contains("incidents") && !told.contains("dead"), "{told}");
}

#[tokio::test]
async fn a_sign_out_ends_the_streams_of_that_sign_in_and_of_no_other() {
    let world = support::empty(true).await;
    let open = async |client: &Client| {
        let request = client.request("GET", "/admin/events").header("accept", "text/event-stream");
        client.raw(request.body(Body::empty()).unwrap()).await.into_body().into_data_stream()
    };
    let (leaving, staying) = (Client::entered(&world).await, Client::entered(&world).await);
    let (mut ends, mut stays) = (open(&leaving).await, open(&staying).await);
    let token = leaving.cookies.iter().find(|(name, _)| name == "recado_login").unwrap().1.clone();
    world.store.end_login(&token).await.unwrap();
    let to_the_end = async { while ends.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), to_the_end).await.expect("the stream ends");
    let goes_on = async { while stays.next().await.is_some() {} };
    assert!(tokio::time::timeout(Duration::from_secs(2), goes_on).await.is_err(), "the other stream ended as well");
}
