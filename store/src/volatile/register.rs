//! A session as it is written down: with its time, so that of two copies the later one can be told.

use bytes::Bytes;
use recado_domain::Timestamp;
use recado_domain::conversation::Session;
use serde::{Deserialize, Serialize};

/// One written session. Without a session it says "forgotten", which is not the same as a key that got lost: a process
/// that still holds an older copy must not bring it back.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Register {
    pub(super) at: Timestamp,
    pub(super) session: Option<Session>,
}

#[derive(Serialize)]
struct Written<'a> {
    at: Timestamp,
    session: Option<&'a Session>,
}

/// Writes a session, or that it is forgotten.
pub(super) fn write(at: Timestamp, session: Option<&Session>) -> Bytes {
    // The type holds only texts, numbers and enums, none of which JSON refuses; an empty value reads as "not there".
    serde_json::to_vec(&Written { at, session }).unwrap_or_default().into()
}

/// Reads one; a text of another version counts as not there.
pub(super) fn read(bytes: &[u8]) -> Option<Register> {
    serde_json::from_slice(bytes).ok()
}
