//! A small shop with people, orders and trouble, on a database in memory: real store, real queues, a toy that decides.

#![allow(dead_code, reason = "the tests and the example use different parts")]
#![allow(missing_docs, reason = "test code")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use recado_admin::playground::{
    Persona, PersonaKind, Playground, PlaygroundBody, PlaygroundError, PlaygroundInput, PlaygroundMessage, Sent,
};
use recado_admin::{AdminState, LiveEvent, LiveFeed, Topic};
use recado_domain::command::{Entity, Understanding};
use recado_domain::contact::{Channel, PersonIds};
use recado_domain::conversation::{Conversation, Owner};
use recado_domain::effect::Effect;
use recado_domain::event::{
    Arrival, CommerceEvent, Delivery, Destination, EventContent, Inbox as _, Incoming, InternalEvent, LaneKey, Source,
    StaffBody, StaffMessage,
};
use recado_domain::incident::{Evidence, NewIncident};
use recado_domain::intent::Intent;
use recado_domain::merchant::Merchant;
use recado_domain::message::{InboundMessage, MessageBody};
use recado_domain::order::{CustomerFacts, OrderFacts, Payment};
use recado_domain::outbound::{Button, OutboundMessage, Recipient, SendResult, Settlement};
use recado_domain::shipment::{ShipmentFacts, ShipmentStatus};
use recado_domain::turn::TurnTrace;
use recado_domain::{
    ArrivalId, Clock, ConversationId, Currency, Language, MerchantId, Money, ReplicaId, Secret, Timestamp, TraceId,
    TurnId,
};
use recado_store::engine::{Claim, Decided, Engine, Rules, Settled};
use recado_store::inbox::StoreInbox;
use recado_store::{Store, StoreOptions};
use tokio::sync::broadcast;

pub const TOKEN: &str = "one-two-three-four-five-six-seven-eight";
pub const START: &str = "2026-11-21T15:42:00Z";

/// A fixed start that moves with the time since, and further when told.
pub struct TestClock {
    start: Timestamp,
    since: Instant,
    more: AtomicI64,
    frozen: bool,
}

impl TestClock {
    pub fn new(frozen: bool) -> Arc<Self> {
        let start = Timestamp::parse(START).unwrap();
        Arc::new(Self { start, since: Instant::now(), more: AtomicI64::new(0), frozen })
    }
    pub fn advance(&self, by: Duration) {
        self.more.fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let passed = if self.frozen { 0 } else { self.since.elapsed().as_micros() as i64 };
        Timestamp::from_micros(self.start.as_micros() + passed + self.more.load(Ordering::SeqCst))
    }
}

pub struct World {
    pub state: AdminState,
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub merchant: MerchantId,
    pub other: MerchantId,
    pub toy: Arc<Toy>,
}

