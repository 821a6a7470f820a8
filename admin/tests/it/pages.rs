use http::StatusCode;
use recado_store::desk::{ConversationFilter, Scope};

use crate::client::Client;
use crate::support::{self, World};

async fn conversation(world: &World, name: &str) -> String {
    let found = world.store.conversations(Scope::EVERY, ConversationFilter::All, name).await.unwrap();
    found.first().expect("somebody with this name").id.to_string()
}

#[tokio::test]
async fn every_page_is_whole_in_each_language() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let thread = format!("/admin/inbox/{}", conversation(&world, "yuliana").await);
    for (language, word) in [("es", "Fallidos"), ("pt", "Falhas"), ("en", "Dead letters")] {
        client.act("/admin/language", &[("language", language), ("back", "/admin")]).await;
        for path in [
            "/admin",
            "/admin/inbox",
            &thread,
            "/admin/orders",
            "/admin/finance",
            "/admin/finance/proof?figure=orders",
            "/admin/incidents?show=all",
            "/admin/dead",
            "/admin/answers",
            "/admin/requests",
            "/admin/playground",
            "/admin/counts",
        ] {
            let page = client.get(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path} in {language}");
            if path != "/admin/counts" {
                assert!(
                    page.body.contains(&format!("<html lang=\"{language}\"")) && page.body.contains(word),
                    "{path} in {language}"
                );
                assert!(page.body.trim_end().ends_with("</html>"), "{path} in {language}");
            }
        }
        let missing = client.get("/admin/inbox/nobody").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        assert!(missing.body.contains(&format!("<html lang=\"{language}\"")));
    }
}

#[tokio::test]
async fn a_long_conversation_begins_with_its_course_and_a_short_one_does_not() {
    let world = support::busy(true).await;
    let texts = ["¿dónde va mi pedido?", "hola", "quiero hablar con una persona"];
    for round in 0..30 {
        world.toy.say("573001230001", "Marcela Ruiz", texts[round % texts.len()]).await;
        if round == 10 {
            let mut client = Client::entered(&world).await;
            let thread = format!("/admin/inbox/{}", conversation(&world, "marcela").await);
            assert!(
                !client.get(&thread).await.body.contains("class=\"course\""),
                "eleven messages are read at a glance"
            );
        }
    }
    world.toy.say("573001230001", "Marcela Ruiz", "<b>¿y entonces?</b>").await;
    let mut client = Client::entered(&world).await;
    let thread = format!("/admin/inbox/{}", conversation(&world, "marcela").await);
    for (language, words) in [
        ("es", ["Hasta ahora", "31 mensajes", "preguntó dónde va", "pasó a una persona", "#1842"]),
        ("pt", ["Até agora", "31 mensagens", "perguntou onde está", "passou para uma pessoa", "#1842"]),
        ("en", ["So far", "31 messages", "asked where it is", "went to a person", "#1842"]),
    ] {
        client.act("/admin/language", &[("language", language), ("back", "/admin")]).await;
        let page = client.get(&thread).await.body;
        let (_, after) = page.split_once("class=\"course\"").expect("its course");
        let head = after.split_once("</li>").unwrap().0;
        for word in words {
            assert!(head.contains(word), "{language} {word}: {head}");
        }
        assert!(head.contains("&lt;b&gt;") && !head.contains("<b>"), "the last words are text: {head}");
    }
}

#[tokio::test]
async fn what_people_write_is_text_and_never_markup() {
    let world = support::busy(true).await;
    let evil = "\"><img src=x onerror=alert(1)> {{ 7 * 7 }} <b hx-get=/admin/logout>x</b>";
    world.toy.say("573001230000", evil, evil).await;
    let mut client = Client::entered(&world).await;
    let thread = format!("/admin/inbox/{}", conversation(&world, "onerror").await);
    for path in ["/admin/inbox", &thread, "/admin/inbox?q=%22%3E%3Cimg", "/admin/orders?q=%22%3E%3Cscript%3E"] {
        let page = client.get(path).await.body;
        assert!(!page.contains("<img") && !page.contains("<b hx-get") && !page.contains("<script>"), "{path}");
    }
    assert!(client.get(&thread).await.body.contains("{{ 7 * 7 }}"), "and it is shown as it was written");
}

