//! Reading a body under a size and a time limit.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, header};

use crate::problem::Refusal;

/// WhatsApp sends up to 3 MB (CONTRACTS A3); a little slack for those who count in other units.
pub const BODY_LIMIT: usize = 3 * 1024 * 1024 + 64 * 1024;
/// How long a body may take.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the inbox may take: the platform must hear 503 within two seconds (RELIABILITY D8).
pub const ACCEPT_DEADLINE: Duration = Duration::from_millis(1_800);

/// Reads the whole body, or says why not.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(Refusal::TooLarge);
    }
    tokio::time::timeout(BODY_DEADLINE, collect(body)).await.unwrap_or(Err(Refusal::TooSlow))
}

async fn collect(body: Body) -> Result<Bytes, Refusal> {
    let mut frames = body.into_data_stream();
    let Some(first) = frames.next().await else { return Ok(Bytes::new()) };
    let first = within_limit(0, first)?;
    // Nearly every body comes in one frame: it is passed on without a copy.
    let Some(second) = frames.next().await else { return Ok(first) };
    let mut whole = BytesMut::from(first);
    whole.extend_from_slice(&within_limit(whole.len(), second)?);
    while let Some(frame) = frames.next().await {
        whole.extend_from_slice(&within_limit(whole.len(), frame)?);
    }
    Ok(whole.freeze())
}

fn within_limit(have: usize, frame: Result<Bytes, axum::Error>) -> Result<Bytes, Refusal> {
    let frame = frame.map_err(|_| Refusal::Unreadable)?;
    if have + frame.len() > BODY_LIMIT { Err(Refusal::TooLarge) } else { Ok(frame) }
}
