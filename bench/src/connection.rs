//! A keep-alive HTTP/1.1 connection that costs the measuring side as little as can be: a request is written from
//! memory as it is, of an answer only the status and the length are read.
//!
//! The service under test shares the cores with its load, so every microsecond spent here is missing there.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No request of a load may take longer.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read; a probe's is a few hundred bytes.
const LONGEST: usize = 256 * 1024;

/// A connection, open or to be opened.
#[derive(Debug)]
pub struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opened with the first request.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: Vec::with_capacity(2_048) }
    }

    /// Sends a request and returns the status of its answer.
    ///
    /// # Errors
    /// When there is none within [`PATIENCE`]; the next request opens a new connection.
    pub async fn send(&mut self, request: &[u8]) -> io::Result<u16> {
        Ok(self.exchange(request).await?.0)
    }

    /// `GET path`: the status and the body.
    ///
    /// # Errors
    /// As [`Connection::send`].
    pub async fn get(&mut self, path: &str) -> io::Result<(u16, Vec<u8>)> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let (status, start) = self.exchange(request.as_bytes()).await?;
        Ok((status, self.buffer.split_off(start)))
    }

    /// The status, and where the body begins in the buffer.
    async fn exchange(&mut self, request: &[u8]) -> io::Result<(u16, usize)> {
        let outcome = match tokio::time::timeout(PATIENCE, self.try_exchange(request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        if outcome.is_err() {
            self.stream = None;
        }
        outcome
    }

    async fn try_exchange(&mut self, request: &[u8]) -> io::Result<(u16, usize)> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                self.stream.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some(answer) = Answer::parse(&self.buffer)?
                && self.buffer.len() >= answer.end
            {
                if answer.closes {
                    self.stream = None;
                }
                self.buffer.truncate(answer.end);
                return Ok((answer.status, answer.start));
            }
            if self.buffer.len() > LONGEST {
                return Err(invalid("the answer is too long"));
            }
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn invalid(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The head of an answer.
struct Answer {
    status: u16,
    start: usize,
    end: usize,
    closes: bool,
}

impl Answer {
    /// `None` while the head is not complete.
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..head]).map_err(|_| invalid("the head is no text"))?;
        let mut lines = text.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok())
            .ok_or_else(|| invalid("no status"))?;
        let (mut length, mut closes) = (None, false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            } else if name.eq_ignore_ascii_case("connection") {
                closes = value.trim().eq_ignore_ascii_case("close");
            }
        }
        let start = head + 4;
        let length = length.filter(|length| *length <= LONGEST).ok_or_else(|| invalid("no usable length"))?;
        Ok(Some(Self { status, start, end: start + length, closes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn answers_in_pieces_are_read_whole_and_the_connection_is_used_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut connection = Connection::new(listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 256];
            for pieces in [
                &["HTTP/1.1 200 OK\r\ncontent-", "length: 5\r\n\r\nhe", "llo"][..],
                &["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"],
            ] {
                assert!(stream.read(&mut request).await.unwrap() > 0);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        assert_eq!(connection.get("/health").await.unwrap(), (200, b"hello".to_vec()));
        assert_eq!(connection.send(b"POST / HTTP/1.1\r\n\r\n").await.unwrap(), 503);
        server.await.unwrap();
        assert!(connection.send(b"POST / HTTP/1.1\r\n\r\n").await.is_err(), "nobody is there any more");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\ncontent-le").unwrap().is_none());
        assert!(Answer::parse(b"SSH-2.0\r\n\r\n").is_err());
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").is_err());
    }
}
