//! The phones of the Playground, over the stand-ins. What a persona types goes out as a signed webhook; what arrives on
//! its phone is what the stand-in's ledger says was sent to it.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use recado_admin::playground::{
    Persona as Shown, PersonaKind, Playground, PlaygroundBody, PlaygroundError, PlaygroundFile, PlaygroundInput,
    PlaygroundMessage, Sent,
};
use recado_domain::attachment::File;
use recado_domain::contact::Channel;
use recado_domain::outbound::Button;
use recado_domain::{Clock as _, SystemClock};
use recado_emulators::ledger::{Happening, SentMedia, SentMessage};
use recado_emulators::telegram::{TelegramChat, TelegramMessage, TelegramTap, TelegramUser};
use recado_emulators::whatsapp::{InboundContent, InboundMessage, Person};
use recado_emulators::{DeliverOptions, Delivery, EmulatorError, Ledger};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::run::Platforms;
use super::{Persona, PersonaRole, SHOP_NAME, STAFF_CHAT_ID};

/// Messages kept on a phone.
const KEPT: usize = 100;

/// The phones of all personas.
pub(super) struct Phones {
    platforms: Arc<Platforms>,
    personas: Vec<Persona>,
    phones: Mutex<HashMap<&'static str, Phone>>,
    changes: broadcast::Sender<String>,
    duplicates: Arc<AtomicU64>,
}

#[derive(Default)]
struct Phone {
    messages: VecDeque<PlaygroundMessage>,
    last_sent: Option<Sent>,
}

impl Phones {
    pub(super) fn new(platforms: Arc<Platforms>, personas: Vec<Persona>, duplicates: Arc<AtomicU64>) -> Self {
        let phones = personas.iter().map(|persona| (persona.key, Phone::default())).collect();
        Self { platforms, personas, phones: Mutex::new(phones), changes: broadcast::channel(256).0, duplicates }
    }

    /// Watches both ledgers for messages to the personas.
    pub(super) fn follow(self: &Arc<Self>, stop: &CancellationToken) {
        for ledger in [self.platforms.whatsapp.ledger(), self.platforms.telegram.ledger()] {
            tokio::spawn(Arc::clone(self).watch(ledger.clone(), stop.clone()));
        }
    }

