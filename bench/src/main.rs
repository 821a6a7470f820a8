//! `recado-bench`: loads, and the ceilings beside them. See `bench/README.md`.

mod bare;
mod bodies;
mod burst;
mod ceilings;
mod connection;
mod finance;
mod histogram;
mod ingest;
mod machine;
mod output;
mod probe;
mod process;
mod receiver;
mod report;
mod schedule;
#[cfg(test)]
mod stub;
mod turns;
mod whole;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use recado_domain::Secret;

use crate::burst::Burst;
use crate::finance::Finance;
use crate::ingest::{Ingest, Load};
use crate::receiver::Receiver;
use crate::report::Setting;
use crate::turns::Turns;
use crate::whole::Whole;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(name = "recado-bench", about = "Loads for Recado, and the ceilings beside them")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Everything, on fresh databases, into one table
    Whole(WholeArgs),
    /// Signed webhooks to a running service
    Ingest(IngestArgs),
    /// Whole turns: webhook to a running service, reply to the receiver that listens here
    Turns(TurnsArgs),
    /// Many messages of one person at once
    Burst(BurstArgs),
    /// Figures of a very large shop
    Finance(FinanceArgs),
    /// The bare handler that checks signatures and does nothing else
    Bare(BareArgs),
}

#[derive(Debug, Args)]
struct WholeArgs {
    /// Once, and shorter
    #[arg(long)]
    quick: bool,
    /// Seconds of each load [default: 8, or 2 when quick]
    #[arg(long)]
    seconds: Option<f64>,
    /// Repetitions [default: 3, or 1 when quick]
    #[arg(long)]
    repetitions: Option<usize>,
    /// Webhooks a second of the open-loop ingest
    #[arg(long, default_value_t = 500.0)]
    ingest_rate: f64,
    /// Messages a second of the open-loop turns
    #[arg(long, default_value_t = 500.0)]
    turn_rate: f64,
    /// Connections of the webhooks
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Connections of the webhooks once more: a platform delivers over many
    #[arg(long, default_value_t = 256)]
    many_connections: usize,
    /// Persons waiting for a reply when there is no rate
    #[arg(long, default_value_t = 128)]
    outstanding: usize,
    /// The binary [default: `recado` beside this one]
    #[arg(long)]
    recado: Option<PathBuf>,
    /// Where databases are made; a real disk, not memory
    #[arg(long, default_value = "/var/tmp")]
    directory: PathBuf,
    /// Write the table here too
    #[arg(long)]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct FinanceArgs {
    /// Orders over two years
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// Variants they are of
    #[arg(long, default_value_t = 500)]
    products: u64,
    /// Cities they go to
    #[arg(long, default_value_t = 300)]
    cities: u64,
    /// A Postgres server (`postgres://postgres@127.0.0.1:5432/postgres`), where a database is made [default: SQLite]
    #[arg(long)]
    postgres: Option<String>,
    /// Where the SQLite file is made; a real disk, not memory
    #[arg(long, default_value = "/var/tmp")]
    directory: PathBuf,
    /// Readings of each figure
    #[arg(long, default_value_t = 20)]
    readings: usize,
    /// Also compute every figure from all facts in memory, and compare
    #[arg(long)]
    prove: bool,
}

#[derive(Debug, Args)]
struct ServiceArgs {
    /// Address of the service
    #[arg(long, default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// What the service has as `whatsapp.app_secret`
    #[arg(long, env = "RECADO_BENCH_SECRET", hide_env_values = true)]
    secret: String,
}

#[derive(Debug, Args)]
struct LoadArgs {
    /// So many a second, whatever the service does [default: as many as it takes]
    #[arg(long)]
    rate: Option<f64>,
    /// How long
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Connections at once
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Persons who write in turn
    #[arg(long, default_value_t = 2_000)]
    persons: usize,
}

impl LoadArgs {
    fn load(&self) -> Load {
        self.rate.map_or(Load::Most, Load::Rate)
    }
}

#[derive(Debug, Args)]
struct IngestArgs {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    load: LoadArgs,
}

#[derive(Debug, Args)]
struct TurnsArgs {
    #[command(flatten)]
    service: ServiceArgs,
    #[command(flatten)]
    load: LoadArgs,
    /// Where replies are received: the service's `whatsapp.api_base` is http://ADDRESS/v23.0
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Persons waiting for a reply when there is no rate
    #[arg(long, default_value_t = 128)]
    outstanding: usize,
    /// First tell of an order of each person; the service needs `shopify.shop = recado-bench.myshopify.com` and the
    /// same secret as `shopify.client_secret`
    #[arg(long)]
    orders: bool,
}

#[derive(Debug, Args)]
struct BurstArgs {
    #[command(flatten)]
    service: ServiceArgs,
    /// Where replies are received
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Persons
    #[arg(long, default_value_t = 1)]
    persons: usize,
    /// Messages of each
    #[arg(long, default_value_t = 20)]
    messages: usize,
}

