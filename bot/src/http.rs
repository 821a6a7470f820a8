//! The HTTP server: HTTP/1.1 over TCP, bounded in connections and in the time for a request's head, stopping
//! gracefully. TLS ends in front of it.
//!
//! Guarantees: a connection slot is taken before `accept`, so that excess connections wait in the kernel's queue and
//! not in memory; a client that sends its head slower than the limit is cut off; after the stop nothing new is
//! accepted, requests under way are finished until the bound, then dropped.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::http::HeaderMap;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use crate::config::Http;

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {}", explain(source, address))]
pub struct BindError {
    /// Which.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

fn explain(error: &io::Error, address: &SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "another program uses port {}; stop it, or choose another with --listen or RECADO_LISTEN",
            address.port()
        ),
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege; choose a higher one with --listen or RECADO_LISTEN".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{} is no address of this machine; use 127.0.0.1 or 0.0.0.0", address.ip())
        }
        _ => error.to_string(),
    }
}

/// Starts to listen.
///
/// # Errors
/// When the address is taken, foreign or forbidden: the message says which and what to do.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address).await.map_err(|source| BindError { address, source })
}

/// Serves until `stop`, then finishes what is under way within `limits.drain`, or until `abort`.
///
/// Requests carry who asks as [`ConnectInfo<SocketAddr>`]: the peer, or whom the proxies in front name.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Http,
    stop: CancellationToken,
    abort: CancellationToken,
) {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    let cut = abort.child_token();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).keep_alive(true).half_close(false);

    while let Some((stream, peer, slot)) = accept(&listener, &slots, &stop).await {
        let (builder, router, stop, cut) = (builder.clone(), router.clone(), stop.clone(), cut.clone());
        let origin = Origin { peer, proxies: limits.proxies };
        connections.spawn(async move {
            connection(stream, origin, &builder, router, stop, cut).await;
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    tokio::select! {
        () = connections.wait() => return,
        () = tokio::time::sleep(limits.drain) => {
            tracing::warn!(http.connections = connections.len(), "requests did not finish in time and are cut off");
        }
        () = abort.cancelled() => {}
    }
    cut.cancel();
    connections.wait().await;
}

/// The next connection with its slot; `None` when asked to stop.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    loop {
        // Both awaits are cancel-safe: a permit or a connection that was not returned was not taken.
        let slot = tokio::select! {
            () = stop.cancelled() => return None,
            slot = Arc::clone(slots).acquire_owned() => slot.ok()?,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => return Some((stream, peer, slot)),
            // The peer went away between its SYN and our accept: nothing to do.
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: a pause lets others finish and keeps the log readable.
                tracing::error!(error = %error, "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Where a connection comes from.
#[derive(Clone, Copy)]
struct Origin {
    peer: SocketAddr,
    proxies: usize,
}

impl Origin {
    /// Who asks. Each proxy adds the address that it saw at the end of `X-Forwarded-For`, so the outermost of ours is
    /// counted from there; what stands before it is a claim of the sender. Without it, it is the peer.
    fn asks(self, headers: &HeaderMap) -> SocketAddr {
        let lines = headers.get_all("x-forwarded-for").into_iter().rev();
        // What cannot be read is no address, and no reason to believe what stands before it.
        let mut seen = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        let outermost = self.proxies.checked_sub(1).and_then(|before| seen.nth(before));
        let address = outermost.and_then(|address| address.trim().parse::<IpAddr>().ok());
        address.map_or(self.peer, |address| SocketAddr::new(address, 0))
    }
}

async fn connection(
    stream: TcpStream,
    origin: Origin,
    builder: &http1::Builder,
    router: Router,
    stop: CancellationToken,
    cut: CancellationToken,
) {
    // Answers are small and complete: waiting to fill a segment only delays them.
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        let asks = origin.asks(request.headers());
        request.extensions_mut().insert(ConnectInfo(asks));
        // A router is always ready; the clone is one counter.
        router.clone().call(request)
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = cut.cancelled() => return,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                outcome = connection.as_mut() => outcome,
                () = cut.cancelled() => return,
            }
        }
    };
    if let Err(error) = outcome {
        // Clients vanish and time out; that is theirs, and says nothing about us.
        tracing::debug!(error = %error, "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    fn limits(connections: usize) -> Http {
        Http { connections, header_timeout: Duration::from_millis(150), drain: Duration::from_secs(5), proxies: 0 }
    }

    struct Running {
        address: SocketAddr,
        stop: CancellationToken,
        task: tokio::task::JoinHandle<()>,
    }

    async fn start(router: Router, limits: Http) -> Running {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let task = tokio::spawn(serve(listener, router, limits, stop.clone(), CancellationToken::new()));
        Running { address, stop, task }
    }

    async fn exchange(stream: &mut TcpStream, text: &str) -> String {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    }

    const REQUEST: &str = "GET / HTTP/1.1\r\nhost: test\r\n\r\n";

    #[tokio::test]
    async fn a_connection_is_kept_for_further_requests_and_knows_its_peer() {
        let router =
            Router::new().route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }));
        let server = start(router, limits(8)).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let peer = stream.local_addr().unwrap().to_string();
        for _ in 0..2 {
            assert!(exchange(&mut stream, REQUEST).await.ends_with(&peer));
        }
        server.stop.cancel();
        server.task.await.unwrap();
    }

    #[tokio::test]
    async fn who_asks_is_whom_the_proxies_saw_and_never_whom_the_sender_names() {
        let router = Router::new()
            .route("/", get(|ConnectInfo(asks): ConnectInfo<SocketAddr>| async move { format!("{}|", asks.ip()) }));
        for (proxies, lines, expected) in [
            (0, "x-forwarded-for: 198.51.100.9\r\n", "127.0.0.1|"),
            (1, "x-forwarded-for: 203.0.113.1, 198.51.100.9\r\n", "198.51.100.9|"),
            (1, "x-forwarded-for: 203.0.113.1\r\nx-forwarded-for: 2001:db8::9\r\n", "2001:db8::9|"),
            (2, "x-forwarded-for: 203.0.113.1, 198.51.100.9, 192.0.2.4\r\n", "198.51.100.9|"),
            (2, "x-forwarded-for: 198.51.100.9\r\n", "127.0.0.1|"),
            (1, "x-forwarded-for: nobody\r\n", "127.0.0.1|"),
            (1, "x-forwarded-for: 203.0.113.1\r\nx-forwarded-for: é\r\n", "127.0.0.1|"),
            (1, "", "127.0.0.1|"),
        ] {
            let server = start(router.clone(), Http { proxies, ..limits(8) }).await;
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let answer = exchange(&mut stream, &format!("GET / HTTP/1.1\r\nhost: test\r\n{lines}\r\n")).await;
            assert!(answer.ends_with(&format!("\r\n{expected}")), "{proxies} {lines:?}: {answer}");
            server.stop.cancel();
            server.task.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_head_that_never_ends_is_cut_off() {
        let server = start(Router::new(), limits(8)).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert!(!String::from_utf8_lossy(&rest).contains("200"));
        server.stop.cancel();
        server.task.await.unwrap();
    }

    #[tokio::test]
    async fn a_request_under_way_is_finished_after_the_stop_and_nothing_new_is_taken() {
        let (entered, mut arrived) = tokio::sync::mpsc::channel::<()>(1);
        let release = Arc::new(tokio::sync::Notify::new());
        let gate = Arc::clone(&release);
        let handler = move || {
            let (entered, gate) = (entered.clone(), Arc::clone(&gate));
            async move {
                entered.send(()).await.unwrap();
                gate.notified().await;
                "done"
            }
        };
        let server = start(Router::new().route("/", get(handler)), limits(8)).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let client = tokio::spawn(async move { exchange(&mut stream, REQUEST).await });
        arrived.recv().await.unwrap();
        server.stop.cancel();
        // The listener closes as soon as the stop is seen; until then a connection may still land in the queue.
        while TcpStream::connect(server.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!server.task.is_finished());
        release.notify_one();
        assert!(client.await.unwrap().ends_with("done"));
        server.task.await.unwrap();
    }

    #[tokio::test]
    async fn connections_beyond_the_bound_wait_for_a_slot() {
        let router = Router::new().route("/", get(|| async { "hello" }));
        let wide = Http { header_timeout: Duration::from_secs(30), ..limits(1) };
        let server = start(router, wide).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        assert!(exchange(&mut first, REQUEST).await.ends_with("hello"));
        let mut second = TcpStream::connect(server.address).await.unwrap();
        second.write_all(REQUEST.as_bytes()).await.unwrap();
        let mut answer = [0; 1];
        let early = tokio::time::timeout(Duration::from_millis(50), second.read(&mut answer)).await;
        assert!(early.is_err(), "answered beyond the bound");
        drop(first);
        assert_eq!(second.read(&mut answer).await.unwrap(), 1);
        server.stop.cancel();
        server.task.await.unwrap();
    }

    #[tokio::test]
    async fn a_taken_address_is_said_with_the_remedy() {
        let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let message = bind(first.local_addr().unwrap()).await.unwrap_err().to_string();
        assert!(message.contains("127.0.0.1") && message.contains("RECADO_LISTEN"), "{message}");
    }
}
