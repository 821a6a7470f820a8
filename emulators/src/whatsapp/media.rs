//! Media: an id leads to an address, the address, with the token, to the bytes (CONTRACTS A9).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::StatusCode;
use recado_domain::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::errors::Refusal;
use crate::server::{Answer, Call};

/// How long an address works.
const ADDRESS_LIFE: Duration = Duration::from_secs(300);
/// How long an uploaded file can be sent.
const UPLOAD_LIFE: Duration = Duration::from_secs(30 * 86_400);
/// Files kept at once; the oldest go first.
const KEPT: usize = 500;
const MEGABYTE: usize = 1024 * 1024;

struct Medium {
    mime: String,
    bytes: Bytes,
    /// When it was uploaded; `None` = a person sent it.
    uploaded_at: Option<Timestamp>,
    /// When its address was last given out.
    addressed_at: Option<Timestamp>,
}

/// What was uploaded and what people sent.
#[derive(Default)]
pub(super) struct Media {
    kept: Mutex<BTreeMap<String, Medium>>,
    next: AtomicU64,
}

impl Media {
    fn keep(&self, mime: &str, bytes: Bytes, uploaded_at: Option<Timestamp>) -> String {
        let id = (700_000_000_000_000 + self.next.fetch_add(1, Ordering::Relaxed)).to_string();
        let medium = Medium { mime: mime.to_owned(), bytes, uploaded_at, addressed_at: None };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(id.clone(), medium);
        if kept.len() > KEPT {
            kept.pop_first();
        }
        id
    }

    /// Type and bytes of a file.
    pub(super) fn file(&self, id: &str) -> Option<(String, Bytes)> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(id).map(|medium| (medium.mime.clone(), medium.bytes.clone()))
    }

    /// How many files were uploaded and are kept.
    pub(super) fn uploads(&self) -> usize {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.values().filter(|medium| medium.uploaded_at.is_some()).count()
    }

    /// Forgets what was uploaded, as the platform does after its time.
    pub(super) fn expire_uploads(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, medium| medium.uploaded_at.is_none());
    }

    /// Whether a message of a kind may name a file: one that was uploaded, still lives, and is of that kind.
    pub(super) fn may_be_sent(&self, kind: &str, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let lives = |medium: &&Medium| medium.uploaded_at.is_some_and(|at| now.since(at) < UPLOAD_LIFE);
        match kept.get(id).filter(lives) {
            None => Err(Refusal::new(131053, "The media id does not exist or has expired.")),
            Some(medium) if kind_of(&medium.mime).is_none_or(|(of, _)| of != kind && kind != "document") => {
                Err(Refusal::new(131053, format!("A file of type {} cannot be sent as {kind}.", medium.mime)))
            }
            Some(_) => Ok(()),
        }
    }

    /// Keeps what a person sent; the object as it stands in the webhook, with the hash in base64.
    pub(super) fn keep_inbound(&self, mime: &str, bytes: &'static [u8]) -> Value {
        let sha256 = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes));
        let id = self.keep(mime, Bytes::from_static(bytes), None);
        json!({ "id": id, "mime_type": mime, "sha256": sha256 })
    }

    /// `POST /{phone_number_id}/media`.
    pub(super) fn upload(&self, call: &Call, now: Timestamp) -> Answer {
        let Some(form) = Form::of(call) else {
            return Refusal::new(100, "The body is not multipart/form-data.").answer();
        };
        if form.field("messaging_product").is_none_or(|part| &part.content[..] != b"whatsapp") {
            return Refusal::new(100, "The parameter messaging_product is required.").answer();
        }
        let Some(file) = form.field("file") else {
            return Refusal::new(100, "The parameter file is required.").answer();
        };
        let said = form.field("type").map(|part| String::from_utf8_lossy(&part.content).into_owned());
        let mime = said.or_else(|| file.content_type.clone()).unwrap_or_else(|| "application/octet-stream".into());
        let Some((_, most)) = kind_of(&mime) else {
            return Refusal::new(131053, format!("Unsupported media type {mime}.")).answer();
        };
        if file.content.is_empty() || file.content.len() > most {
            return Refusal::new(131053, format!("The file must have 1 to {most} bytes.")).answer();
        }
        Answer::json(200, &json!({ "id": self.keep(&mime, file.content.clone(), Some(now)) }))
    }

    /// `GET /{media_id}`; the hash is hex here.
    pub(super) fn address(&self, id: &str, call: &Call, now: Timestamp) -> Answer {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(medium) = kept.get_mut(id) else {
            return Refusal { code: 100, subcode: Some(33), details: "No such object.".into() }.answer();
        };
        medium.addressed_at = Some(now);
        let host = call.header("host").unwrap_or("127.0.0.1");
        Answer::json(
            200,
            &json!({
                "messaging_product": "whatsapp",
                "url": format!("http://{host}/download/{id}"),
                "mime_type": medium.mime,
                "sha256": hex::encode(Sha256::digest(&medium.bytes)),
                "file_size": medium.bytes.len(),
                "id": id,
            }),
        )
    }

    /// `GET /download/{media_id}`.
    pub(super) fn download(&self, id: &str, now: Timestamp) -> Answer {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let live = |medium: &&Medium| medium.addressed_at.is_some_and(|at| now.since(at) <= ADDRESS_LIFE);
        match kept.get(id).filter(live) {
            Some(medium) => Answer::Reply {
                status: StatusCode::OK,
                content_type: "application/octet-stream",
                retry_after: None,
                body: medium.bytes.clone(),
            },
            None => Answer::json(404, &json!({})),
        }
    }
}

