//! The pages of answers and of requests.

use http::StatusCode;
use recado_domain::Language;
use recado_domain::knowledge::NewEntry;

use crate::client::Client;
use crate::support;

#[tokio::test]
async fn an_answer_is_written_changed_and_put_away_and_never_becomes_markup() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let merchant = world.merchant.to_string();
    let evil = "<script>alert(1)</script> {{ 7 * 7 }}";
    let form = [
        ("merchant", merchant.as_str()),
        ("language", "es"),
        ("title", "¿Tienen parqueadero?"),
        ("body", evil),
        ("url", "https://casa.example/parqueo"),
    ];
    let kept = client.act("/admin/answers", &form).await;
    assert_eq!((kept.status, kept.location()), (StatusCode::SEE_OTHER, "/admin/answers?done=kept"));
    let page = client.get("/admin/answers").await.body;
    assert!(page.contains("¿Tienen parqueadero?") && page.contains("{{ 7 * 7 }}") && !page.contains("<script>alert"));
    let twice = client.act("/admin/answers", &form).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        twice.body.contains("Ya hay una respuesta a esa pregunta")
            && twice.body.contains("https://casa.example/parqueo")
    );
    let bad = [
        ("merchant", merchant.as_str()),
        ("language", "es"),
        ("title", "¿Pagos?"),
        ("body", "x"),
        ("url", "javascript:alert(1)"),
    ];
    assert_eq!(client.act("/admin/answers", &bad).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let facts = world.store.merchant(world.merchant);
    let entry = facts.knowledge(false, 10).await.unwrap().remove(0);
    let id = entry.id.to_string();
    let form = [
        ("merchant", merchant.as_str()),
        ("id", &id),
        ("language", "es"),
        ("title", "¿Tienen parqueadero?"),
        ("body", "Sí."),
    ];
    client.act("/admin/answers", &form).await;
    let changed = facts.knowledge_entry(entry.id).await.unwrap().unwrap().content;
    assert_eq!((changed.body.as_str(), changed.source), ("Sí.", entry.content.source));
    let away = client.act(&format!("/admin/answers/{id}/archive"), &[("merchant", &merchant)]).await;
    assert_eq!(away.location(), "/admin/answers?done=archived");
    assert!(!client.get("/admin/answers").await.body.contains(&id));
    assert!(client.get("/admin/answers?show=archived").await.body.contains(&id));
    // A shop that is none, and an answer of another shop.
    let theirs = NewEntry {
        language: Language::Es,
        title: "¿Horario?".into(),
        body: "De 9 a 6.".into(),
        source: "faq".into(),
        url: None,
    };
    let theirs = world.store.merchant(world.other).add_knowledge(theirs, None, "Leo").await.unwrap().to_string();
    let cross = client.act(&format!("/admin/answers/{theirs}/archive"), &[("merchant", &merchant)]).await;
    assert_eq!(cross.location(), "/admin/answers?done=changed");
    let nobody =
        client.act("/admin/answers", &[("merchant", "x"), ("language", "es"), ("title", "a"), ("body", "b")]).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}
