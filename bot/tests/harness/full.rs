//! D7: a disk that is full, and a sync that fails.

use std::time::{Duration, Instant};

use recado_emulators::whatsapp::{StatusName, StatusOptions};

use super::database::{Database, Kind};
use super::desk::{Desk, Plan};
use super::load::Load;

/// MiB of the disk.
const SIZE: u32 = 64;
/// The same beside what an empty server takes.
const SIZE_OF_POSTGRES: u32 = 96;

fn on_a_small_disk(kind: Kind) -> Plan {
    let size = match kind {
        Kind::Sqlite => SIZE,
        Kind::Postgres => SIZE_OF_POSTGRES,
    };
    // Long enough that no report that the full disk refuses is missed.
    Plan { disk: Some(size), settle: 30, ..Plan::new(kind, 1) }
}

/// One report of each message is enough here.
fn few_reports(desk: &Desk) {
    let steps = vec![StatusName::Sent];
    desk.platforms.whatsapp.set_statuses(StatusOptions { steps, retries: 20, ..StatusOptions::default() });
}

/// What the disk holds at this moment, as the next start would find it.
struct Snapshot {
    pool: sqlx::SqlitePool,
    _folder: tempfile::TempDir,
}

impl Snapshot {
    async fn of(desk: &Desk) -> Self {
        let Database::Sqlite(file) = &desk.database else { panic!("for SQLite only") };
        let folder = tempfile::tempdir().unwrap();
        desk.replicas[0].signal("STOP");
        for end in ["", "-wal"] {
            let name = format!("recado.db{end}");
            std::fs::copy(file.with_file_name(&name), folder.path().join(&name)).unwrap();
        }
        desk.replicas[0].signal("CONT");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("recado.db"));
        Self { pool: sqlx::SqlitePool::connect_with(options).await.unwrap(), _folder: folder }
    }

    async fn texts(&self, statement: &'static str) -> Vec<String> {
        sqlx::query_scalar(statement).fetch_all(&self.pool).await.unwrap()
    }
}

/// A column of the database as the next start would find it.
async fn texts(desk: &Desk, statement: &'static str) -> Vec<String> {
    match &desk.database {
        Database::Sqlite(_) => Snapshot::of(desk).await.texts(statement).await,
        Database::Postgres { .. } => {
            let pool = sqlx::PgPool::connect(&desk.database.url()).await.unwrap();
            let found = sqlx::query_scalar(statement).fetch_all(&pool).await.unwrap();
            pool.close().await;
            found
        }
    }
}

/// How many acknowledged messages are not in the database.
async fn missing(desk: &Desk, load: &Load) -> usize {
    load.missing(&texts(desk, "SELECT dedupe FROM events").await.into_iter().collect()).await
}

