//! The day book of a shop whose webhooks tell its orders says what its ledger says: whatever is told, imported, corrected
//! and taken back, in whatever order, and wherever a fold is cut off.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use recado_domain::event::CommerceEvent;
use recado_domain::finance::facts::entry::{Entry, GATEWAY_FEES, entry_of, take_apart};
use recado_domain::finance::figures::{Days, Metric, Undefined};
use recado_domain::order::{DisputedAmount, OrderFacts, Payment, Received, RefundPayment};
use recado_domain::shipment::{ShipmentFacts, ShipmentStatus};
use recado_domain::{Clock as _, Currency, Money, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::disputes::{chargeback, disputed};
use crate::finance_days::{agree, fold, ledger, with};
use crate::shop::{order, pesos, refund, refunded, told};
use crate::world::{Dice, SHOP, World, fact_of, on_both};

/// Runs something for so many polls, then drops it, as a crash would.
async fn cut<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

async fn tell(world: &World, lane: &str, fact: CommerceEvent) {
    world.accept(fact_of(SHOP, lane, fact)).await;
    world.settle_all(&world.engine(), |_| Vec::new()).await;
}

/// A shop in which things have several names, some of them the same.
struct Shop<'a> {
    world: &'a World,
    dice: Dice,
    step: u64,
    imports: Vec<Uuid>,
}

