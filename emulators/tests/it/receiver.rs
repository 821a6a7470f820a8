//! A webhook receiver that keeps what it gets.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::sync::mpsc;

pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

#[derive(Clone)]
struct Shared {
    statuses: Arc<Mutex<VecDeque<u16>>>,
    arrived: mpsc::UnboundedSender<Received>,
}

pub struct Receiver {
    pub url: String,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    pub arrivals: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    pub async fn start() -> Self {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let statuses = Arc::<Mutex<VecDeque<u16>>>::default();
        let shared = Shared { statuses: Arc::clone(&statuses), arrived };
        let app = axum::Router::new().route("/hook", post(take)).with_state(shared);
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, statuses, arrivals }
    }
    /// What the next requests are answered; 200 after that.
    pub fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.statuses.lock().unwrap().extend(statuses);
    }
    pub async fn next(&mut self) -> Received {
        self.arrivals.recv().await.unwrap()
    }
}

async fn take(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let status = shared.statuses.lock().unwrap().pop_front().unwrap_or(200);
    shared.arrived.send(Received { headers, body }).unwrap();
    StatusCode::from_u16(status).unwrap()
}
