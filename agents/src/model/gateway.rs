//! Asks a question: budgets, cache, providers, hedges, one repair, within one deadline.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use recado_domain::spend::{ModelCall, NotSpent, Spend, SpendLedger, SpendScope};
use recado_domain::{ConversationId, MerchantId, Timestamp};
use tokio::sync::Semaphore;

use super::breaker::Outcome;
use super::cache::{AnswerCache, Key};
use super::embedder::Embedder;
use super::pool::{Member, Pool, Ticket};
use super::purse::Purse;
use super::retry::RetryBudget;
use super::settings::Settings;
use super::transport::{CallError, TransportError};
use super::wire::{self, Message, Shape, Usage};

/// With less time left nothing more is begun.
const WORTH_BEGINNING: Duration = Duration::from_millis(250);
/// A pause that a server asks for, when it names none.
const USUAL_PAUSE: Duration = Duration::from_secs(2);
/// Of an answer so much is shown to the model again when it is to be repaired.
const SHOWN_AGAIN: usize = 1_000;

/// Why there is no answer. Never shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// So many questions are under way that this one is not asked.
    #[error("too many questions at once")]
    Busy,
    /// No provider may be asked now.
    #[error("no provider is available")]
    NoProvider,
    /// A limit is reached: `turn`, `conversation`, `merchant` or `house`.
    #[error("the budget of the {0} is used up")]
    OverBudget(&'static str),
    /// The day's account cannot be reached, so nothing may be spent.
    #[error("the day's account cannot be reached")]
    NoAccount,
    /// Nothing came in time.
    #[error("no answer in time")]
    TooLate,
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What came was of no use, twice.
    #[error("the answer is of no use: {0}")]
    Useless(String),
    /// The model declined.
    #[error("the model declined")]
    Declined,
}

impl AskError {
    /// A word for metrics.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::NoProvider => "no_provider",
            Self::OverBudget(_) => "over_budget",
            Self::NoAccount => "no_account",
            Self::TooLate => "too_late",
            Self::Call(error) => error.label(),
            Self::Useless(_) => "useless",
            Self::Declined => "declined",
        }
    }
}

/// A question.
pub struct Ask<'a> {
    /// What for: `commands`, `rewording`, `summary`.
    pub purpose: &'static str,
    /// For whom.
    pub merchant: MerchantId,
    /// For whom, exactly.
    pub conversation: ConversationId,
    /// The instant of the turn; names the day that is charged.
    pub now: Timestamp,
    /// The prompt.
    pub messages: Vec<Message>,
    /// The wanted shape of the answer; `None` = any text.
    pub shape: Option<&'a Shape>,
    /// What the turn may take.
    pub purse: &'a Purse,
}

/// Who pays for a call, besides everybody together.
pub struct Charge<'a> {
    /// For which shop; `None` = for all.
    pub merchant: Option<MerchantId>,
    /// For whom, exactly; `None` = for nobody in particular.
    pub conversation: Option<ConversationId>,
    /// The instant; names the day that is charged.
    pub now: Timestamp,
    /// What the turn, or a task of its own, may take.
    pub purse: &'a Purse,
}

impl Ask<'_> {
    const fn charge(&self) -> Charge<'_> {
        let (merchant, conversation) = (Some(self.merchant), Some(self.conversation));
        Charge { merchant, conversation, now: self.now, purse: self.purse }
    }
}

/// The gateway. Shared by all workers; holds nothing of any database.
pub struct Gateway {
    settings: Settings,
    pool: Pool,
    embedder: Option<Embedder>,
    room: Arc<Semaphore>,
    retries: Mutex<RetryBudget>,
    ledger: Arc<dyn SpendLedger>,
    cache: AnswerCache,
}

/// The day of an instant, in UTC.
const fn day(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(86_400_000_000)
}

impl Gateway {
    /// A gateway over the configured providers.
    ///
    /// # Errors
    /// When a client cannot be made.
    pub fn new(settings: Settings, ledger: Arc<dyn SpendLedger>) -> Result<Self, TransportError> {
        Ok(Self {
            pool: Pool::new(&settings.providers, settings.hedge_after)?,
            embedder: settings.embedding.as_ref().map(Embedder::new).transpose()?,
            room: Arc::new(Semaphore::new(settings.concurrency.max(1))),
            retries: Mutex::new(RetryBudget::new(settings.retry_percent)),
            ledger,
            cache: AnswerCache::new(settings.cache),
            settings,
        })
    }

    /// How it is set up.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The providers.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// What makes vectors, where one is configured.
    pub(super) const fn embedder(&self) -> Option<&Embedder> {
        self.embedder.as_ref()
    }

