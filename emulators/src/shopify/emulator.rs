//! The emulator itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use recado_domain::clock::{Clock, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::addresses::{self, AddressChange};
use super::cancellations::{self, Cancellation};
use super::graphql;
use crate::behaviour::{Behaviour, Plan};
use crate::control::{self, Behave, OneOrMany};
use crate::ledger::{Keep, Ledger};
use crate::server::{Answer, Call, Platform, Server};
use crate::webhook::{DeliverOptions, Delivery, Post, Poster};
use crate::{EmulatorError, signature};

/// How the emulator is set up.
#[derive(Clone)]
pub struct ShopifyEmulatorConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The shop.
    pub shop_domain: String,
    /// Its name.
    pub shop_name: String,
    /// The token that callers must show.
    pub access_token: String,
    /// Signs webhooks.
    pub client_secret: String,
    /// The API version in webhooks.
    pub api_version: String,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// How long a cancellation takes in the background.
    pub cancelling: Duration,
    /// How much the ledger keeps.
    pub keep: Keep,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for ShopifyEmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            shop_domain: "emulated.myshopify.com".into(),
            shop_name: "Tienda".into(),
            access_token: "emulator-shop-token".into(),
            client_secret: "emulator-client-secret".into(),
            api_version: "2026-07".into(),
            webhook_url: None,
            cancelling: Duration::from_millis(150),
            keep: Keep::Everything,
            clock: Arc::new(SystemClock),
        }
    }
}

/// A fact of the shop on its way to the webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShopifyEvent {
    /// `orders/create`.
    pub topic: String,
    /// The body.
    pub payload: Value,
    /// A delivery id of the caller's choice.
    #[serde(default)]
    pub webhook_id: Option<String>,
    /// An event id of the caller's choice: what one action in the shop causes shares it.
    #[serde(default)]
    pub event_id: Option<String>,
    /// RFC 3339; the present if not said.
    #[serde(default)]
    pub triggered_at: Option<String>,
    /// The shop, if it is not the configured one.
    #[serde(default)]
    pub shop_domain: Option<String>,
}

impl ShopifyEvent {
    /// A topic and its body.
    pub fn new(topic: &str, payload: Value) -> Self {
        let topic = topic.to_owned();
        Self { topic, payload, webhook_id: None, event_id: None, triggered_at: None, shop_domain: None }
    }
}

struct Inner {
    config: ShopifyEmulatorConfig,
    ledger: Ledger,
    poster: Poster,
    plan: Plan,
    orders: Mutex<Vec<Value>>,
    cancellations: Mutex<Vec<Cancellation>>,
    addresses: Mutex<Vec<AddressChange>>,
    webhook_url: Mutex<Option<String>>,
}

/// A stand-in for Shopify. Stops when dropped.
pub struct ShopifyEmulator {
    inner: Arc<Inner>,
    server: Server,
}

impl ShopifyEmulator {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address is taken or the webhook client does not start.
    pub async fn start(config: ShopifyEmulatorConfig) -> Result<Self, EmulatorError> {
        let ledger = Ledger::new(config.keep, Arc::clone(&config.clock));
        let inner = Arc::new(Inner {
            // Five seconds in all, and the delivery has failed.
            poster: Poster::new(ledger.clone(), Duration::from_secs(5))?,
            ledger,
            plan: Plan::default(),
            orders: Mutex::default(),
            cancellations: Mutex::default(),
            addresses: Mutex::default(),
            webhook_url: Mutex::new(config.webhook_url.clone()),
            config,
        });
        let server = Server::start(inner.config.listen, Arc::clone(&inner)).await?;
        Ok(Self { inner, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
    /// What stands for `https://{shop}`.
    pub fn api_base(&self) -> String {
        format!("http://{}", self.address())
    }
    /// What came in and went out.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }
    /// How GraphQL calls are met.
    pub fn plan(&self) -> &Plan {
        &self.inner.plan
    }
    /// The orders that GraphQL shows, given back as they are.
    pub fn load_orders(&self, orders: Vec<Value>) {
        *self.inner.orders() = orders;
    }
    /// The jobs that calls started, in their order: what the shop was made to do.
    pub fn cancellations(&self) -> Vec<Cancellation> {
        self.inner.cancellations().clone()
    }
    /// The addresses that calls changed, in their order.
    pub fn address_changes(&self) -> Vec<AddressChange> {
        self.inner.addresses().clone()
    }
    /// Where webhooks go from now on.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.inner.set_webhook_url(url.into());
    }
    /// Delivers one fact; the id of the delivery is its (first) webhook id.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver(
        &self,
        topic: &str,
        payload: Value,
        options: &DeliverOptions,
    ) -> Result<Delivery, EmulatorError> {
        let mut deliveries = self.inner.deliver(&[ShopifyEvent::new(topic, payload)], options).await?;
        deliveries.pop().ok_or_else(|| EmulatorError::BadRequest("nothing to deliver".into()))
    }
    /// Delivers several at the same time.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_many(
        &self,
        events: &[ShopifyEvent],
        options: &DeliverOptions,
    ) -> Result<Vec<Delivery>, EmulatorError> {
        self.inner.deliver(events, options).await
    }
}

