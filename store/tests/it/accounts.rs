//! Accounts of the admin view: who may see money, who is taken away, and that somebody always stays.

use recado_domain::merchant::StaffRole;
use recado_domain::{Clock as _, Language};
use recado_store::StoreError;
use recado_store::audit::AuditEntry;
use recado_store::login::NewAdminUser;

use crate::world::{World, on_both};

fn account(email: &str, role: StaffRole) -> NewAdminUser {
    NewAdminUser {
        email: email.to_owned(),
        name: "Laura".to_owned(),
        password_hash: "hash".to_owned(),
        role,
        merchant: None,
        language: Language::Es,
        finance: role == StaffRole::Operator,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_granted_money_taken_away_with_its_sign_ins_and_made_anew() {
    on_both(async |world: &World| {
        let store = &world.store;
        store.keep_account(&account("Laura@lienzo.co", StaffRole::Operator)).await.unwrap();
        store.keep_account(&account("eva@lienzo.co", StaffRole::Agent)).await.unwrap();
        let again = store.keep_account(&account("eva@lienzo.co", StaffRole::Operator)).await;
        assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
        let eva = store.admin_user("eva@lienzo.co").await.unwrap().unwrap().0;
        assert!(!eva.finance && eva.role == StaffRole::Agent, "and it is as it was");

        let token = store.begin_login(eva.id, None).await.unwrap();
        store.grant_money(" EVA@lienzo.co", true).await.unwrap();
        assert!(store.login(token.expose()).await.unwrap().unwrap().user.finance, "from the next request on");
        store.grant_money("eva@lienzo.co", false).await.unwrap();
        assert!(!store.login(token.expose()).await.unwrap().unwrap().user.finance);

        let last = store.remove_account("laura@lienzo.co").await;
        assert!(matches!(last, Err(StoreError::Refused(_))), "{last:?}");
        store.remove_account("eva@lienzo.co").await.unwrap();
        assert!(store.login(token.expose()).await.unwrap().is_none(), "its sign-ins end with it");
        assert!(matches!(store.remove_account("eva@lienzo.co").await, Err(StoreError::Missing(_))));
        assert!(matches!(store.grant_money("eva@lienzo.co", true).await, Err(StoreError::Missing(_))));

        store.keep_account(&account("eva@lienzo.co", StaffRole::Operator)).await.unwrap();
        assert!(store.login(token.expose()).await.unwrap().is_none(), "an old sign-in does not come back with it");
        store.remove_account("laura@lienzo.co").await.unwrap();
        let left: Vec<String> = store.accounts().await.unwrap().into_iter().map(|account| account.email).collect();
        assert_eq!(left, ["eva@lienzo.co"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_questions_about_a_shop_are_its_own_newest_first() {
    on_both(async |world: &World| {
        for (merchant, object) in [(&world.merchant, "one"), (&world.other, "foreign"), (&world.merchant, "two")] {
            let merchant = Some(merchant.id);
            let entry = AuditEntry { merchant, actor: "Laura", action: "figure.ask", object, outcome: "done" };
            world.store.audit(&entry).await.unwrap();
            world.store.audit(&AuditEntry { action: "incident.ack", ..entry }).await.unwrap();
            world.clock.advance(std::time::Duration::from_secs(1));
        }
        let acts = world.store.latest_acts(world.merchant.id, "figure.ask", 5).await.unwrap();
        let told: Vec<&str> = acts.iter().map(|act| act.object.as_str()).collect();
        assert_eq!(told, ["two", "one"]);
        assert!(acts.iter().all(|act| act.at <= world.clock.now()));
        assert_eq!(world.store.latest_acts(world.merchant.id, "figure.ask", 1).await.unwrap().len(), 1);
    })
    .await;
}
