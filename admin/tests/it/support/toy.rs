//! What stands for the program behind the pages: real queues, and a toy that decides.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recado_admin::playground::{PlaygroundMessage, Sent};
use recado_admin::{LiveEvent, LiveFeed, Topic};
use recado_domain::contact::PersonIds;
use recado_domain::event::{
    Arrival, CommerceEvent, Delivery, Destination, EventContent, Inbox as _, Incoming, LaneKey, Source,
};
use recado_domain::merchant::Merchant;
use recado_domain::message::{InboundMessage, MessageBody};
use recado_domain::order::{CustomerFacts, OrderFacts, Payment};
use recado_domain::outbound::{OutboundMessage, Recipient, SendResult, Settlement};
use recado_domain::shipment::{ShipmentFacts, ShipmentStatus};
use recado_domain::{ArrivalId, Clock, Currency, MerchantId, Money, TraceId};
use recado_store::Store;
use recado_store::engine::{Engine, Settled};
use recado_store::inbox::StoreInbox;
use tokio::sync::broadcast;

use super::clock::TestClock;
use super::decide::text_of;

pub struct Toy {
    pub(super) store: Store,
    pub(super) inbox: StoreInbox,
    pub(super) engine: Engine,
    pub(super) clock: Arc<TestClock>,
    pub(super) live: LiveFeed,
    pub(super) shops: HashMap<MerchantId, Arc<Merchant>>,
    pub(super) merchant: MerchantId,
    pub(super) phones: Mutex<HashMap<String, Vec<PlaygroundMessage>>>,
    pub(super) last: Mutex<HashMap<String, Sent>>,
    pub(super) changed: broadcast::Sender<String>,
    pub(super) counter: AtomicU64,
    pub(super) duplicates: AtomicU64,
    pub(super) pace: Duration,
}

impl Toy {
    pub(super) async fn accept(
        &self,
        source: Source,
        destination: Destination,
        lane: LaneKey,
        dedupe: String,
        content: EventContent,
    ) -> usize {
        let now = self.clock.now();
        let body = serde_json::to_vec(&content).unwrap();
        let arrival = Arrival {
            id: ArrivalId::new(now),
            source,
            headers: Vec::new(),
            body_hash: [0; 32],
            body,
            received_at: now,
            trace: TraceId::new(now),
        };
        let event = Incoming { dedupe, body_dedupe: None, destination, lane, occurred_at: now, content };
        let acceptance = self.inbox.accept(Delivery { arrival, events: vec![event] }).await.unwrap();
        self.duplicates.fetch_add(acceptance.duplicates as u64, Ordering::SeqCst);
        acceptance.accepted
    }

    pub(super) fn next(&self, kind: &str) -> String {
        format!("{kind}.{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table")]
    pub(super) async fn order(
        &self,
        shop: &str,
        number: &str,
        name: &str,
        phone: &str,
        payment: Payment,
        paid: &str,
        total: i64,
        hours: u64,
    ) {
        let at = self.clock.now().minus(Duration::from_secs(hours * 3600 + 1800));
        let order = OrderFacts {
            external_id: format!("55{number}"),
            name: format!("#{number}"),
            currency: Currency::Cop,
            email: None,
            phone: Some(format!("+{phone}")),
            customer: Some(CustomerFacts { name: Some(name.to_owned()), ..CustomerFacts::default() }),
            address: None,
            payment,
            financial_status: Some(paid.to_owned()),
            fulfillment_status: None,
            taxes_included: true,
            test: false,
            processed_at: at,
            updated_at: at,
            cancelled_at: None,
            paid_at: None,
            unpaid_at: None,
            confirmed_at: None,
            channel: None,
            gateways: Vec::new(),
            received: Vec::new(),
            total: Money::new(total, Currency::Cop),
            lines: Vec::new(),
            shipping: Vec::new(),
            refunds: Vec::new(),
        };
        let content = EventContent::Commerce(CommerceEvent::Order { topic: "orders/create".to_owned(), order });
        let destination = Destination::Shop(format!("{shop}.myshopify.com"));
        self.accept(Source::Shopify, destination, LaneKey::Order(format!("55{number}")), self.next("o"), content).await;
    }

    /// The shop platform asks to erase the customer of a phone.
    pub async fn redact(&self, shop: &str, phone: &str) {
        let customer = CustomerFacts { phone: Some(format!("+{phone}")), ..CustomerFacts::default() };
        let request = recado_domain::event::ComplianceRequest::CustomerRedact;
        let content = CommerceEvent::Compliance { request, customer: Some(customer), orders: Vec::new() };
        let shop = format!("{shop}.myshopify.com");
        let lane = LaneKey::Thing("shop", shop.clone());
        let content = EventContent::Commerce(content);
        self.accept(Source::Shopify, Destination::Shop(shop), lane, self.next("c"), content).await;
        self.work().await;
    }

