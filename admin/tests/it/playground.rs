use http::StatusCode;

use crate::client::Client;
use crate::support;

#[tokio::test]
async fn a_message_is_answered_and_its_story_is_told() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let send = |text| [("persona", "yuliana"), ("text", text)];
    let sent = client.act("/admin/playground/send", &send("¿Dónde está mi pedido #1842?")).await;
    assert_eq!((sent.status, sent.location()), (StatusCode::SEE_OTHER, "/admin/playground?persona=yuliana"));
    let page = client.get(sent.location()).await.body;
    assert!(page.contains("<b>#1842</b>") && page.contains("<b>Coordinadora</b>"), "the answer stands on the phone");
    for step in ["Llegó", "Guardó", "Abrió", "Entendió", "Eligió", "Escribió", "Envió"] {
        assert!(page.contains(&format!("<b>{step}</b>")), "{step}");
    }
    assert!(page.contains("respondido en") && page.contains("rastrear un pedido"));
}

#[tokio::test]
async fn the_same_message_twice_is_one_turn_and_one_duplicate() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let before = world.store.counts().await.unwrap();
    client.act("/admin/playground/send", &[("persona", "yuliana"), ("text", "hola"), ("copies", "2")]).await;
    let after = world.store.counts().await.unwrap();
    assert_eq!((after.accepted - before.accepted, after.done - before.done, after.gap()), (1, 1, 0));
    let page = client.get("/admin/playground?persona=yuliana").await.body;
    assert!(page.contains("<dt class=\"meta\">Repetidos</dt><dd class=\"num\">1</dd>"));
}

#[tokio::test]
async fn a_button_is_tapped_and_shown_as_chosen() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    client.act("/admin/playground/send", &[("persona", "yuliana"), ("text", "mi pedido")]).await;
    client
        .act(
            "/admin/playground/send",
            &[("persona", "yuliana"), ("tap", "contents\u{1f}¿Qué trae?"), ("of_message", "x")],
        )
        .await;
    let page = client.get("/admin/playground?persona=yuliana").await.body;
    assert!(page.contains("aria-pressed=\"true\" disabled>¿Qué trae?"));
    client.act("/admin/playground/reset", &[("persona", "yuliana")]).await;
    assert!(client.get("/admin/playground?persona=yuliana").await.body.contains("toca una sugerencia"));
}

#[tokio::test]
async fn without_emulators_there_is_no_playground() {
    let mut world = support::busy(true).await;
    world.state.playground = None;
    let mut client = Client::entered(&world).await;
    assert!(!client.get("/admin").await.body.contains("Playground"));
    assert_eq!(client.get("/admin/playground").await.status, StatusCode::NOT_FOUND);
    let nothing = client.act("/admin/playground/send", &[("persona", "yuliana"), ("text", "hola")]).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nonsense_is_refused() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let send = "/admin/playground/send";
    assert_eq!(client.act(send, &[("persona", "yuliana"), ("text", "  ")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.act(send, &[("persona", "nobody"), ("text", "hola")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get("/admin/playground?persona=nobody").await.status, StatusCode::OK);
}