impl Inner {
    fn orders(&self) -> MutexGuard<'_, Vec<Value>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn cancellations(&self) -> MutexGuard<'_, Vec<Cancellation>> {
        self.cancellations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn addresses(&self) -> MutexGuard<'_, Vec<AddressChange>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends an order elsewhere, and answers the call that asked for it.
    fn change_address(self: &Arc<Self>, order: &str, address: &Value) -> Value {
        let mut orders = self.orders();
        let found = orders.iter_mut().find(|one| cancellations::is(one, order));
        let refused = addresses::refusal(found.as_deref());
        if let (None, Some(one)) = (refused, found) {
            addresses::apply(one, address, self.ledger.now());
            let address1 = address["address1"].as_str().unwrap_or_default().to_owned();
            self.addresses().push(AddressChange { order: order.to_owned(), address1 });
            let (inner, event) = (Arc::clone(self), ShopifyEvent::new("orders/updated", one.clone()));
            // The shop tells its subscribers, who are none when no address is set.
            tokio::spawn(async move {
                let _ = inner.deliver(&[event], &DeliverOptions::default()).await;
            });
        }
        addresses::answer(refused, order)
    }

    /// Starts the job that cancels an order, and answers the call that asked for it.
    fn cancel(self: &Arc<Self>, order: &str, note: Option<String>) -> Value {
        let refused = cancellations::refusal(self.orders().iter().find(|one| cancellations::is(one, order)));
        let mut jobs = self.cancellations();
        if refused.is_none() {
            jobs.push(Cancellation { order: order.to_owned(), note });
            tokio::spawn(Arc::clone(self).finish_cancelling(order.to_owned()));
        }
        cancellations::answer(refused, jobs.len())
    }

    async fn finish_cancelling(self: Arc<Self>, order: String) {
        tokio::time::sleep(self.config.cancelling).await;
        let cancelled = {
            let mut orders = self.orders();
            let found = orders.iter_mut().find(|one| cancellations::is(one, &order));
            found.map(|one| {
                cancellations::apply(one, self.ledger.now());
                one.clone()
            })
        };
        // The shop tells its subscribers, who are none when no address is set.
        if let Some(body) = cancelled.filter(|body| body.get("cancelled_at").is_some()) {
            let event = ShopifyEvent::new("orders/cancelled", body);
            let _ = self.deliver(&[event], &DeliverOptions::default()).await;
        }
    }

    fn set_webhook_url(&self, url: String) {
        *self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner) = Some(url);
    }

    fn post(&self, event: &ShopifyEvent, webhook_id: &str, event_id: &str, wrongly: bool) -> Post {
        let body = Bytes::from(event.payload.to_string());
        let secret = if wrongly { "not-the-client-secret" } else { &self.config.client_secret };
        let at = event.triggered_at.clone().unwrap_or_else(|| self.ledger.now().to_string());
        let mut headers = vec![
            ("x-shopify-topic".to_owned(), event.topic.clone()),
            ("x-shopify-hmac-sha256".to_owned(), signature::shopify_signature(secret, &body)),
            (
                "x-shopify-shop-domain".to_owned(),
                event.shop_domain.clone().unwrap_or_else(|| self.config.shop_domain.clone()),
            ),
            ("x-shopify-api-version".to_owned(), self.config.api_version.clone()),
            ("x-shopify-webhook-id".to_owned(), webhook_id.to_owned()),
            ("x-shopify-event-id".to_owned(), event_id.to_owned()),
            ("x-shopify-triggered-at".to_owned(), at),
        ];
        if let (true, Some(id)) = (event.topic.starts_with("orders/"), event.payload["id"].as_i64()) {
            headers.push(("x-shopify-order-id".to_owned(), id.to_string()));
        }
        Post { headers, body }
    }

    async fn deliver(&self, events: &[ShopifyEvent], options: &DeliverOptions) -> Result<Vec<Delivery>, EmulatorError> {
        let url = self.webhook_url.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let url = url.ok_or(EmulatorError::NoWebhookUrl)?;
        let fresh = || uuid::Uuid::new_v4().to_string();
        let events = events.iter().map(|event| {
            let webhook_id = event.webhook_id.clone().unwrap_or_else(fresh);
            let event_id = event.event_id.clone().unwrap_or_else(fresh);
            let copies = (0..options.copies.max(1)).map(|copy| {
                // A replay comes with another delivery id and the same event.
                let id = if options.new_ids && copy > 0 { fresh() } else { webhook_id.clone() };
                self.post(event, &id, &event_id, options.wrong_signature)
            });
            (webhook_id.clone(), copies.collect())
        });
        Ok(self.poster.together(&url, events.collect(), options).await)
    }

