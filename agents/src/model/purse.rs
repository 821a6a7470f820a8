//! What one turn may still take: time, calls, tokens, money. Every question of a turn draws on the same purse.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::spend::{ModelCall, Spend};

/// The purse of a turn.
#[derive(Debug)]
pub struct Purse {
    ends: Instant,
    limit: Spend,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    used: Spend,
    calls: Vec<ModelCall>,
}

impl Purse {
    /// A full one.
    pub fn new(now: Instant, time: Duration, limit: Spend) -> Self {
        Self { ends: now + time, limit, inner: Mutex::default() }
    }
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// When the turn's time for models is over.
    pub const fn ends(&self) -> Instant {
        self.ends
    }
    /// Takes an amount, or nothing when it is not there.
    pub fn take(&self, amount: Spend) -> bool {
        let mut inner = self.inner();
        let sum = inner.used.plus(amount);
        let fits = sum.fits(self.limit);
        if fits {
            inner.used = sum;
        }
        fits
    }
    /// Puts back an amount that was taken for a call that was not made.
    pub fn give_back(&self, amount: Spend) {
        let mut inner = self.inner();
        inner.used = inner.used.minus(amount);
    }
    /// Replaces a taken amount by the actual one, and keeps the call for the record.
    pub fn settle(&self, taken: Spend, actual: Spend, call: ModelCall) {
        let mut inner = self.inner();
        inner.used = inner.used.minus(taken).plus(actual);
        inner.calls.push(call);
    }
    /// What was used.
    pub fn used(&self) -> Spend {
        self.inner().used
    }
    /// The calls so far, taken out.
    pub fn take_calls(&self) -> Vec<ModelCall> {
        std::mem::take(&mut self.inner().calls)
    }
}
