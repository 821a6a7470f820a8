//! The webhooks that are sent: complete HTTP requests, signed before the load begins.

use recado_domain::{Clock as _, Secret, SystemClock};

/// Business number of the webhooks.
pub const PHONE_NUMBER_ID: &str = "106540352242922";
/// Shop of the orders that are asked about.
pub const SHOP: &str = "recado-bench.myshopify.com";
/// The first person's number; the others follow.
const FIRST_PHONE: u64 = 573_100_000_000;
/// The first person's order; the others follow.
const FIRST_ORDER: u64 = 1_042;

/// What a load asks: greetings, thanks and questions about the writer's own order, as shops receive them.
pub fn text(person: usize, number: u64) -> String {
    let order = FIRST_ORDER + person as u64;
    match number % 8 {
        0 => "hola".to_owned(),
        1 | 4 => format!("¿dónde está mi pedido #{order}?"),
        2 => "gracias".to_owned(),
        3 => format!("buenas tardes, qué trae mi pedido #{order}"),
        5 => "Buenos días 👋".to_owned(),
        6 => "donde esta mi pedido".to_owned(),
        _ => "muchas gracias, muy amables".to_owned(),
    }
}

/// A person's number, as WhatsApp writes it.
pub fn phone(person: usize) -> u64 {
    FIRST_PHONE + person as u64
}

/// The person of a number, with or without its `+`.
pub fn person(phone: &str) -> Option<usize> {
    let number: u64 = phone.trim_start_matches('+').parse().ok()?;
    usize::try_from(number.checked_sub(FIRST_PHONE)?).ok()
}

/// Makes requests for one service.
#[derive(Clone, Debug)]
pub struct Webhooks {
    host: String,
    secret: Secret,
    run: String,
    seconds: i64,
}

impl Webhooks {
    /// Requests to `host`, signed with `secret`. Message ids begin with the time, so that no two runs share one.
    pub fn new(host: &str, secret: &Secret) -> Self {
        let now = SystemClock.now();
        let run = format!("{:x}", now.as_micros());
        Self { host: host.to_owned(), secret: secret.clone(), run, seconds: now.as_millis() / 1_000 }
    }

    /// A person's message number `number`, as a whole HTTP request.
    pub fn message(&self, person: usize, number: u64, text: &str) -> Vec<u8> {
        let phone = phone(person);
        let body = serde_json::json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": "102290129340398", "changes": [{ "field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": { "display_phone_number": "15550783881", "phone_number_id": PHONE_NUMBER_ID },
                "contacts": [{ "profile": { "name": "Laura Gómez" }, "wa_id": phone.to_string() }],
                "messages": [{
                    "from": phone.to_string(),
                    "id": format!("wamid.bench.{}.{number}", self.run),
                    "timestamp": self.seconds.to_string(),
                    "text": { "body": text },
                    "type": "text"
                }]
            }}]}]
        })
        .to_string();
        let signature = recado_webhooks::whatsapp::signature(&self.secret, body.as_bytes());
        self.request("/webhooks/whatsapp", &format!("X-Hub-Signature-256: {signature}\r\n"), &body)
    }

    /// A person's order, as Shopify tells it.
    pub fn order(&self, person: usize) -> Vec<u8> {
        let number = FIRST_ORDER + person as u64;
        let phone = format!("+{}", phone(person));
        let body = serde_json::json!({
            "id": 5_000_000_000_u64 + number, "name": format!("#{number}"), "order_number": number,
            "email": format!("persona{person}@example.com"), "phone": phone, "customer_locale": "es",
            "created_at": "2026-01-15T10:00:00-05:00", "processed_at": "2026-01-15T10:00:00-05:00",
            "updated_at": "2026-01-15T10:00:00-05:00", "currency": "COP", "financial_status": "paid",
            "fulfillment_status": null, "taxes_included": true, "test": false,
            "payment_gateway_names": ["wompi"], "total_price": "129900.00", "current_total_price": "129900.00",
            "line_items": [
                { "id": number * 10, "title": "Mochila wayuu", "quantity": 1, "price": "99900.00", "tax_lines": [] },
                { "id": number * 10 + 1, "title": "Café de origen", "quantity": 2, "price": "15000.00", "tax_lines": [] }
            ],
            "shipping_address": {
                "name": "Laura Gómez", "address1": "Carrera 7 # 45-12", "city": "Bogotá", "country_code": "CO",
                "phone": phone
            },
            "shipping_lines": [], "refunds": [], "fulfillments": []
        })
        .to_string();
        let signature = recado_webhooks::shopify::signature(&self.secret, body.as_bytes());
        let headers = format!(
            "X-Shopify-Hmac-Sha256: {signature}\r\nX-Shopify-Topic: orders/create\r\n\
             X-Shopify-Shop-Domain: {SHOP}\r\nX-Shopify-Webhook-Id: bench-{}-{person}\r\n",
            self.run
        );
        self.request("/webhooks/shopify", &headers, &body)
    }

    fn request(&self, path: &str, headers: &str, body: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        )
        .into_bytes()
    }
}

