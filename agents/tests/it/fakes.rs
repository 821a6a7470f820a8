//! Boxes with given facts, and inputs around them.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use recado_agents::Desk;
use recado_domain::action::ActionView;
use recado_domain::contact::PersonIds;
use recado_domain::conversation::{Conversation, Owner, Session};
use recado_domain::digest::Digest;
use recado_domain::effect::Effect;
use recado_domain::event::{EventContent, InternalEvent, StaffBody, StaffMessage};
use recado_domain::finance::advice::Proposal;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::day_book::{Behind, Beside, Gathered, Parts, Reading, Want};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Narrowing};
use recado_domain::incident::{Evidence, Incident, IncidentStatus};
use recado_domain::knowledge::fuse::{fuse, nearest};
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::{Entry, Hit, Unanswered, rank};
use recado_domain::merchant::{Member, MemberRole, Merchant, Staff, StaffRole};
use recado_domain::message::{InboundMessage, MessageBody};
use recado_domain::order::{OrderFacts, OrderLine, Payment, order_number};
use recado_domain::outbound::OutboundMessage;
use recado_domain::principal::Principal;
use recado_domain::privacy::{PrivacyRequest, Reach};
use recado_domain::request::Request;
use recado_domain::shipment::{ShipmentStatus, ShipmentView};
use recado_domain::tools::*;
use recado_domain::turn::{TurnEvent, TurnInput, TurnOutcome};
use recado_domain::*;

/// Thursday 26 November 2026, 12:00 in Bogotá.
pub const NOW: &str = "2026-11-26T17:00:00Z";

pub static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::new().expect("the embedded texts are whole"));

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub fn order(name: &str, pesos: i64) -> OrderView {
    let money = |minor| Money::new(minor, Currency::Cop);
    let line = OrderLine {
        external_id: format!("{name}-1"),
        variant_id: None,
        title: "Faja azul / M".into(),
        sku: None,
        quantity: 1,
        unit_price: money(pesos * 100),
        discount: money(0),
        tax: money(0),
        tax_rate_ppm: 0,
        gift_card: false,
        added_at: None,
    };
    let order = OrderFacts {
        external_id: order_number(name),
        name: name.into(),
        currency: Currency::Cop,
        email: Some("ana@correo.co".into()),
        phone: Some("+573001234567".into()),
        customer: None,
        address: None,
        payment: Payment::Prepaid,
        financial_status: Some("paid".into()),
        fulfillment_status: None,
        taxes_included: true,
        test: false,
        processed_at: at("2026-11-20T15:00:00Z"),
        updated_at: at("2026-11-20T15:00:00Z"),
        cancelled_at: None,
        paid_at: None,
        unpaid_at: None,
        confirmed_at: None,
        channel: None,
        total: money(pesos * 100),
        lines: vec![line],
        shipping: vec![],
        refunds: vec![],
    };
    OrderView { order, shipments: vec![], told_at: at("2026-11-26T16:57:00Z") }
}

pub fn parcel(status: ShipmentStatus) -> ShipmentView {
    ShipmentView {
        external_id: "f1".into(),
        carrier: Some("Coordinadora".into()),
        tracking_number: Some("2000123456".into()),
        tracking_url: None,
        status,
        last_event_at: at("2026-11-25T23:40:00Z"),
        last_city: Some("Cali".into()),
        last_message: None,
        estimated_delivery_at: None,
        delivered_at: None,
    }
}

pub fn shipped(name: &str, status: ShipmentStatus) -> OrderView {
    OrderView { shipments: vec![parcel(status)], ..order(name, 89_900) }
}

pub fn incident(number: i64, status: IncidentStatus) -> Incident {
    Incident {
        id: IncidentId::derived(&["i", &number.to_string()]),
        merchant: merchant("CO", Language::Es).id,
        number,
        kind: "carrier_delays".into(),
        dimension: "Coordinadora · Cali".into(),
        severity: 2,
        status,
        evidence: Evidence {
            carrier: "Coordinadora".into(),
            city: "Cali".into(),
            active: 20,
            problems: 11,
            expected: 1.62,
            chance: 2e-7,
            orders: vec!["#1042".into(), "#1050".into()],
        },
        opened_at: at("2026-11-26T16:50:00Z"),
        acknowledged: None,
        resolved: None,
    }
}

