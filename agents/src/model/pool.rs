//! The providers and how they are doing, and which of them to ask.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::{Breaker, Change, Outcome};
use super::settings::{Provider, Structure};
use super::stats::{Stats, score};
use super::transport::{Transport, TransportError};

/// One provider with its record.
pub struct Member {
    /// How it is reached.
    pub transport: Transport,
    places: Arc<Semaphore>,
    /// How long it is waited for before another is asked, until its percentile is known.
    usual: Duration,
    live: Mutex<Live>,
}

struct Live {
    breaker: Breaker,
    stats: Stats,
    structure: Structure,
    /// An outage that nobody was told of yet.
    untold: bool,
}

impl Member {
    pub(super) fn new(provider: Arc<Provider>, usual: Duration) -> Result<Self, TransportError> {
        let structure = provider.structure;
        Ok(Self {
            places: Arc::new(Semaphore::new(provider.concurrency.max(1))),
            transport: Transport::new(provider)?,
            usual,
            live: Mutex::new(Live { breaker: Breaker::default(), stats: Stats::default(), structure, untold: false }),
        })
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its settings.
    pub fn provider(&self) -> &Provider {
        self.transport.provider()
    }

    /// Its worth at this moment; `None` when it is not to be asked.
    pub fn score(&self, now: Instant) -> Option<f64> {
        let free = self.places.available_permits();
        let live = self.live();
        if free == 0 || !live.breaker.would_admit(now) {
            return None;
        }
        let share = free as f64 / self.provider().concurrency.max(1) as f64;
        Some(score(live.stats.performance(), share, live.breaker.health()))
    }

    /// When a second provider should be asked besides this one: after the usual time until its 95th percentile is known,
    /// and never later than after twice the usual time.
    pub fn patience(&self) -> Duration {
        self.live().stats.p95().unwrap_or(self.usual).clamp(self.usual / 4, self.usual * 2)
    }

    /// A place for one call, if there is one and the breaker agrees.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Option<Ticket> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let admitted = self.live().breaker.admit(now);
        let patience = self.patience();
        admitted.then(|| Ticket { member: Arc::clone(self), began: now, patience, settled: false, _place: place })
    }

    /// How it is asked for a shape.
    pub fn structure(&self) -> Structure {
        self.live().structure
    }

    /// It refused a shape asked for in this way: the next way, if its own choice was left to us.
    pub fn step_down(&self, from: Structure) -> Option<Structure> {
        if self.provider().structure != Structure::Auto {
            return None;
        }
        let next = from.next()?;
        self.live().structure = next;
        tracing::info!(model.provider = self.provider().name, ?next, "the provider refused a shape, asking otherwise");
        Some(next)
    }

    /// Whether its breaker is open.
    pub fn is_out(&self) -> bool {
        self.live().breaker.is_open()
    }

    fn record(&self, outcome: Outcome, took: Duration) {
        let mut live = self.live();
        if !matches!(outcome, Outcome::Throttled(_)) {
            live.stats.record(took, outcome == Outcome::Good);
        }
        let change = live.breaker.record(outcome, Instant::now());
        let name = self.provider().name.clone();
        match change {
            Change::None => return,
            Change::Opened => {
                live.untold = true;
                tracing::warn!(model.provider = name, ?outcome, "a model provider fails and is left out for a while");
            }
            Change::Closed => {
                live.untold = false;
                tracing::info!(model.provider = name, "a model provider answers again");
            }
        }
        let open = if change == Change::Opened { 1.0 } else { 0.0 };
        metrics::gauge!("recado_model_provider_out", "provider" => name).set(open);
    }

    /// Whether it is out and nobody was told of it yet; from now on somebody was.
    pub(super) fn take_untold(&self) -> bool {
        std::mem::take(&mut self.live().untold)
    }
}

/// A call under way. It must be settled; one that is dropped was given up.
pub struct Ticket {
    member: Arc<Member>,
    began: Instant,
    patience: Duration,
    settled: bool,
    _place: OwnedSemaphorePermit,
}

impl Ticket {
    /// Tells how the call ended.
    pub fn settle(mut self, outcome: Outcome) -> Duration {
        self.settled = true;
        let took = self.began.elapsed();
        self.member.record(outcome, took);
        took
    }
    /// Whose it is.
    pub const fn member(&self) -> &Arc<Member> {
        &self.member
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        let took = self.began.elapsed();
        if took >= self.patience {
            // Another was faster, or the turn's time ran out: it was too slow either way.
            self.member.record(Outcome::Bad, took);
        } else {
            self.member.live().breaker.forget();
        }
    }
}

/// All providers.
pub struct Pool(Vec<Arc<Member>>);

impl Pool {
    /// Clients for all.
    ///
    /// # Errors
    /// When one cannot be made.
    pub fn new(providers: &[Provider], usual: Duration) -> Result<Self, TransportError> {
        let member = |one: &Provider| Member::new(Arc::new(one.clone()), usual).map(Arc::new);
        providers.iter().map(member).collect::<Result<_, _>>().map(Self)
    }

    /// Those to be asked, the best first.
    pub fn order(&self, now: Instant) -> Vec<Arc<Member>> {
        let mut order: Vec<(f64, &Arc<Member>)> =
            self.0.iter().filter_map(|member| Some((member.score(now)?, member))).collect();
        // Equals stay in the order of the configuration.
        order.sort_by(|one, other| other.0.total_cmp(&one.0));
        order.into_iter().map(|(_, member)| Arc::clone(member)).collect()
    }

    /// The first of the configuration, for what only it is configured for.
    pub fn first(&self) -> Option<&Arc<Member>> {
        self.0.first()
    }

    /// All of them.
    pub fn members(&self) -> &[Arc<Member>] {
        &self.0
    }

    /// The name of a provider whose outage nobody was told of yet.
    pub fn untold(&self) -> Option<String> {
        self.0.iter().find(|member| member.take_untold()).map(|member| member.provider().name.clone())
    }
}
