//! The whole benchmark: ceilings, then SQLite, then Postgres with Redis, again and again, into one table.
//!
//! Repetitions go round all of them, instead of one thing thrice, so that a slow minute of the machine falls on all
//! alike, and each ratio is of numbers measured within the same repetition.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use recado_domain::Secret;

use crate::bodies::{Arena, Webhooks};
use crate::burst::Burst;
use crate::histogram::Latency;
use crate::ingest::{self, Ingest, Ingested, Load};
use crate::output::say;
use crate::process::{self, Cluster, Process, Replica};
use crate::receiver::Receiver;
use crate::report::{Measure, Place, Report, Setting};
use crate::turns::Turns;
use crate::{ceilings, machine, probe};

const EVERYTHING: &str = "edge,worker,sender,timers,admin";
/// How long queues may take to empty after a load.
const EMPTYING: Duration = Duration::from_secs(60);

/// A benchmark to run.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The binary.
    pub recado: PathBuf,
    /// Where databases are made; they are removed at the end.
    pub directory: PathBuf,
    /// Rates, times, counts.
    pub setting: Setting,
}

/// What the steps share.
struct Run<'a> {
    whole: &'a Whole,
    root: &'a Path,
    secret: Secret,
    receiver: Receiver,
    cluster: Cluster,
    report: Report,
}

/// A fresh database, ready for replicas.
struct Stage {
    place: Place,
    name: String,
    replica: Replica,
    redis: Option<Process>,
}

impl Whole {
    /// Runs all of it; the table, and whether everything that was sent came out right.
    ///
    /// # Errors
    /// When something does not start or breaks off.
    pub async fn run(&self) -> anyhow::Result<(String, bool)> {
        ensure!(self.recado.exists(), "{} is not there: build it with `cargo build --release`", self.recado.display());
        std::fs::create_dir_all(&self.directory)?;
        let root = tempfile::Builder::new().prefix("recado-bench-").tempdir_in(&self.directory)?;
        if machine::file_system(root.path()) == "tmpfs" {
            say("the directory lies in memory: nothing there is durable, choose another with --directory");
        }
        let machine = machine::line(root.path(), &self.recado).await?;
        let mut run = Run {
            whole: self,
            root: root.path(),
            secret: Secret::new("0123456789abcdef0123456789abcdef"),
            receiver: Receiver::start(([127, 0, 0, 1], 0).into()).await?,
            cluster: Cluster::start(root.path()).await?,
            report: Report::default(),
        };
        for repetition in 1..=self.setting.repetitions {
            let last = repetition == self.setting.repetitions;
            say(&format!("repetition {repetition} of {}: ceilings", self.setting.repetitions));
            Box::pin(run.ceilings(repetition)).await.context("ceilings")?;
            for place in [Place::Sqlite, Place::Postgres] {
                run.ingest(place, repetition).await.with_context(|| format!("ingest, {place:?}"))?;
                run.turns(place, repetition, last).await.with_context(|| format!("turns, {place:?}"))?;
                if last {
                    let Setting { few, many, .. } = self.setting;
                    for (count, measure) in [(few, Measure::BacklogFew), (many, Measure::BacklogMany)] {
                        run.backlog(place, count, measure).await.with_context(|| format!("backlog, {place:?}"))?;
                    }
                }
            }
        }
        let Run { cluster, report, .. } = run;
        cluster.stop().await?;
        let right = [Measure::Lost, Measure::Gap, Measure::Unanswered].iter().all(|what| report.sum(*what) == 0.0);
        Ok((report.table(&machine, &self.setting), right))
    }
}