/// All facts of a fake shop.
#[derive(Clone, Default)]
pub struct Facts {
    pub own: Vec<OrderView>,
    pub others: Vec<OrderView>,
    pub locked: bool,
    pub booked: Vec<OrderFacts>,
    /// The books; none = nothing has happened but what is booked.
    pub ledger: Option<Arc<Ledger>>,
    /// The same as a day book, which answers before the ledger does.
    pub day_book: Option<Arc<crate::large::Kept>>,
    pub told_at: Option<Timestamp>,
    pub incidents: Vec<Incident>,
    pub conversations: Vec<ConversationView>,
    pub counts: ParcelCounts,
    pub action: Option<(ActionView, Option<String>)>,
    /// What customers asked for.
    pub requests: Vec<Request>,
    /// A request about somebody's data.
    pub privacy: Option<(PrivacyRequest, Reach)>,
    /// The shop's own answers.
    pub knowledge: Vec<Entry>,
    /// What those mean, in their order, as far as it is known.
    pub meanings: Vec<Meaning>,
    pub unanswered: Vec<Unanswered>,
    /// What the member wants to be told unasked, as the turns leave it.
    pub digests: Vec<Digest>,
    /// Accepted recommendations whose horizon has come.
    pub due: Vec<Proposal>,
    pub away: bool,
}

/// The books of orders that were paid when they were booked.
pub fn books(orders: &[OrderFacts], as_of: Timestamp) -> Ledger {
    let shop = merchant("CO", Language::Es);
    if orders.is_empty() {
        return Ledger::new(FactSet::of_shop(&shop, as_of), as_of);
    }
    let mut products = serde_json::Map::new();
    let orders: Vec<serde_json::Value> = orders
        .iter()
        .map(|order| {
            let lines: Vec<serde_json::Value> = order
                .lines
                .iter()
                .map(|line| {
                    let variant = line.variant_id.clone().unwrap_or_else(|| line.title.clone());
                    products.insert(variant.clone(), serde_json::json!({"variant_id": variant, "title": line.title, "costs": []}));
                    serde_json::json!({"id": line.external_id, "variant_id": variant, "qty": line.quantity,
                        "unit_price": line.unit_price.to_decimal(), "discount": line.discount.to_decimal(), "tax": line.tax.to_decimal()})
                })
                .collect();
            serde_json::json!({"id": order.name, "processed_at": order.processed_at, "payment": "prepaid", "paid_at": order.processed_at,
                "lines": lines, "shipping": {"price": "0", "tax": "0"}})
        })
        .collect();
    let facts = serde_json::json!({
        "schema": "finance-facts/1", "as_of": as_of, "synced_at": null,
        "merchant": {"name": shop.name, "timezone": shop.timezone, "currency": "COP", "vat_registered": true, "carriers": {}},
        "products": products.values().collect::<Vec<_>>(), "orders": orders,
    });
    Ledger::new(FactSet::from_json(&facts.to_string()).expect("facts"), as_of)
}

fn matching(orders: &[OrderView], reference: &str) -> Option<OrderView> {
    let key = order_number(reference);
    orders
        .iter()
        .find(|view| {
            view.order.number() == key
                || view.shipments.iter().any(|parcel| parcel.tracking_number.as_deref() == Some(reference))
        })
        .cloned()
}

impl Facts {
    /// As the store finds answers, without a database.
    fn found(&self, question: &str, language: Language, meaning: Option<&Meaning>) -> Vec<Hit> {
        let words = rank::rank(question, language, &self.knowledge, self.knowledge.len());
        let Some(meaning) = meaning else { return words };
        let near = nearest(meaning, self.knowledge.iter().zip(&self.meanings));
        fuse(question, words, &near)
    }
}

#[async_trait]
impl ShopperTools for Facts {
    async fn own_orders(&self) -> Result<Vec<OrderView>, ToolError> {
        if self.away { Err(ToolError("away".into())) } else { Ok(self.own.clone()) }
    }
    async fn own_order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(matching(&self.own, reference))
    }
    async fn prove(&self, reference: &str, proof: &str) -> Result<ProofOutcome, ToolError> {
        if self.locked {
            return Ok(ProofOutcome::Locked);
        }
        let digits: String = proof.chars().filter(char::is_ascii_digit).collect();
        Ok(matching(&self.others, reference)
            .filter(|view| {
                view.order.email.as_deref() == Some(proof)
                    || (digits.len() >= 10 && view.order.phone.as_deref().is_some_and(|phone| phone.ends_with(&digits)))
            })
            .map_or(ProofOutcome::NotProven, |view| ProofOutcome::Proven(Box::new(view))))
    }
    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        Ok(self.requests.clone())
    }
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        Ok(self.found(question, language, meaning))
    }
}

