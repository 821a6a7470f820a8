//! Crash points for the reliability harness. In a usual build [`point`] is nothing; with the `chaos` feature it ends the
//! process, as abruptly as `kill -9`, when the plan says so.

/// A place at which the harness may end the process (RELIABILITY §4).
#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(feature = "chaos")]
pub use active::{plan, point};

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
}
