//! What an agent has in hand during a turn: the input, the tools, and what was decided so far.

use recado_domain::command::Understanding;
use recado_domain::conversation::{Owner, Session};
use recado_domain::effect::{Effect, Subject};
use recado_domain::outbound::{Button, OutboundMessage};
use recado_domain::principal::Principal;
use recado_domain::tools::ToolBox;
use recado_domain::turn::{TurnInput, TurnTrace};
use recado_domain::{Language, MerchantId};
use serde_json::Value;

use crate::desk::TurnError;
use crate::model::Consultation;
use crate::moments::Moments;
use crate::understanding::Readings;
use crate::wording::{LONGEST_TITLE, Wording, clip};

/// A turn in the making.
pub struct Turn<'a> {
    /// Words.
    pub wording: &'a Wording,
    /// What came.
    pub input: &'a TurnInput,
    /// What may be read.
    pub tools: &'a ToolBox,
    /// Language of the answers.
    pub language: Language,
    /// Who answers, as of now in this turn.
    pub owner: Owner,
    /// What will be remembered.
    pub session: Session,
    /// Decided so far.
    pub effects: Vec<Effect>,
    /// Why.
    pub trace: TurnTrace,
    /// The words of the burst at hand.
    pub texts: Vec<String>,
    /// The same as it was written, without what staff is shown around it; empty when something was tapped.
    pub asked: String,
    /// The best readings of those words.
    pub readings: Readings,
    /// The name of the approved template by which summaries leave outside of the 24-hour window, where there is one.
    pub digest_template: Option<&'a str>,
    /// The name of the approved template by which reminders leave outside of the 24-hour window, where there is one.
    pub reminder_template: Option<&'a str>,
    /// A language model, where one is configured and this turn may ask it.
    pub model: Option<Consultation<'a>>,
}

impl<'a> Turn<'a> {
    /// The shop of the turn.
    pub fn merchant(&self) -> MerchantId {
        self.input.merchant.id
    }

    /// Says moments in the answer's language.
    pub fn moments(&self) -> Moments<'a> {
        self.moments_in(self.language)
    }

    /// Says moments in a language.
    pub fn moments_in(&self, language: Language) -> Moments<'a> {
        Moments { wording: self.wording, language, zone: self.input.merchant.zone(), now: self.input.now }
    }

    /// Whether the asker is a member who may see money.
    pub fn sees_money(&self) -> bool {
        matches!(&self.input.principal, Principal::Member { member, .. } if member.may_see_money())
    }

    /// Whether the asker is a member.
    pub fn is_member(&self) -> bool {
        matches!(self.input.principal, Principal::Member { .. })
    }

    /// A button whose title stands in the table of words.
    pub fn button(&self, id: &str, word: &str) -> Button {
        self.titled(id, self.wording.word(self.language, word))
    }

    /// A button with a title of its own.
    pub fn titled(&self, id: &str, title: &str) -> Button {
        Button { id: id.chars().take(64).collect(), title: clip(title, LONGEST_TITLE) }
    }

    /// A worded message.
    ///
    /// # Errors
    /// When the template does not render.
    pub fn message(&self, template: &str, context: &Value, buttons: Vec<Button>) -> Result<OutboundMessage, TurnError> {
        let body = self.wording.say(self.language, template, context)?;
        let label = (buttons.len() > 3).then(|| self.wording.word(self.language, "button.list").to_owned());
        Ok(OutboundMessage { buttons, list_label: label, ..OutboundMessage::text(template, body) })
    }

    /// Answers in this conversation or chat.
    ///
    /// # Errors
    /// As [`Turn::message`].
    pub fn reply(&mut self, template: &str, context: &Value, buttons: Vec<Button>) -> Result<(), TurnError> {
        let message = self.message(template, context, buttons)?;
        self.session.last_reply = Some(message.body.clone());
        self.session.last_options = message.buttons.iter().map(|button| button.id.clone()).collect();
        self.effects.push(Effect::Reply(message));
        Ok(())
    }

    /// Offers something more below the last answer.
    pub fn offer(&mut self, id: &str, word: &str) {
        let (button, label) = (self.button(id, word), self.wording.word(self.language, "button.list"));
        let last = self.effects.iter_mut().rev().find_map(|effect| match effect {
            Effect::Reply(message) => Some(message),
            _ => None,
        });
        let Some(message) = last else { return };
        self.session.last_options.push(button.id.clone());
        message.buttons.push(button);
        if message.buttons.len() > 3 {
            message.list_label = Some(label.to_owned());
        }
    }

    /// Tells the staff chats of the shop, in the shop's language.
    ///
    /// # Errors
    /// As [`Turn::message`].
    pub fn notify(
        &mut self,
        subject: Subject,
        template: &str,
        context: &Value,
        buttons: &[(String, &str)],
    ) -> Result<(), TurnError> {
        let language = std::mem::replace(&mut self.language, self.input.merchant.language);
        let buttons = buttons.iter().map(|(id, word)| self.button(id, word)).collect();
        let message = self.message(template, context, buttons);
        self.language = language;
        self.effects.push(Effect::NotifyStaff { merchant: self.merchant(), message: message?, subject });
        Ok(())
    }

    /// Changes who answers.
    pub fn set_owner(&mut self, owner: Owner) {
        self.owner = owner.clone();
        self.effects.push(Effect::SetOwner(owner));
    }

    /// Notes who decided what.
    pub fn decided(&mut self, agent: &str, decision: &str) {
        agent.clone_into(&mut self.trace.agent);
        decision.clone_into(&mut self.trace.decision);
    }

    /// Notes a call of a tool.
    pub fn used(&mut self, tool: impl Into<String>) {
        self.trace.tools.push(tool.into());
    }

    /// Keeps who did what.
    pub fn audit(&mut self, actor: &str, action: &str, object: &str, outcome: &str) {
        self.effects.push(Effect::Audit {
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: clip(object, 80),
            outcome: outcome.to_owned(),
        });
    }

    /// Keeps what was understood, for "why did it answer that?".
    pub fn understood(&mut self, understanding: Understanding) {
        self.trace.understanding = Some(understanding);
    }
}