/// Every message was answered once, whatever was repeated; the file is sound.
async fn demand_good(desk: Desk, load: &Load, what: &str) {
    let mut verdict = desk.judge(&load.said(), Duration::from_secs(60), Duration::from_secs(3)).await;
    // What was refused came later, by the platform's choice.
    verdict.reordered.clear();
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good(what);
    if matches!(desk.database, Database::Sqlite(_)) {
        assert_eq!(texts(&desk, "PRAGMA integrity_check").await, ["ok"]);
    }
    assert_eq!(texts(&desk, "SELECT dedupe FROM events WHERE kind = 'message.text'").await.len(), load.sent);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_webhooks_is_not_ready_and_loses_nothing() {
    full_and_free_again(on_a_small_disk(Kind::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_on_a_full_disk_refuses_webhooks_is_not_ready_and_loses_nothing() {
    full_and_free_again(on_a_small_disk(Kind::Postgres)).await;
}

/// Fills the disk under load for ten seconds.
async fn full_and_free_again(plan: Plan) {
    let what = format!("a full disk under {:?}", plan.kind);
    let mut desk = Desk::start(plan).await;
    few_reports(&desk);
    let disk = desk.disk.take().unwrap();
    let mut load = Load::new(desk.front());
    load.run(Duration::from_secs(3)).await;

    let filling = disk.fill();
    let began = Instant::now();
    let (mut asked, mut unready) = (0, 0);
    let replica = &desk.replicas[0];
    let asking = async {
        while began.elapsed() < Duration::from_secs(10) {
            let answer = replica.probe("/readyz").await.map(|(status, _)| status);
            asked += 1;
            unready += usize::from(answer == Some(503));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::join!(asking, load.run(Duration::from_secs(10)));
    let full = filling.remove();
    let back = Instant::now();
    let refused_before = load.answers().await.iter().filter(|one| !one.accepted()).count();
    let ready = desk.replicas[0].becomes_ready(Duration::from_secs(10)).await;
    println!("{what}: ready again after {:?}", back.elapsed());
    assert!(ready, "not ready 10 s after there was room again\n{}", desk.words());
    load.run(Duration::from_secs(7)).await;

    let refused = load.answers().await.iter().filter(|one| !one.accepted()).count();
    for one in load.answers().await {
        let told = one.answer.status == Some(503) && one.answer.retry_after;
        assert!(one.accepted() || told, "message {}: {:?}\n{}", one.number, one.answer, desk.words());
    }
    let starts = desk.postgres.as_ref().map_or(0, |server| server.starts() - 1);
    println!(
        "{what}, {full} times: {} messages, {refused} refused, unready in {unready} of {asked} looks, {starts} restarts of a server",
        load.sent
    );
    // The log of SQLite has some room of its own, which is used up first.
    assert!(full > 0 && refused > 300, "the full disk did not bite");
    // A hundred a second. Those that had been waiting for a commit are refused for as long as they may wait, and on a slow
    // machine some arrive late.
    assert!(refused - refused_before < 300, "{} refused after there was room", refused - refused_before);
    // What little room comes and goes makes it ready for a moment.
    assert!(unready > asked / 6, "ready in {} of {asked} looks at a full disk", asked - unready);
    assert_eq!(missing(&desk, &load).await, 0, "acknowledged and not stored");
    assert_eq!(load.repeat().await, refused);
    demand_good(desk, &load, &what).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_ends_the_process_and_what_was_acknowledged_is_there() {
    let mut desk = Desk::prepare(Plan { settle: 30, ..Plan::new(Kind::Sqlite, 1) }).await;
    few_reports(&desk);
    // Of each thread, every sync after its first hundred and fifty.
    let failing = "inject=fsync,fdatasync:error=EIO:when=150+";
    let strace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", failing];
    desk.replicas[0].start_by(strace.map(str::to_owned).to_vec());
    desk.replicas[0].start().await;
    let mut load = Load::new(desk.front());
    let mut ended = None;
    // A busy machine takes its time for the first ones.
    for _ in 0..40 {
        load.run(Duration::from_secs(1)).await;
        ended = desk.replicas[0].ended();
        if ended.is_some() {
            break;
        }
    }
    let words = desk.words();
    let ended = ended.unwrap_or_else(|| panic!("it went on after a failed sync\n{words}"));
    assert_eq!(ended.code(), Some(3), "{words}");
    assert!(words.contains("a sync of the database failed"), "{words}");

    desk.replicas[0].start_by(Vec::new());
    desk.replicas[0].start().await;
    let answers = load.answers().await;
    let accepted = answers.iter().filter(|one| one.accepted()).count();
    println!("a failed sync: {} messages, {accepted} acknowledged before it", load.sent);
    assert!(accepted > 0 && accepted < load.sent);
    assert_eq!(missing(&desk, &load).await, 0, "acknowledged and not stored");
    load.repeat().await;
    demand_good(desk, &load, "a failed sync").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_answer_before_the_commit_is_seen_on_a_full_disk() {
    let mut desk = Desk::start(on_a_small_disk(Kind::Sqlite).sabotaged("ack_before_commit")).await;
    few_reports(&desk);
    let disk = desk.disk.take().unwrap();
    let mut load = Load::new(desk.front());
    load.run(Duration::from_secs(1)).await;
    let filling = disk.fill();
    load.run(Duration::from_secs(4)).await;
    filling.remove();
    let missing = missing(&desk, &load).await;
    println!("control ack_before_commit: {missing} of {} acknowledged and not stored", load.sent);
    assert!(missing > 0, "the harness is blind to promises that a full disk breaks");
    desk.end().await;
}