#[derive(Debug, Args)]
struct BareArgs {
    /// Address
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Signs
    #[arg(long, env = "RECADO_BENCH_SECRET", hide_env_values = true)]
    secret: String,
}

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            output::say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether what was sent came out right.
fn run(verb: Verb) -> anyhow::Result<bool> {
    // The handler is given all cores, as the service is; a load takes one thread, to leave them the rest.
    let mut runtime = match verb {
        Verb::Bare(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    runtime.enable_all().build()?.block_on(async {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = Box::pin(carry_out(verb)) => outcome,
            // Dropping the work ends the processes that it started and removes its files.
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
            _ = terminated.recv() => anyhow::bail!("terminated"),
        }
    })
}

async fn carry_out(verb: Verb) -> anyhow::Result<bool> {
    match verb {
        Verb::Whole(args) => Box::pin(whole(args)).await,
        Verb::Finance(args) => finance(args).await,
        Verb::Ingest(args) => ingest(args).await,
        Verb::Turns(args) => turns(args).await,
        Verb::Burst(args) => burst(args).await,
        Verb::Bare(args) => {
            let listener = tokio::net::TcpListener::bind(args.listen).await?;
            bare::serve(listener, Secret::new(args.secret)).await?;
            Ok(true)
        }
    }
}

async fn whole(args: WholeArgs) -> anyhow::Result<bool> {
    let beside = || Some(std::env::current_exe().ok()?.with_file_name("recado"));
    let of = |long: usize, quick: usize| if args.quick { quick } else { long };
    let setting = Setting {
        repetitions: args.repetitions.unwrap_or(of(3, 1)).max(1),
        seconds: args.seconds.unwrap_or(of(8, 2) as f64),
        ingest_rate: args.ingest_rate,
        turn_rate: args.turn_rate,
        connections: args.connections,
        many_connections: args.many_connections,
        outstanding: args.outstanding,
        persons: of(2_000, 400),
        bursts: of(10, 5),
        few: of(1_000, 200),
        many: of(10_000, 1_000),
        starts: of(10, 3),
    };
    let recado = args.recado.or_else(beside).context("--recado is needed")?;
    // Children have working directories of their own.
    let whole = Whole { recado: std::path::absolute(recado)?, directory: args.directory, setting };
    let (table, right) = Box::pin(whole.run()).await?;
    output::print(&table)?;
    if let Some(output) = args.output {
        if let Some(folder) = output.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&output, &table).with_context(|| output.display().to_string())?;
    }
    if !right {
        output::say("something was lost or stayed unanswered; see the table");
    }
    Ok(right)
}

async fn finance(args: FinanceArgs) -> anyhow::Result<bool> {
    let FinanceArgs { orders, products, cities, postgres, directory, readings, prove } = args;
    let finance = Finance { orders, products, cities, postgres, directory, readings, prove };
    let (table, same) = finance.run().await?;
    output::print(&table)?;
    Ok(same)
}

async fn ingest(args: IngestArgs) -> anyhow::Result<bool> {
    let address = args.service.address;
    let before = probe::queues(address).await?.accepted;
    let ingest = Ingest {
        address,
        secret: Secret::new(args.service.secret),
        load: args.load.load(),
        length: Duration::from_secs_f64(args.load.seconds),
        connections: args.load.connections,
        persons: args.load.persons,
    };
    let outcome = ingest.run().await;
    output::print(&format!(
        "{:.0} accepted/s · sent {}, accepted {}, refused {}, unanswered {} · {}",
        outcome.rate, outcome.sent, outcome.accepted, outcome.refused, outcome.broken, outcome.latency
    ))?;
    let kept = ingest::kept(address, before, outcome.accepted).await?;
    output::print(&format!("acknowledged and lost {} · conservation gap {}", kept.lost, kept.gap))?;
    Ok(outcome.is_clean() && kept.lost == 0 && kept.gap == 0)
}

async fn turns(args: TurnsArgs) -> anyhow::Result<bool> {
    let receiver = Receiver::start(args.listen).await?;
    let turns = Turns {
        address: args.service.address,
        secret: Secret::new(args.service.secret),
        load: args.load.load(),
        length: Duration::from_secs_f64(args.load.seconds),
        outstanding: args.outstanding,
        connections: args.load.connections,
        persons: args.load.persons,
    };
    if args.orders {
        turns.tell_orders().await?;
        probe::queues_until(turns.address, Duration::from_secs(60), |queues| queues.open == 0).await?;
    }
    let outcome = turns.run(&receiver).await;
    output::print(&format!(
        "{:.0} replies/s · sent {}, refused {}, unanswered {}, further replies {}, strange requests {}",
        outcome.rate,
        outcome.sent,
        outcome.refused,
        outcome.unanswered,
        outcome.further,
        receiver.strange()
    ))?;
    output::print(&format!("webhook → reply: {}\nwebhook → 200: {}", outcome.latency, outcome.accepted))?;
    Ok(outcome.is_clean())
}

async fn burst(args: BurstArgs) -> anyhow::Result<bool> {
    let receiver = Receiver::start(args.listen).await?;
    let secret = Secret::new(args.service.secret);
    let burst = Burst { address: args.service.address, secret, persons: args.persons, messages: args.messages };
    let bursts = burst.run(&receiver).await;
    output::print(&format!(
        "{} bursts of {}: answered once {}, twice {}, oftener {}, never {} · webhooks refused {}",
        args.persons, args.messages, bursts.once, bursts.twice, bursts.oftener, bursts.none, bursts.refused
    ))?;
    Ok(bursts.none + bursts.oftener + bursts.refused == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