#[async_trait]
impl MemberTools for Facts {
    async fn ledger(&self) -> Result<Arc<Ledger>, ToolError> {
        assert!(!self.day_book.as_ref().is_some_and(|kept| kept.too_large), "all facts of a large shop were read");
        let now = at(NOW);
        Ok(self.ledger.clone().unwrap_or_else(|| Arc::new(books(&self.booked, now))))
    }
    async fn day_book(&self) -> Result<Option<(Reading, Beside)>, ToolError> {
        Ok(self.day_book.as_ref().filter(|kept| !kept.behind).map(|kept| kept.read()))
    }
    async fn day_parts(&self, _book: &Reading, by: Dimension, days: Days) -> Result<Option<Parts>, ToolError> {
        Ok(self.day_book.as_ref().map(|kept| kept.parts(by, days)))
    }
    async fn behind(
        &self,
        _book: &Reading,
        metric: Metric,
        narrowing: &[Narrowing],
        days: Days,
        least: usize,
    ) -> Result<Option<Behind>, ToolError> {
        Ok(self.day_book.as_ref().map(|kept| kept.behind(metric, narrowing, days, least)))
    }
    async fn gather(&self, accounts: &mut Gathered, wanted: BTreeSet<Want>) -> Result<bool, ToolError> {
        let kept = self.day_book.as_ref();
        kept.iter().for_each(|kept| kept.gather(accounts, wanted.clone()));
        Ok(kept.is_some())
    }
    async fn reads_all(&self) -> Result<bool, ToolError> {
        Ok(!self.day_book.as_ref().is_some_and(|kept| kept.too_large))
    }
    async fn told_at(&self) -> Result<Option<Timestamp>, ToolError> {
        Ok(self.told_at)
    }
    async fn order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(matching(&self.own, reference).or_else(|| matching(&self.others, reference)))
    }
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        Ok(self.incidents.clone())
    }
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        Ok(self.found(question, language, meaning))
    }
    async fn digests(&self) -> Result<Vec<Digest>, ToolError> {
        Ok(self.digests.clone())
    }
    async fn due_follow_ups(&self, _today: jiff::civil::Date) -> Result<Vec<Proposal>, ToolError> {
        Ok(self.due.clone())
    }
}

#[async_trait]
impl StaffTools for Facts {
    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        Ok(self.requests.clone())
    }
    async fn request(&self, number: i64) -> Result<Option<Request>, ToolError> {
        Ok(self.requests.iter().find(|one| one.number == number).cloned())
    }
    async fn request_of_id(&self, id: RequestId) -> Result<Option<Request>, ToolError> {
        Ok(self.requests.iter().find(|one| one.asked.id == id).cloned())
    }
    async fn privacy_requests(&self) -> Result<Vec<PrivacyRequest>, ToolError> {
        Ok(self.privacy.iter().map(|(request, _)| request.clone()).collect())
    }
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        Ok(self.privacy.clone().filter(|(request, _)| request.id == id))
    }
    async fn unanswered(&self) -> Result<Vec<Unanswered>, ToolError> {
        Ok(self.unanswered.clone())
    }
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        Ok(self.incidents.clone())
    }
    async fn incident(&self, number: i64) -> Result<Option<Incident>, ToolError> {
        Ok(self.incidents.iter().find(|one| one.number == number).cloned())
    }
    async fn with_people(&self) -> Result<Vec<ConversationView>, ToolError> {
        Ok(self.conversations.clone())
    }
    async fn conversation(&self, code: &str) -> Result<Option<ConversationView>, ToolError> {
        Ok(self.conversations.iter().find(|one| one.id.code() == code).cloned())
    }
    async fn conversation_of_notice(&self, _: i64, message: i64) -> Result<Option<ConversationView>, ToolError> {
        Ok(self.conversations.first().filter(|_| message == 77).cloned())
    }
    async fn order(&self, reference: &str) -> Result<Option<(MerchantId, OrderView)>, ToolError> {
        Ok(matching(&self.own, reference).map(|view| (merchant("CO", Language::Es).id, view)))
    }
    async fn order_of(&self, _: MerchantId, name: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(self.own.iter().find(|view| view.order.name == name).cloned())
    }
    async fn action(&self, id: ActionId) -> Result<Option<ActionView>, ToolError> {
        Ok(self.action.clone().map(|(view, _)| view).filter(|view| view.id == id))
    }
}

