//! The books of a shop: from its own webhooks and from imports, kept in the process and never stale.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use recado_domain::event::{CommerceEvent, LaneKey};
use recado_domain::finance::facts::entry::{Entry, take_apart};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric};
use recado_domain::merchant::Merchant;
use recado_domain::order::{OrderFacts, Payment, ProductFacts, VariantFacts};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{Clock as _, Currency, Timestamp};
use recado_store::finance::BooksLimits;

use crate::disputes::{chargeback, disputed};
use crate::facts::{parcel, scan};
use crate::shop::{at, order, refund, refunded, told};
use crate::world::{OTHER_SHOP, SHOP, World, fact_of, noon, on_both, on_sqlite};

fn november() -> Days {
    Days::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap())
}

/// A figure of November, as it is published; null when it is undefined.
fn figure(ledger: &Ledger, metric: Metric) -> String {
    let value = ledger.figures(november()).value(metric);
    value.and_then(|value| value.published(Currency::Cop)).unwrap_or_else(|_| "null".to_owned())
}

async fn ledger(world: &World, merchant: &Merchant) -> Arc<Ledger> {
    world.store.merchant(merchant.id).ledger(merchant, world.clock.now()).await.unwrap()
}

async fn net_sales(world: &World) -> String {
    figure(&*ledger(world, &world.merchant).await, Metric::BookedNetSales)
}

/// Tells a fact and applies it.
async fn tell(world: &World, shop: &str, lane: &str, fact: CommerceEvent) {
    world.accept(fact_of(shop, lane, fact)).await;
    world.settle_all(&world.engine(), |_| Vec::new()).await;
}

fn prepaid(id: &str, pesos: i64, paid: bool) -> OrderFacts {
    let mut order = order(id, &format!("#{id}"), noon(), pesos);
    order.payment = Payment::Prepaid;
    (order.paid_at, order.unpaid_at) = if paid { (Some(noon()), None) } else { (None, Some(noon())) };
    order
}

fn product(title: &str, version: u64) -> CommerceEvent {
    let variant =
        VariantFacts { external_id: "V1".to_owned(), title: "Azul".to_owned(), sku: None, price: None, stock: None };
    CommerceEvent::Product(ProductFacts {
        external_id: "P1".to_owned(),
        title: title.to_owned(),
        status: None,
        variants: vec![variant],
        updated_at: at(version),
    })
}

/// A fact set of the first shop with these lists.
fn facts(lists: &str) -> Vec<Entry> {
    let text = format!(
        r#"{{"merchant":{{"name":"Tienda Uno","timezone":"America/Bogota","currency":"COP","vat_registered":true}},
            "as_of":"2026-11-26T12:00:00Z","synced_at":"2026-11-20T12:00:00Z",{lists}}}"#
    );
    take_apart(&text).unwrap().1
}

