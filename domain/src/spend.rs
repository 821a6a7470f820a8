//! What a language model may cost, and who keeps count. Money here is what a provider charges, in millionths of a US
//! dollar, so that no call is too cheap to be counted; it never mixes with a shop's books.

use crate::{ConversationId, MerchantId};

/// An amount used, or allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Calls.
    pub calls: u64,
    /// Tokens, those of the question and those of the answer.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub micro_dollars: u64,
}

impl Spend {
    /// No limit.
    pub const UNLIMITED: Self = Self { calls: u64::MAX, tokens: u64::MAX, micro_dollars: u64::MAX };

    /// The sum, at the largest number there is if it would be larger.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_add(other.calls),
            tokens: self.tokens.saturating_add(other.tokens),
            micro_dollars: self.micro_dollars.saturating_add(other.micro_dollars),
        }
    }
    /// The difference, never below nothing.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            calls: self.calls.saturating_sub(other.calls),
            tokens: self.tokens.saturating_sub(other.tokens),
            micro_dollars: self.micro_dollars.saturating_sub(other.micro_dollars),
        }
    }
    /// Whether it stays within a limit in every respect.
    pub const fn fits(self, limit: Self) -> bool {
        self.calls <= limit.calls && self.tokens <= limit.tokens && self.micro_dollars <= limit.micro_dollars
    }
}

/// Who is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpendScope {
    /// One conversation.
    Conversation(ConversationId),
    /// One shop.
    Merchant(MerchantId),
    /// Everybody together.
    House,
}

impl SpendScope {
    /// A word for logs and metrics.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Conversation(_) => "conversation",
            Self::Merchant(_) => "merchant",
            Self::House => "house",
        }
    }
}

/// Why an amount may not be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSpent {
    /// A limit is reached.
    #[error("the day's budget of the {} is used up", .0.label())]
    OverBudget(SpendScope),
    /// The day's account cannot be reached now. What cannot be counted is not spent.
    #[error("the day's account cannot be reached")]
    NoAccount,
}

/// Keeps the day's account. Reservations come before calls and are settled after them, so that calls at the same time
/// cannot pass a limit together: what is overspent is at most what one call turned out to cost more than expected.
#[async_trait::async_trait]
pub trait SpendLedger: Send + Sync {
    /// Adds an amount to all scopes of a day, or to none.
    ///
    /// # Errors
    /// The first scope whose limit would be passed, or that nobody can tell.
    async fn reserve(&self, day: i64, scopes: &[(SpendScope, Spend)], amount: Spend) -> Result<(), NotSpent>;
    /// Replaces a reserved amount by the actual one.
    async fn settle(&self, day: i64, scopes: &[(SpendScope, Spend)], reserved: Spend, actual: Spend);
    /// What a scope used on a day.
    async fn used(&self, day: i64, scope: SpendScope) -> Spend;
}

/// One call of a model, for the record. Holds no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCall {
    /// The configured name of the provider.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// What for: `commands`, `rewording`, `summary`, `transcription`, `meaning`.
    pub purpose: &'static str,
    /// How it ended: `ok`, or why not.
    pub outcome: &'static str,
    /// Tokens of the question.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// Millionths of a US dollar.
    pub micro_dollars: u64,
    /// Milliseconds from question to answer.
    pub millis: u64,
}

impl ModelCall {
    /// One line for a turn's trace and the audit.
    pub fn line(&self) -> String {
        format!(
            "model {} {}: {}, {}+{} tokens, {} µUSD, {} ms",
            self.provider,
            self.purpose,
            self.outcome,
            self.prompt_tokens,
            self.completion_tokens,
            self.micro_dollars,
            self.millis
        )
    }
}
