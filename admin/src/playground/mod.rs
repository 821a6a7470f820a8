//! The Playground: a phone in the browser, in front of the emulators. What is typed there takes the real way, through a
//! signed webhook.

pub(crate) mod page;
mod story;

use recado_domain::Timestamp;
use recado_domain::attachment::File;
use recado_domain::contact::Channel;
use recado_domain::outbound::Button;

/// Somebody to write as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// Names it in addresses: letters, digits and dashes.
    pub id: String,
    /// What they are to the shop.
    pub kind: PersonaKind,
    /// Their name.
    pub name: String,
    /// What makes them worth trying (`pedido #1042 contra entrega`).
    pub note: String,
    /// Where they write.
    pub channel: Channel,
    /// Whom they write to: the shop's name, or the bot's.
    pub counterpart: String,
    /// Things to say, in the language of the shop.
    pub suggestions: Vec<String>,
}

/// What a persona is to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum PersonaKind {
    Shopper,
    Member,
    Staff,
}

impl PersonaKind {
    /// The word in keys of words.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Member => "member",
            Self::Staff => "staff",
        }
    }
}

/// What a persona does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaygroundInput {
    /// What.
    pub body: PlaygroundBody,
    /// How often the same delivery is posted; 2 shows that a repetition changes nothing. 1 to 3.
    pub copies: u8,
}

/// Kinds of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaygroundBody {
    /// Words.
    Text(String),
    /// A tapped button.
    Tap {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
        /// The message it stands under, as [`PlaygroundMessage::id`] says it.
        of_message: String,
    },
    /// A sample voice note.
    Voice,
    /// A sample place.
    Location,
}

/// A delivered input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The id by which the platform names the message, as the inbox keys it: `wamid.…`, or `bot:update` on Telegram.
    pub provider_id: String,
    /// What the webhook answered.
    pub status: u16,
}

/// Why an input was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaygroundError {
    /// There is nobody with this id.
    #[error("there is no such persona")]
    Unknown,
    /// The webhook did not take it.
    #[error("the webhook answered {0}")]
    Refused(u16),
    /// It could not be reached.
    #[error("the webhook cannot be reached: {0}")]
    Unreachable(String),
}

/// A message on the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaygroundMessage {
    /// The platform's id.
    pub id: String,
    /// Whether the persona wrote it.
    pub mine: bool,
    /// Words.
    pub body: String,
    /// Answers to tap.
    pub buttons: Vec<Button>,
    /// Instant.
    pub at: Timestamp,
    /// How far it got, of the persona's own: `sent`, `delivered`, `read`.
    pub tick: Option<String>,
    /// The picture or document in it.
    pub file: Option<PlaygroundFile>,
}

/// A picture or document on the phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaygroundFile {
    /// Names it in addresses.
    pub id: String,
    /// MIME type.
    pub mime_type: String,
    /// Its name.
    pub name: String,
    /// Size in bytes.
    pub bytes: usize,
}

/// Emulated phones. The implementation stands where the emulators are wired; it keeps to memory.
#[async_trait::async_trait]
pub trait Playground: Send + Sync + 'static {
    /// Who can be played, in order.
    fn personas(&self) -> Vec<Persona>;
    /// Posts an input to the real webhook, and returns when that has answered.
    ///
    /// # Errors
    /// See [`PlaygroundError`].
    async fn send(&self, persona: &str, input: PlaygroundInput) -> Result<Sent, PlaygroundError>;
    /// What stands on a persona's phone, oldest first, at most the last 100.
    async fn transcript(&self, persona: &str) -> Vec<PlaygroundMessage>;
    /// The newest delivered input of a persona, whose story is shown.
    async fn last_sent(&self, persona: &str) -> Option<Sent>;
    /// Deliveries, since the start, that the inbox had already.
    fn duplicates(&self) -> u64;
    /// Ids of personas whose phone changed.
    fn changes(&self) -> tokio::sync::broadcast::Receiver<String>;
    /// The bytes of a picture or document that stands on a phone.
    fn file(&self, id: &str) -> Option<File>;
    /// Clears a phone. What is stored stays stored.
    async fn reset(&self, persona: &str);
}