/// What a type of file is sent as, and the most bytes of it (CONTRACTS A9).
fn kind_of(mime: &str) -> Option<(&'static str, usize)> {
    const DOCUMENTS: [&str; 8] = [
        "text/plain",
        "application/pdf",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ];
    match mime.split(';').next().unwrap_or_default().trim() {
        "image/jpeg" | "image/png" => Some(("image", 5 * MEGABYTE)),
        "image/webp" => Some(("sticker", 500 * 1024)),
        "video/mp4" | "video/3gpp" => Some(("video", 16 * MEGABYTE)),
        "audio/aac" | "audio/mp4" | "audio/mpeg" | "audio/amr" | "audio/ogg" => Some(("audio", 16 * MEGABYTE)),
        mime if DOCUMENTS.contains(&mime) => Some(("document", 100 * MEGABYTE)),
        _ => None,
    }
}

struct Part {
    name: String,
    content_type: Option<String>,
    content: Bytes,
}

/// A `multipart/form-data` body.
struct Form(Vec<Part>);

impl Form {
    fn field(&self, name: &str) -> Option<&Part> {
        self.0.iter().find(|part| part.name == name)
    }

    fn of(call: &Call) -> Option<Self> {
        let kind = call.header("content-type")?;
        let boundary = kind.strip_prefix("multipart/form-data")?.split("boundary=").nth(1)?.trim_matches('"');
        let delimiter = format!("--{boundary}");
        let mut parts = Vec::new();
        let mut at = find(&call.body, delimiter.as_bytes(), 0)? + delimiter.len();
        // After a delimiter stands `--` at the end of the form, otherwise a line break and the next part.
        while call.body.get(at..at + 2) == Some(b"\r\n") {
            let next = find(&call.body, format!("\r\n{delimiter}").as_bytes(), at)?;
            let head_end = find(&call.body[..next], b"\r\n\r\n", at)?;
            let head = String::from_utf8_lossy(&call.body[at..head_end]);
            let line = |name: &str| {
                head.lines().find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let disposition = line("content-disposition")?;
            let name =
                disposition.split("; ").find_map(|item| item.strip_prefix("name="))?.trim_matches('"').to_owned();
            parts.push(Part { name, content_type: line("content-type"), content: call.body.slice(head_end + 4..next) });
            at = next + 2 + delimiter.len();
        }
        Some(Self(parts))
    }
}

fn find(hay: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    hay.get(from..)?.windows(needle.len()).position(|window| window == needle).map(|at| from + at)
}