const SPENDING: &str = r#""ad_spend":[{"id":"A","date":"2026-11-25","platform":"meta","amount":"30","vat":"0"}],
    "products":[{"variant_id":"V1","title":"Camiseta","costs":[{"from":"2026-01-01T00:00:00Z","unit_cost":"40"}]}]"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_only_sends_webhooks_has_figures_and_its_neighbour_has_none_of_them() {
    on_both(async |world: &World| {
        let mut cod = order("1", "#1001", noon(), 100);
        cod.lines[0].variant_id = Some("V1".to_owned());
        tell(world, SHOP, "1", told(cod)).await;
        tell(world, SHOP, "2", told(prepaid("1002", 50, true))).await;
        tell(world, SHOP, "3", told(prepaid("1003", 70, false))).await;
        tell(world, SHOP, "thing", product("Camiseta", 1)).await;
        let books = ledger(world, &world.merchant).await;
        assert_eq!(figure(&books, Metric::BookedNetSales), "220.00");
        assert_eq!(figure(&books, Metric::RealisedNetSales), "50.00", "a promise and a voucher are not realised");
        assert_eq!(books.facts().synced_at, Some(world.clock.now()), "as old as the shop's last word");
        assert_eq!(books.facts().products["V1"].title, "Camiseta · Azul");

        world.clock.advance(Duration::from_secs(3_600));
        tell(world, SHOP, "1", parcel("1", 5, Some(ShipmentStatus::InTransit), Some("Cali"))).await;
        let books = ledger(world, &world.merchant).await;
        assert_eq!(figure(&books, Metric::CodShipped), "1");
        assert_eq!(figure(&books, Metric::RealisedNetSales), "50.00");
        tell(world, SHOP, "1", scan("1", 30, Some(ShipmentStatus::Delivered))).await;
        tell(world, SHOP, "2", refunded("1002", refund("r", "1002", at(40), 20))).await;
        let books = ledger(world, &world.merchant).await;
        assert_eq!(figure(&books, Metric::RealisedNetSales), "130.00", "delivered, and 20 went back");
        assert_eq!(figure(&books, Metric::CodReceivable), "100.00", "at the door, with the carrier now");
        assert_eq!(figure(&books, Metric::CostCoverage), "0.000000", "nobody told what anything costs");

        let neighbour = ledger(world, &world.other).await;
        assert!(neighbour.facts().is_empty() && neighbour.facts().products.is_empty());
        assert_eq!(figure(&neighbour, Metric::BookedNetSales), "0.00");
        let foreign = prepaid("1", 999, true);
        tell(world, OTHER_SHOP, "1", told(foreign)).await;
        assert_eq!(figure(&*ledger(world, &world.other).await, Metric::BookedNetSales), "999.00");
        assert_eq!(figure(&*ledger(world, &world.merchant).await, Metric::BookedNetSales), "200.00");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_and_a_webhook_about_one_order_give_the_same_books_whichever_came_first() {
    let imported = facts(&format!(
        r##"{SPENDING},"orders":[{{"id":"#1001","processed_at":"2026-11-26T12:00:00Z","payment":"prepaid","channel":"web",
                "lines":[{{"id":"x","variant_id":"V1","qty":3,"unit_price":"900","tax":"0","tax_rate":"0"}}]}},
            {{"id":"older","processed_at":"2026-11-02T12:00:00Z","payment":"prepaid","paid_at":"2026-11-02T12:00:00Z",
                "lines":[{{"id":"y","variant_id":"V1","qty":1,"unit_price":"80","tax":"0","tax_rate":"0"}}]}}],
            "payments":[{{"id":"p","order_id":"1","gateway":"wompi","kind":"charge","amount":"100","fee":"7","processed_at":"2026-11-26T12:00:00Z"}}]"##
    ));
    let mut own = prepaid("1", 100, true);
    own.name = "#1001".to_owned();
    own.lines[0].variant_id = Some("V1".to_owned());
    on_both(async |world: &World| {
        let mut seen = BTreeSet::new();
        for import_first in [true, false] {
            let (shop, merchant) = if import_first { (SHOP, &world.merchant) } else { (OTHER_SHOP, &world.other) };
            if import_first {
                world.store.import_facts(merchant.id, "f", &imported, |_| {}).await.unwrap();
            }
            tell(world, shop, "1", told(own.clone())).await;
            if !import_first {
                world.store.import_facts(merchant.id, "f", &imported, |_| {}).await.unwrap();
            }
            let books = ledger(world, merchant).await;
            assert_eq!(figure(&books, Metric::BookedNetSales), "180.00", "the shop's own 100, not the import's 2700");
            assert_eq!(figure(&books, Metric::Cogs), "80.00", "costs are the import's");
            assert_eq!(figure(&books, Metric::PaymentFees), "7.00", "a payment finds its order by the shop's id");
            let channel = books.facts().orders.iter().find(|order| order.id == "#1001").unwrap().channel.clone();
            assert_eq!(channel.as_deref(), Some("web"), "what the shop did not tell");
            seen.insert(serde_json::to_string(&books.report(november(), &Dimension::ALL).unwrap()).unwrap());
        }
        assert_eq!(seen.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_deletes_is_gone_from_the_import_too() {
    let imported = facts(
        r##""orders":[{"id":"#1001","processed_at":"2026-11-25T12:00:00Z","payment":"prepaid","paid_at":"2026-11-25T12:00:00Z",
            "lines":[{"id":"x","qty":1,"unit_price":"900","tax":"0","tax_rate":"0"}]}]"##,
    );
    on_both(async |world: &World| {
        world.store.import_facts(world.merchant.id, "f", &imported, |_| {}).await.unwrap();
        assert_eq!(net_sales(world).await, "900.00");
        let mut own = prepaid("1", 100, true);
        own.name = "#1001".to_owned();
        tell(world, SHOP, "1", told(own)).await;
        assert_eq!(net_sales(world).await, "100.00");
        tell(world, SHOP, "1", CommerceEvent::OrderDeleted { external_id: "1".to_owned() }).await;
        assert_eq!(net_sales(world).await, "0.00");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_of_a_shop_that_nobody_introduced_are_read_with_what_we_know_of_it() {
    let mut entries = facts(SPENDING);
    entries.retain(|entry| entry.kind == "ad_spend");
    on_both(async |world: &World| {
        world.store.import_facts(world.merchant.id, "chat", &entries, |_| {}).await.unwrap();
        let books = ledger(world, &world.merchant).await;
        assert_eq!(figure(&books, Metric::AdSpend), "30.00");
        assert_eq!(books.facts().shop.name, world.merchant.name);
    })
    .await;
}

/// Statements that write where books are read from, and the paths below that go through each.
const WRITES: [&str; 24] = [
    "COUNT_IMPORT",
    "DELETE_ORDER",
    "DELETE_THING",
    "DELIVERED_SHIPMENT",
    "ERASE_ORDER",
    "ERASE_PARCELS",
    "ERASE_RECORD",
    "ERASE_RECORDS",
    "ESTIMATE_SHIPMENT",
    "FILL_SHIPMENT",
    "INSERT_ENTRIES",
    "INSERT_IMPORT",
    "INSERT_REFUND",
    "KEEP_DISPUTE",
    "LOCATE_SHIPMENT",
    "MOVE_SHIPMENT",
    "PLACE_DISPUTE",
    "RAISE_MONEY_AT",
    "TELL_ORDER",
    "UNDO_IMPORT",
    "UNDO_SOURCE",
    "UPSERT_ORDER",
    "UPSERT_SHIPMENT",
    "UPSERT_THING",
];

/// Every statement that writes to a table from which books are read.
fn writes() -> BTreeSet<&'static str> {
    const TABLES: [&str; 7] =
        ["orders", "refunds", "disputes", "shipments", "things", "finance_imports", "finance_entries"];
    let pairs = recado_store::pairs().into_iter().flat_map(|(name, pair)| [(name, pair.postgres), (name, pair.sqlite)]);
    let all = recado_store::statements().into_iter().chain(pairs);
    let touches = |text: &str| {
        TABLES.iter().any(|table| {
            ["INSERT INTO", "UPDATE", "DELETE FROM"].iter().any(|verb| text.contains(&format!("{verb} {table} ")))
        })
    };
    all.filter(|(_, text)| touches(text)).map(|(name, _)| name).collect()
}

/// A new statement that writes there must be added here, and its path to the test below.
#[test]
fn every_statement_that_changes_what_books_are_made_of_is_known() {
    let known: BTreeSet<&str> = WRITES.into();
    assert_eq!(writes(), known);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_leaves_stale_books_behind_whichever_way_it_comes() {
    on_both(async |world: &World| {
        let version = async || world.store.merchant(world.merchant.id).books_version().await.unwrap();
        let (mut known, neighbours) =
            (version().await, world.store.merchant(world.other.id).books_version().await.unwrap());
        let mut paths = 0;
        let mut delivered = parcel("1", 50, Some(ShipmentStatus::Delivered), None);
        if let CommerceEvent::Shipment(parcel) = &mut delivered {
            parcel.line_ids = vec!["1-1".to_owned()];
        }
        let mut older = order("1", "#1", noon(), 1);
        older.updated_at = noon().minus(Duration::from_secs(60));
        let steps: Vec<(&str, CommerceEvent)> = vec![
            ("an order", told(order("1", "#1", noon(), 100))),
            ("its older version", told(older)),
            ("a refund", refunded("1", refund("r", "1", at(9), 5))),
            ("a refund before its order", refunded("2", refund("r", "2", at(9), 5))),
            ("a dispute", disputed(chargeback("d", Some("1"), 5), at(9))),
            ("a dispute before its order", disputed(chargeback("e", Some("2"), 5), at(9))),
            ("a dispute that names no order", disputed(chargeback("f", None, 5), at(9))),
            ("the order of one that named none", disputed(chargeback("f", Some("1"), 5), at(9))),
            ("a scan before its parcel", scan("1", 10, Some(ShipmentStatus::InTransit))),
            ("a parcel", parcel("1", 20, None, Some("Cali"))),
            ("a parcel's older word", parcel("1", 15, Some(ShipmentStatus::InTransit), None)),
            ("an older scan with an estimate", scan("1", 10, None)),
            ("a delivery", delivered),
            ("a scan of a delivery", scan("1", 60, Some(ShipmentStatus::Delivered))),
            ("a product", product("Camiseta", 3)),
            ("a product's deletion", CommerceEvent::ProductDeleted { external_id: "P1".to_owned() }),
            ("an order's deletion", CommerceEvent::OrderDeleted { external_id: "1".to_owned() }),
            ("a deletion before its order", CommerceEvent::OrderDeleted { external_id: "9".to_owned() }),
        ];
        for (path, fact) in steps {
            tell(world, SHOP, "1", fact).await;
            let now = version().await;
            assert!(now > known, "{path}: {known} → {now}");
            (known, paths) = (now, paths + 1);
        }
        let import = world.store.import_facts(world.merchant.id, "f", &facts(SPENDING), |_| {}).await.unwrap();
        let after_import = version().await;
        assert!(after_import > known, "an import");
        world.store.undo_import(world.merchant.id, import.id).await.unwrap();
        assert!(version().await > after_import, "an undo");
        assert_eq!(paths, 18);
        assert_eq!(world.store.merchant(world.other.id).books_version().await.unwrap(), neighbours, "nobody else's");

        // What is not of the books does not unsettle them.
        let settled = version().await;
        let mut elsewhere = fact_of(SHOP, "x", CommerceEvent::Other { topic: "carts/update".to_owned() });
        elsewhere.lane = LaneKey::Thing("shop", SHOP.to_owned());
        world.accept(elsewhere).await;
        world.settle_all(&world.engine(), |_| Vec::new()).await;
        assert_eq!(version().await, settled);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn books_are_built_once_for_all_who_ask_and_again_after_a_change() {
    on_both(async |world: &World| {
        tell(world, SHOP, "1", told(prepaid("1", 100, true))).await;
        let built = || world.store.books_built();
        let before = built();
        let asked = (0..8).map(|_| ledger(world, &world.merchant));
        let answers = futures::future::join_all(asked).await;
        assert_eq!(built() - before, 1, "eight asked at once");
        assert!(answers.iter().all(|books| Arc::ptr_eq(books, &answers[0])));

        // Within the minute and the day they answer again; a change of anything makes new ones at once.
        world.clock.advance(Duration::from_secs(59));
        assert!(Arc::ptr_eq(&ledger(world, &world.merchant).await, &answers[0]));
        tell(world, SHOP, "2", told(prepaid("2", 30, true))).await;
        assert_eq!((net_sales(world).await.as_str(), built() - before), ("130.00", 2));
        let settled = ledger(world, &world.merchant).await;
        world.clock.advance(Duration::from_secs(60));
        let later = ledger(world, &world.merchant).await;
        assert_eq!((later.facts().as_of, built() - before), (world.clock.now(), 3), "a minute later");
        assert!(!Arc::ptr_eq(&settled, &later));

        // A shop that is called otherwise has other books.
        let renamed = Merchant { name: "Otra".to_owned(), ..(*world.merchant).clone() };
        assert_eq!(ledger(world, &renamed).await.facts().shop.name, "Otra");
        // An earlier instant is answered from its own facts, and is not kept.
        let facts = world.store.merchant(world.merchant.id);
        let now = built();
        for _ in 0..2 {
            let then = facts.ledger(&world.merchant, noon().minus(Duration::from_secs(3_600))).await.unwrap();
            assert_eq!(figure(&then, Metric::BookedNetSales), "0.00");
        }
        assert_eq!(built() - now, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn today_turns_at_the_shop_s_midnight() {
    on_sqlite(async |world: &World| {
        // 23:59:45 in Bogotá.
        let eve = Timestamp::parse("2026-11-27T04:59:45Z").unwrap();
        world.clock.advance(eve.since(world.clock.now()));
        let today = ledger(world, &world.merchant).await.today();
        world.clock.advance(Duration::from_secs(30));
        let tomorrow = ledger(world, &world.merchant).await.today();
        assert_eq!((today.to_string().as_str(), tomorrow.to_string().as_str()), ("2026-11-26", "2026-11-27"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn books_beyond_the_bound_are_answered_and_not_kept() {
    on_sqlite(async |world: &World| {
        tell(world, SHOP, "1", told(prepaid("1", 100, true))).await;
        let tight = world.store.clone().keeping_books(BooksLimits { shops: 4, bytes: 10, ..BooksLimits::default() });
        for round in 1..=2 {
            let books = tight.merchant(world.merchant.id).ledger(&world.merchant, world.clock.now()).await.unwrap();
            assert_eq!((figure(&books, Metric::BookedNetSales).as_str(), tight.books_built()), ("100.00", round));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_shop_until_it_is_revoked() {
    on_both(async |world: &World| {
        let (made, secret) = world.store.add_token(&world.merchant, " hoja de cálculo ", true).await.unwrap();
        let found = world.store.token(secret.expose()).await.unwrap().unwrap();
        assert_eq!((&found, found.merchant, found.name.as_str()), (&made, world.merchant.id, "hoja de cálculo"));
        assert!(world.store.token(&secret.expose().to_uppercase()).await.unwrap().is_none());
        assert!(world.store.token("rcd_").await.unwrap().is_none());
        let kept = world.texts("SELECT token_hash FROM api_tokens").await;
        assert!(!kept[0].as_ref().unwrap().contains(&secret.expose()[4..]), "only its hash is kept");
        assert!(world.store.tokens(world.other.id).await.unwrap().is_empty());
        assert!(world.store.revoke_token(world.other.id, made.id).await.is_err());
        world.store.revoke_token(world.merchant.id, made.id).await.unwrap();
        assert!(world.store.token(secret.expose()).await.unwrap().is_none());
        assert_eq!(world.store.tokens(world.merchant.id).await.unwrap()[0].revoked_at, Some(world.clock.now()));
    })
    .await;
}