impl Shop<'_> {
    fn some<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.dice.below(of.len())]
    }

    fn now(&mut self) -> Timestamp {
        self.step += 1;
        self.world.clock.advance(Duration::from_secs(60));
        self.world.clock.now()
    }

    fn earlier(&mut self, now: Timestamp) -> Timestamp {
        now.minus(Duration::from_secs(3_600 * self.dice.below(24 * 60) as u64))
    }

    async fn something(&mut self) -> String {
        let id = self.some(&["1", "2", "3", "4", "1001"]);
        match self.dice.below(14) {
            12..=13 => self.dispute(id).await,
            0..=3 => self.order(id).await,
            4 | 5 => self.parcel(id).await,
            6 => {
                let now = self.now();
                let (name, at, amount) = (format!("r{}", self.step), self.earlier(now), self.dice.below(40) as i64);
                let mut back = refund(&name, id, at, amount);
                if self.dice.below(2) == 0 {
                    let gateway = self.some(&[None, Some("wompi"), Some("gift_card")]).map(str::to_owned);
                    back.payments = vec![RefundPayment { external_id: "1".to_owned(), gateway, amount: pesos(amount) }];
                }
                tell(self.world, id, refunded(id, back)).await;
                format!("a refund of {id}")
            }
            7 => {
                tell(self.world, id, CommerceEvent::OrderDeleted { external_id: id.to_owned() }).await;
                format!("{id} is deleted")
            }
            8..=9 => self.import().await,
            10 if !self.imports.is_empty() => {
                let place = self.dice.below(self.imports.len());
                let import = self.imports.swap_remove(place);
                self.world.store.undo_import(self.world.merchant.id, import).await.unwrap();
                "an import is taken back".to_owned()
            }
            _ => {
                self.world.clock.advance(Duration::from_secs(3_600 * (1 + self.dice.below(60) as u64)));
                "time passes".to_owned()
            }
        }
    }

    async fn order(&mut self, id: &str) -> String {
        let now = self.now();
        let name = self.some(&["#1001", "#1002", "#1003", "#1", " #2 ", "2", ""]);
        let booked = self.earlier(now);
        let mut sold: OrderFacts = order(id, name, booked, 50 + self.dice.below(50) as i64);
        sold.updated_at = now;
        sold.payment = self.some(&[Payment::Cod, Payment::Prepaid]);
        sold.test = self.dice.below(12) == 0;
        sold.lines[0].variant_id = self.some(&[None, Some("V1"), Some("V2")]).map(str::to_owned);
        sold.cancelled_at = (self.dice.below(5) == 0).then_some(now);
        sold.channel = self.some(&[None, Some("web")]).map(str::to_owned);
        const GATEWAYS: [&[&str]; 5] = [&["wompi"], &["Mercado Pago", "gift_card"], &["gift_card"], &["manual"], &[]];
        let gateways = self.some(&GATEWAYS);
        sold.gateways = gateways.iter().map(|name| (*name).to_owned()).collect();
        if self.dice.below(3) > 0 {
            let at = self.earlier(now);
            sold.paid_at = Some(at);
            sold.received = vec![Received { amount: self.some(&[30, 50, 80].map(pesos)), first_at: at, last_at: now }];
        }
        if let Some(customer) = &mut sold.customer {
            customer.external_id = self.some(&[None, Some("ana"), Some("beto"), Some("c9")]).map(str::to_owned);
        }
        tell(self.world, id, told(sold)).await;
        format!("order {id}, {name:?}")
    }

    /// A dispute, told anew or once more, with or without its order, and of another one at times.
    async fn dispute(&mut self, id: &str) -> String {
        let now = self.now();
        let (dispute, order) = (self.some(&["d1", "d2", "d3"]), self.some(&[Some(id), Some(id), None]));
        let mut told = chargeback(dispute, order, self.some(&[10, 20, 30]));
        told.kind = self.some(&["chargeback", "chargeback", "inquiry", "retrieval"]).to_owned().into();
        let status = self.some(&["needs_response", "under_review", "won", "lost", "charge_refunded", "escalated"]);
        told.status = status.to_owned().into();
        told.finalized_on = self.some(&[None, Some(now)]);
        told.initiated_at = self.some(&[now.minus(Duration::from_secs(86_400)), now.plus(Duration::from_secs(3_600))]);
        if self.dice.below(8) == 0 {
            told.amount = DisputedAmount::Money(Money::new(500, Currency::Usd));
        }
        let when = self.some(&[now, now.minus(Duration::from_secs(7_200))]);
        tell(self.world, id, disputed(told, when)).await;
        format!("dispute {dispute} of {order:?} is {status}")
    }

    async fn parcel(&mut self, id: &str) -> String {
        use ShipmentStatus::{Delivered, InTransit, InfoReceived, Returned};
        let now = self.now();
        let parcel = ShipmentFacts {
            external_id: format!("p{}", self.dice.below(4)),
            order_external_id: id.to_owned(),
            carrier: self
                .some(&[None, Some("Coordinadora"), Some("COORDINADORA"), Some("Veloz"), Some("envia")])
                .map(str::to_owned),
            tracking_numbers: vec![self.some(&["T1", "T2", "AB 12", ""]).to_owned()],
            tracking_url: None,
            status: Some(self.some(&[InfoReceived, InTransit, Delivered, Delivered, Returned])),
            city: None,
            line_ids: Vec::new(),
            created_at: self.earlier(now),
            updated_at: now,
        };
        tell(self.world, id, CommerceEvent::Shipment(parcel)).await;
        format!("a parcel of {id}")
    }

    async fn import(&mut self) -> String {
        let now = self.now();
        let at = self.earlier(now).to_string();
        let order = self.some(&["1", "gid://shopify/Order/2", "#1001", "#1", "2"]);
        let parcel = self.some(&["T1", "p1", "gid://shopify/Fulfillment/p2", "AB 12"]);
        let number = self.step;
        let customer = self.some(&[None, Some("ana"), Some("c7")]);
        let cost = 10 + self.dice.below(20);
        let lines =
            json!([{"id": "1-1", "variant_id": "V1", "qty": 1, "unit_price": "70", "discount": "0", "tax": "0"}]);
        let mut lists = json!({
            "merchant": {"name": "Tienda Uno", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true,
                "carriers": {"Envía": {"term_days": 8, "transit_days": 3}}},
            "as_of": now.to_string(), "synced_at": null,
            "orders": [], "shipments": [], "carrier_charges": [], "payments": [], "remittances": [], "products": [], "cash": [],
            "ad_spend": [], "gateway_fees": [],
        });
        match self.dice.below(8) {
            0 => {
                lists["orders"] = json!([{"id": order, "processed_at": at, "customer_id": customer, "payment": "cod", "city": "Cali", "lines": lines}])
            }
            1 => {
                lists["shipments"] = json!([{"id": parcel, "order_id": order, "carrier": "Veloz", "shipped_at": at, "cod_amount": "70",
                "delivered_at": at, "return_condition": null}])
            }
            2 => {
                lists["payments"] = json!([{"id": format!("P{number}"), "order_id": order, "gateway": "wompi",
                "kind": self.some(&["charge", "charge", "chargeback", "chargeback_reversal"]), "amount": "70",
                "fee": "3", "fee_vat": "0", "processed_at": at, "payout_at": now.plus(Duration::from_secs(200_000)).to_string()}])
            }
            3 => {
                lists["carrier_charges"] = json!([{"id": format!("C{number}"), "shipment_id": parcel, "kind": "outbound", "amount": "9", "vat": "0",
                "occurred_at": at, "deducted": true}])
            }
            4 => {
                lists["remittances"] = json!([{"id": format!("R{}", self.dice.below(2)), "carrier": "Veloz", "remitted_at": at, "net": "60",
                "lines": [{"shipment_id": parcel, "collected": "70", "freight": "9", "fee": "1", "other": "0"},
                    {"shipment_id": "T2", "collected": "20", "freight": "0", "fee": "0", "other": "0"}]}])
            }
            5 | 6 => {
                let from = self.some(&[None, Some("2026-11-01"), Some("2026-11-20")]);
                lists["gateway_fees"] = json!([{"gateway": self.some(&["", "Wompi", "mercado_pago"]), "from": from,
                    "rate": self.some(&["0.0265", "0.04", "0"]), "fixed": self.some(&["0", "7"]), "vat_rate": "0.19",
                    "payout_days": self.some(&[None, Some(2), Some(10)])}])
            }
            _ => {
                lists["products"] = json!([{"variant_id": "V1", "title": "Camiseta", "costs": [{"from": "2026-01-01T00:00:00Z", "unit_cost": cost.to_string()}]}]);
                lists["ad_spend"] = json!([{"id": format!("A{number}"), "date": "2026-11-25", "platform": "meta", "amount": "30", "vat": "0"}]);
                lists["cash"] = json!([{"at": at, "account": "banco", "balance": "500"}]);
            }
        }
        let entries: Vec<Entry> = take_apart(&lists.to_string()).unwrap().1;
        let made = self.world.store.import_facts(self.world.merchant.id, "some", &entries, |_| {}).await.unwrap();
        self.imports.push(made.id);
        format!("an import about {order} and {parcel}")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_book_follows_webhooks_imports_and_what_is_taken_back_wherever_a_fold_is_cut_off() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let golden = world.store.import_facts(merchant, "golden", &with(&[]), |_| {}).await.unwrap();
        for seed in 1..=4 {
            let mut shop = Shop { world, dice: Dice::new(seed), step: 0, imports: Vec::new() };
            let mut story = Vec::new();
            for _ in 0..14 {
                for _ in 0..=shop.dice.below(3) {
                    story.push(shop.something().await);
                }
                for _ in 0..shop.dice.below(3) {
                    let polls = shop.dice.below(60);
                    let now = world.clock.now();
                    if cut(world.store.fold_days(merchant, now), polls).await.is_none() {
                        story.push(format!("a fold is cut off after {polls} polls"));
                    }
                }
                let now = world.clock.now();
                fold(world, merchant, now).await;
                agree(world, merchant, now, &format!("seed {seed}: {}", story.join("; "))).await;
            }
        }
        world.store.undo_import(merchant, golden.id).await.unwrap();
        let now = world.clock.now();
        assert!(
            world.store.merchant(merchant).day_book(now).await.unwrap().is_none(),
            "it is behind, and says nothing"
        );
        fold(world, merchant, now).await;
        agree(world, merchant, now, "without the example").await;
    })
    .await;
}