    pub(super) async fn parcel(&self, shop: &str, number: &str, status: ShipmentStatus, carrier: &str, city: &str) {
        let now = self.clock.now();
        let parcel = ShipmentFacts {
            external_id: format!("66{number}"),
            order_external_id: format!("55{number}"),
            carrier: Some(carrier.to_owned()),
            tracking_numbers: vec![format!("7700{number}551")],
            tracking_url: None,
            status: Some(status),
            city: Some(city.to_owned()),
            line_ids: Vec::new(),
            created_at: now.minus(Duration::from_secs(9 * 3600)),
            updated_at: now.minus(Duration::from_secs(2 * 3600)),
        };
        let content = EventContent::Commerce(CommerceEvent::Shipment(parcel));
        let destination = Destination::Shop(format!("{shop}.myshopify.com"));
        self.accept(Source::Shopify, destination, LaneKey::Order(format!("55{number}")), self.next("s"), content).await;
    }

    pub async fn say(&self, phone: &str, name: &str, text: &str) -> String {
        self.say_to("100", phone, name, text).await
    }

    pub async fn say_to(&self, number: &str, phone: &str, name: &str, text: &str) -> String {
        let id = self.next("wamid");
        self.deliver(number, phone, name, &id, MessageBody::Text { text: text.to_owned() }).await;
        self.work().await;
        id
    }

    pub(super) async fn deliver(&self, number: &str, phone: &str, name: &str, id: &str, body: MessageBody) -> usize {
        let from = PersonIds::from_parts(None, Some(phone)).unwrap();
        let message = InboundMessage {
            provider_id: id.to_owned(),
            from: from.clone(),
            profile_name: Some(name.to_owned()),
            sent_at: self.clock.now(),
            reply_to: None,
            body,
        };
        let destination = Destination::PhoneNumber(number.to_owned());
        let lane = LaneKey::Conversation(from);
        self.accept(Source::WhatsApp, destination, lane, id.to_owned(), EventContent::Message(message)).await
    }

    /// Runs everything that waits: turns, then sends.
    pub async fn work(&self) {
        loop {
            let claims = self.engine.claim(50).await.unwrap();
            if claims.is_empty() {
                break;
            }
            let mut turns = Vec::new();
            for claim in claims {
                if text_of(&claim).is_some_and(|text| text.contains("explota")) {
                    self.engine.fail(&claim, "the agent panicked: index out of bounds", Duration::ZERO).await.unwrap();
                    self.live.publish(LiveEvent { merchant: claim.merchant, topic: Topic::Dead });
                    continue;
                }
                turns.push(self.decide(claim));
            }
            let told: Vec<_> =
                turns.iter().map(|turn| (turn.merchant.id, turn.conversation.as_ref().map(|one| one.id))).collect();
            for outcome in self.engine.commit(turns).await {
                outcome.unwrap();
            }
            for (merchant, conversation) in told {
                let topic = conversation.map_or(Topic::Orders, Topic::Conversation);
                self.live.publish(LiveEvent { merchant: Some(merchant), topic });
            }
        }
        loop {
            let sends = self.engine.claim_sends(50).await.unwrap();
            if sends.is_empty() {
                break;
            }
            let mut settled = Vec::new();
            for send in sends {
                tokio::time::sleep(self.pace).await;
                let result = if send.message.body.contains("RECHAZO") {
                    SendResult::Failed { reason: "131026: message undeliverable".to_owned() }
                } else {
                    let provider_id = self.next("wamid");
                    self.show(&send.recipient, &send.message, &provider_id);
                    SendResult::Sent { provider_id }
                };
                settled.push(Settled::of(&send, Settlement::Staff, result));
            }
            self.engine.settle_sends(&settled).await.unwrap();
        }
        let _ = self.changed.send("yuliana".to_owned());
        let _ = self.changed.send("laura".to_owned());
    }

    pub(super) fn show(&self, recipient: &Recipient, message: &OutboundMessage, id: &str) {
        let persona = match recipient {
            Recipient::Telegram { .. } => "laura",
            Recipient::WhatsApp { wa_id: Some(phone), .. } if phone == "573001234418" => "yuliana",
            Recipient::WhatsApp { wa_id: Some(phone), .. } if phone == "573001112233" => "ana",
            Recipient::WhatsApp { .. } => return,
        };
        let mut phones = self.phones.lock().unwrap();
        let phone = phones.entry(persona.to_owned()).or_default();
        for mine in phone.iter_mut().filter(|message| message.mine) {
            mine.tick = Some("read".to_owned());
        }
        phone.push(PlaygroundMessage {
            id: id.to_owned(),
            mine: false,
            body: message.body.clone(),
            buttons: message.buttons.clone(),
            at: self.clock.now(),
            tick: None,
            file: None,
        });
    }
}