    async fn watch(self: Arc<Self>, ledger: Ledger, stop: CancellationToken) {
        let mut entries = ledger.subscribe();
        loop {
            let entry = tokio::select! {
                () = stop.cancelled() => return,
                entry = entries.recv() => entry,
            };
            match entry {
                Ok(entry) => {
                    if let Happening::Sent(message) = entry.what {
                        self.arrived(&message);
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    fn arrived(&self, message: &SentMessage) {
        if !message.accepted {
            return;
        }
        let to = message.to.trim_start_matches('+');
        for persona in &self.personas {
            let theirs = match persona.role {
                PersonaRole::Shopper { wa_id } | PersonaRole::Member { wa_id, .. } => wa_id == to,
                PersonaRole::Staff { telegram_user_id, .. } => {
                    to == STAFF_CHAT_ID.to_string() || to == telegram_user_id.to_string()
                }
            };
            if !theirs {
                continue;
            }
            let buttons = message
                .buttons
                .iter()
                .map(|button| Button { id: button.id.clone(), title: button.title.clone() })
                .collect();
            let mut phones = self.phones();
            let phone = phones.entry(persona.key).or_default();
            // An answer means that what the persona wrote was read.
            for mine in phone.messages.iter_mut().filter(|message| message.mine) {
                mine.tick = Some("read".to_owned());
            }
            phone.push(PlaygroundMessage {
                id: message.id.clone(),
                mine: false,
                body: message.body.clone(),
                buttons,
                at: message.at,
                tick: None,
                file: message.media.as_ref().and_then(|media| self.on_phone(media)),
            });
            drop(phones);
            let _ = self.changes.send(persona.key.to_owned());
        }
    }

    /// A picture or document as the phone shows it: its bytes stay where it was given.
    fn on_phone(&self, media: &SentMedia) -> Option<PlaygroundFile> {
        let (mime_type, bytes) = self.platforms.whatsapp.file(&media.id)?;
        let name = media.filename.clone().unwrap_or_else(|| format!("{}.png", media.id));
        Some(PlaygroundFile { id: media.id.clone(), mime_type, name, bytes: bytes.len() })
    }

    fn phones(&self) -> MutexGuard<'_, HashMap<&'static str, Phone>> {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn persona(&self, id: &str) -> Result<&Persona, PlaygroundError> {
        self.personas.iter().find(|persona| persona.key == id).ok_or(PlaygroundError::Unknown)
    }

    async fn deliver(&self, persona: &Persona, input: &PlaygroundInput) -> Result<(Delivery, String), EmulatorError> {
        let options = DeliverOptions { copies: input.copies.clamp(1, 3), ..DeliverOptions::default() };
        match persona.role {
            PersonaRole::Shopper { wa_id } | PersonaRole::Member { wa_id, .. } => {
                let mut message = InboundMessage::new(Person::new(wa_id, persona.name), content(&input.body));
                if let PlaygroundBody::Tap { of_message, .. } = &input.body {
                    message.reply_to = Some(of_message.clone());
                }
                let delivery = self.platforms.whatsapp.deliver(&message, &options).await?;
                let key = delivery.id.clone();
                Ok((delivery, key))
            }
            PersonaRole::Staff { telegram_user_id, .. } => {
                let from = TelegramUser::new(telegram_user_id, persona.name);
                let chat = Some(TelegramChat(STAFF_CHAT_ID));
                let telegram = &self.platforms.telegram;
                let delivery = match &input.body {
                    PlaygroundBody::Tap { id, of_message, .. } => {
                        let message_id = of_message.parse().unwrap_or_default();
                        let tap = TelegramTap { from, chat, message_id, data: id.clone(), update_id: None };
                        telegram.deliver_tap(&tap, &options).await?
                    }
                    body => {
                        let (text, reply_to) = reply(words(body));
                        let message = TelegramMessage { from, chat, text, reply_to, update_id: None };
                        telegram.deliver_message(&message, &options).await?
                    }
                };
                let key = format!("staff:{}", delivery.id);
                Ok((delivery, key))
            }
        }
    }
}

/// `>12 texto` answers message 12, as a swipe does on a real phone.
fn reply(text: String) -> (String, Option<i64>) {
    let answered = text.strip_prefix('>').and_then(|rest| rest.split_once(char::is_whitespace));
    match answered.and_then(|(number, words)| Some((number.trim().parse().ok()?, words.trim().to_owned()))) {
        Some((number, words)) => (words, Some(number)),
        None => (text, None),
    }
}

fn words(body: &PlaygroundBody) -> String {
    match body {
        PlaygroundBody::Text(text) => text.clone(),
        PlaygroundBody::Tap { title, .. } => title.clone(),
        PlaygroundBody::Voice => "🎤".to_owned(),
        PlaygroundBody::Location => "📍".to_owned(),
    }
}

fn content(body: &PlaygroundBody) -> InboundContent {
    match body {
        PlaygroundBody::Text(text) => InboundContent::Text(text.clone()),
        PlaygroundBody::Tap { id, title, .. } => InboundContent::Button { id: id.clone(), title: title.clone() },
        PlaygroundBody::Voice => InboundContent::Voice {},
        PlaygroundBody::Location => InboundContent::Location {
            // The main square of Bogotá.
            latitude: 4.5981,
            longitude: -74.0758,
            name: Some("Plaza de Bolívar".to_owned()),
            address: Some("Bogotá".to_owned()),
        },
    }
}

impl Phone {
    fn push(&mut self, message: PlaygroundMessage) {
        self.messages.push_back(message);
        while self.messages.len() > KEPT {
            self.messages.pop_front();
        }
    }
}

#[async_trait::async_trait]
impl Playground for Phones {
    fn personas(&self) -> Vec<Shown> {
        self.personas.iter().map(shown).collect()
    }

    async fn send(&self, persona: &str, input: PlaygroundInput) -> Result<Sent, PlaygroundError> {
        let persona = self.persona(persona)?;
        let at = SystemClock.now();
        // On the phone before the answer can be: it may arrive while the webhook is still being answered.
        let placeholder = format!("out-{}", at.as_micros());
        {
            let mut phones = self.phones();
            let phone = phones.entry(persona.key).or_default();
            phone.push(PlaygroundMessage {
                id: placeholder.clone(),
                mine: true,
                body: words(&input.body),
                buttons: Vec::new(),
                at,
                tick: Some("sent".to_owned()),
                file: None,
            });
        }
        let _ = self.changes.send(persona.key.to_owned());
        let (delivery, key) =
            self.deliver(persona, &input).await.map_err(|error| PlaygroundError::Unreachable(error.to_string()))?;
        let status = delivery.status().unwrap_or_default();
        {
            let mut phones = self.phones();
            let phone = phones.entry(persona.key).or_default();
            if let Some(message) = phone.messages.iter_mut().find(|message| message.id == placeholder) {
                message.id.clone_from(&delivery.id);
                let read = message.tick.as_deref() == Some("read");
                if status == 200 && !read {
                    message.tick = Some("delivered".to_owned());
                }
            }
            phone.last_sent = Some(Sent { provider_id: key.clone(), status });
        }
        let _ = self.changes.send(persona.key.to_owned());
        match status {
            200 => Ok(Sent { provider_id: key, status }),
            0 => Err(PlaygroundError::Unreachable("no answer".to_owned())),
            other => Err(PlaygroundError::Refused(other)),
        }
    }

    async fn transcript(&self, persona: &str) -> Vec<PlaygroundMessage> {
        let Ok(persona) = self.persona(persona) else { return Vec::new() };
        self.phones().get(persona.key).map(|phone| phone.messages.iter().cloned().collect()).unwrap_or_default()
    }

    async fn last_sent(&self, persona: &str) -> Option<Sent> {
        let persona = self.persona(persona).ok()?;
        self.phones().get(persona.key)?.last_sent.clone()
    }

    fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }

    fn changes(&self) -> broadcast::Receiver<String> {
        self.changes.subscribe()
    }

    fn file(&self, id: &str) -> Option<File> {
        let shown = self
            .phones()
            .values()
            .flat_map(|phone| &phone.messages)
            .find_map(|message| message.file.clone().filter(|file| file.id == id))?;
        let (_, bytes) = self.platforms.whatsapp.file(id)?;
        let PlaygroundFile { mime_type, name, .. } = shown;
        Some(File { mime_type, name, alt: String::new(), bytes: bytes.to_vec() })
    }

    async fn reset(&self, persona: &str) {
        if let Ok(persona) = self.persona(persona) {
            self.phones().insert(persona.key, Phone::default());
            let _ = self.changes.send(persona.key.to_owned());
        }
    }
}

fn shown(persona: &Persona) -> Shown {
    let (kind, channel, counterpart) = match persona.role {
        PersonaRole::Shopper { .. } => (PersonaKind::Shopper, Channel::WhatsApp, SHOP_NAME),
        PersonaRole::Member { .. } => (PersonaKind::Member, Channel::WhatsApp, SHOP_NAME),
        PersonaRole::Staff { .. } => (PersonaKind::Staff, Channel::Telegram, "Recado · equipo"),
    };
    let (note, suggestions): (&str, &[&str]) = match persona.key {
        "yuliana" => (
            "pedido #1042, contra entrega, en camino",
            &[
                "hola",
                "¿dónde está mi pedido #1042?",
                "¿qué hay en mi pedido?",
                "quiero hablar con una persona",
                "onde está meu pedido?",
            ],
        ),
        "deisy" => ("dos pedidos activos", &["¿dónde está mi paquete?", "y el otro?", "menú", "me llegó dañado"]),
        "ana-maria" => (
            "dueña, ve la plata",
            &[
                "¿cuánto vendí hoy?",
                "¿cuánto vendí esta semana?",
                "¿y la pasada?",
                "¿cuánto vendí en octubre?",
                "mándame la gráfica",
                "pásame el informe de octubre en PDF",
                "¿hay algún incidente?",
            ],
        ),
        "brayan" => ("empleado, sin permiso de ver plata", &["¿dónde va el pedido 1042?", "¿cuánto vendimos ayer?"]),
        _ => ("equipo, en Telegram", &["/incidentes", "/cola", "/pedido 1042", "/ayuda"]),
    };
    Shown {
        id: persona.key.to_owned(),
        kind,
        name: persona.name.to_owned(),
        note: note.to_owned(),
        channel,
        counterpart: counterpart.to_owned(),
        suggestions: suggestions.iter().map(|text| (*text).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::reply;

    #[test]
    fn a_leading_mark_answers_a_message() {
        assert_eq!(reply(">12 ya voy".to_owned()), ("ya voy".to_owned(), Some(12)));
        assert_eq!(reply("> 12".to_owned()).1, None);
        assert_eq!(reply("/cola".to_owned()), ("/cola".to_owned(), None));
    }
}
