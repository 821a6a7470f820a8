//! Planted crashes and stalls for the reliability harness. In a usual build [`point`] and [`stall`] are nothing; with the
//! `chaos` feature they end the process, as abruptly as `kill -9`, or let a step take too long, when the plan says so.

/// A place at which the harness may end the process (RELIABILITY §4).
#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

/// A place within a step that is done elsewhere: begun, and nobody knows yet how it ended.
#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub fn within<F: Future>(_name: &'static str, step: F) -> F {
    step
}

/// A place at which the harness may let a step take longer than anybody waits.
#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub async fn stall(_name: &'static str) {}

#[cfg(feature = "chaos")]
pub use active::{plan, plan_stall, point, stall, within};

#[cfg(feature = "chaos")]
mod active {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static PLAN: OnceLock<(String, AtomicI64)> = OnceLock::new();
    static STALLS: OnceLock<Vec<(String, AtomicI64)>> = OnceLock::new();
    /// Longer than anything is waited for.
    const STALLED: std::time::Duration = std::time::Duration::from_secs(120);

    /// Sets the plan: end at the `nth` time that `name` is reached.
    pub fn plan(name: &str, nth: i64) {
        let _ = PLAN.set((name.to_owned(), AtomicI64::new(nth.max(1))));
    }

    /// Sets the stalls: at each of these places, the first so many times that it is reached.
    pub fn plan_stall(places: impl Iterator<Item = (String, i64)>) {
        let _ = STALLS.set(places.map(|(name, times)| (name, AtomicI64::new(times))).collect());
    }

    /// A place at which the harness may let a step take longer than anybody waits.
    pub async fn stall(name: &'static str) {
        let planned = STALLS.get().into_iter().flatten().find(|(planned, _)| planned == name);
        if planned.is_some_and(|(_, left)| left.fetch_sub(1, Ordering::SeqCst) > 0) {
            tokio::time::sleep(STALLED).await;
        }
    }

    /// A place at which the harness may end the process (RELIABILITY §4).
    pub fn point(name: &'static str) {
        if let Some((planned, left)) = PLAN.get()
            && planned == name
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            // No unwinding, no destructors, no flush.
            std::process::abort();
        }
    }

    /// A place within a step that is done elsewhere: begun, and nobody knows yet how it ended.
    pub async fn within<F: Future>(name: &'static str, step: F) -> F::Output {
        let mut step = std::pin::pin!(step);
        let mut begun = false;
        std::future::poll_fn(|context| {
            let outcome = step.as_mut().poll(context);
            if !std::mem::replace(&mut begun, true) {
                point(name);
            }
            outcome
        })
        .await
    }
}
