//! A dialogue, turn by turn.

use std::sync::Arc;

use recado_agents::Desk;
use recado_domain::contact::PersonIds;
use recado_domain::conversation::{Conversation, Owner, Session};
use recado_domain::effect::Effect;
use recado_domain::event::{EventContent, InternalEvent, StaffBody};
use recado_domain::finance::reminder::{DebtorContact, Past, PhoneSource, State};
use recado_domain::merchant::Merchant;
use recado_domain::message::MessageBody;
use recado_domain::outbound::OutboundMessage;
use recado_domain::principal::Principal;
use recado_domain::shipment::place_key;
use recado_domain::tools::{OrderView, ToolBox};
use recado_domain::turn::{TurnEvent, TurnInput, TurnOutcome};
use recado_domain::{ConversationId, EventId, Language, Timestamp};

use super::{DESK, Facts, NOW, at, contact, merchant, message, shopper, staff_event, text_event};

/// A dialogue that keeps its session, owner and language between turns.
pub struct Dialogue {
    pub principal: Principal,
    pub facts: Facts,
    pub merchant: Merchant,
    pub conversation: Option<Conversation>,
    pub session: Session,
    pub last: TurnOutcome,
    /// A desk of its own, e.g. one with a model.
    pub desk: Option<Arc<Desk>>,
    /// The instant of the next turn.
    pub now: Timestamp,
}

impl Dialogue {
    pub fn of(principal: Principal, facts: Facts) -> Self {
        let merchant = merchant("CO", Language::Es);
        let conversation = Conversation {
            id: ConversationId::of(contact()),
            merchant: merchant.id,
            person: PersonIds { user_id: None, wa_id: Some("573009998877".into()) },
            phone_number_id: "1".into(),
            profile_name: Some("Ana Ruiz".into()),
            language: None,
            owner: Owner::Bot,
            stopped: false,
            last_inbound_at: None,
            turns: 0,
        };
        let lane_of_person = !matches!(principal, Principal::Staff(_) | Principal::Stranger);
        let conversation = lane_of_person.then_some(conversation);
        Self {
            principal,
            facts,
            merchant,
            conversation,
            session: Session::default(),
            last: TurnOutcome::default(),
            desk: None,
            now: at(NOW),
        }
    }

    pub fn shopper(own: Vec<OrderView>) -> Self {
        Self::of(shopper(), Facts { own, ..Facts::default() })
    }

    fn tools(&self) -> ToolBox {
        match &self.principal {
            Principal::Shopper { .. } => ToolBox::Shopper(Box::new(self.facts.clone())),
            Principal::Member { .. } => ToolBox::Member(Box::new(self.facts.clone())),
            Principal::Staff(_) => ToolBox::Staff(Box::new(self.facts.clone())),
            Principal::System { .. } => ToolBox::System(Box::new(self.facts.clone())),
            Principal::Stranger => ToolBox::Empty,
        }
    }

    pub async fn try_events(&mut self, contents: Vec<EventContent>) -> Result<(), recado_agents::TurnError> {
        let now = self.now;
        if let Some(conversation) = self.conversation.as_mut()
            && contents.iter().any(|content| matches!(content, EventContent::Message(_)))
        {
            conversation.last_inbound_at = Some(now);
        }
        let events = contents
            .into_iter()
            .map(|content| TurnEvent { id: EventId::new(now), occurred_at: now, content })
            .collect();
        let input = TurnInput {
            merchant: Arc::new(self.merchant.clone()),
            conversation: self.conversation.clone(),
            session: self.session.clone(),
            principal: self.principal.clone(),
            events,
            now,
        };
        let desk = self.desk.as_deref().unwrap_or(&DESK);
        let outcome = desk.turn(&input, &self.tools()).await?;
        self.session = outcome.session.clone();
        for effect in &outcome.effects {
            match effect {
                Effect::KeepDigest(digest) => {
                    self.facts.digests.retain(|one| one.wish.kind != digest.wish.kind);
                    self.facts.digests.push(digest.clone());
                }
                Effect::DropDigest(kind) => {
                    self.facts.digests.retain(|one| kind.is_some_and(|kind| one.wish.kind != kind));
                }
                Effect::CheckRecommendation { code, .. } => self.facts.due.retain(|one| one.code != *code),
                Effect::CheckReminder { id } => self.facts.returned.retain(|one| one.id != *id),
                Effect::Remind(reminder) => {
                    let past = Past {
                        batch: reminder.batch,
                        invoices: reminder.invoices.iter().map(|invoice| invoice.id.clone()).collect(),
                        tone: reminder.tone,
                        approved_at: now,
                        send_at: reminder.send_at,
                        state: if reminder.send_at > now { State::Scheduled } else { State::Sent },
                    };
                    self.facts.reminded.push((place_key(&reminder.debtor), past));
                }
                Effect::KeepDebtor { debtor, digits, .. } => {
                    let told = DebtorContact {
                        digits: digits.clone(),
                        source: PhoneSource::Told,
                        reached: None,
                        member: None,
                    };
                    self.facts.debtors.push((debtor.clone(), told));
                }
                Effect::SettleReminder { dropped: None, .. } => {
                    if let Some(due) = &mut self.facts.reminder {
                        due.reminder.state = State::Sent;
                    }
                }
                Effect::ReminderAnswered { .. } => self.facts.reminder = None,
                _ => {}
            }
        }
        if let Some(conversation) = &mut self.conversation {
            for effect in &outcome.effects {
                match effect {
                    Effect::SetOwner(owner) => conversation.owner = owner.clone(),
                    Effect::SetLanguage(language) => conversation.language = Some(*language),
                    Effect::SetStopped(stopped) => conversation.stopped = *stopped,
                    _ => {}
                }
            }
        }
        self.last = outcome;
        Ok(())
    }

    pub async fn events(&mut self, contents: Vec<EventContent>) -> String {
        self.try_events(contents).await.unwrap();
        self.replies().iter().map(|reply| reply.body.clone()).collect::<Vec<_>>().join("\n---\n")
    }

    pub async fn says(&mut self, text: &str) -> String {
        self.events(vec![text_event(text)]).await
    }

    pub async fn taps(&mut self, id: &str) -> String {
        self.events(vec![message(MessageBody::Choice { id: id.into(), title: "x".into() })]).await
    }

    pub async fn internal(&mut self, event: InternalEvent) -> String {
        self.events(vec![EventContent::Internal(event)]).await
    }

    pub async fn staff_says(&mut self, text: &str, reply_to: Option<i64>) -> String {
        self.events(vec![staff_event(StaffBody::Text { text: text.into() }, reply_to, false)]).await
    }

    pub fn replies(&self) -> Vec<&OutboundMessage> {
        self.last
            .effects
            .iter()
            .filter_map(|effect| if let Effect::Reply(message) = effect { Some(message) } else { None })
            .collect()
    }

    pub fn notices(&self) -> Vec<&OutboundMessage> {
        self.last
            .effects
            .iter()
            .filter_map(|effect| if let Effect::NotifyStaff { message, .. } = effect { Some(message) } else { None })
            .collect()
    }

    pub fn buttons(&self) -> Vec<String> {
        self.replies().iter().flat_map(|reply| &reply.buttons).map(|button| button.id.clone()).collect()
    }

    pub fn decision(&self) -> (&str, &str) {
        (&self.last.trace.agent, &self.last.trace.decision)
    }

    pub fn owner(&self) -> &Owner {
        &self.conversation.as_ref().unwrap().owner
    }
}
