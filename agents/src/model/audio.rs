//! Voice notes to words: one provider, one try, the same budgets and deadline as questions.

use std::time::{Duration, Instant};

use bytes::Bytes;
use recado_domain::Language;

use super::gateway::{AskError, Charge, Gateway};
use super::transport::Recording;

/// What servers take at most (CONTRACTS G).
pub const LONGEST_RECORDING: usize = 25 * 1024 * 1024;
/// A second of opus at the rate of a voice note is about 2 KiB and costs about 8 tokens; for other formats the guess is
/// too high, which is the side to err on.
const BYTES_PER_TOKEN: u64 = 256;

/// A voice note as it was fetched.
#[derive(Clone, Debug)]
pub struct VoiceNote {
    /// The file.
    pub bytes: Bytes,
    /// Its MIME type, as the platform names it (`audio/ogg; codecs=opus`).
    pub mime_type: String,
    /// The person's language, if known.
    pub language: Option<Language>,
}

/// The ending by which a server tells the format; WhatsApp's voice notes are ogg.
fn ending(mime_type: &str) -> Option<&'static str> {
    let plain = mime_type.split(';').next().unwrap_or_default().trim();
    Some(match plain {
        "audio/ogg" | "audio/opus" => "ogg",
        "audio/mpeg" | "audio/mp3" => "mp3",
        "audio/mp4" | "audio/aac" | "audio/m4a" | "audio/x-m4a" => "m4a",
        "audio/wav" | "audio/x-wav" => "wav",
        "audio/webm" => "webm",
        "audio/flac" => "flac",
        _ => return None,
    })
}

impl Gateway {
    /// The words of a voice note. They are a person's words and as untrusted as any.
    ///
    /// # Errors
    /// See [`AskError`]; `NoProvider` when no model for it is configured, or the file is of no known format or too long.
    pub async fn transcribe(&self, note: VoiceNote, charge: &Charge<'_>) -> Result<String, AskError> {
        let model = self.settings().transcription_model.clone().ok_or(AskError::NoProvider)?;
        let ending = ending(&note.mime_type).ok_or(AskError::NoProvider)?;
        if note.bytes.is_empty() || note.bytes.len() > LONGEST_RECORDING {
            return Err(AskError::NoProvider);
        }
        let tokens = (note.bytes.len() as u64).div_ceil(BYTES_PER_TOKEN);
        let recording = Recording {
            model,
            file_name: format!("voice.{ending}"),
            bytes: note.bytes,
            language: note.language.map(Language::code),
        };
        let member = self.pool().first().ok_or(AskError::NoProvider)?;
        let ticket = member.admit(Instant::now()).ok_or(AskError::NoProvider)?;
        let call = member.transport.transcribe(recording);
        self.single("transcription", charge, ticket, tokens, Duration::MAX, call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voice_notes_of_whatsapp_are_named_ogg() {
        assert_eq!(ending("audio/ogg; codecs=opus"), Some("ogg"));
        assert_eq!(ending("audio/mp4"), Some("m4a"));
        assert_eq!(ending("video/mp4"), None);
    }
}
