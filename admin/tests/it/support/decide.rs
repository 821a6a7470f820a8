//! What the toy answers.

use std::sync::Arc;

use recado_domain::command::{Entity, Understanding};
use recado_domain::conversation::{Conversation, Owner};
use recado_domain::effect::Effect;
use recado_domain::event::{EventContent, InternalEvent};
use recado_domain::incident::{Evidence, NewIncident};
use recado_domain::intent::Intent;
use recado_domain::outbound::{Button, OutboundMessage};
use recado_domain::turn::TurnTrace;
use recado_domain::{Clock, ConversationId, Language, Timestamp, TurnId};
use recado_store::engine::{Claim, Decided};

use super::toy::Toy;

impl Toy {
    pub(super) fn decide(&self, claim: Claim) -> Decided {
        let now = self.clock.now();
        let merchant = Arc::clone(&self.shops[&claim.merchant.unwrap_or(self.merchant)]);
        let text = text_of(&claim).unwrap_or_default();
        let first = claim.events.first().map(|event| event.content.clone());
        let mut conversation = claim.conversation.clone();
        if let Some(EventContent::Message(message)) = &first {
            let new = Conversation {
                id: ConversationId(claim.lane.0),
                merchant: merchant.id,
                person: message.from.clone(),
                phone_number_id: "100".to_owned(),
                profile_name: message.profile_name.clone(),
                language: Some(Language::Es),
                owner: Owner::Bot,
                stopped: false,
                last_inbound_at: None,
                turns: 0,
            };
            let mut known = conversation.unwrap_or(new);
            known.last_inbound_at = Some(message.sent_at);
            conversation = Some(known);
        }
        let mut effects = Vec::new();
        let mut trace = TurnTrace {
            agent: "desk".to_owned(),
            decision: "greeted".to_owned(),
            micros: 4_200,
            ..TurnTrace::default()
        };
        let mut say = |template: &str, body: &str, buttons: &[(&str, &str)]| {
            let buttons =
                buttons.iter().map(|(id, title)| Button { id: (*id).to_owned(), title: (*title).to_owned() }).collect();
            effects.push(Effect::Reply(OutboundMessage { buttons, ..OutboundMessage::text(template, body) }));
        };
        match first {
            Some(EventContent::Message(_)) if text.contains("persona") => {
                trace.agent = "person".to_owned();
                trace.decision = "handed_over".to_owned();
                say("waiting_for_person", "Ya le avisé al equipo. Una persona te responde por aquí.", &[]);
                if let Some(conversation) = conversation.as_mut() {
                    conversation.owner = Owner::Waiting { since: now };
                }
            }
            Some(EventContent::Message(_)) if text.contains("pedido") => {
                trace.agent = "orders".to_owned();
                trace.decision = "order_status".to_owned();
                trace.tools = vec!["own_order: 1".to_owned()];
                trace.understanding = Some(Understanding {
                    intent: Some(Intent::TrackOrder),
                    confidence: 0.93,
                    language: Some(Language::Es),
                    entities: vec![Entity::OrderNumber { value: "1842".to_owned() }.into()],
                });
                say(
                    "order_status",
                    "Tu pedido *#1842* va con *Coordinadora*, guía 77001842551.\nSale hoy a reparto en Medellín. Pagas *$189.900* al recibirlo.",
                    &[("contents", "¿Qué trae?"), ("human", "Hablar con alguien")],
                );
            }
            Some(EventContent::Message(_)) if text.contains("rechaza") => say("greeting", "RECHAZO", &[]),
            Some(EventContent::Message(_)) => {
                say(
                    "greeting",
                    "Hola, soy Recado, de *Casa Lienzo*. ¿En qué te ayudo?",
                    &[("track", "Mi pedido"), ("human", "Hablar con alguien"), ("menu", "Menú")],
                );
            }
            Some(EventContent::Internal(event)) => {
                decide_internal(&event, now, conversation.as_mut(), &mut trace, &mut say)
            }
            Some(EventContent::Staff(_)) => {
                say("staff_help", "Comandos: /incidents, /ack, /resolve", &[("incidents", "Incidentes")])
            }
            _ => {}
        }
        if text.contains("incidente") {
            effects.push(Effect::OpenIncident(NewIncident {
                merchant: merchant.id,
                kind: "carrier_delays".to_owned(),
                dimension: "interrapidisimo × cali".to_owned(),
                severity: 2,
                evidence: Evidence {
                    carrier: "Interrapidísimo".to_owned(),
                    city: "Cali".to_owned(),
                    active: 31,
                    problems: 9,
                    expected: 2.4,
                    chance: 0.000_31,
                    orders: vec!["#1829".to_owned(), "#1817".to_owned()],
                },
            }));
        }
        Decided {
            id: TurnId::new(now),
            claim,
            merchant,
            conversation,
            effects,
            trace,
            principal: "shopper",
            decided_at: now,
        }
    }
}

fn decide_internal(
    event: &InternalEvent,
    now: Timestamp,
    conversation: Option<&mut Conversation>,
    trace: &mut TurnTrace,
    say: &mut impl FnMut(&str, &str, &[(&str, &str)]),
) {
    let Some(conversation) = conversation else { return };
    trace.agent = "person".to_owned();
    event.label().clone_into(&mut trace.decision);
    match event {
        InternalEvent::TakenOver { staff_name } => {
            conversation.owner = Owner::Person { name: staff_name.clone(), since: now };
        }
        InternalEvent::HandedBack { .. } => conversation.owner = Owner::Bot,
        InternalEvent::StaffReply { staff_name, text } => {
            conversation.owner = Owner::Person { name: staff_name.clone(), since: now };
            say("staff_reply", text, &[]);
        }
        _ => {}
    }
}

pub(super) fn text_of(claim: &Claim) -> Option<String> {
    claim.events.iter().rev().find_map(|event| match &event.content {
        EventContent::Message(message) => message.body.words().map(str::to_owned),
        _ => None,
    })
}
