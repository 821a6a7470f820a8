//! Logs and metrics: one subscriber, one recorder, installed once by the binary.
//!
//! Rules of the house: fields are dotted by what they describe (`message.id`, `lane.id`), units stand in metric names,
//! a fault is logged once where it is handled, and personal data (phones, names, texts) and bodies never are.

use std::io::IsTerminal as _;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use recado_domain::TraceId;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Upper bounds of duration histograms, in seconds: fine around the promises that we make (5 s to answer a webhook,
/// 250 ms for a turn), and wide enough for outside calls.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0];
/// Upper bounds of sizes: events in a commit, messages in a burst.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// A subscriber is there already.
    #[error("logs are already set up: {0}")]
    Logs(#[from] tracing_subscriber::util::TryInitError),
    /// A recorder is there already, or the buckets are wrong.
    #[error("metrics cannot be set up: {0}")]
    Metrics(#[from] BuildError),
}

/// The recorder's handle.
#[derive(Clone)]
pub struct Telemetry {
    handle: PrometheusHandle,
}

impl Telemetry {
    /// All metrics in Prometheus' text format, for `/metrics`.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Keeps the recorder's memory bounded; run it as a task.
    pub async fn upkeep(self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = tick.tick() => self.handle.run_upkeep(),
            }
        }
    }
}

/// Installs both for the whole process.
///
/// # Errors
/// When one is installed already.
pub fn install(log: &Log) -> Result<Telemetry, TelemetryError> {
    install_logs(log)?;
    let handle = builder()?.install_recorder()?;
    Ok(Telemetry { handle })
}

/// Installs the log alone, for verbs that end by themselves. Lines go to standard error: standard output is for data.
///
/// # Errors
/// When one is installed already.
pub fn install_logs(log: &Log) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt as _;

    Ok(subscriber(log, std::io::stderr().is_terminal(), std::io::stderr).try_init()?)
}

fn subscriber<W>(log: &Log, colours: bool, writer: W) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'writer> tracing_subscriber::fmt::MakeWriter<'writer> + Send + Sync + 'static,
{
    // The filter was checked when the configuration was read.
    let filter = EnvFilter::builder().parse_lossy(&log.filter);
    // The models' client writes the bodies that it cannot read into its errors: they are people's words.
    let filter = match "async_openai=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => filter,
    };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match log.format {
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_span_list(false).finish()),
        LogFormat::Readable => Box::new(lines.with_ansi(colours).with_target(false).finish()),
    }
}

/// The recorder, with buckets by the unit in a histogram's name.
fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".to_owned()), SIZES)
}

/// A span that ties everything logged under it to one event, from webhook to send. Enter it with
/// [`tracing::Instrument`], never by a guard across an `.await`.
pub fn span(step: &'static str, trace: TraceId) -> tracing::Span {
    tracing::info_span!("recado", step, trace.id = %trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str) -> String {
        let lines = Lines::default();
        let sink = lines.clone();
        let log = Log { format, filter: filter.to_owned() };
        let trace = TraceId::derived(&["a webhook"]);
        tracing::subscriber::with_default(subscriber(&log, false, move || sink.clone()), || {
            span("turn", trace).in_scope(|| tracing::info!(lane.id = 7, "decided"));
            tracing::debug!("details");
        });
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_line_of_an_event_carries_its_trace_in_both_formats() {
        let trace = TraceId::derived(&["a webhook"]).to_string();
        let readable = logged(LogFormat::Readable, "info");
        assert!(
            readable.contains(&trace) && readable.contains("decided") && !readable.contains("details"),
            "{readable}"
        );
        let json: serde_json::Value = serde_json::from_str(&logged(LogFormat::Json, "info")).unwrap();
        assert_eq!((&json["message"], &json["lane.id"]), (&"decided".into(), &7.into()));
        assert_eq!((json["span"]["trace.id"].as_str(), &json["span"]["step"]), (Some(trace.as_str()), &"turn".into()));
        assert_eq!(logged(LogFormat::Readable, "error"), "");
    }

    #[test]
    fn durations_and_sizes_are_histograms_with_buckets() {
        let recorder = builder().unwrap().build_recorder();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("recado_turn_seconds").record(0.02);
            metrics::histogram!("recado_commit_size").record(3.0);
            metrics::counter!("recado_events_accepted_total").increment(2);
        });
        let text = handle.render();
        assert!(text.contains("recado_turn_seconds_bucket{le=\"0.025\"} 1"), "{text}");
        assert!(text.contains("recado_commit_size_bucket{le=\"4\"} 1"), "{text}");
        assert!(text.contains("recado_events_accepted_total 2"), "{text}");
    }
}
