//! A service for tests: takes a webhook, answers 200, and has its replies delivered.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use recado_domain::Timestamp;
use recado_domain::event::EventContent;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::connection::Connection;

/// A running service.
pub struct Service {
    pub address: SocketAddr,
    /// Ends with the service.
    _tasks: JoinSet<()>,
}

impl Service {
    /// Answers each message `replies` times.
    pub async fn start(receiver: SocketAddr, replies: usize) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, mut to_answer) = mpsc::unbounded_channel::<String>();
        let receive = move |body: Bytes| {
            let told = told.clone();
            async move {
                for event in recado_webhooks::whatsapp::parse(&body, Timestamp::from_seconds(1_790_000_000)) {
                    if let EventContent::Message(message) = event.content {
                        told.send(message.from.wa_id.unwrap_or_default()).unwrap();
                    }
                }
            }
        };
        let router = Router::new().route("/webhooks/whatsapp", post(receive));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        tasks.spawn(async move {
            let mut connection = Connection::new(receiver);
            while let Some(phone) = to_answer.recv().await {
                let body = format!(r#"{{"to":"+{phone}"}}"#);
                let request =
                    format!("POST /v1/1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                for _ in 0..replies {
                    assert_eq!(connection.send(request.as_bytes()).await.unwrap(), 200);
                }
            }
        });
        Self { address, _tasks: tasks }
    }
}
