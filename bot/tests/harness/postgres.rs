//! A Postgres of our own on a small disk, its write-ahead log included; started again whenever it ends, as a service
//! manager does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::disk::Disk;
use super::replica::free_port;

/// How long the service manager waits before it starts an ended server again.
const REST: Duration = Duration::from_millis(200);

/// Ends with the value.
pub struct Postgres {
    port: u16,
    process: Arc<AtomicU32>,
    starts: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    manager: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(manager) = self.manager.take() {
            while !manager.is_finished() {
                let process = self.process.load(Ordering::SeqCst);
                if process != 0 {
                    // It may end by itself at this moment, so nothing is made of the outcome.
                    let _ = Command::new("kill").args(["-QUIT", &process.to_string()]).stderr(Stdio::null()).status();
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = manager.join();
        }
    }
}

/// The newest server's programs; Debian keeps them out of the path.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path()).filter(|folder| folder.join("bin").join(name).exists());
    let newest = found.max_by_key(|folder| numbers(&folder.file_name().unwrap_or_default().to_string_lossy()));
    newest.map_or_else(|| PathBuf::from(name), |folder| folder.join("bin").join(name))
}

/// A version as it is ordered: 9.6 comes before 10, and 10 before 17.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

#[test]
fn versions_are_ordered_by_their_numbers() {
    let mut versions = ["17", "9.6", "10", "9.10"];
    versions.sort_by_key(|version| numbers(version));
    assert_eq!(versions, ["9.6", "9.10", "10", "17"]);
}

/// A command within the disk, by somebody who is not root: the server refuses root.
fn within(disk: &Disk, program: &Path) -> Command {
    let mut words = disk.enter();
    words.extend(["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"].map(str::to_owned));
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).arg(program).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

impl Postgres {
    pub async fn start(disk: &Disk) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = disk.seen_from_inside().join("data");
        let mut made = within(disk, &program("initdb"));
        made.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        // A log of sixteen times the size would leave no room for anything else.
        made.arg("--wal-segsize=1");
        let made = made.stderr(Stdio::piped()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

        let (process, starts, stop) = (Arc::<AtomicU32>::default(), Arc::<AtomicU32>::default(), Arc::default());
        let port = free_port();
        let mut server = within(disk, &program("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "min_wal_size=2MB",
            "max_wal_size=16MB",
            "shared_buffers=16MB",
        ] {
            server.args(["-c", setting]);
        }
        server.stderr(std::fs::File::create(folder.path().join("words")).unwrap());
        let manager = std::thread::spawn({
            let (process, starts, stop) = (Arc::clone(&process), Arc::clone(&starts), Arc::clone(&stop));
            move || manage(server, &process, &starts, &stop)
        });
        let postgres = Self { port, process, starts, stop, manager: Some(manager), _folder: folder };
        postgres.answers().await;
        postgres
    }

    pub fn server(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// How often it was started.
    pub fn starts(&self) -> u32 {
        self.starts.load(Ordering::SeqCst)
    }

    async fn answers(&self) {
        use sqlx::Connection as _;
        let url = format!("{}/postgres", self.server());
        for _ in 0..200 {
            if let Ok(connection) = sqlx::PgConnection::connect(&url).await {
                connection.close().await.unwrap();
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("Postgres did not start");
    }
}

/// Starts the server again each time it ends, until it shall stop.
fn manage(mut server: Command, process: &AtomicU32, starts: &AtomicU32, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        let mut child = server.spawn().expect("util-linux has nsenter");
        starts.fetch_add(1, Ordering::SeqCst);
        process.store(child.id(), Ordering::SeqCst);
        child.wait().unwrap();
        process.store(0, Ordering::SeqCst);
        std::thread::sleep(REST);
    }
}