    /// A full purse for a turn that begins now.
    pub fn purse(&self) -> Purse {
        Purse::new(Instant::now(), self.settings.deadline, self.settings.budgets.turn)
    }

    fn retry(&self) -> std::sync::MutexGuard<'_, RetryBudget> {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and gives what `accept` makes of the answer. What it refuses, with a reason, is asked for once more.
    ///
    /// # Errors
    /// See [`AskError`]; each means that the caller goes on without a model.
    pub async fn ask<T: Send>(
        &self,
        ask: &Ask<'_>,
        accept: &(dyn Fn(&str) -> Result<T, String> + Sync),
    ) -> Result<T, AskError> {
        let outcome = self.race(ask, accept).await;
        let label = outcome.as_ref().map_or_else(AskError::label, |_| "ok");
        metrics::counter!("recado_model_questions_total", "purpose" => ask.purpose, "outcome" => label).increment(1);
        if let Err(error) = &outcome {
            tracing::debug!(model.purpose = ask.purpose, %error, "no answer of a model");
        }
        outcome
    }

    async fn race<T: Send>(
        &self,
        ask: &Ask<'_>,
        accept: &(dyn Fn(&str) -> Result<T, String> + Sync),
    ) -> Result<T, AskError> {
        let began = Instant::now();
        let ends = ask.purse.ends();
        if ends.saturating_duration_since(began) < WORTH_BEGINNING {
            return Err(AskError::TooLate);
        }
        let mut candidates = self.pool.order(began).into_iter();
        for member in self.pool.members() {
            let remembered = self.cache.get(&Key::of(ask, &member.provider().model));
            if let Some(value) = remembered.and_then(|text| accept(&text).ok()) {
                metrics::counter!("recado_model_cached_total", "purpose" => ask.purpose).increment(1);
                return Ok(value);
            }
        }
        let Some(_room) = self.room() else { return Err(AskError::Busy) };
        let Some(first) = candidates.find_map(|member| member.admit(began)) else { return Err(AskError::NoProvider) };
        self.retry().earn();
        let hedge = tokio::time::sleep(first.member().patience());
        let over = tokio::time::sleep(ends.saturating_duration_since(began));
        tokio::pin!(hedge, over);
        let mut hedging = true;
        // With nobody else to ask, the first is asked again, once.
        let mut again = Some(Arc::clone(first.member()));
        let mut running = FuturesUnordered::new();
        running.push(self.attempt(ask, first, accept));
        loop {
            // Dropping attempts is what gives them up: their tickets tell the pool, their reservations stand.
            tokio::select! {
                biased;
                Some(outcome) = running.next() => {
                    let error = match outcome {
                        Ok(value) => return Ok(value),
                        Err(error) => error,
                    };
                    let time_left = ends.saturating_duration_since(Instant::now()) >= WORTH_BEGINNING;
                    let helpful = time_left && running.is_empty();
                    let another = match &error {
                        AskError::OverBudget(_) | AskError::NoAccount | AskError::Declined => None,
                        _ if !helpful => None,
                        error => self.another(&mut candidates).or_else(|| self.once_more(error, &mut again)),
                    };
                    match another {
                        Some(ticket) => running.push(self.attempt(ask, ticket, accept)),
                        None if running.is_empty() => return Err(error),
                        None => {}
                    }
                }
                () = &mut hedge, if hedging => {
                    hedging = false;
                    if let Some(ticket) = self.another(&mut candidates) {
                        metrics::counter!("recado_model_hedges_total").increment(1);
                        running.push(self.attempt(ask, ticket, accept));
                    }
                }
                () = &mut over => return Err(AskError::TooLate),
            }
        }
    }

    /// The next provider that can be asked, if an extra call may be made at all.
    fn another(&self, candidates: &mut impl Iterator<Item = Arc<Member>>) -> Option<Ticket> {
        let ticket = candidates.find_map(|member| member.admit(Instant::now()))?;
        self.retry().take().then_some(ticket)
    }

    /// The first provider once more, after a failure that may pass.
    fn once_more(&self, error: &AskError, again: &mut Option<Arc<Member>>) -> Option<Ticket> {
        let passing = match error {
            AskError::Call(CallError::Refused { status, .. }) => *status >= 500,
            AskError::Call(CallError::Unreachable | CallError::Cut | CallError::Unreadable) => true,
            _ => false,
        };
        let ticket = again.take().filter(|_| passing)?.admit(Instant::now())?;
        self.retry().take().then_some(ticket)
    }