/// Many requests in one piece of memory.
#[derive(Debug, Default)]
pub struct Arena {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arena {
    /// `count` messages of `persons` people in turn.
    pub fn of_messages(webhooks: &Webhooks, persons: usize, count: usize) -> Self {
        let mut arena = Self::default();
        for number in 0..count {
            let person = number % persons;
            // A person's second message is another one than the first.
            let kind = (number + number / persons) as u64;
            arena.push(&webhooks.message(person, number as u64, &text(person, kind)));
        }
        arena
    }

    /// The orders of `persons` people.
    pub fn of_orders(webhooks: &Webhooks, persons: usize) -> Self {
        let mut arena = Self::default();
        for person in 0..persons {
            arena.push(&webhooks.order(person));
        }
        arena
    }

    fn push(&mut self, request: &[u8]) {
        self.bytes.extend_from_slice(request);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// One of them.
    pub fn get(&self, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recado_domain::Timestamp;
    use recado_domain::event::{EventContent, Incoming};

    fn events(request: &[u8]) -> Vec<Incoming> {
        let text = std::str::from_utf8(request).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        recado_webhooks::whatsapp::parse(body.as_bytes(), Timestamp::from_seconds(1_790_000_000))
    }

    #[test]
    fn the_service_reads_a_text_of_the_right_person_in_each_webhook() {
        let webhooks = Webhooks::new("127.0.0.1:1", &Secret::new("s"));
        let arena = Arena::of_messages(&webhooks, 3, 7);
        assert_eq!(arena.len(), 7);
        let mut keys = std::collections::HashSet::new();
        for number in 0..7 {
            let events = events(arena.get(number).unwrap());
            let EventContent::Message(message) = &events[0].content else { panic!("{:?}", events[0]) };
            let wa_id = message.from.wa_id.as_deref().unwrap();
            assert_eq!(person(wa_id), Some(number % 3));
            assert!(message.body.words().is_some());
            assert!(keys.insert(events[0].dedupe.clone()), "no id twice");
        }
        assert!(arena.get(7).is_none());
    }

    #[test]
    fn an_order_is_read_as_the_order_of_its_person() {
        let request = Webhooks::new("127.0.0.1:1", &Secret::new("s")).order(5);
        let text = String::from_utf8(request).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let labels = recado_webhooks::shopify::Labels {
            topic: "orders/create".to_owned(),
            shop: SHOP.to_owned(),
            ..Default::default()
        };
        let events = recado_webhooks::shopify::parse(&labels, body.as_bytes(), Timestamp::from_seconds(1_790_000_000));
        let EventContent::Commerce(recado_domain::event::CommerceEvent::Order { order, .. }) = &events[0].content
        else {
            panic!("{:?}", events[0])
        };
        assert_eq!(order.name, "#1047");
        assert_eq!(order.phone.as_deref().and_then(person), Some(5));
    }

    #[test]
    fn a_number_of_somebody_else_is_nobody() {
        assert_eq!(person("+573100000007"), Some(7));
        assert_eq!(person("573000000000"), None);
        assert_eq!(person("x"), None);
    }
}