pub struct Toy {
    store: Store,
    inbox: StoreInbox,
    engine: Engine,
    clock: Arc<TestClock>,
    live: LiveFeed,
    shops: HashMap<MerchantId, Arc<Merchant>>,
    merchant: MerchantId,
    phones: Mutex<HashMap<String, Vec<PlaygroundMessage>>>,
    last: Mutex<HashMap<String, Sent>>,
    changed: broadcast::Sender<String>,
    counter: AtomicU64,
    duplicates: AtomicU64,
    pace: Duration,
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

impl Toy {
    async fn accept(
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

    fn next(&self, kind: &str) -> String {
        format!("{kind}.{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    #[expect(clippy::too_many_arguments, reason = "a row of a table")]
    async fn order(
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

    async fn parcel(&self, shop: &str, number: &str, status: ShipmentStatus, carrier: &str, city: &str) {
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

    async fn deliver(&self, number: &str, phone: &str, name: &str, id: &str, body: MessageBody) -> usize {
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
                settled.push(Settled { id: send.id, settlement: Settlement::Staff, attempt: send.attempt, result });
            }
            self.engine.settle_sends(&settled).await.unwrap();
        }
        let _ = self.changed.send("yuliana".to_owned());
        let _ = self.changed.send("laura".to_owned());
    }

    fn show(&self, recipient: &Recipient, message: &OutboundMessage, id: &str) {
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

    fn decide(&self, claim: Claim) -> Decided {
        let now = self.clock.now();
        let merchant = Arc::clone(&self.shops[&claim.merchant.unwrap_or(self.merchant)]);
        let text = text_of(&claim).unwrap_or_default();
        let first = claim.events.first().map(|event| event.content.clone());
        let mut conversation = claim.conversation.clone();
        if let Some(EventContent::Message(message)) = &first {
            let new = Conversation {
                id: ConversationId(claim.lane.0),
                merchant: merchant.id,
                person: message.from.clone(),
                phone_number_id: "100".to_owned(),
                profile_name: message.profile_name.clone(),
                language: Some(Language::Es),
                owner: Owner::Bot,
                stopped: false,
                last_inbound_at: None,
                turns: 0,
            };
            let mut known = conversation.unwrap_or(new);
            known.last_inbound_at = Some(message.sent_at);
            conversation = Some(known);
        }
        let mut effects = Vec::new();
        let mut trace = TurnTrace {
            agent: "desk".to_owned(),
            decision: "greeted".to_owned(),
            micros: 4_200,
            ..TurnTrace::default()
        };
        let mut say = |template: &str, body: &str, buttons: &[(&str, &str)]| {
            let buttons =
                buttons.iter().map(|(id, title)| Button { id: (*id).to_owned(), title: (*title).to_owned() }).collect();
            effects.push(Effect::Reply(OutboundMessage { buttons, ..OutboundMessage::text(template, body) }));
        };
        match first {
            Some(EventContent::Message(_)) if text.contains("persona") => {
                trace.agent = "person".to_owned();
                trace.decision = "handed_over".to_owned();
                say("waiting_for_person", "Ya le avisé al equipo. Una persona te responde por aquí.", &[]);
                if let Some(conversation) = conversation.as_mut() {
                    conversation.owner = Owner::Waiting { since: now };
                }
            }
            Some(EventContent::Message(_)) if text.contains("pedido") => {
                trace.agent = "orders".to_owned();
                trace.decision = "order_status".to_owned();
                trace.tools = vec!["own_order: 1".to_owned()];
                trace.understanding = Some(Understanding {
                    intent: Some(Intent::TrackOrder),
                    confidence: 0.93,
                    language: Some(Language::Es),
                    entities: vec![Entity::OrderNumber { value: "1842".to_owned() }.into()],
                });
                say(
                    "order_status",
                    "Tu pedido *#1842* va con *Coordinadora*, guía 77001842551.\nSale hoy a reparto en Medellín. Pagas *$189.900* al recibirlo.",
                    &[("contents", "¿Qué trae?"), ("human", "Hablar con alguien")],
                );
            }
            Some(EventContent::Message(_)) if text.contains("rechaza") => say("greeting", "RECHAZO", &[]),
            Some(EventContent::Message(_)) => {
                say(
                    "greeting",
                    "Hola, soy Recado, de *Casa Lienzo*. ¿En qué te ayudo?",
                    &[("track", "Mi pedido"), ("human", "Hablar con alguien"), ("menu", "Menú")],
                );
            }
            Some(EventContent::Internal(event)) => {
                decide_internal(&event, now, conversation.as_mut(), &mut trace, &mut say)
            }
            Some(EventContent::Staff(_)) => {
                say("staff_help", "Comandos: /incidents, /ack, /resolve", &[("incidents", "Incidentes")])
            }
            _ => {}
        }
        if text.contains("incidente") {
            effects.push(Effect::OpenIncident(NewIncident {
                merchant: merchant.id,
                kind: "carrier_delays".to_owned(),
                dimension: "interrapidisimo × cali".to_owned(),
                severity: 2,
                evidence: Evidence {
                    carrier: "Interrapidísimo".to_owned(),
                    city: "Cali".to_owned(),
                    active: 31,
                    problems: 9,
                    expected: 2.4,
                    chance: 0.000_31,
                    orders: vec!["#1829".to_owned(), "#1817".to_owned()],
                },
            }));
        }
        Decided {
            id: TurnId::new(now),
            claim,
            merchant,
            conversation,
            effects,
            trace,
            principal: "shopper",
            decided_at: now,
        }
    }
}

fn decide_internal(
    event: &InternalEvent,
    now: Timestamp,
    conversation: Option<&mut Conversation>,
    trace: &mut TurnTrace,
    say: &mut impl FnMut(&str, &str, &[(&str, &str)]),
) {
    let Some(conversation) = conversation else { return };
    trace.agent = "person".to_owned();
    event.label().clone_into(&mut trace.decision);
    match event {
        InternalEvent::TakenOver { staff_name } => {
            conversation.owner = Owner::Person { name: staff_name.clone(), since: now };
        }
        InternalEvent::HandedBack { .. } => conversation.owner = Owner::Bot,
        InternalEvent::StaffReply { staff_name, text } => {
            conversation.owner = Owner::Person { name: staff_name.clone(), since: now };
            say("staff_reply", text, &[]);
        }
        _ => {}
    }
}

fn text_of(claim: &Claim) -> Option<String> {
    claim.events.iter().rev().find_map(|event| match &event.content {
        EventContent::Message(message) => message.body.words().map(str::to_owned),
        _ => None,
    })
}

const YULIANA: (&str, &str) = ("573001234418", "Yuliana Patiño");
const ANA: (&str, &str) = ("573001112233", "Ana María Restrepo");

#[async_trait::async_trait]
impl Playground for Toy {
    fn file(&self, _id: &str) -> Option<recado_domain::attachment::File> {
        None
    }

    fn personas(&self) -> Vec<Persona> {
        let persona =
            |id: &str, kind, name: &str, note: &str, channel, counterpart: &str, suggestions: &[&str]| Persona {
                id: id.to_owned(),
                kind,
                name: name.to_owned(),
                note: note.to_owned(),
                channel,
                counterpart: counterpart.to_owned(),
                suggestions: suggestions.iter().map(|text| (*text).to_owned()).collect(),
            };
        vec![
            persona(
                "yuliana",
                PersonaKind::Shopper,
                "Yuliana",
                "pedido #1842 contra entrega",
                Channel::WhatsApp,
                "Casa Lienzo",
                &["¿Dónde está mi pedido #1842?", "¿Qué trae mi pedido?", "Quiero hablar con una persona", "Cancelar"],
            ),
            persona(
                "ana",
                PersonaKind::Member,
                "Ana María",
                "dueña de Casa Lienzo",
                Channel::WhatsApp,
                "Casa Lienzo",
                &["¿Cuánto vendí hoy?", "¿Cuánto vendí en octubre?"],
            ),
            persona(
                "laura",
                PersonaKind::Staff,
                "Laura",
                "en Telegram",
                Channel::Telegram,
                "Recado",
                &["/incidents", "/inbox"],
            ),
        ]
    }

    async fn send(&self, persona: &str, input: PlaygroundInput) -> Result<Sent, PlaygroundError> {
        let (body, shown) = match input.body {
            PlaygroundBody::Text(text) => (MessageBody::Text { text: text.clone() }, text),
            PlaygroundBody::Tap { id, title, .. } => (MessageBody::Choice { id, title: title.clone() }, title),
            PlaygroundBody::Voice | PlaygroundBody::Location => {
                (MessageBody::Location { latitude: 6.2, longitude: -75.6, label: None }, "Medellín".to_owned())
            }
        };
        let id = self.next(if persona == "laura" { "bot:" } else { "wamid" });
        let sent = Sent { provider_id: id.clone(), status: 200 };
        self.phones.lock().unwrap().entry(persona.to_owned()).or_default().push(PlaygroundMessage {
            id: id.clone(),
            mine: true,
            body: shown.clone(),
            buttons: Vec::new(),
            at: self.clock.now(),
            tick: Some("sent".to_owned()),
            file: None,
        });
        self.last.lock().unwrap().insert(persona.to_owned(), sent.clone());
        for _ in 0..input.copies {
            match persona {
                "yuliana" => self.deliver("100", YULIANA.0, YULIANA.1, &id, body.clone()).await,
                "ana" => self.deliver("100", ANA.0, ANA.1, &id, body.clone()).await,
                "laura" => {
                    let staff = StaffMessage {
                        chat_id: 7,
                        user_id: 7,
                        display_name: "Laura".to_owned(),
                        reply_to: None,
                        second_hand: false,
                        body: StaffBody::Text { text: shown.clone() },
                    };
                    let lane = LaneKey::Staff { chat_id: 7, user_id: 7 };
                    let destination = Destination::TelegramBot("bot".to_owned());
                    self.accept(Source::Telegram, destination, lane, id.clone(), EventContent::Staff(staff)).await
                }
                _ => return Err(PlaygroundError::Unknown),
            };
        }
        let _ = self.changed.send(persona.to_owned());
        self.work().await;
        let _ = self.changed.send(persona.to_owned());
        Ok(sent)
    }

    async fn transcript(&self, persona: &str) -> Vec<PlaygroundMessage> {
        self.phones.lock().unwrap().get(persona).cloned().unwrap_or_default()
    }

    async fn last_sent(&self, persona: &str) -> Option<Sent> {
        self.last.lock().unwrap().get(persona).cloned()
    }

    fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::SeqCst)
    }

    fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    async fn reset(&self, persona: &str) {
        self.phones.lock().unwrap().remove(persona);
        self.last.lock().unwrap().remove(persona);
        let _ = self.changed.send(persona.to_owned());
    }
}
