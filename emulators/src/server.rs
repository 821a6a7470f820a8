//! The HTTP side that all emulators share: read a call whole, note it, answer it, and, when told to, close the socket
//! instead, which a web framework does not let one do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::EmulatorError;
use crate::ledger::{Happening, Ledger};

/// Larger than the largest media that an emulator needs.
const LONGEST_BODY: usize = 20 * 1024 * 1024;

/// A call, read whole.
pub(crate) struct Call {
    pub method: Method,
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// An answer, or the lack of one.
pub(crate) enum Answer {
    Reply {
        status: StatusCode,
        content_type: &'static str,
        retry_after: Option<u64>,
        body: Bytes,
    },
    Cut,
    /// In pieces, with a pause before each; a cut one ends the connection before the end of the body.
    Stream {
        content_type: &'static str,
        pieces: Vec<Bytes>,
        pause: Duration,
        cut: bool,
    },
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Reply {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            content_type: "application/json; charset=UTF-8",
            retry_after: None,
            body: Bytes::from(body.to_string()),
        }
    }
    /// What a load balancer says when the platform behind it fell.
    pub(crate) fn broken() -> Self {
        Self::Reply {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            content_type: "text/html",
            retry_after: None,
            body: Bytes::from_static(b"<html><body>Sorry, something went wrong.</body></html>"),
        }
    }
    pub(crate) fn garbage() -> Self {
        Self::Reply {
            status: StatusCode::OK,
            content_type: "application/json",
            retry_after: None,
            body: Bytes::from_static(b"{\"messag"),
        }
    }
    pub(crate) fn after(mut self, seconds: Option<u64>) -> Self {
        if let Self::Reply { retry_after, .. } = &mut self {
            *retry_after = seconds;
        }
        self
    }
}

/// What makes an emulator of a server.
pub(crate) trait Platform: Send + Sync + 'static {
    fn ledger(&self) -> &Ledger;
    /// The path without its secrets.
    fn shown_path(&self, path: &str) -> String;
    fn answer(self: Arc<Self>, call: Call) -> impl Future<Output = Answer> + Send;
}

/// Serves until dropped.
pub(crate) struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The connections live in the task and end with it.
        self.accepting.abort();
    }
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn start<P: Platform>(listen: SocketAddr, platform: Arc<P>) -> Result<Self, EmulatorError> {
        let failed = |source| EmulatorError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let accepting = tokio::spawn(accept(listener, platform));
        Ok(Self { address, accepting })
    }
}

async fn accept<P: Platform>(listener: TcpListener, platform: Arc<P>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream, Arc::clone(&platform)));
                }
                // Out of descriptors, most likely: give others time to close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut on purpose")]
struct Cut;

async fn serve<P: Platform>(stream: tokio::net::TcpStream, platform: Arc<P>) {
    let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
        let platform = Arc::clone(&platform);
        async move { respond(request, platform).await }
    });
    // An error ends the connection, which is all there is to do about it.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn respond<P: Platform>(
    request: http::Request<hyper::body::Incoming>,
    platform: Arc<P>,
) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(Body::new(body), LONGEST_BODY).await else { return Err(Cut) };
    let call = Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body,
    };
    // The control surface is ours, not the platform's.
    let noted = (!call.path.starts_with("/_")).then(|| note(&*platform, &call));
    let ledger = platform.ledger().clone();
    let answer = platform.answer(call).await;
    let (response, status, body) = match answer {
        Answer::Cut => (Err(Cut), None, Bytes::new()),
        Answer::Stream { content_type, pieces, pause, cut } => {
            let whole: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
            let mut response = Response::new(streamed(pieces, pause, cut));
            response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
            (Ok(response), Some(200), Bytes::from(whole))
        }
        Answer::Reply { status, content_type, retry_after, body } => {
            let mut response = Response::new(Body::from(body.clone()));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
            if let Some(seconds) = retry_after {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            (Ok(response), Some(status.as_u16()), body)
        }
    };
    if let Some(request) = noted {
        ledger.reply(request, status, &body);
    }
    response
}

fn streamed(pieces: Vec<Bytes>, pause: Duration, cut: bool) -> Body {
    let pieces = pieces.into_iter().map(Ok).chain(cut.then_some(Err(Cut)));
    let paced = futures::stream::unfold(pieces, move |mut pieces| async move {
        let piece = pieces.next()?;
        tokio::time::sleep(pause).await;
        Some((piece, pieces))
    });
    Body::from_stream(paced)
}

fn note<P: Platform>(platform: &P, call: &Call) -> u64 {
    platform.ledger().request(|request| {
        let hidden = ["authorization", "x-shopify-access-token"];
        let headers = call
            .headers
            .iter()
            .filter(|(name, _)| !hidden.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let path = platform.shown_path(&call.path);
        let path = call.query.as_ref().map_or(path.clone(), |query| format!("{path}?{query}"));
        Happening::Request { request, method: call.method.to_string(), path, headers, body: call.body.clone() }
    })
}
