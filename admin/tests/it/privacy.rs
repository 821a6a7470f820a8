//! Requests about people's data on their page: shown, downloaded, confirmed by a lead who ticked the box, once.

use http::StatusCode;
use recado_domain::merchant::StaffRole;

use crate::client::Client;
use crate::sign_in::{sign_in, with_user};
use crate::support;

#[tokio::test]
async fn an_erasure_is_shown_with_what_it_reaches_and_confirmed_once_by_a_lead() {
    let world = support::busy(true).await;
    world.toy.redact("100", "573001234418").await;
    let facts = world.store.merchant(world.merchant);
    let asked = facts.privacy_requests(false, 10).await.unwrap().remove(0);
    let path = format!("/admin/privacy/{}", asked.id);
    let mut client = Client::entered(&world).await;
    let list = client.get("/admin/requests").await.body;
    assert!(list.contains(&path) && list.contains("Borrar los datos de una persona") && list.contains("por decidir"));
    let page = client.get(&path).await.body;
    assert!(page.contains("1 conversación") && page.contains("No se puede deshacer"), "{page}");
    assert!(!page.contains("Yuliana"), "the page says how much, not who");
    let copy = client.get(&format!("{path}/copy")).await;
    assert_eq!((copy.status, copy.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "application/json"));
    assert!(copy.body.contains("Yuliana") && copy.body.contains("573001234418"));
    let unsure = client.act(&path, &[("decision", "confirm")]).await;
    assert_eq!(unsure.status, StatusCode::BAD_REQUEST, "the box was not ticked");
    let done = client.act(&path, &[("decision", "confirm"), ("sure", "yes")]).await;
    assert_eq!(done.location(), "/admin/requests?done=privacy");
    let again = client.act(&path, &[("decision", "decline")]).await;
    assert_eq!(again.location(), "/admin/requests?done=changed");
    let page = client.get(&path).await.body;
    assert!(page.contains("en marcha") && !page.contains("type=\"checkbox\""), "{page}");
}

#[tokio::test]
async fn who_only_answers_people_sees_it_and_another_shop_does_not() {
    let world = support::busy(true).await;
    world.toy.redact("100", "573001234418").await;
    world.toy.redact("200", "573009999999").await;
    let asked = world.store.merchant(world.merchant).privacy_requests(false, 10).await.unwrap().remove(0);
    let path = format!("/admin/privacy/{}", asked.id);
    with_user(&world, "agente@x.co", StaffRole::Agent, true).await;
    let mut agent = Client::new(&world);
    sign_in(&mut agent, "agente@x.co", crate::sign_in::PASSWORD).await;
    let page = agent.get(&path).await.body;
    assert!(page.contains("rol de líder") && !page.contains("type=\"checkbox\""), "{page}");
    assert_eq!(agent.get(&format!("{path}/copy")).await.status, StatusCode::FORBIDDEN);
    let refused = agent.act(&path, &[("decision", "confirm"), ("sure", "yes")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // The other shop's request does not exist for them.
    let known = world.store.directory().await.unwrap();
    let other = known.merchants().find(|shop| shop.id != world.merchant).unwrap().id;
    let foreign = world.store.merchant(other).privacy_requests(false, 10).await.unwrap().remove(0).id;
    for end in ["", "/copy"] {
        let answer = agent.get(&format!("/admin/privacy/{foreign}{end}")).await.status;
        assert!(matches!(answer, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{end}: {answer}");
    }
    assert_eq!(agent.get(&format!("/admin/privacy/{foreign}")).await.status, StatusCode::NOT_FOUND);
}