    async fn graphql(self: &Arc<Self>, call: &Call) -> Answer {
        let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
            return Answer::json(400, &json!({ "errors": { "query": "Required parameter missing or invalid" } }));
        };
        // What a call brings about happens when it is taken, whatever the caller hears of it.
        let answer = || {
            if let Some((order, note)) = cancellations::asked(&body) {
                return self.cancel(&order, note);
            }
            if let Some((order, address)) = addresses::asked(&body) {
                return self.change_address(&order, &address);
            }
            let orders = self.orders();
            if let Some(id) = cancellations::shown(&body) {
                let node = orders.iter().find(|one| cancellations::is(one, &id));
                let node = node.map(|order| cancellations::node(order, &id));
                return json!({ "data": { "order": node }, "extensions": graphql::cost(1999) });
            }
            let config = &self.config;
            graphql::answer(&body, &config.shop_name, &config.shop_domain, &orders)
        };
        let behaviour = self.plan.draw();
        let taken = match &behaviour {
            Behaviour::Accept
            | Behaviour::AcceptThenCut
            | Behaviour::AcceptThen500
            | Behaviour::AcceptThenGarbage
            | Behaviour::Hang { accepted: true, .. } => Some(answer()),
            _ => None,
        };
        match behaviour {
            Behaviour::Accept => Answer::json(200, &taken.unwrap_or_default()),
            Behaviour::AcceptThenCut | Behaviour::Cut => Answer::Cut,
            Behaviour::AcceptThen500 | Behaviour::Fail500 => Answer::broken(),
            Behaviour::AcceptThenGarbage => Answer::garbage(),
            Behaviour::Throttle { .. } => Answer::json(200, &graphql::throttled()),
            Behaviour::Refuse { code, description } => {
                let status = u16::try_from(code).ok().filter(|code| (400..600).contains(code)).unwrap_or(400);
                Answer::json(status, &json!({ "errors": description.unwrap_or_else(|| "Refused".into()) }))
            }
            Behaviour::Hang { millis, .. } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Answer::json(200, &taken.unwrap_or_else(answer))
            }
        }
    }

    /// The client-credentials grant.
    fn grant(&self, call: &Call) -> Answer {
        let form = String::from_utf8_lossy(&call.body).into_owned();
        let field = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if field("grant_type") == Some("client_credentials")
            && field("client_secret") == Some(self.config.client_secret.as_str())
        {
            let granted =
                json!({ "access_token": self.config.access_token, "scope": "write_orders", "expires_in": 86_399 });
            return Answer::json(200, &granted);
        }
        Answer::json(400, &json!({ "error": "application_cannot_be_found" }))
    }

    async fn control(&self, call: &Call) -> Answer {
        match call.path.as_str() {
            "/_ledger" => control::ledger(&self.ledger, call),
            "/_behave" => control::done(control::parse::<Behave>(call).map(|behave| {
                behave.apply(&self.plan, &self.ledger);
                if let Some(url) = behave.webhook_url {
                    self.set_webhook_url(url);
                }
                json!({ "ok": true })
            })),
            "/_deliver" => control::done(self.deliver_request(call).await),
            "/_orders" => control::done(control::parse::<Vec<Value>>(call).map(|orders| {
                let count = orders.len();
                *self.orders() = orders;
                json!({ "orders": count })
            })),
            "/_cancellations" => Answer::json(200, &json!(*self.cancellations())),
            "/_addresses" => Answer::json(200, &json!(*self.addresses())),
            _ => Answer::json(
                404,
                &json!({ "error": "there are /_ledger, /_behave, /_deliver, /_orders, /_cancellations and /_addresses" }),
            ),
        }
    }

    async fn deliver_request(&self, call: &Call) -> Result<Value, EmulatorError> {
        #[derive(Deserialize)]
        struct Request {
            #[serde(default)]
            options: DeliverOptions,
            #[serde(flatten)]
            event: ShopifyEvent,
        }
        let requests: Vec<Request> = control::parse::<OneOrMany<Request>>(call)?.into_vec();
        let options = requests.first().map(|request| request.options.clone()).unwrap_or_default();
        let events: Vec<ShopifyEvent> = requests.into_iter().map(|request| request.event).collect();
        Ok(control::delivered(self.deliver(&events, &options).await?))
    }
}

impl Platform for Inner {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn shown_path(&self, path: &str) -> String {
        path.to_owned()
    }

    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        if call.path.starts_with("/_") {
            return self.control(&call).await;
        }
        let segments = call.segments();
        if matches!(segments.as_slice(), ["admin", "oauth", "access_token"]) && call.method == http::Method::POST {
            return self.grant(&call);
        }
        if !matches!(segments.as_slice(), ["admin", "api", _, "graphql.json"]) || call.method != http::Method::POST {
            return Answer::json(404, &json!({ "errors": "Not Found" }));
        }
        if call.header("x-shopify-access-token") != Some(&self.config.access_token) {
            let refused = "[API] Invalid API key or access token (unrecognized login or wrong password)";
            return Answer::json(401, &json!({ "errors": refused }));
        }
        self.graphql(&call).await
    }
}