impl Run<'_> {
    fn length(&self) -> Duration {
        Duration::from_secs_f64(self.whole.setting.seconds)
    }

    fn add(&mut self, place: Place, measure: Measure, value: f64) {
        self.report.add(place, measure, value);
    }

    fn add_times(&mut self, place: Place, times: &[(Measure, Duration)]) {
        for (measure, time) in times {
            self.add(place, *measure, time.as_secs_f64() * 1_000.0);
        }
    }

    /// A fresh database.
    async fn stage(&self, place: Place, name: &str) -> anyhow::Result<Stage> {
        let directory = self.root.join(name);
        std::fs::create_dir_all(&directory)?;
        let (database, redis) = if place == Place::Sqlite {
            (format!("sqlite://{}", directory.join("recado.db").display()), None)
        } else {
            // Sessions of an earlier database would be found by people of the same numbers.
            (self.cluster.create(name).await?, Some(process::redis(&directory).await?))
        };
        let (redis, redis_url) = redis.unzip();
        let replica = Replica {
            program: self.whole.recado.clone(),
            directory,
            database,
            redis: redis_url,
            graph: self.receiver.address,
            secret: self.secret.clone(),
        };
        Ok(Stage { place, name: name.to_owned(), replica, redis })
    }

    async fn clear(&self, stage: Stage) -> anyhow::Result<()> {
        if let Some(redis) = stage.redis {
            redis.stop().await?;
        }
        if stage.place == Place::Postgres {
            self.cluster.remove(&stage.name).await?;
        }
        std::fs::remove_dir_all(&stage.replica.directory)?;
        Ok(())
    }

    async fn ceilings(&mut self, repetition: usize) -> anyhow::Result<()> {
        // The service makes its tables, so the ceilings have them with all their indexes.
        let postgres = self.stage(Place::Postgres, &format!("ceilings_postgres_{repetition}")).await?;
        postgres.replica.start("edge").await?.0.stop().await?;
        let (cluster, length) = (&self.cluster, self.length());
        let before = cluster.processor_time()?;
        let commits = ceilings::pgbench(cluster, &postgres.name, &postgres.replica.directory, length).await?;
        let spent = cluster.processor_time()?.saturating_sub(before);
        let rows = ceilings::postgres_batches(&postgres.replica.database, length).await?;
        self.clear(postgres).await?;
        self.add(Place::Ceiling, Measure::Pgbench, commits);
        let all = commits * length.as_secs_f64();
        self.add(Place::Ceiling, Measure::PgbenchTime, spent.as_secs_f64() * 1e6 / all);
        self.add(Place::Ceiling, Measure::PostgresBatches, rows);

        let sqlite = self.stage(Place::Sqlite, &format!("ceilings_sqlite_{repetition}")).await?;
        sqlite.replica.start("edge").await?.0.stop().await?;
        let rows = ceilings::sqlite_batches(&sqlite.replica.directory.join("recado.db"), length).await?;
        self.clear(sqlite).await?;
        self.add(Place::Ceiling, Measure::SqliteBatches, rows);

        let (server, address) = process::bare(self.root, &self.secret).await?;
        let load = self.load(address, Load::Most);
        let webhooks = Webhooks::new(&address.to_string(), &self.secret);
        let handled = load.send(Arc::new(Arena::of_messages(&webhooks, load.persons, 4_096)), true).await;
        server.stop().await?;
        ensure!(handled.is_clean(), "the bare handler refused: {handled:?}");
        self.add(Place::Ceiling, Measure::BareHandler, handled.rate);
        Ok(())
    }

    fn load(&self, address: std::net::SocketAddr, load: Load) -> Ingest {
        Ingest {
            address,
            secret: self.secret.clone(),
            load,
            length: self.length(),
            connections: self.whole.setting.connections,
            persons: self.whole.setting.persons,
        }
    }

    /// A replica that only takes webhooks.
    async fn ingest(&mut self, place: Place, repetition: usize) -> anyhow::Result<()> {
        let stage = self.stage(place, &format!("ingest_{repetition}_{place:?}").to_lowercase()).await?;
        let (process, address, _) = stage.replica.start("edge").await?;
        say(&format!("{place:?}: ingest"));
        let before = (process.processor_time()?, self.cluster.processor_time()?);
        let most = self.load(address, Load::Most).run().await;
        let after = (process.processor_time()?, self.cluster.processor_time()?);
        self.took(place, &most);
        self.add(place, Measure::Ingest, most.rate);
        self.add_times(place, &[(Measure::IngestP50, most.latency.p50), (Measure::IngestP99, most.latency.p99)]);
        let each = |time: Duration| time.as_secs_f64() * 1e6 / most.accepted as f64;
        self.add(place, Measure::IngestOurTime, each(after.0.saturating_sub(before.0)));
        if place == Place::Postgres {
            self.add(place, Measure::IngestPostgresTime, each(after.1.saturating_sub(before.1)));
        }
        let batches = if place == Place::Sqlite { Measure::SqliteBatches } else { Measure::PostgresBatches };
        for (ratio, ceiling) in [
            (Measure::OverPgbench, Measure::Pgbench),
            (Measure::OverBatches, batches),
            (Measure::OverBareHandler, Measure::BareHandler),
        ] {
            if let Some(ceiling) = self.report.last(Place::Ceiling, ceiling) {
                self.add(place, ratio, most.rate / ceiling);
            }
        }
        let many = Ingest { connections: self.whole.setting.many_connections, ..self.load(address, Load::Most) };
        let wide = many.run().await;
        self.took(place, &wide);
        self.add(place, Measure::IngestWide, wide.rate);
        self.add_times(place, &[(Measure::IngestWideP99, wide.latency.p99)]);
        if let Some(pgbench) = self.report.last(Place::Ceiling, Measure::Pgbench) {
            self.add(place, Measure::WideOverPgbench, wide.rate / pgbench);
        }
        let memory = process.memory()?;
        self.add(place, Measure::AfterIngest, memory.now);
        let steady = self.load(address, Load::Rate(self.whole.setting.ingest_rate)).run().await;
        self.took(place, &steady);
        let Latency { p50, p99, p999, longest, .. } = steady.latency;
        self.add_times(
            place,
            &[
                (Measure::IngestSteadyP50, p50),
                (Measure::IngestSteadyP99, p99),
                (Measure::IngestSteadyP999, p999),
                (Measure::IngestSteadyLongest, longest),
            ],
        );
        self.kept(place, address, 0, most.accepted + wide.accepted + steady.accepted).await?;
        process.stop().await?;
        self.clear(stage).await
    }

    fn took(&mut self, place: Place, ingested: &Ingested) {
        self.add(place, Measure::Refused, (ingested.refused + ingested.broken) as f64);
    }

    async fn kept(
        &mut self,
        place: Place,
        address: std::net::SocketAddr,
        before: i64,
        acknowledged: u64,
    ) -> anyhow::Result<()> {
        let kept = ingest::kept(address, before, acknowledged).await?;
        self.add(place, Measure::Lost, kept.lost as f64);
        self.add(place, Measure::Gap, kept.gap as f64);
        Ok(())
    }

    /// A replica that does everything.
    async fn turns(&mut self, place: Place, repetition: usize, last: bool) -> anyhow::Result<()> {
        let stage = self.stage(place, &format!("turns_{repetition}_{place:?}").to_lowercase()).await?;
        let (process, address, _) = stage.replica.start(EVERYTHING).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.add(place, Measure::Idle, process.memory()?.now);
        say(&format!("{place:?}: turns"));
        let Setting { outstanding, connections, persons, turn_rate, ingest_rate, .. } = self.whole.setting;
        let secret = self.secret.clone();
        let turns =
            Turns { address, secret, load: Load::Most, length: self.length(), outstanding, connections, persons };
        turns.tell_orders().await?;
        self.emptied(address).await?;
        let most = turns.run(&self.receiver).await;
        let steady = Turns { load: Load::Rate(turn_rate), ..turns }.run(&self.receiver).await;
        for turned in [&most, &steady] {
            self.add(place, Measure::Refused, turned.refused as f64);
            self.add(place, Measure::Unanswered, turned.unanswered as f64);
            self.add(place, Measure::Further, turned.further as f64);
        }
        self.add(place, Measure::Turns, most.rate);
        self.add(place, Measure::TurnsSteadyRate, steady.rate);
        self.add_times(
            place,
            &[
                (Measure::TurnsP50, most.latency.p50),
                (Measure::TurnsP99, most.latency.p99),
                (Measure::TurnsSteadyP50, steady.latency.p50),
                (Measure::TurnsSteadyP95, steady.latency.p95),
                (Measure::TurnsSteadyP99, steady.latency.p99),
                (Measure::TurnsSteadyP999, steady.latency.p999),
                (Measure::TurnsSteadyLongest, steady.latency.longest),
                (Measure::TurnsSteadyAcceptedP99, steady.accepted.p99),
            ],
        );
        self.add(place, Measure::AfterTurns, process.memory()?.now);
        self.bursts(place, address).await?;
        let before = self.emptied(address).await?.accepted;
        let beside = self.load(address, Load::Rate(ingest_rate)).run().await;
        self.took(place, &beside);
        self.add_times(
            place,
            &[
                (Measure::IngestWholeP50, beside.latency.p50),
                (Measure::IngestWholeP99, beside.latency.p99),
                (Measure::IngestWholeLongest, beside.latency.longest),
            ],
        );
        self.kept(place, address, before, beside.accepted).await?;
        self.emptied(address).await?;
        process.stop().await?;
        if last {
            self.starts(&stage).await?;
        }
        self.clear(stage).await
    }

    async fn bursts(&mut self, place: Place, address: std::net::SocketAddr) -> anyhow::Result<()> {
        let burst = Burst { address, secret: self.secret.clone(), persons: self.whole.setting.bursts, messages: 20 };
        let bursts = burst.run(&self.receiver).await;
        self.add(place, Measure::BurstsOnce, bursts.once as f64);
        self.add(place, Measure::BurstsTwice, bursts.twice as f64);
        self.add(place, Measure::BurstsOtherwise, (bursts.none + bursts.oftener) as f64);
        self.add(place, Measure::Refused, bursts.refused as f64);
        Ok(())
    }

    /// Waits until nothing is open and nothing is to be sent.
    async fn emptied(&self, address: std::net::SocketAddr) -> anyhow::Result<probe::Queues> {
        let empty = |queues: &probe::Queues| queues.open == 0 && queues.to_send == 0;
        let queues = probe::queues_until(address, EMPTYING, empty).await?;
        ensure!(empty(&queues), "the queues did not empty: {queues:?}");
        ensure!(
            queues.dead + queues.failed + queues.uncertain == 0,
            "something was given up, so nothing here can be compared: {queues:?}"
        );
        Ok(queues)
    }

    async fn starts(&mut self, stage: &Stage) -> anyhow::Result<()> {
        say(&format!("{:?}: starts", stage.place));
        let mut times = Vec::new();
        for _ in 0..self.whole.setting.starts.max(1) {
            let (process, _, took) = stage.replica.start(EVERYTHING).await?;
            process.stop().await?;
            times.push(took);
        }
        times.sort_unstable();
        self.add_times(stage.place, &[(Measure::Start, times[times.len() / 2])]);
        Ok(())
    }

    /// Conversations pile up while nobody works; then a worker starts.
    async fn backlog(&mut self, place: Place, count: usize, measure: Measure) -> anyhow::Result<()> {
        say(&format!("{place:?}: {count} conversations queued"));
        let stage = self.stage(place, &format!("backlog_{count}_{place:?}").to_lowercase()).await?;
        let (edge, address, _) = stage.replica.start("edge").await?;
        let webhooks = Webhooks::new(&address.to_string(), &self.secret);
        let mut load = self.load(address, Load::Most);
        load.length = Duration::from_secs(60);
        let queued = load.send(Arc::new(Arena::of_messages(&webhooks, count, count)), false).await;
        ensure!(queued.accepted == count as u64, "not all were queued: {queued:?}");
        edge.stop().await?;

        let replies = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&replies);
        self.receiver.tell(Arc::new(move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        }));
        let (worker, address, _) = stage.replica.start("worker,sender,timers").await?;
        let begun = Instant::now();
        // What the queue costs apart from what answering so many people costs: with few answered, the rest only waits.
        let mut first = None;
        while replies.load(Ordering::Relaxed) < count && begun.elapsed() < EMPTYING * 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            if first.is_none() && replies.load(Ordering::Relaxed) >= self.whole.setting.few {
                first = Some(worker.memory()?.most);
            }
        }
        let took = begun.elapsed();
        self.emptied(address).await?;
        let memory = worker.memory()?;
        self.add(place, measure, memory.most);
        let answered = replies.load(Ordering::Relaxed);
        self.add(place, Measure::Unanswered, count.saturating_sub(answered) as f64);
        self.add(place, Measure::Further, answered.saturating_sub(count) as f64);
        if measure == Measure::BacklogMany {
            if let Some(first) = first {
                self.add(place, Measure::BacklogFirst, first);
            }
            self.add(place, Measure::BacklogRate, answered as f64 / took.as_secs_f64());
        }
        self.receiver.tell(Arc::new(|_| {}));
        worker.stop().await?;
        self.clear(stage).await
    }
}