#[tokio::test]
async fn an_answer_is_sent_once_however_often_its_form_is_posted() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let id = conversation(&world, "deisy").await;
    let key = uuid::Uuid::new_v4().to_string();
    for _ in 0..2 {
        let answer =
            client.act(&format!("/admin/inbox/{id}/reply"), &[("text", "Hola, Deisy, soy Laura"), ("key", &key)]).await;
        assert_eq!(answer.location(), format!("/admin/inbox/{id}?done=replied"));
    }
    world.toy.work().await;
    let page = client.get(&format!("/admin/inbox/{id}")).await.body;
    assert_eq!(page.matches("Hola, Deisy, soy Laura").count(), 1);
    assert!(page.contains("la atiende Demo"));
    let empty = client.act(&format!("/admin/inbox/{id}/reply"), &[("text", "  "), ("key", &key)]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);

    assert_eq!(client.act(&format!("/admin/inbox/{id}/hand-back"), &[]).await.status, StatusCode::SEE_OTHER);
    world.toy.work().await;
    let page = client.get(&format!("/admin/inbox/{id}")).await.body;
    assert!(page.contains("La conversación volvió al bot.") && page.contains("responde el bot"));
    let again = client.act(&format!("/admin/inbox/{id}/hand-back"), &[]).await;
    assert_eq!(again.location(), format!("/admin/inbox/{id}?done=changed"));
}

#[tokio::test]
async fn nobody_writes_into_a_closed_window() {
    let world = support::busy(true).await;
    let id = conversation(&world, "yuliana").await;
    world.clock.advance(std::time::Duration::from_secs(24 * 3600));
    let mut client = Client::entered(&world).await;
    let page = client.get(&format!("/admin/inbox/{id}")).await.body;
    assert!(page.contains("solo puedes enviar plantillas") && !page.contains("<textarea"));
    let key = uuid::Uuid::new_v4().to_string();
    let refused = client.act(&format!("/admin/inbox/{id}/reply"), &[("text", "hola"), ("key", &key)]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn dead_letters_say_why_and_can_be_replayed_or_dismissed() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let page = client.get("/admin/dead").await.body;
    assert!(page.contains("131026") && page.contains("Luz Dary") || page.contains("failed tries"), "reasons are shown");
    let dead = world.store.dead_letters(Scope::EVERY).await.unwrap();
    let send = world.store.troubled_sends(Scope::EVERY).await.unwrap();
    assert_eq!((dead.len(), send.len()), (1, 1));
    let replay = client.act(&format!("/admin/dead/events/{}/replay", dead[0].id), &[]).await;
    assert_eq!(replay.location(), "/admin/dead?done=replayed");
    assert_eq!(world.store.counts().await.unwrap().open, 1, "it waits for its turn again");
    assert_eq!(world.store.counts().await.unwrap().gap(), 0);
    let twice = client.act(&format!("/admin/dead/events/{}/replay", dead[0].id), &[]).await;
    assert_eq!(twice.location(), "/admin/dead?done=changed");
    let dismissed = client.act(&format!("/admin/dead/sends/{}/dismiss", send[0].id), &[]).await;
    assert_eq!(dismissed.location(), "/admin/dead?done=dismissed");
    assert!(world.store.troubled_sends(Scope::EVERY).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_incident_is_taken_and_resolved_by_name() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    let incident = world.store.incidents(Scope::EVERY, false).await.unwrap().remove(0);
    let page = client.get("/admin/incidents").await.body;
    assert!(page.contains("9 de 31 guías activas de Interrapidísimo en Cali"));
    let taken = client.act(&format!("/admin/incidents/{}/ack", incident.id), &[]).await;
    assert_eq!(taken.location(), "/admin/incidents?done=acknowledged");
    let again = client.act(&format!("/admin/incidents/{}/ack", incident.id), &[]).await;
    assert_eq!(again.location(), "/admin/incidents?done=changed");
    client.act(&format!("/admin/incidents/{}/resolve", incident.id), &[]).await;
    assert!(world.store.incidents(Scope::EVERY, false).await.unwrap().is_empty());
    assert!(client.get("/admin/incidents?show=all").await.body.contains("Demo lo resolvió"));
}

#[tokio::test]
async fn orders_are_found_by_number_parcel_and_person() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    for (query, found, not) in [
        ("q=%231842", "#1842", "#1829"),
        ("q=77001829551", "#1829", "#1842"),
        ("q=villavicencio", "#1806", "#1842"),
        ("parcel=problem", "#1817", "#1842"),
        ("parcel=none", "#1850", "#1842"),
    ] {
        let page = client.get(&format!("/admin/orders?{query}")).await.body;
        let list = &page[page.find("id=\"orders-list\"").unwrap()..];
        assert!(list.contains(found) && !list.contains(not), "{query}");
    }
}
