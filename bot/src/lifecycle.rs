//! Starting and stopping: every task is tracked and takes a token.
//!
//! SIGTERM or SIGINT cancels the *soft* token: take nothing new, finish what you have. After the bounded wait, or at a
//! second signal, the *hard* token is cancelled: let go at once (leases expire, nothing acknowledged is lost). A task
//! that panics, fails, or ends although nobody asked stops the whole process with a non-zero code.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long tasks may take to finish after the soft stop.
pub const GRACE: Duration = Duration::from_secs(25);

/// What the process tells its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or stopped as asked.
    Done,
    /// Anything else that failed.
    Failed,
    /// Wrong usage or configuration.
    Usage,
    /// The store is not available.
    StoreUnavailable,
    /// Another process holds the embedded database.
    AlreadyRunning,
}

impl Exit {
    /// The number, as documented in docs/config.md.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::StoreUnavailable => 3,
            Self::AlreadyRunning => 4,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Tokens and tasks of a running process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    failure: Arc<Mutex<Option<String>>>,
}

impl Lifecycle {
    /// Nothing runs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Take nothing new, finish what you have.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Let go at once.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Asks for an orderly stop.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Asks for a stop because something is wrong; the first reason counts.
    pub fn fail(&self, task: &str, reason: &str) {
        tracing::error!(task.name = task, error = reason, "a task failed; stopping");
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert_with(|| format!("{task}: {reason}"));
        drop(failure);
        self.soft.cancel();
    }

    /// Runs a task of the process's life. It should end after [`Lifecycle::soft`], and must after
    /// [`Lifecycle::hard`]; ending before is a failure.
    pub fn spawn<F, E>(&self, name: &'static str, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: std::fmt::Display,
    {
        let lifecycle = self.clone();
        self.tasks.spawn(async move {
            // Its state is dropped with it, so nothing half-changed is seen after a panic.
            match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) if lifecycle.soft.is_cancelled() => {}
                Ok(Ok(())) => lifecycle.fail(name, "ended although nobody asked"),
                Ok(Err(error)) => lifecycle.fail(name, &error.to_string()),
                Err(panic) => lifecycle.fail(name, &format!("panicked: {}", words(panic.as_ref()))),
            }
        });
    }

    /// Waits for a signal or a failure, then for the tasks, and says how it went.
    pub async fn run(&self) -> Exit {
        tokio::select! {
            () = self.soft.cancelled() => {}
            name = stop_signal() => {
                tracing::info!(signal = name, "stopping; send it again to stop at once");
                self.soft.cancel();
            }
        }
        self.wind_down(GRACE, stop_signal()).await
    }

    /// The second half of [`Lifecycle::run`]: waits for the tasks up to `grace` or `hurry`, then lets go.
    pub async fn wind_down<H>(&self, grace: Duration, hurry: impl Future<Output = H>) -> Exit {
        self.tasks.close();
        let late = tokio::select! {
            () = self.tasks.wait() => false,
            () = tokio::time::sleep(grace) => true,
            _ = hurry => true,
        };
        self.hard.cancel();
        if late {
            // One more second for tasks to notice; what still runs dies with the process.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.tasks.wait()).await;
            tracing::warn!(tasks.left = self.tasks.len(), "stopped before everything had finished");
        }
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(_) => Exit::Failed,
            None => Exit::Done,
        }
    }

    /// Why it failed, if it did.
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("?")
}

/// The next SIGTERM or SIGINT. Never, where signals cannot be listened to.
pub async fn stop_signal() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("signals cannot be listened to; stop this process with SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::future::pending;

    #[tokio::test]
    async fn an_asked_stop_waits_for_the_tasks_and_is_success() {
        let lifecycle = Lifecycle::new();
        let (soft, finished) = (lifecycle.soft(), Arc::new(std::sync::atomic::AtomicBool::new(false)));
        let mark = Arc::clone(&finished);
        lifecycle.spawn("worker", async move {
            soft.cancelled().await;
            tokio::task::yield_now().await;
            mark.store(true, std::sync::atomic::Ordering::SeqCst);
            Ok::<_, Infallible>(())
        });
        lifecycle.stop();
        assert_eq!(lifecycle.run().await, Exit::Done);
        assert!(finished.load(std::sync::atomic::Ordering::SeqCst));
        assert!(lifecycle.hard().is_cancelled());
    }

    #[tokio::test]
    async fn a_panic_a_failure_and_an_early_end_stop_everything_with_a_non_zero_code() {
        let panics: fn(&Lifecycle) = |lifecycle| {
            lifecycle.spawn("worker", async {
                if true {
                    panic!("boom");
                }
                Ok::<_, Infallible>(())
            });
        };
        let fails: fn(&Lifecycle) = |lifecycle| lifecycle.spawn("worker", async { Err::<(), _>("no store") });
        let ends: fn(&Lifecycle) = |lifecycle| lifecycle.spawn("worker", async { Ok::<_, Infallible>(()) });
        for (spawn, reason) in [(panics, "boom"), (fails, "no store"), (ends, "nobody asked")] {
            let lifecycle = Lifecycle::new();
            let soft = lifecycle.soft();
            lifecycle.spawn("other", async move {
                soft.cancelled().await;
                Ok::<_, Infallible>(())
            });
            spawn(&lifecycle);
            assert_eq!(lifecycle.run().await, Exit::Failed);
            let failure = lifecycle.failure().unwrap();
            assert!(failure.starts_with("worker: ") && failure.contains(reason), "{failure}");
        }
    }

    #[tokio::test]
    async fn a_task_that_ignores_the_soft_stop_meets_the_hard_one() {
        let lifecycle = Lifecycle::new();
        let hard = lifecycle.hard();
        lifecycle.spawn("stubborn", async move {
            hard.cancelled().await;
            Ok::<_, Infallible>(())
        });
        lifecycle.stop();
        assert_eq!(lifecycle.wind_down(Duration::ZERO, pending::<()>()).await, Exit::Done);
    }

    #[tokio::test]
    async fn a_task_that_ignores_both_does_not_hold_the_process() {
        let lifecycle = Lifecycle::new();
        lifecycle.spawn("deaf", pending::<Result<(), Infallible>>());
        lifecycle.stop();
        assert_eq!(lifecycle.wind_down(GRACE, std::future::ready(())).await, Exit::Done);
    }
}
