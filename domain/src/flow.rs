//! Requests that take several questions: which there are, what they ask, and how far one is. Nothing that matters lives
//! only here: a request counts when it was confirmed, and then it is an effect.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::Timestamp;
use crate::intent::Intent;

/// A kind of request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the name says it")]
pub enum FlowKind {
    ChangeShippingAddress,
    CancelOrder,
    PostponeDelivery,
    ReturnOrder,
    ExchangeProduct,
    ConfirmOrder,
    RefundRequest,
    DeleteMyData,
    ExportMyData,
}

impl FlowKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ChangeShippingAddress,
        Self::CancelOrder,
        Self::PostponeDelivery,
        Self::ReturnOrder,
        Self::ExchangeProduct,
        Self::ConfirmOrder,
        Self::RefundRequest,
        Self::DeleteMyData,
        Self::ExportMyData,
    ];

    /// The intent that begins it.
    pub const fn intent(self) -> Intent {
        match self {
            Self::ChangeShippingAddress => Intent::ChangeShippingAddress,
            Self::CancelOrder => Intent::CancelOrder,
            Self::PostponeDelivery => Intent::PostponeDelivery,
            Self::ReturnOrder => Intent::ReturnOrder,
            Self::ExchangeProduct => Intent::ExchangeProduct,
            Self::ConfirmOrder => Intent::ConfirmOrder,
            Self::RefundRequest => Intent::RefundRequest,
            Self::DeleteMyData => Intent::DeleteMyData,
            Self::ExportMyData => Intent::ExportMyData,
        }
    }
    /// The name in traces, buttons and the audit: that of its intent.
    pub const fn name(self) -> &'static str {
        self.intent().name()
    }
    /// The request that an intent begins, if it begins one.
    pub fn of(intent: Intent) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.intent() == intent)
    }
    /// Reads [`FlowKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A datum that a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// Which order; kept in [`FlowState::order`].
    Order,
    /// Street and number.
    Street,
    /// Neighbourhood, colonia, distrito, comuna, bairro…
    Area,
    /// Postal code.
    Zip,
    /// City or municipality.
    City,
    /// Flat, tower, landmark.
    Detail,
    /// A day, as `2026-12-01`.
    Date,
    /// Which product of the order.
    Product,
    /// What is wanted instead.
    Wanted,
    /// Why.
    Reason,
}

impl Slot {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Order,
        Self::Street,
        Self::Area,
        Self::Zip,
        Self::City,
        Self::Detail,
        Self::Date,
        Self::Product,
        Self::Wanted,
        Self::Reason,
    ];
    /// The name in traces, buttons and the table of words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Street => "street",
            Self::Area => "area",
            Self::Zip => "zip",
            Self::City => "city",
            Self::Detail => "detail",
            Self::Date => "date",
            Self::Product => "product",
            Self::Wanted => "wanted",
            Self::Reason => "reason",
        }
    }
    /// Reads [`Slot::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }
}

/// What a request waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "at", content = "slot", rename_all = "snake_case")]
pub enum Step {
    /// The answer to the question for a datum.
    Ask(Slot),
    /// A yes or no to all of it.
    Confirm,
    /// Which datum is wrong.
    Fix,
}

/// One request under way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FlowState {
    /// Which.
    pub kind: FlowKind,
    /// The order's name, once known.
    pub order: Option<String>,
    /// The order is not the asker's by phone: they named its e-mail or phone. Staff is told so.
    pub proven: bool,
    /// What is known. A datum that was skipped is an empty text.
    pub slots: BTreeMap<Slot, String>,
    /// What is waited for.
    pub step: Step,
    /// What was offered to choose from: names of orders, titles of products.
    pub choices: Vec<String>,
    /// Answers in a row that were none.
    pub failures: u8,
    /// A person was offered with the last question.
    pub offered: bool,
    /// What was set last: what a correction means when it names nothing.
    pub last_set: Option<Slot>,
}

impl FlowState {
    /// A request of which nothing is known.
    pub const fn new(kind: FlowKind) -> Self {
        Self {
            kind,
            order: None,
            proven: false,
            slots: BTreeMap::new(),
            step: Step::Ask(Slot::Order),
            choices: Vec::new(),
            failures: 0,
            offered: false,
            last_set: None,
        }
    }
    /// Names this question in buttons, so that a tap on an old one answers nothing else (at most 50 bytes).
    pub fn tag(&self) -> String {
        let order = self.order.as_deref().map(crate::order::order_number).unwrap_or_default();
        format!("{}:{}", self.kind.name(), order.chars().take(24).collect::<String>())
    }
    /// What is known of a datum; a skipped one is not.
    pub fn value(&self, slot: Slot) -> Option<&str> {
        self.slots.get(&slot).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The requests under way; the last one is spoken of, those below wait for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FlowStack {
    /// Shape of what follows. Another number than ours is read as "no request".
    version: u8,
    /// Bottom first.
    pub flows: Vec<FlowState>,
    /// When the last question of a request was asked.
    pub said_at: Option<Timestamp>,
}

impl Default for FlowStack {
    fn default() -> Self {
        Self { version: Self::VERSION, flows: Vec::new(), said_at: None }
    }
}

impl FlowStack {
    /// The shape written today.
    pub const VERSION: u8 = 1;
    /// Most requests that wait for each other.
    pub const DEEPEST: usize = 3;

    /// The request that is spoken of.
    pub fn top(&self) -> Option<&FlowState> {
        self.flows.last()
    }
    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
    /// Whether none is under way.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }
    /// For `serde`: what cannot be read is no request, and the rest of the session stays.
    pub(crate) fn readable<'de, D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(source)?;
        let read = serde_json::from_value::<Self>(value).ok();
        Ok(read.filter(|stack| stack.version == Self::VERSION).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Session;

    #[test]
    fn a_session_with_an_unreadable_request_keeps_the_rest() {
        let mut session = Session { last_order: Some("#1042".into()), ..Session::default() };
        session.flows.flows.push(FlowState::new(FlowKind::CancelOrder));
        let text = serde_json::to_string(&session).unwrap();
        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
        for (from, to) in [("\"version\":1", "\"version\":9"), ("cancel_order", "levitate"), ("\"proven\"", "\"x\"")] {
            let read: Session = serde_json::from_str(&text.replace(from, to)).unwrap();
            assert!(read.flows.is_empty(), "{from}");
            assert_eq!(read.last_order.as_deref(), Some("#1042"));
        }
        let old: Session = serde_json::from_str("{\"last_order\":\"#1\"}").unwrap();
        assert!(old.flows.is_empty());
    }

    #[test]
    fn names_read_back_and_tags_fit_a_button() {
        for kind in FlowKind::ALL {
            assert_eq!(FlowKind::from_name(kind.name()), Some(kind));
            let mut state = FlowState::new(kind);
            state.order = Some("#".to_owned() + &"9".repeat(60));
            assert!(format!("flow:yes:{}", state.tag()).len() <= 64);
        }
        for slot in Slot::ALL {
            assert_eq!(Slot::from_name(slot.name()), Some(slot));
        }
    }
}
