//! The ceiling of the HTTP side: an axum handler that checks the same signature and does nothing else.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use hmac::{Hmac, KeyInit as _, Mac as _};
use recado_domain::Secret;
use sha2::Sha256;
use tokio::net::TcpListener;

/// As large as the service's own limit.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// Serves until the process ends.
///
/// # Errors
/// When the key or the socket cannot be used.
pub async fn serve(listener: TcpListener, secret: Secret) -> anyhow::Result<()> {
    let key = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())?;
    let router = Router::new()
        .route("/webhooks/whatsapp", post(receive))
        .route("/readyz", get(|| async { "ready\n" }))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(key));
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router).await?;
    Ok(())
}

async fn receive(State(key): State<Arc<Hmac<Sha256>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mac = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok()?.strip_prefix("sha256="))
        .and_then(|digits| hex::decode(digits).ok());
    let made = |mac: Vec<u8>| Hmac::clone(&key).chain_update(&body).verify_slice(&mac).is_ok();
    if mac.is_some_and(made) { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bodies::Webhooks;
    use crate::connection::Connection;

    #[tokio::test]
    async fn only_what_is_signed_passes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, Secret::new("right")));
        let mut connection = Connection::new(address);
        let request = |secret| Webhooks::new("x", &Secret::new(secret)).message(1, 1, "hola");
        assert_eq!(connection.send(&request("right")).await.unwrap(), 200);
        assert_eq!(connection.send(&request("wrong")).await.unwrap(), 401);
        server.abort();
    }
}
