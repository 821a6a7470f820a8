//! Voice notes to words, before a turn is decided: fetched and written down within a bound of time, of size and of how
//! many at once, and outside of every transaction. Whatever goes wrong, the message stays what it was, and its person is
//! asked to write.

use std::sync::Arc;
use std::time::Duration;

use recado_agents::Gateway;
use recado_agents::model::audio::VoiceNote;
use recado_agents::model::gateway::Charge;
use recado_agents::safety::untrusted::cleaned;
use recado_channels::whatsapp::WhatsAppMedia;
use recado_domain::event::EventContent;
use recado_domain::message::{Media, MediaKind, MessageBody};
use recado_domain::spend::ModelCall;
use recado_domain::{ConversationId, Language, MerchantId, Timestamp};
use recado_store::engine::Claim;
use tokio::sync::Semaphore;

/// Bytes of a recording at most: what WhatsApp takes (CONTRACTS A9).
const LARGEST: usize = 16 * 1024 * 1024;
/// Voice notes of one turn at most; further ones are asked for in writing.
const MOST: usize = 3;
/// Recordings on their way at once.
const AT_ONCE: usize = 6;
/// Letters that are kept of what was said.
const LONGEST: usize = 2_000;
/// A turn that is tried again does not pay for its voice notes again.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Hears voice notes.
pub struct Ears {
    media: WhatsAppMedia,
    gateway: Arc<Gateway>,
    room: Semaphore,
    heard: moka::future::Cache<String, String>,
    within: Duration,
}

/// Who pays.
struct For {
    merchant: MerchantId,
    conversation: ConversationId,
    now: Timestamp,
    language: Option<Language>,
}

impl Ears {
    /// Hears all notes of a turn `within` a time, which its lane's lease must have besides that of the turn.
    pub fn new(media: WhatsAppMedia, gateway: Arc<Gateway>, within: Duration) -> Self {
        let heard = moka::future::Cache::builder().max_capacity(2_000).time_to_live(REMEMBERED).build();
        Self { media, gateway, room: Semaphore::new(AT_ONCE), heard, within }
    }

    /// Writes the words into the voice notes of a claim, as far as they could be heard. Returns the calls that this took.
    pub async fn hear(&self, claim: &mut Claim) -> Vec<ModelCall> {
        let Some(merchant) = claim.merchant.filter(|_| claim.kind == "conversation") else { return Vec::new() };
        let about = For {
            merchant,
            conversation: ConversationId(claim.lane.0),
            now: claim.claimed_at,
            language: claim.conversation.as_ref().and_then(|one| one.language),
        };
        let mut notes: Vec<&mut Media> = claim.events.iter_mut().filter_map(|event| note(&mut event.content)).collect();
        notes.truncate(MOST);
        if notes.is_empty() {
            return Vec::new();
        }
        let mut calls = Vec::new();
        let hearing = async {
            for note in notes {
                note.transcript = self.words(note, &about, &mut calls).await;
            }
        };
        // What was heard by then stands in its note already.
        let late = tokio::time::timeout(self.within, hearing).await.is_err();
        if late {
            metrics::counter!("recado_voice_notes_total", "outcome" => "too_late").increment(1);
        }
        calls
    }

    async fn words(&self, note: &Media, about: &For, calls: &mut Vec<ModelCall>) -> Option<String> {
        let count =
            |outcome: &'static str| metrics::counter!("recado_voice_notes_total", "outcome" => outcome).increment(1);
        if let Some(known) = self.heard.get(&note.id).await {
            count("remembered");
            return Some(known);
        }
        let Ok(_room) = self.room.try_acquire() else {
            count("busy");
            return None;
        };
        let file = match self.media.fetch(&note.id, LARGEST).await {
            Ok(file) => file,
            Err(error) => {
                count("not_fetched");
                tracing::info!(%error, conversation.id = %about.conversation, "a voice note could not be fetched");
                return None;
            }
        };
        let purse = self.gateway.purse();
        let (merchant, conversation) = (Some(about.merchant), Some(about.conversation));
        let charge = Charge { merchant, conversation, now: about.now, purse: &purse };
        let mime_type = file.mime_type.unwrap_or_else(|| note.mime_type.clone());
        let recording = VoiceNote { bytes: file.bytes.into(), mime_type, language: about.language };
        let outcome = self.gateway.transcribe(recording, &charge).await;
        calls.extend(purse.take_calls());
        match outcome {
            Ok(text) => {
                let text: String = cleaned(&text).chars().take(LONGEST).collect();
                let text = text.trim().to_owned();
                if text.is_empty() {
                    count("silent");
                    return None;
                }
                count("heard");
                self.heard.insert(note.id.clone(), text.clone()).await;
                Some(text)
            }
            Err(error) => {
                count(error.label());
                tracing::info!(%error, conversation.id = %about.conversation, "a voice note could not be written down");
                None
            }
        }
    }
}

fn note(content: &mut EventContent) -> Option<&mut Media> {
    match content {
        EventContent::Message(message) => match &mut message.body {
            MessageBody::Media(media) if media.media_kind == MediaKind::Audio => Some(media),
            _ => None,
        },
        _ => None,
    }
}