    /// One provider's answer, with one repair.
    async fn attempt<T: Send>(
        &self,
        ask: &Ask<'_>,
        ticket: Ticket,
        accept: &(dyn Fn(&str) -> Result<T, String> + Sync),
    ) -> Result<T, AskError> {
        let member = Arc::clone(ticket.member());
        let (answer, ticket) = self.call(ask, &ask.messages, &member, ticket).await?;
        let problem = match accept(&answer) {
            Ok(value) => {
                ticket.settle(Outcome::Good);
                self.cache.put(Key::of(ask, &member.provider().model), answer);
                return Ok(value);
            }
            Err(problem) => problem,
        };
        ticket.settle(Outcome::Useless);
        metrics::counter!("recado_model_repairs_total", "provider" => member.provider().name.clone()).increment(1);
        let left = ask.purse.ends().saturating_duration_since(Instant::now());
        let again = if left >= WORTH_BEGINNING { member.admit(Instant::now()) } else { None };
        // A repair is an extra call like any other.
        let Some(ticket) = again.filter(|_| self.retry().take()) else { return Err(AskError::Useless(problem)) };
        let mut messages = ask.messages.clone();
        messages.push(Message::assistant(answer.chars().take(SHOWN_AGAIN).collect::<String>()));
        messages.push(Message::user(format!("Refused: {problem}. Answer again with the JSON object alone.")));
        let (answer, ticket) = self.call(ask, &messages, &member, ticket).await?;
        match accept(&answer) {
            Ok(value) => {
                ticket.settle(Outcome::Good);
                Ok(value)
            }
            Err(problem) => {
                ticket.settle(Outcome::Useless);
                Err(AskError::Useless(problem))
            }
        }
    }

    /// One call within the budgets; asks in another way when the server dislikes the first.
    async fn call(
        &self,
        ask: &Ask<'_>,
        messages: &[Message],
        member: &Arc<Member>,
        ticket: Ticket,
    ) -> Result<(String, Ticket), AskError> {
        let provider = member.provider();
        let charge = ask.charge();
        let mut structure = member.structure();
        loop {
            let body =
                wire::chat(&provider.model, messages, ask.shape, structure, self.settings.max_tokens, provider.stream);
            let (prompt, completion) = (tokens_of(messages), u64::from(self.settings.max_tokens));
            let bill = self.reserve(ask.purpose, &charge, member, prompt, completion).await?;
            let began = Instant::now();
            let outcome = member.transport.chat(body).await;
            let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let label = outcome.as_ref().map_or_else(CallError::label, |_| "ok");
            let usage = match &outcome {
                Ok(reply) => {
                    reply.usage.unwrap_or(Usage { prompt: tokens_of(messages), completion: tokens(reply.text.len()) })
                }
                // A server that says no charges nothing.
                Err(CallError::Refused { .. } | CallError::Unreachable) => Usage::default(),
                // One that was cut off may have worked for it.
                Err(_) => Usage { prompt: tokens_of(messages), completion: u64::from(self.settings.max_tokens) },
            };
            bill.settle(usage, label, millis).await;
            match outcome {
                Ok(reply) if reply.refused => {
                    ticket.settle(Outcome::Useless);
                    return Err(AskError::Declined);
                }
                Ok(reply) => return Ok((reply.text, ticket)),
                Err(error) => {
                    if ask.shape.is_some()
                        && error.may_dislike_the_shape()
                        && let Some(next) = member.step_down(structure)
                    {
                        structure = next;
                        continue;
                    }
                    ticket.settle(judged(&error));
                    return Err(error.into());
                }
            }
        }
    }

    /// A place among all questions under way, if there is one.
    fn room(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        self.room.try_acquire().ok()
    }

