//! Two shops on a database of their own, and a morning that has passed in one of them.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recado_admin::{AdminState, LiveFeed};
use recado_domain::event::Destination;
use recado_domain::merchant::Merchant;
use recado_domain::order::Payment;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{Clock, Currency, Language, MerchantId, ReplicaId, Secret};
use recado_store::engine::{Engine, Rules};
use recado_store::inbox::StoreInbox;
use recado_store::{Store, StoreOptions};
use tokio::sync::broadcast;

use super::TOKEN;
use super::clock::TestClock;
use super::toy::Toy;

pub struct World {
    pub state: AdminState,
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub merchant: MerchantId,
    pub other: MerchantId,
    pub toy: Arc<Toy>,
}

fn shop(id: MerchantId, name: &str) -> Merchant {
    Merchant {
        id,
        name: name.to_owned(),
        language: Language::Es,
        country: "CO".to_owned(),
        timezone: "America/Bogota".to_owned(),
        currency: Currency::Cop,
    }
}

/// A world with nobody signed up and nothing said.
pub async fn empty(frozen: bool) -> World {
    empty_on("sqlite::memory:", frozen).await
}

async fn empty_on(url: &str, frozen: bool) -> World {
    let clock = TestClock::new(frozen);
    let store = Store::open(&StoreOptions::new(url), clock.clone()).await.unwrap();
    let (merchant, other) = (MerchantId::derived(&["lienzo"]), MerchantId::derived(&["other"]));
    let shops = [shop(merchant, "Casa Lienzo"), shop(other, "Tienda Ajena")];
    for (one, number) in shops.iter().zip(["100", "200"]) {
        store.save_merchant(one).await.unwrap();
        store.bind_channel(&Destination::PhoneNumber(number.to_owned()), one.id).await.unwrap();
        store.bind_channel(&Destination::Shop(format!("{number}.myshopify.com")), one.id).await.unwrap();
    }
    let replica = ReplicaId::new(clock.now());
    let (inbox, _tasks) = StoreInbox::start(&store, replica, Arc::new(|| {}));
    let engine = Engine::new(store.clone(), replica, Rules { tries: 1, gather: Duration::ZERO, ..Rules::default() });
    let live = LiveFeed::new();
    let toy = Arc::new(Toy {
        store: store.clone(),
        inbox,
        engine,
        clock: clock.clone(),
        live: live.clone(),
        shops: shops.into_iter().map(|one| (one.id, Arc::new(one))).collect(),
        merchant,
        phones: Mutex::default(),
        last: Mutex::default(),
        changed: broadcast::channel(64).0,
        counter: AtomicU64::new(1),
        duplicates: AtomicU64::new(0),
        pace: if frozen { Duration::ZERO } else { Duration::from_millis(15) },
    });
    let state = AdminState {
        store: store.clone(),
        clock: clock.clone(),
        live,
        playground: Some(toy.clone()),
        demo: true,
        secure_cookies: false,
        enter_token: Some(Secret::new(TOKEN)),
        closing: tokio_util::sync::CancellationToken::new(),
    };
    World { state, store, clock, merchant, other, toy }
}

/// A world in which a morning has passed.
pub async fn busy(frozen: bool) -> World {
    busy_on("sqlite::memory:", frozen).await
}

/// As [`busy`], on a database of one's own.
pub async fn busy_on(url: &str, frozen: bool) -> World {
    let world = empty_on(url, frozen).await;
    let toy = &world.toy;
    let customers = [
        (
            "1842",
            "Yuliana Patiño",
            "573001234418",
            ShipmentStatus::OutForDelivery,
            "Coordinadora",
            "Medellín",
            Payment::Cod,
            "pending",
        ),
        (
            "1829",
            "Deisy Carolina Mosquera",
            "573001234419",
            ShipmentStatus::Exception,
            "Interrapidísimo",
            "Cali",
            Payment::Cod,
            "pending",
        ),
        (
            "1817",
            "Óscar Iván Bedoya",
            "573001234420",
            ShipmentStatus::AttemptFailed,
            "Servientrega",
            "Bogotá",
            Payment::Prepaid,
            "paid",
        ),
        (
            "1806",
            "María de los Ángeles Villavicencio-Echavarría",
            "573001234421",
            ShipmentStatus::InTransit,
            "Envía",
            "Barranquilla",
            Payment::Cod,
            "pending",
        ),
        (
            "1790",
            "Luz Dary Cifuentes",
            "573001234422",
            ShipmentStatus::AvailableForPickup,
            "Interrapidísimo",
            "Pasto",
            Payment::Prepaid,
            "paid",
        ),
        (
            "1771",
            "Paola Andrea Villamizar",
            "573001234423",
            ShipmentStatus::Delivered,
            "Coordinadora",
            "Medellín",
            Payment::Prepaid,
            "paid",
        ),
        (
            "1766",
            "Jhon Fredy Quiñones",
            "573001234424",
            ShipmentStatus::InTransit,
            "Coordinadora",
            "Quibdó",
            Payment::Cod,
            "pending",
        ),
    ];
    for (index, (number, name, phone, status, carrier, city, payment, paid)) in customers.iter().enumerate() {
        toy.order("100", number, name, phone, *payment, paid, 18_990_000 + index as i64 * 1_250_000, index as u64 * 5)
            .await;
        toy.parcel("100", number, *status, carrier, city).await;
    }
    toy.order("100", "1850", "Ana Milena Rojas", "573001234425", Payment::Prepaid, "refunded", 8_990_000, 0).await;
    toy.order("200", "77", "Cliente Ajeno", "573009999999", Payment::Cod, "pending", 1_000_000, 1).await;
    toy.work().await;
    world.clock.advance(Duration::from_secs(5));
    toy.say("573001234424", "Jhon Fredy Quiñones", "Hola, ¿dónde está mi pedido #1766?").await;
    toy.say("573001234421", "María de los Ángeles Villavicencio-Echavarría", "rechaza").await;
    toy.say("573001234422", "Luz Dary Cifuentes", "explota por favor").await;
    toy.say(
        "573001234423",
        "Paola Andrea Villamizar",
        "<script>alert(1)</script> <b>gracias</b>, todo llegó https://ejemplo.co/foto",
    )
    .await;
    world.clock.advance(Duration::from_secs(200));
    toy.say("573001234418", "Yuliana Patiño", "Hola, ¿dónde está mi pedido #1842?").await;
    world.clock.advance(Duration::from_secs(30));
    toy.say("573001234418", "Yuliana Patiño", "y si no estoy en la casa?? puede recibir mi mama").await;
    toy.say("573001234420", "Óscar Iván Bedoya", "incidente en Cali").await;
    world.clock.advance(Duration::from_secs(60));
    toy.say("573001234419", "Deisy Carolina Mosquera", "Necesito hablar con una persona por favor").await;
    world.clock.advance(Duration::from_secs(12 * 60));
    toy.say_to("200", "573009999999", "Cliente Ajeno", "hola").await;
    world
}
