//! The other end of a turn: answers as the Graph API does and tells who was written to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use axum::body::{Body, to_bytes};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::bodies;

/// Larger than any message of ours.
const BODY_LIMIT: usize = 64 * 1024;

/// Told of each reply, with the person it went to.
pub type OnReply = Arc<dyn Fn(usize) + Send + Sync>;

/// A running receiver; it ends when dropped. It outlives the single loads, because a service keeps its connections.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    desk: Arc<Desk>,
    task: JoinHandle<()>,
}

struct Desk {
    on_reply: RwLock<OnReply>,
    strange: AtomicU64,
    replies: AtomicU64,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The part of a message that says to whom it goes.
#[derive(Deserialize)]
struct Addressed<'a> {
    #[serde(borrow)]
    to: Option<std::borrow::Cow<'a, str>>,
}

impl Receiver {
    /// Listens on a loopback address.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let nobody: OnReply = Arc::new(|_| {});
        let desk = Desk { on_reply: RwLock::new(nobody), strange: AtomicU64::new(0), replies: AtomicU64::new(0) };
        let desk = Arc::new(desk);
        let task = tokio::spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self { address, desk, task })
    }

    /// From now on this one is told of replies.
    pub fn tell(&self, on_reply: OnReply) {
        *self.desk.on_reply.write().unwrap_or_else(PoisonError::into_inner) = on_reply;
    }

    /// Requests so far that were no reply to one of our persons.
    pub fn strange(&self) -> u64 {
        self.desk.strange.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    // Connections end with the receiver.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let desk = Arc::clone(&desk);
        let service = service_fn(move |request| answer(request, Arc::clone(&desk)));
        connections.spawn(async move { http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(request: Request<Incoming>, desk: Arc<Desk>) -> Result<Response<Body>, std::convert::Infallible> {
    let is_send = request.method() == Method::POST && request.uri().path().ends_with("/messages");
    let body = to_bytes(Body::new(request.into_body()), BODY_LIMIT).await.unwrap_or_default();
    let person = serde_json::from_slice::<Addressed<'_>>(&body)
        .ok()
        .filter(|_| is_send)
        .and_then(|addressed| bodies::person(&addressed.to?));
    let Some(person) = person else {
        desk.strange.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(Body::from(r#"{"error":{"message":"Unknown path","code":100}}"#));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    let on_reply = Arc::clone(&desk.on_reply.read().unwrap_or_else(PoisonError::into_inner));
    on_reply(person);
    let (phone, number) = (bodies::phone(person), desk.replies.fetch_add(1, Ordering::Relaxed));
    let mut response = Response::new(Body::from(format!(
        r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"{phone}","wa_id":"{phone}"}}],"messages":[{{"id":"wamid.bench.reply.{number}"}}]}}"#
    )));
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;

    #[tokio::test]
    async fn a_reply_is_told_with_its_person_and_anything_else_is_strange() {
        let (told, mut persons) = tokio::sync::mpsc::unbounded_channel();
        let receiver = Receiver::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        receiver.tell(Arc::new(move |person| {
            told.send(person).ok();
        }));
        let mut connection = Connection::new(receiver.address);
        let post = |path: &str, body: &str| {
            format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        };
        let body = format!(r#"{{"to":"+{}","type":"text","text":{{"body":"hola"}}}}"#, bodies::phone(9));
        assert_eq!(connection.send(&post("/v23.0/1/messages", &body)).await.unwrap(), 200);
        assert_eq!(persons.recv().await, Some(9));
        assert_eq!(connection.send(&post("/v23.0/1/media", &body)).await.unwrap(), 400);
        assert_eq!(connection.send(&post("/v23.0/1/messages", r#"{"to":"+1"}"#)).await.unwrap(), 400);
        assert_eq!(receiver.strange(), 2);
    }
}