#[async_trait]
impl SystemTools for Facts {
    async fn parcel_counts(&self, _: &str, _: &str) -> Result<ParcelCounts, ToolError> {
        Ok(self.counts.clone())
    }
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, ToolError> {
        Ok(self.incidents.iter().find(|one| one.id == id).cloned())
    }
    async fn action(&self, id: ActionId) -> Result<Option<(ActionView, Option<String>)>, ToolError> {
        Ok(self.action.clone().filter(|(view, _)| view.id == id))
    }
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        Ok(self.privacy.clone().filter(|(request, _)| request.id == id))
    }
}

pub fn merchant(country: &str, language: Language) -> Merchant {
    Merchant {
        id: MerchantId::derived(&["shop"]),
        name: "Tienda Luna".into(),
        language,
        country: country.into(),
        timezone: "America/Bogota".into(),
        currency: Currency::Cop,
    }
}

pub fn contact() -> ContactId {
    ContactId::derived(&["ana"])
}

pub fn shopper() -> Principal {
    Principal::Shopper { merchant: merchant("CO", Language::Es).id, contact: contact() }
}

pub fn member(role: MemberRole, finance: bool) -> Principal {
    let member = Member { name: "Marta".into(), role, finance };
    Principal::Member { merchant: merchant("CO", Language::Es).id, contact: contact(), member }
}

pub fn staff(role: StaffRole) -> Principal {
    let id = StaffId::derived(&["laura"]);
    Principal::Staff(Staff { id, name: "Laura Gil".into(), role, telegram_user_id: Some(5), merchant: None })
}

pub fn system() -> Principal {
    Principal::System { merchant: merchant("CO", Language::Es).id }
}

/// A dialogue that keeps its session, owner and language between turns.
pub struct Dialogue {
    pub principal: Principal,
    pub facts: Facts,
    pub merchant: Merchant,
    pub conversation: Option<Conversation>,
    pub session: Session,
    pub last: TurnOutcome,
    /// A desk of its own, e.g. one with a model.
    pub desk: Option<Arc<Desk>>,
    /// The instant of the next turn.
    pub now: Timestamp,
}

impl Dialogue {
    pub fn of(principal: Principal, facts: Facts) -> Self {
        let merchant = merchant("CO", Language::Es);
        let conversation = Conversation {
            id: ConversationId::of(contact()),
            merchant: merchant.id,
            person: PersonIds { user_id: None, wa_id: Some("573009998877".into()) },
            phone_number_id: "1".into(),
            profile_name: Some("Ana Ruiz".into()),
            language: None,
            owner: Owner::Bot,
            stopped: false,
            last_inbound_at: None,
            turns: 0,
        };
        let lane_of_person = !matches!(principal, Principal::Staff(_) | Principal::Stranger);
        let conversation = lane_of_person.then_some(conversation);
        Self {
            principal,
            facts,
            merchant,
            conversation,
            session: Session::default(),
            last: TurnOutcome::default(),
            desk: None,
            now: at(NOW),
        }
    }

    pub fn shopper(own: Vec<OrderView>) -> Self {
        Self::of(shopper(), Facts { own, ..Facts::default() })
    }

    fn tools(&self) -> ToolBox {
        match &self.principal {
            Principal::Shopper { .. } => ToolBox::Shopper(Box::new(self.facts.clone())),
            Principal::Member { .. } => ToolBox::Member(Box::new(self.facts.clone())),
            Principal::Staff(_) => ToolBox::Staff(Box::new(self.facts.clone())),
            Principal::System { .. } => ToolBox::System(Box::new(self.facts.clone())),
            Principal::Stranger => ToolBox::Empty,
        }
    }

