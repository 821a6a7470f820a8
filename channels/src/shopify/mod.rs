//! Changes in a Shopify shop, over its Admin GraphQL API.

mod address;
mod admin;
mod classify;
mod config;
mod token;

pub use admin::ShopifyAdmin;
pub use config::{Access, ShopifyConfig};
