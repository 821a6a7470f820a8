//! A summary of the older part of a conversation, in the words of a model: asked for behind the turns, checked against what was
//! said, and shown as what it is. What does not pass is no summary; then the facts alone tell the course.

use std::sync::Arc;

use recado_domain::summary::{Author, Said};
use recado_domain::{ConversationId, Language, MerchantId, Timestamp};

use super::gateway::{Ask, AskError, Gateway};
use super::purse::Purse;
use super::redact::Redacted;
use super::{prompt, reword};
use crate::desk::DeskError;
use crate::safety::{check_summary, outbound};
use crate::wording::Wording;

/// Characters that a model gets to read for one summary; of longer talk the newest.
const LONGEST: usize = 12_000;
/// Words that begin the sentences of a summary and stand in few texts of ours, in normalised spelling.
const BEGINNINGS: &[&str] = &[
    // Spanish.
    "la",
    "el",
    "persona",
    "cliente",
    "luego",
    "despues",
    "tambien",
    "pregunto",
    "pidio",
    "queria",
    "quiere",
    "dijo",
    "dice",
    "recibio",
    "informo",
    "dejo",
    "conto",
    "envio",
    "compro",
    "pago",
    "necesita",
    "acepto",
    "cancelo",
    "reclamo",
    "quedo",
    "queda",
    "sigue",
    "espera",
    "esta",
    "se",
    "le",
    "ya",
    "no",
    "aun",
    // Portuguese.
    "a",
    "o",
    "depois",
    "tambem",
    "perguntou",
    "deixou",
    "contou",
    "enviou",
    "comprou",
    "pagou",
    "precisa",
    "aceitou",
    "cancelou",
    "pediu",
    "quer",
    "disse",
    "diz",
    "recebeu",
    "informou",
    "reclamou",
    "ficou",
    "fica",
    "segue",
    "ainda",
    "foi",
    // English.
    "the",
    "they",
    "person",
    "customer",
    "then",
    "later",
    "also",
    "asked",
    "left",
    "told",
    "sent",
    "bought",
    "paid",
    "needs",
    "accepted",
    "cancelled",
    "wanted",
    "wants",
    "said",
    "says",
    "received",
    "complained",
    "it",
    "their",
    "still",
    "is",
    "was",
];

/// What is to be summarised.
pub struct Summarising<'a> {
    /// The shop.
    pub merchant: MerchantId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The instant.
    pub now: Timestamp,
    /// The language of whoever reads it.
    pub language: Language,
    /// The summary of what went before.
    pub before: Option<&'a str>,
    /// What was said since, oldest first.
    pub said: &'a [Said],
}

/// Asks for summaries.
pub struct Summariser {
    gateway: Arc<Gateway>,
    wording: Wording,
}

impl Summariser {
    /// Over a gateway.
    ///
    /// # Errors
    /// When the embedded texts are not whole.
    pub fn new(gateway: Arc<Gateway>) -> Result<Self, DeskError> {
        Ok(Self { gateway, wording: Wording::load()? })
    }

    /// What a summary may take.
    pub fn purse(&self) -> Purse {
        self.gateway.purse()
    }

    /// The name of the model that is asked first.
    pub fn model(&self) -> &str {
        self.gateway.settings().providers.first().map_or("", |provider| provider.model.as_str())
    }

    /// A summary that says nothing but what was said.
    ///
    /// # Errors
    /// When a model cannot be asked, or what it says does not pass, twice.
    pub async fn summarise(&self, what: &Summarising<'_>, purse: &Purse) -> Result<String, AskError> {
        let said = newest(what.said);
        let sources: Vec<&str> = what.before.into_iter().chain(said.iter().map(|said| said.text.as_str())).collect();
        let redacted = Redacted::of(sources.iter().copied());
        let mut texts = redacted.texts.clone().into_iter();
        let past = prompt::Past {
            summary: what.before.and_then(|_| texts.next()),
            last: said.iter().map(|said| said.author).zip(texts).collect(),
        };
        let shape = reword::shape();
        let ask = Ask {
            purpose: "summary",
            merchant: what.merchant,
            conversation: what.conversation,
            now: what.now,
            messages: prompt::summary(what.language, &past),
            shape: Some(&shape),
            purse,
        };
        let of_person: Vec<String> = said
            .iter()
            .filter(|said| said.author == Author::Person)
            .map(|said| said.text.clone())
            .chain(what.before.map(str::to_owned))
            .collect();
        let known = |word: &str| BEGINNINGS.contains(&word) || self.wording.has_word(what.language, word);
        let accept = |answer: &str| {
            let text = redacted.restore(&reword::read(answer)?);
            check_summary(&text, &sources, what.language, &known).map_err(|violation| violation.to_string())?;
            if outbound::repeats_a_link(&text, &of_person, what.language) {
                return Err("a link is said back".to_owned());
            }
            Ok(text)
        };
        self.gateway.ask(&ask, &accept).await
    }
}

/// As much of what was said as a model gets to read, the newest.
fn newest(said: &[Said]) -> &[Said] {
    let mut room = LONGEST;
    let fits = said.iter().rev().take_while(|said| {
        let length = said.text.chars().count();
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    });
    &said[said.len() - fits.count()..]
}