/// What a gateway takes is told after the charges were made and folded: they are folded again, and those before its day too
/// when it was always so.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_on_a_gateway_reaches_the_charges_that_were_folded_before_it() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let booked = world.clock.now();
        let mut sold = order("1", "#1", booked, 100_000);
        (sold.payment, sold.paid_at, sold.gateways) = (Payment::Prepaid, Some(booked), vec!["wompi".to_owned()]);
        sold.received = vec![Received { amount: pesos(100_000), first_at: booked, last_at: booked }];
        // Told twice it is one charge.
        tell(world, "1", told(sold.clone())).await;
        tell(world, "1", told(sold)).await;
        let day = booked.in_zone(&world.merchant.zone()).date();
        let (days, currency) = (Days::new(day, day), recado_domain::Currency::Cop);
        let fees = async |now: Timestamp| {
            fold(world, merchant, now).await;
            agree(world, merchant, now, "a gateway").await;
            let read = world.store.merchant(merchant).day_book(now).await.unwrap().unwrap();
            let figures = read.book.figures(days);
            let told = |metric| figures.value(metric).and_then(|value| value.published(currency));
            (told(Metric::PaymentFees), told(Metric::GatewayPending), told(Metric::Cm2))
        };
        let missing = (Err(Undefined::NoGatewayFees), Err(Undefined::NoGatewayTerms), Ok("100000.00".to_owned()));
        assert_eq!(fees(world.clock.now()).await, missing);
        let word =
            |terms: serde_json::Value| entry_of(GATEWAY_FEES, &terms.to_string(), &world.merchant.zone()).unwrap();
        let always =
            word(json!({"gateway": "Wompi", "rate": "0.0265", "fixed": "700", "vat_rate": "0.19", "payout_days": 2}));
        let made = world.store.import_facts(merchant, "chat", &[always], |_| {}).await.unwrap();
        // 2.65 % + $700 = $3.350; VAT is given back to a shop that is registered, and kept from the payout all the same.
        let known = (Ok("3350.00".to_owned()), Ok("96013.50".to_owned()), Ok("96650.00".to_owned()));
        assert_eq!(fees(world.clock.now()).await, known);
        world.store.undo_import(merchant, made.id).await.unwrap();
        assert_eq!(fees(world.clock.now()).await, missing, "taken back");
        let tomorrow = day.tomorrow().unwrap();
        let later = word(json!({"gateway": "Wompi", "from": tomorrow, "rate": "0.03"}));
        world.store.import_facts(merchant, "chat", &[later], |_| {}).await.unwrap();
        assert_eq!(fees(world.clock.now()).await, missing, "what is taken from tomorrow on says nothing of today");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_only_its_webhooks_speak_of_has_a_day_book() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let mut shop = Shop { world, dice: Dice::new(9), step: 0, imports: Vec::new() };
        shop.order("1").await;
        let now = world.clock.now();
        fold(world, merchant, now).await;
        agree(world, merchant, now, "one order").await;
        shop.parcel("1").await;
        let now = world.clock.now();
        assert!(world.store.merchant(merchant).day_book(now).await.unwrap().is_none(), "the parcel is not folded yet");
        fold(world, merchant, now).await;
        agree(world, merchant, now, "its parcel").await;
        assert_eq!(world.number("SELECT COUNT(*) FROM finance_told").await, 0);
        // The neighbour has nothing of it.
        assert!(world.store.merchant(world.other.id).day_book(now).await.unwrap().is_none());
    })
    .await;
}

/// What is told in a transaction that commits must be folded: a telling that is lost is a figure that is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn control_a_telling_that_is_lost_is_seen() {
    on_both(async |world: &World| {
        let merchant = world.merchant.id;
        let mut shop = Shop { world, dice: Dice::new(3), step: 0, imports: Vec::new() };
        shop.order("1").await;
        fold(world, merchant, world.clock.now()).await;
        let mut sold = order("8", "#8", world.clock.now(), 77);
        sold.updated_at = world.clock.now();
        tell(world, "8", told(sold)).await;
        world.execute("DELETE FROM finance_told").await;
        let now = world.clock.now();
        fold(world, merchant, now).await;
        let day = now.in_zone(&world.merchant.zone()).date();
        let days = Days::new(day, day);
        let read = world.store.merchant(merchant).day_book(now).await.unwrap().expect("nothing says that it is behind");
        let all = ledger(world, now).await;
        let figure = Metric::Orders;
        assert_ne!(read.book.figures(days).value(figure), all.figures(days).value(figure));
    })
    .await;
}
