//! The sample shop of the demo: *Casa Guadua*, home textiles and kitchenware from Bogotá, with 60 orders of the last
//! 45 days in every state. It is told as the webhooks that Shopify would have sent, so that it enters through the real
//! signed path. What webhooks do not tell, its earlier months and its money, is imported as a fact set ([`money`]). The same
//! seed and instant give the same shop, byte for byte.

mod bodies;
mod catalogue;
mod dice;
pub mod money;
mod order;
mod people;
mod plan;
mod playground;
pub mod run;
mod story;
#[cfg(test)]
mod tests;

use std::time::Duration;

use recado_domain::merchant::{MemberRole, StaffRole};
use recado_domain::{Currency, Language, Money, Timestamp};
use serde::Serialize;
use serde_json::Value;

use crate::config::DefaultMerchant;
use dice::Dice;
use plan::Buyer;

/// The seed of the shop that `recado demo` shows.
pub const DEFAULT_SEED: u64 = 1042;
/// What the shop is called.
pub const SHOP_NAME: &str = "Casa Guadua";
/// Its permanent domain.
pub const SHOP_DOMAIN: &str = "casa-guadua.myshopify.com";
/// Its zone.
pub const TIMEZONE: &str = "America/Bogota";
/// Id of its WhatsApp number.
pub const PHONE_NUMBER_ID: &str = "106540355500042";
/// Its WhatsApp number, as shown.
pub const DISPLAY_PHONE_NUMBER: &str = "576015550042";
/// Id of its WhatsApp business account.
pub const WHATSAPP_ACCOUNT_ID: &str = "102290555000042";
/// Telegram chat of its staff.
pub const STAFF_CHAT_ID: i64 = -1_000_700_042;

/// Its own answers, each heading a question.
pub const ANSWERS: &str = include_str!("answers.md");

/// A webhook of the shop, not signed yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShopWebhook {
    /// Its delivery id; the same for the same seed, so that a second telling is a duplicate.
    pub id: String,
    /// `orders/create` …
    pub topic: &'static str,
    /// When it was triggered.
    pub at: Timestamp,
    /// What it says.
    pub body: Value,
}

/// What a unit of a variant costs the shop, without VAT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitCost {
    /// The shop's variant id.
    pub variant_id: String,
    /// Stock keeping unit.
    pub sku: &'static str,
    /// Cost of one.
    pub cost: Money,
}

/// Someone to play in the Playground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Persona {
    /// A short key for addresses.
    pub key: &'static str,
    /// Name as on the profile.
    pub name: &'static str,
    /// From where they write, and so what they may.
    pub role: PersonaRole,
}

/// What a persona is to the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum PersonaRole {
    /// A customer on WhatsApp.
    Shopper {
        /// Phone digits.
        wa_id: &'static str,
    },
    /// A member of the shop on WhatsApp.
    Member {
        /// Phone digits.
        wa_id: &'static str,
        /// Owner or employee.
        member: MemberRole,
        /// Whether they may see money.
        finance: bool,
    },
    /// Staff on Telegram.
    Staff {
        /// Telegram user.
        telegram_user_id: i64,
        /// What they may do.
        staff: StaffRole,
    },
}

/// The sample shop.
#[derive(Clone, Debug)]
pub struct DemoShop {
    /// What to create it as.
    pub merchant: DefaultMerchant,
    /// In the order in which they happened.
    pub webhooks: Vec<ShopWebhook>,
    /// What its goods cost.
    pub costs: Vec<UnitCost>,
    /// Who may be played.
    pub personas: Vec<Persona>,
}

/// Who may be played.
pub fn personas() -> Vec<Persona> {
    let shopper = |key, name, wa_id| Persona { key, name, role: PersonaRole::Shopper { wa_id } };
    let member =
        |key, name, wa_id, member, finance| Persona { key, name, role: PersonaRole::Member { wa_id, member, finance } };
    vec![
        shopper("yuliana", "Yuliana Patiño", "573005550142"),
        shopper("deisy", "Deisy Mosquera", "573005550177"),
        member("ana-maria", "Ana María Echeverri", "573005550100", MemberRole::Owner, true),
        member("brayan", "Brayan Tovar", "573005550101", MemberRole::Employee, false),
        Persona {
            key: "laura",
            name: "Laura Nieto",
            role: PersonaRole::Staff { telegram_user_id: 7001, staff: StaffRole::Lead },
        },
    ]
}

/// Makes the shop as it stands at `now`.
pub fn shop(now: Timestamp, seed: u64) -> DemoShop {
    let now = Timestamp::from_seconds(now.as_micros().div_euclid(1_000_000));
    let mut dice = Dice::new(seed);
    let items = catalogue::items();
    let opened = now.minus(Duration::from_secs(60 * 86_400));

    let mut webhooks: Vec<ShopWebhook> = (0_i64..)
        .zip(catalogue::PRODUCTS)
        .map(|(index, product)| {
            let body = catalogue::product_body(index, product, opened);
            ShopWebhook { id: String::new(), topic: "products/create", at: opened, body }
        })
        .collect();
    let deisy_city = &people::BARRANQUILLA;
    // One person, one address: both of Deisy's orders go there.
    let deisy = people::settled(177, "Deisy", "Mosquera", "573005550177", deisy_city, &mut dice);
    for (index, plan) in (0_i64..).zip(plan::plans()) {
        let number = 1001 + index;
        let minutes = u64::try_from(plan.age).unwrap_or(0);
        let created = now.minus(Duration::from_secs(minutes * 60 - dice.between(0, 59) as u64));
        let buyer = match plan.buyer {
            Buyer::Anyone => people::customer(index, plan.city, &mut dice),
            Buyer::Yuliana => people::settled(142, "Yuliana", "Patiño", "573005550142", plan.city, &mut dice),
            Buyer::Deisy => deisy.clone(),
        };
        let booked = order::book(number, created, plan, buyer, &items, &mut dice);
        webhooks.extend(story::tell(&booked, now, &mut dice));
    }
    // The sort is stable: what happened at one instant keeps its order.
    webhooks.sort_by_key(|webhook| webhook.at);
    for (index, webhook) in webhooks.iter_mut().enumerate() {
        webhook.id = format!("demo-{seed}-{index:04}");
    }
    DemoShop { merchant: merchant(), webhooks, costs: costs(&items), personas: personas() }
}

fn merchant() -> DefaultMerchant {
    DefaultMerchant {
        name: SHOP_NAME.to_owned(),
        country: "CO".to_owned(),
        timezone: TIMEZONE.to_owned(),
        currency: Currency::Cop,
        language: Language::Es,
    }
}

fn costs(items: &[catalogue::Item]) -> Vec<UnitCost> {
    let goods = items.iter().filter(|item| !item.gift_card);
    goods
        .map(|item| UnitCost {
            variant_id: item.variant_id.to_string(),
            sku: item.sku,
            cost: Money::new(item.cost * 100, Currency::Cop),
        })
        .collect()
}
