//! Giving a picture or document to the platform: an id comes back, by which a message names it (CONTRACTS A9).

use std::time::Duration;

use recado_domain::attachment::File;
use recado_domain::outbound::{SendResult, UploadError};
use reqwest::multipart::{Form, Part};
use serde::Deserialize;

use super::classify;

/// Longest id that the platform gives out.
const LONGEST_ID: usize = 128;

#[derive(Deserialize)]
struct Given {
    id: String,
}

/// The form of `POST /{phone_number_id}/media`; `None` when the type of the file is none.
pub(super) fn form(file: &File) -> Option<Form> {
    let part = Part::bytes(file.bytes.clone()).file_name(file.name.clone()).mime_str(&file.mime_type).ok()?;
    let form = Form::new().text("messaging_product", "whatsapp").text("type", file.mime_type.clone());
    Some(form.part("file", part))
}

/// What the platform's answer means. Whatever it is, nobody has seen anything: only a refusal for good ends the trying.
pub(super) fn answer(status: u16, body: &[u8], hint: Option<Duration>) -> Result<String, UploadError> {
    let given = serde_json::from_slice::<Given>(body).ok().map(|given| given.id).filter(|id| is_id(id));
    if let (200..300, Some(id)) = (status, given) {
        return Ok(id);
    }
    match classify::answer(status, body, 1, hint) {
        SendResult::Retry { after, reason } => Err(UploadError::Again { after, reason }),
        SendResult::Away { why, after, reason } => Err(UploadError::Away { why, after, reason }),
        SendResult::Failed { reason } => Err(UploadError::Never(reason)),
        SendResult::Ambiguous { reason } => Err(UploadError::Again { after: None, reason }),
        SendResult::Sent { .. } => {
            Err(UploadError::Again { after: None, reason: "the answer is that of a message".to_owned() })
        }
    }
}

/// It becomes part of a message: nothing but what the platform gives out.
fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_is_an_answer() {
        assert_eq!(answer(200, br#"{"id":"700000000000001"}"#, None), Ok("700000000000001".to_owned()));
        for body in [&b"{\"messag"[..], b"{}", br#"{"id":""}"#, br#"{"id":"../1"}"#, b"<html>"] {
            assert!(matches!(answer(200, body, None), Err(UploadError::Again { .. })), "{body:?}");
        }
        assert!(matches!(answer(500, b"<html>", None), Err(UploadError::Again { .. })));
        let refused = br#"{"error":{"message":"m","code":131053,"error_data":{"details":"d"}}}"#;
        assert!(matches!(answer(400, refused, None), Err(UploadError::Never(_))));
        let limited = br#"{"error":{"message":"m","code":130429,"error_data":{"details":"d"}}}"#;
        assert!(matches!(answer(400, limited, None), Err(UploadError::Away { after: Some(_), .. })));
    }
}
