//! A stand-in for Shopify: a small Admin GraphQL endpoint, and webhooks.

mod emulator;
mod graphql;

pub use emulator::{ShopifyEmulator, ShopifyEmulatorConfig, ShopifyEvent};
