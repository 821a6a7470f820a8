//! The stand-ins, in this process: they outlive every crash of the program.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use recado_emulators::telegram::TelegramMessage;
use recado_emulators::whatsapp::InboundMessage;
use recado_emulators::{
    DeliverOptions, SentMessage, ShopifyEmulator, ShopifyEmulatorConfig, TelegramEmulator, TelegramEmulatorConfig,
    WhatsAppEmulator, WhatsAppEmulatorConfig,
};

/// Longer than any outage of a test.
const STUBBORN: Duration = Duration::from_secs(90);

/// All three.
pub struct Platforms {
    pub whatsapp: WhatsAppEmulator,
    pub telegram: TelegramEmulator,
    pub shopify: ShopifyEmulator,
}

impl Platforms {
    pub async fn start(cancelling: Duration) -> Self {
        Self {
            whatsapp: WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap(),
            telegram: TelegramEmulator::start(TelegramEmulatorConfig::default()).await.unwrap(),
            shopify: ShopifyEmulator::start(ShopifyEmulatorConfig { cancelling, ..ShopifyEmulatorConfig::default() })
                .await
                .unwrap(),
        }
    }

    /// What the program must know of them.
    pub fn variables(&self) -> Vec<(String, String)> {
        let whatsapp = WhatsAppEmulatorConfig::default();
        let telegram = TelegramEmulatorConfig::default();
        let shopify = ShopifyEmulatorConfig::default();
        [
            ("WHATSAPP__APP_SECRET", whatsapp.app_secret),
            ("WHATSAPP__VERIFY_TOKEN", "verify".to_owned()),
            ("WHATSAPP__ACCESS_TOKEN", whatsapp.access_token),
            ("WHATSAPP__PHONE_NUMBER_ID", whatsapp.phone_number_id),
            ("WHATSAPP__API_BASE", self.whatsapp.api_base()),
            ("TELEGRAM__BOT_TOKEN", telegram.bot_token),
            ("TELEGRAM__SECRET_TOKEN", telegram.secret_token),
            ("TELEGRAM__API_BASE", self.telegram.api_base()),
            ("SHOPIFY__CLIENT_SECRET", shopify.client_secret),
            ("SHOPIFY__ACCESS_TOKEN", shopify.access_token),
            ("SHOPIFY__SHOP", shopify.shop_domain),
            ("SHOPIFY__API_BASE", self.shopify.api_base()),
        ]
        .map(|(name, value)| (format!("RECADO_{name}"), value))
        .to_vec()
    }

    /// Where their webhooks go.
    pub fn aim_at(&self, address: SocketAddr) {
        self.whatsapp.set_webhook_url(format!("http://{address}/webhooks/whatsapp"));
        self.telegram.set_webhook_url(format!("http://{address}/webhooks/telegram/staff"));
        self.shopify.set_webhook_url(format!("http://{address}/webhooks/shopify"));
    }

    /// Everything that was sent to people, WhatsApp first.
    pub fn sends(&self) -> Vec<SentMessage> {
        let mut sends = self.whatsapp.sends();
        sends.extend(self.telegram.sends());
        sends
    }

    /// Delivers a message as WhatsApp does: again and again until it is answered with success. Tells how often.
    pub async fn insist(&self, message: &InboundMessage, options: &DeliverOptions) -> u32 {
        assert!(message.wamid.is_some() && message.timestamp.is_some(), "a repetition is the same message");
        let started = Instant::now();
        for tries in 1.. {
            let delivery = self.whatsapp.deliver(message, options).await.unwrap();
            if delivery.statuses.iter().all(|status| *status == Some(200)) {
                return tries;
            }
            assert!(started.elapsed() < STUBBORN, "never accepted: {delivery:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        unreachable!()
    }

    /// As [`Platforms::insist`], for Telegram.
    pub async fn insist_staff(&self, message: &TelegramMessage) {
        assert!(message.update_id.is_some(), "a repetition is the same update");
        let started = Instant::now();
        loop {
            let delivery = self.telegram.deliver_message(message, &DeliverOptions::default()).await.unwrap();
            if delivery.status() == Some(200) {
                return;
            }
            assert!(started.elapsed() < STUBBORN, "never accepted: {delivery:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// A delivery that is posted as it stands, to see the whole answer.
pub struct Post {
    pub path: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `None`: the connection broke, or nothing came within five seconds.
    pub status: Option<u16>,
    pub retry_after: bool,
    pub took: Duration,
}

/// The webhook of a text, as WhatsApp writes it, without a signature.
pub fn whatsapp_text(wamid: &str, wa_id: &str, text: &str) -> Vec<u8> {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let number = WhatsAppEmulatorConfig::default().phone_number_id;
    serde_json::json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": { "display_phone_number": "576015550100", "phone_number_id": number },
            "contacts": [{ "profile": { "name": "Ana" }, "wa_id": wa_id }],
            "messages": [{ "id": wamid, "from": wa_id, "timestamp": seconds.to_string(), "type": "text",
                "text": { "body": text } }],
        },
    }] }] })
    .to_string()
    .into_bytes()
}

impl Post {
    /// A signed WhatsApp delivery.
    pub fn whatsapp(body: Vec<u8>) -> Self {
        let secret = WhatsAppEmulatorConfig::default().app_secret;
        let signature = recado_emulators::signature::hub_signature(&secret, &body);
        Self { path: "/webhooks/whatsapp", headers: vec![("x-hub-signature-256".to_owned(), signature)], body }
    }

    pub async fn send(&self, client: &reqwest::Client, to: SocketAddr) -> Answer {
        let started = Instant::now();
        let mut request = client.post(format!("http://{to}{}", self.path)).body(self.body.clone());
        request = request.header("content-type", "application/json").timeout(Duration::from_secs(5));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(response) => {
                let (status, retry_after) = (response.status(), response.headers().contains_key("retry-after"));
                let whole = response.bytes().await.is_ok();
                Answer { status: whole.then_some(status.as_u16()), retry_after, took: started.elapsed() }
            }
            Err(_) => Answer { status: None, retry_after: false, took: started.elapsed() },
        }
    }
}
