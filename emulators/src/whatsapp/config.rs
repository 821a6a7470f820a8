//! How the emulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use recado_domain::clock::{Clock, SystemClock};

use crate::ledger::Keep;

/// How the emulator is set up.
#[derive(Clone)]
pub struct WhatsAppEmulatorConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The number it serves.
    pub phone_number_id: String,
    /// Further numbers it serves.
    pub more_phone_number_ids: Vec<String>,
    /// The number as people see it.
    pub display_phone_number: String,
    /// The id of the business account, in webhooks.
    pub business_account_id: String,
    /// The token that callers must show.
    pub access_token: String,
    /// Signs webhooks.
    pub app_secret: String,
    /// Where webhooks go.
    pub webhook_url: Option<String>,
    /// Whether delivery reports are sent.
    pub statuses: bool,
    /// How much the ledger keeps.
    pub keep: Keep,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for WhatsAppEmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            phone_number_id: "106540352242922".into(),
            more_phone_number_ids: Vec::new(),
            display_phone_number: "576015550100".into(),
            business_account_id: "102290129340398".into(),
            access_token: "emulator-access-token".into(),
            app_secret: "emulator-app-secret".into(),
            webhook_url: None,
            statuses: true,
            keep: Keep::Everything,
            clock: Arc::new(SystemClock),
        }
    }
}
