//! A copy of the database from before an erasure is restored, and the list of erasures is applied to it.

use recado_domain::event::{CommerceEvent, ComplianceRequest, LaneKey};
use recado_domain::privacy::Erasure;
use recado_store::Applied;

use super::{
    BTreeMap, CANARIES, Incoming, accept, asked, canaries, carry_out, customer, figures, move_in, redact,
    without_neighbour,
};
use crate::world::{Fresh, SHOP, World, fact_of, on_both};

/// Where a database is, and where its copy.
enum Place {
    Sqlite(tempfile::TempDir),
    Postgres(Fresh),
}

impl Place {
    fn url(&self, name: &str) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join(name).display()),
            Self::Postgres(fresh) => fresh.url.clone(),
        }
    }

    /// Copies it as a backup does, and goes on in it. Postgres wants nobody to have it open meanwhile.
    async fn copy(&self, world: World) -> (World, String, Option<Fresh>) {
        match self {
            Self::Sqlite(folder) => {
                world.execute(&format!("VACUUM INTO '{}'", folder.path().join("copy.db").display())).await;
                (world, self.url("copy.db"), None)
            }
            Self::Postgres(fresh) => {
                world.store.close().await;
                let copy = fresh.copy().await;
                (World::open(self.url("recado.db")).await, copy.url.clone(), Some(copy))
            }
        }
    }
}

/// Erases in a database whose copy was taken before; gives the list to the copy.
async fn restored(place: Place, request: impl Fn() -> Incoming, everybody: bool) {
    let world = World::open(place.url("recado.db")).await;
    move_in(&world, &world.engine()).await;
    let (world, copied, fresh) = place.copy(world).await;
    let engine = world.engine();
    accept(&world, request()).await;
    world.settle_all(&engine, |_| Vec::new()).await;
    let id = asked(&world).await;
    world.store.decide_privacy(world.merchant.id, id, true, "Eva").await.unwrap();
    assert!(world.store.erasures().await.unwrap().is_empty(), "what was not begun is on no list");
    let erased = carry_out(&engine).await;
    let list = world.store.erasures().await.unwrap();
    assert_eq!((list.len(), list[0].id, list[0].everybody), (1, id, everybody));
    let written = serde_json::to_string(&list).unwrap();
    assert!(!CANARIES.iter().any(|canary| written.contains(canary)), "the list names somebody: {written}");
    let list: Vec<Erasure> = serde_json::from_str(&written).unwrap();
    let known = Applied { known: 1, ..Applied::default() };
    assert_eq!(world.store.apply_erasures(&list).await.unwrap(), known, "nothing was restored here");
    assert!(engine.claim_privacy().await.unwrap().is_none());
    let books = figures(&world).await;
    world.store.close().await;

    let copy = World::open(copied).await;
    let engine = copy.engine();
    let before = canaries(&copy).await;
    for place in ["conversations.profile_name", "orders.facts", "identities.value", "arrivals.body", "debtors.digits"] {
        assert!(before.contains_key(place), "the copy holds the person again: {place} in {before:?}");
    }
    let again = Applied { again: 1, ..Applied::default() };
    assert_eq!(copy.store.compare_erasures(&list).await.unwrap(), again);
    assert_eq!(copy.store.apply_erasures(&list).await.unwrap(), again);
    assert_eq!(copy.store.apply_erasures(&list).await.unwrap(), known, "once");
    let (request, _) = copy.store.merchant(copy.merchant.id).privacy_request(id).await.unwrap().unwrap();
    assert!(request.confirmed.is_some() && request.done_at.is_none(), "nobody is asked again");
    assert_eq!(carry_out(&engine).await, erased);
    assert_eq!(copy.store.compare_erasures(&list).await.unwrap(), known);
    assert_eq!(figures(&copy).await, books, "the books are those of before");
    let buyers = "SELECT COUNT(*) FROM orders WHERE phone_key IS NOT NULL";
    assert_eq!(copy.number(buyers).await, if everybody { 0 } else { 1 }, "the neighbour stays who they are");
    if !everybody {
        without_neighbour(&copy).await;
    }
    assert_eq!(canaries(&copy).await, BTreeMap::new());
    copy.store.close().await;
    if let Some(fresh) = fresh {
        fresh.remove().await;
    }
    if let Place::Postgres(fresh) = place {
        fresh.remove().await;
    }
}

fn of_shop() -> Incoming {
    let request = ComplianceRequest::ShopRedact;
    let mut incoming = fact_of(SHOP, "x", CommerceEvent::Compliance { request, customer: None, orders: Vec::new() });
    incoming.lane = LaneKey::Thing("shop", SHOP.to_owned());
    incoming
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_restored_copy_holds_again_is_erased_again_by_the_list_on_sqlite() {
    restored(Place::Sqlite(tempfile::tempdir().unwrap()), || redact(customer(), &["1", "2"]), false).await;
    restored(Place::Sqlite(tempfile::tempdir().unwrap()), of_shop, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_restored_copy_holds_again_is_erased_again_by_the_list_on_postgres() {
    restored(Place::Postgres(Fresh::create().await), || redact(customer(), &["1", "2"]), false).await;
    restored(Place::Postgres(Fresh::create().await), of_shop, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_another_database_is_known_as_such_and_erases_nobody() {
    on_both(async |world: &World| {
        let theirs = Erasure {
            merchant: world.merchant.id,
            id: recado_domain::PrivacyId::derived(&["theirs"]),
            everybody: true,
            marks: [].into(),
            erased_at: crate::world::noon(),
            list: "theirs".to_owned(),
        };
        let foreign = Applied { foreign: 1, ..Applied::default() };
        let list = [theirs];
        assert_eq!(world.store.compare_erasures(&list).await.unwrap(), foreign);
        assert_eq!(world.store.apply_erasures(&list).await.unwrap(), foreign);
        assert!(world.engine().claim_privacy().await.unwrap().is_none());
        assert!(world.store.erasures().await.unwrap().is_empty());
    })
    .await;
}
