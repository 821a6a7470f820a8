//! Crash points for the reliability harness. In a usual build [`point`] is nothing; with the `chaos` feature it ends the
//! process, as abruptly as `kill -9`, when the plan says so.

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

#[cfg(feature = "chaos")]
pub use active::{plan, point, within};

#[cfg(feature = "chaos")]
mod active {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static PLAN: OnceLock<(String, AtomicI64)> = OnceLock::new();

    /// Sets the plan: end at the `nth` time that `name` is reached.
    pub fn plan(name: &str, nth: i64) {
        let _ = PLAN.set((name.to_owned(), AtomicI64::new(nth.max(1))));
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