    pub async fn try_events(&mut self, contents: Vec<EventContent>) -> Result<(), recado_agents::TurnError> {
        let now = self.now;
        if let Some(conversation) = self.conversation.as_mut()
            && contents.iter().any(|content| matches!(content, EventContent::Message(_)))
        {
            conversation.last_inbound_at = Some(now);
        }
        let events = contents
            .into_iter()
            .map(|content| TurnEvent { id: EventId::new(now), occurred_at: now, content })
            .collect();
        let input = TurnInput {
            merchant: Arc::new(self.merchant.clone()),
            conversation: self.conversation.clone(),
            session: self.session.clone(),
            principal: self.principal.clone(),
            events,
            now,
        };
        let desk = self.desk.as_deref().unwrap_or(&DESK);
        let outcome = desk.turn(&input, &self.tools()).await?;
        self.session = outcome.session.clone();
        for effect in &outcome.effects {
            match effect {
                Effect::KeepDigest(digest) => {
                    self.facts.digests.retain(|one| one.wish.kind != digest.wish.kind);
                    self.facts.digests.push(digest.clone());
                }
                Effect::DropDigest(kind) => {
                    self.facts.digests.retain(|one| kind.is_some_and(|kind| one.wish.kind != kind));
                }
                Effect::CheckRecommendation { code, .. } => self.facts.due.retain(|one| one.code != *code),
                _ => {}
            }
        }
        if let Some(conversation) = &mut self.conversation {
            for effect in &outcome.effects {
                match effect {
                    Effect::SetOwner(owner) => conversation.owner = owner.clone(),
                    Effect::SetLanguage(language) => conversation.language = Some(*language),
                    Effect::SetStopped(stopped) => conversation.stopped = *stopped,
                    _ => {}
                }
            }
        }
        self.last = outcome;
        Ok(())
    }

    pub async fn events(&mut self, contents: Vec<EventContent>) -> String {
        self.try_events(contents).await.unwrap();
        self.replies().iter().map(|reply| reply.body.clone()).collect::<Vec<_>>().join("\n---\n")
    }

    pub async fn says(&mut self, text: &str) -> String {
        self.events(vec![text_event(text)]).await
    }

    pub async fn taps(&mut self, id: &str) -> String {
        self.events(vec![message(MessageBody::Choice { id: id.into(), title: "x".into() })]).await
    }

    pub async fn internal(&mut self, event: InternalEvent) -> String {
        self.events(vec![EventContent::Internal(event)]).await
    }

    pub async fn staff_says(&mut self, text: &str, reply_to: Option<i64>) -> String {
        self.events(vec![staff_event(StaffBody::Text { text: text.into() }, reply_to, false)]).await
    }

    pub fn replies(&self) -> Vec<&OutboundMessage> {
        self.last
            .effects
            .iter()
            .filter_map(|effect| if let Effect::Reply(message) = effect { Some(message) } else { None })
            .collect()
    }

    pub fn notices(&self) -> Vec<&OutboundMessage> {
        self.last
            .effects
            .iter()
            .filter_map(|effect| if let Effect::NotifyStaff { message, .. } = effect { Some(message) } else { None })
            .collect()
    }

    pub fn buttons(&self) -> Vec<String> {
        self.replies().iter().flat_map(|reply| &reply.buttons).map(|button| button.id.clone()).collect()
    }

    pub fn decision(&self) -> (&str, &str) {
        (&self.last.trace.agent, &self.last.trace.decision)
    }

    pub fn owner(&self) -> &Owner {
        &self.conversation.as_ref().unwrap().owner
    }
}

pub fn message(body: MessageBody) -> EventContent {
    EventContent::Message(InboundMessage {
        provider_id: "wamid.1".into(),
        from: PersonIds { user_id: None, wa_id: Some("573009998877".into()) },
        profile_name: None,
        sent_at: at(NOW),
        reply_to: None,
        body,
    })
}

pub fn text_event(text: &str) -> EventContent {
    message(MessageBody::Text { text: text.into() })
}

pub fn staff_event(body: StaffBody, reply_to: Option<i64>, second_hand: bool) -> EventContent {
    EventContent::Staff(StaffMessage {
        chat_id: 5,
        user_id: 5,
        display_name: "Operador".into(),
        reply_to,
        second_hand,
        body,
    })
}

/// The numbers in a text, as written.
pub fn numbers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut current = String::new();
    for letter in text.chars().chain(std::iter::once(' ')) {
        if letter.is_ascii_digit() || (matches!(letter, '.' | ',' | ':') && !current.is_empty()) {
            current.push(letter);
        } else if !current.is_empty() {
            found.push(current.trim_end_matches(['.', ',', ':']).to_owned());
            current.clear();
        }
    }
    found
}

/// Every number of a reply stands in the facts or among the allowed constants.
pub fn assert_numbers_come_from(reply: &str, facts: &[&str]) {
    let allowed: Vec<String> = facts.iter().flat_map(|fact| numbers(fact)).collect();
    for number in numbers(reply) {
        assert!(allowed.contains(&number), "{number} is in no fact: {reply}\nfacts: {allowed:?}");
    }
}
