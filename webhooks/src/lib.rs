//! The receiving edges: WhatsApp, Shopify and Telegram deliver here.
//!
//! Each delivery takes the same way: raw bytes under a size and a time limit → signature check on those bytes
//! ([`Unverified`] becomes [`Verified`] in no other way) → a parser that cannot fail → `Inbox::accept`. The platform
//! hears 200 only after the inbox said "committed"; a body that we do not understand is stored as
//! `EventContent::Unknown` and answered with 200 as well, since a refusal would only make the platform repeat it.
//!
//! The parsers are pure and public, so that replays, benches and tests use the very same code.

mod arrival;
mod edges;
mod json;
pub mod metric_definitions;
mod part;
mod problem;
mod raw_body;
mod receive;
mod router;
mod signature;

pub mod shopify;
pub mod telegram;
pub mod whatsapp;

pub use edges::{Edges, EdgesError, ShopifyEdge, TelegramEdge, WhatsAppEdge};
pub use problem::Refusal;
pub use raw_body::{ACCEPT_DEADLINE, BODY_DEADLINE, BODY_LIMIT};
pub use router::router;
pub use signature::{Unverified, Verified};
