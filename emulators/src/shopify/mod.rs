//! A stand-in for Shopify: a small Admin GraphQL endpoint, and webhooks.

mod addresses;
mod cancellations;
mod emulator;
mod graphql;

pub use addresses::AddressChange;
pub use cancellations::Cancellation;
pub use emulator::{ShopifyEmulator, ShopifyEmulatorConfig, ShopifyEvent};
