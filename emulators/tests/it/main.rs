//! The senders against their emulators, and the emulators against what the platforms promise.

mod control;
mod openai;
mod receiver;
mod shopify;
mod telegram;
mod whatsapp_sender;
mod whatsapp_webhooks;

use std::sync::Once;

/// HTTP clients need a TLS provider even where no TLS is spoken.
fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