    /// One call of one kind within the budgets: one provider, one try.
    pub(super) async fn single<T>(
        &self,
        purpose: &'static str,
        charge: &Charge<'_>,
        ticket: Ticket,
        tokens: u64,
        within: Duration,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, AskError> {
        let Some(_room) = self.room() else { return Err(AskError::Busy) };
        let left = charge.purse.ends().saturating_duration_since(Instant::now());
        if left < WORTH_BEGINNING {
            return Err(AskError::TooLate);
        }
        let member = Arc::clone(ticket.member());
        let bill = self.reserve(purpose, charge, &member, tokens, 0).await?;
        let began = Instant::now();
        let outcome = tokio::time::timeout(left.min(within), call).await.unwrap_or(Err(CallError::TimedOut));
        let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let label = outcome.as_ref().map_or_else(CallError::label, |_| "ok");
        let usage = match outcome {
            Err(CallError::Refused { .. } | CallError::Unreachable) => Usage::default(),
            _ => Usage { prompt: tokens, completion: 0 },
        };
        bill.settle(usage, label, millis).await;
        metrics::counter!("recado_model_questions_total", "purpose" => purpose, "outcome" => label).increment(1);
        match outcome {
            Ok(value) => {
                ticket.settle(Outcome::Good);
                Ok(value)
            }
            Err(error) => {
                ticket.settle(judged(&error));
                Err(error.into())
            }
        }
    }

    /// Charges what a call is expected to take, before it is made.
    async fn reserve<'a>(
        &'a self,
        purpose: &'static str,
        charge: &'a Charge<'_>,
        member: &'a Member,
        prompt: u64,
        completion: u64,
    ) -> Result<Bill<'a>, AskError> {
        let micro_dollars = member.provider().cost(prompt, completion);
        let amount = Spend { calls: 1, tokens: prompt.saturating_add(completion), micro_dollars };
        if !charge.purse.take(amount) {
            return Err(AskError::OverBudget("turn"));
        }
        let budgets = &self.settings.budgets;
        let conversation = charge.conversation.map(|id| (SpendScope::Conversation(id), budgets.conversation));
        let merchant = charge.merchant.map(|id| (SpendScope::Merchant(id), budgets.merchant));
        let scopes: Vec<(SpendScope, Spend)> =
            conversation.into_iter().chain(merchant).chain([(SpendScope::House, budgets.house)]).collect();
        if let Err(refused) = self.ledger.reserve(day(charge.now), &scopes, amount).await {
            charge.purse.give_back(amount);
            let label = match refused {
                NotSpent::OverBudget(scope) => scope.label(),
                NotSpent::NoAccount => "no_account",
            };
            metrics::counter!("recado_model_over_budget_total", "scope" => label).increment(1);
            return Err(match refused {
                NotSpent::OverBudget(scope) => AskError::OverBudget(scope.label()),
                NotSpent::NoAccount => AskError::NoAccount,
            });
        }
        Ok(Bill { ledger: &*self.ledger, purpose, charge, member, scopes, reserved: amount })
    }
}

/// A reservation under way. One that is dropped stands: a call that was given up may well be charged.
struct Bill<'a> {
    ledger: &'a dyn SpendLedger,
    purpose: &'static str,
    charge: &'a Charge<'a>,
    member: &'a Member,
    scopes: Vec<(SpendScope, Spend)>,
    reserved: Spend,
}

impl Bill<'_> {
    async fn settle(self, usage: Usage, outcome: &'static str, millis: u64) {
        let provider = self.member.provider();
        let micro_dollars = provider.cost(usage.prompt, usage.completion);
        let actual = Spend { calls: 1, tokens: usage.prompt.saturating_add(usage.completion), micro_dollars };
        self.ledger.settle(day(self.charge.now), &self.scopes, self.reserved, actual).await;
        let name = provider.name.clone();
        metrics::counter!("recado_model_calls_total", "provider" => name.clone(), "outcome" => outcome).increment(1);
        metrics::counter!("recado_model_tokens_total", "provider" => name.clone()).increment(actual.tokens);
        metrics::counter!("recado_model_micro_dollars_total", "provider" => name.clone()).increment(micro_dollars);
        metrics::histogram!("recado_model_call_seconds", "provider" => name.clone()).record(millis as f64 / 1000.0);
        let call = ModelCall {
            provider: name,
            model: provider.model.clone(),
            purpose: self.purpose,
            outcome,
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            micro_dollars,
            millis,
        };
        self.charge.purse.settle(self.reserved, actual, call);
    }
}

/// What an error says about its provider.
fn judged(error: &CallError) -> Outcome {
    match error {
        error if error.is_hopeless() => Outcome::Hopeless,
        CallError::Refused { status: 429 | 503, retry_after, .. } => {
            Outcome::Throttled(retry_after.unwrap_or(USUAL_PAUSE))
        }
        CallError::Refused { status: 500.., .. } | CallError::Unreachable | CallError::TimedOut | CallError::Cut => {
            Outcome::Bad
        }
        // It answers, though not as we like.
        CallError::Refused { .. } | CallError::Unreadable | CallError::TooLong => Outcome::Bad,
    }
}

/// A cautious guess of how many tokens so many bytes are: rather more than there will be.
const fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(3)
}

fn tokens_of(messages: &[Message]) -> u64 {
    messages.iter().map(|message| tokens(message.content.len()) + 8).sum()
}
