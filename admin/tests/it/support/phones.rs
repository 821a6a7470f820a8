//! The phones of the Playground.

use std::sync::atomic::Ordering;

use recado_admin::playground::{
    Persona, PersonaKind, Playground, PlaygroundBody, PlaygroundError, PlaygroundInput, PlaygroundMessage, Sent,
};
use recado_domain::Clock;
use recado_domain::contact::Channel;
use recado_domain::event::{Destination, EventContent, LaneKey, Source, StaffBody, StaffMessage};
use recado_domain::message::MessageBody;
use tokio::sync::broadcast;

use super::toy::Toy;

const YULIANA: (&str, &str) = ("573001234418", "Yuliana Patiño");
const ANA: (&str, &str) = ("573001112233", "Ana María Restrepo");

#[async_trait::async_trait]
impl Playground for Toy {
    fn file(&self, _id: &str) -> Option<recado_domain::attachment::File> {
        None
    }

    fn personas(&self) -> Vec<Persona> {
        let persona =
            |id: &str, kind, name: &str, note: &str, channel, counterpart: &str, suggestions: &[&str]| Persona {
                id: id.to_owned(),
                kind,
                name: name.to_owned(),
                note: note.to_owned(),
                channel,
                counterpart: counterpart.to_owned(),
                suggestions: suggestions.iter().map(|text| (*text).to_owned()).collect(),
            };
        vec![
            persona(
                "yuliana",
                PersonaKind::Shopper,
                "Yuliana",
                "pedido #1842 contra entrega",
                Channel::WhatsApp,
                "Casa Lienzo",
                &["¿Dónde está mi pedido #1842?", "¿Qué trae mi pedido?", "Quiero hablar con una persona", "Cancelar"],
            ),
            persona(
                "ana",
                PersonaKind::Member,
                "Ana María",
                "dueña de Casa Lienzo",
                Channel::WhatsApp,
                "Casa Lienzo",
                &["¿Cuánto vendí hoy?", "¿Cuánto vendí en octubre?"],
            ),
            persona(
                "laura",
                PersonaKind::Staff,
                "Laura",
                "en Telegram",
                Channel::Telegram,
                "Recado",
                &["/incidents", "/inbox"],
            ),
        ]
    }

    async fn send(&self, persona: &str, input: PlaygroundInput) -> Result<Sent, PlaygroundError> {
        let (body, shown) = match input.body {
            PlaygroundBody::Text(text) => (MessageBody::Text { text: text.clone() }, text),
            PlaygroundBody::Tap { id, title, .. } => (MessageBody::Choice { id, title: title.clone() }, title),
            PlaygroundBody::Voice | PlaygroundBody::Location => {
                (MessageBody::Location { latitude: 6.2, longitude: -75.6, label: None }, "Medellín".to_owned())
            }
        };
        let id = self.next(if persona == "laura" { "bot:" } else { "wamid" });
        let sent = Sent { provider_id: id.clone(), status: 200 };
        self.phones.lock().unwrap().entry(persona.to_owned()).or_default().push(PlaygroundMessage {
            id: id.clone(),
            mine: true,
            body: shown.clone(),
            buttons: Vec::new(),
            at: self.clock.now(),
            tick: Some("sent".to_owned()),
            file: None,
        });
        self.last.lock().unwrap().insert(persona.to_owned(), sent.clone());
        for _ in 0..input.copies {
            match persona {
                "yuliana" => self.deliver("100", YULIANA.0, YULIANA.1, &id, body.clone()).await,
                "ana" => self.deliver("100", ANA.0, ANA.1, &id, body.clone()).await,
                "laura" => {
                    let staff = StaffMessage {
                        chat_id: 7,
                        user_id: 7,
                        display_name: "Laura".to_owned(),
                        reply_to: None,
                        second_hand: false,
                        body: StaffBody::Text { text: shown.clone() },
                    };
                    let lane = LaneKey::Staff { chat_id: 7, user_id: 7 };
                    let destination = Destination::TelegramBot("bot".to_owned());
                    self.accept(Source::Telegram, destination, lane, id.clone(), EventContent::Staff(staff)).await
                }
                _ => return Err(PlaygroundError::Unknown),
            };
        }
        let _ = self.changed.send(persona.to_owned());
        self.work().await;
        let _ = self.changed.send(persona.to_owned());
        Ok(sent)
    }

    async fn transcript(&self, persona: &str) -> Vec<PlaygroundMessage> {
        self.phones.lock().unwrap().get(persona).cloned().unwrap_or_default()
    }

    async fn last_sent(&self, persona: &str) -> Option<Sent> {
        self.last.lock().unwrap().get(persona).cloned()
    }

    fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::SeqCst)
    }

    fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    async fn reset(&self, persona: &str) {
        self.phones.lock().unwrap().remove(persona);
        self.last.lock().unwrap().remove(persona);
        let _ = self.changed.send(persona.to_owned());
    }
}
