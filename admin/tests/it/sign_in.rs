use std::time::Duration;

use http::StatusCode;
use recado_domain::Secret;
use recado_domain::merchant::StaffRole;
use recado_store::login::{NewAdminUser, hash_password};

use crate::client::Client;
use crate::support::{self, World};

pub const PASSWORD: &str = "una frase larga";
const COOKIE: &str = "recado_login";

pub async fn with_user(world: &World, email: &str, role: StaffRole, limited: bool) {
    let new = NewAdminUser {
        email: email.to_owned(),
        name: "Laura Ríos".to_owned(),
        password_hash: hash_password(Secret::new(PASSWORD)).await.unwrap(),
        role,
        merchant: limited.then_some(world.merchant),
        language: recado_domain::Language::Es,
        finance: false,
    };
    world.store.add_admin_user(&new).await.unwrap();
}

pub async fn sign_in(client: &mut Client, email: &str, password: &str) -> StatusCode {
    client.post("/admin/login", &[("email", email), ("password", password), ("next", "/admin/orders")]).await.status
}

#[tokio::test]
async fn the_first_visitor_makes_the_account_and_the_second_cannot() {
    let world = support::empty(true).await;
    let mut client = Client::new(&world);
    assert_eq!(client.get("/admin/login").await.location(), "/admin/setup");
    let short =
        client.post("/admin/setup", &[("name", "Laura"), ("email", "laura@lienzo.co"), ("password", "corta")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.body.contains("href=\"#password\"") && short.body.contains("laura@lienzo.co"));
    let made =
        client.post("/admin/setup", &[("name", "Laura"), ("email", "Laura@Lienzo.co"), ("password", PASSWORD)]).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/admin"));
    assert_eq!(client.get("/admin").await.status, StatusCode::OK);
    let mut second = Client::new(&world);
    assert_eq!(second.get("/admin/setup").await.location(), "/admin/login");
    let refused = second.post("/admin/setup", &[("name", "Eva"), ("email", "eva@x.co"), ("password", PASSWORD)]).await;
    assert_eq!(refused.location(), "/admin/login");
    assert!(world.store.admin_user("eva@x.co").await.unwrap().is_none());
    assert_eq!(sign_in(&mut second, "laura@lienzo.co", PASSWORD).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn unknown_accounts_and_wrong_passwords_look_the_same_and_five_tries_lock() {
    let world = support::empty(true).await;
    with_user(&world, "laura@lienzo.co", StaffRole::Operator, false).await;
    let mut client = Client::new(&world);
    let known = client.post("/admin/login", &[("email", "laura@lienzo.co"), ("password", "x")]).await;
    let unknown = client.post("/admin/login", &[("email", "nadie@lienzo.co"), ("password", "x")]).await;
    assert_eq!((known.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(known.body.replace("laura@", "nadie@"), unknown.body);
    for _ in 0..3 {
        assert_eq!(sign_in(&mut client, "laura@lienzo.co", "x").await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // Five from this address by now: even the right password waits.
    assert_eq!(sign_in(&mut client, "laura@lienzo.co", PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(client.cookie(COOKIE), None);
    world.clock.advance(Duration::from_secs(15 * 60 + 1));
    assert_eq!(sign_in(&mut client, "laura@lienzo.co", PASSWORD).await, StatusCode::SEE_OTHER);
    for _ in 0..6 {
        assert_eq!(
            sign_in(&mut client, "laura@lienzo.co", PASSWORD).await,
            StatusCode::SEE_OTHER,
            "a success is no failed try"
        );
    }
}

#[tokio::test]
async fn tries_at_once_cannot_slip_through_together() {
    let world = support::empty(true).await;
    let keys = ["account:x".to_owned()];
    let tries = futures::future::join_all((0..12).map(|_| world.store.begin_try(&keys))).await;
    let allowed = tries.into_iter().filter(|one| one.as_ref().unwrap().is_some()).count();
    assert!(allowed <= 5, "{allowed} of 12 were checked");
}

#[tokio::test]
async fn a_sign_in_ends_when_idle_at_its_end_at_logout_and_with_its_account() {
    let world = support::empty(true).await;
    with_user(&world, "laura@lienzo.co", StaffRole::Operator, false).await;
    let mut client = Client::new(&world);
    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    world.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(client.get("/admin").await.status, StatusCode::OK);
    world.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(client.get("/admin").await.status, StatusCode::OK, "a request keeps it");
    world.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(client.get("/admin").await.status, StatusCode::SEE_OTHER, "idle");

    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    for _ in 0..25 {
        world.clock.advance(Duration::from_secs(28 * 60));
        assert_eq!(client.get("/admin").await.status, StatusCode::OK);
    }
    world.clock.advance(Duration::from_secs(25 * 60));
    assert_eq!(client.get("/admin").await.status, StatusCode::SEE_OTHER, "12 hours");

    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    let before = client.cookie(COOKIE).unwrap().to_owned();
    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    assert_ne!(client.cookie(COOKIE), Some(before.as_str()), "a sign-in has a fresh token");
    assert!(world.store.login(&before).await.unwrap().is_none(), "and the old one is worth nothing");
    let token = client.cookie(COOKIE).unwrap().to_owned();
    assert_eq!(client.act("/admin/logout", &[]).await.location(), "/admin/login");
    assert!(world.store.login(&token).await.unwrap().is_none());

    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    world.store.disable_admin_user("laura@lienzo.co").await.unwrap();
    assert_eq!(client.get("/admin").await.status, StatusCode::SEE_OTHER, "disabled");
    assert_eq!(sign_in(&mut client, "laura@lienzo.co", PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_printed_address_signs_in_and_a_wrong_one_does_not() {
    let mut world = support::busy(true).await;
    let mut client = Client::new(&world);
    for token in ["", "wrong", "one-two-three-four-five-six-seven-eigh"] {
        assert_eq!(client.get(&format!("/admin/enter?token={token}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(client.cookie(COOKIE), None);
    }
    let entered = client.get(&format!("/admin/enter?token={}", support::TOKEN)).await;
    assert_eq!(entered.location(), "/admin/playground");
    assert_eq!(client.get("/admin/playground").await.status, StatusCode::OK);
    world.state.enter_token = None;
    let mut client = Client::new(&world);
    assert_eq!(client.get("/admin/enter?token=").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_person_of_a_shop_sees_that_shop_alone() {
    let world = support::busy(true).await;
    with_user(&world, "laura@lienzo.co", StaffRole::Agent, true).await;
    let mut client = Client::new(&world);
    sign_in(&mut client, "laura@lienzo.co", PASSWORD).await;
    for path in ["/admin", "/admin/inbox", "/admin/orders", "/admin/dead", "/admin/incidents?show=all"] {
        let page = client.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.body.contains("Ajen"), "{path} shows another shop's person or name");
    }
    assert!(client.get("/admin/orders").await.body.contains("#1842"));
    let every = recado_store::desk::Scope::EVERY;
    let all = world.store.conversations(every, Default::default(), "ajeno").await.unwrap();
    let foreign = all.first().expect("the other shop has a conversation");
    assert_eq!(client.get(&format!("/admin/inbox/{}", foreign.id)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.act(&format!("/admin/inbox/{}/take", foreign.id), &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(client.get("/admin/playground").await.status, StatusCode::NOT_FOUND);
    let dead = world.store.dead_letters(every).await.unwrap();
    let replay = client.act(&format!("/admin/dead/events/{}/replay", dead[0].id), &[]).await;
    assert_eq!(replay.status, StatusCode::FORBIDDEN, "an agent may not replay");
}
