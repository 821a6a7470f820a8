//! The program under test as a child process.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A port that nobody listens on; below those that the system gives to clients, so that it stays free.
pub fn free_port() -> u16 {
    loop {
        let port = rand::random_range(12_000..30_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Sends a signal to a process of ours.
pub fn signal(process: u32, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(status.success(), "kill -{name} {process}");
}

/// One replica: may be started, killed and started again. Killed when dropped.
pub struct Replica {
    pub address: SocketAddr,
    variables: Vec<(String, String)>,
    folder: PathBuf,
    /// A command that starts it in its turn, with its arguments.
    starter: Vec<String>,
    child: Option<Child>,
    starts: usize,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Replica {
    pub fn new(folder: &Path, variables: Vec<(String, String)>) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        Self { address, variables, folder: folder.to_owned(), starter: Vec::new(), child: None, starts: 0 }
    }

    /// Sets a variable for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Lets the next start be made by another command, which becomes the program.
    pub fn start_by(&mut self, starter: Vec<String>) {
        self.starter = starter;
    }

    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(other, _)| other != name);
    }

    pub fn variable(&self, name: &str) -> String {
        self.variables.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_recado").to_owned();
        let words: Vec<&String> = self.starter.iter().chain([&program]).collect();
        let mut command = Command::new(words[0]);
        command
            .args(&words[1..])
            .args(arguments)
            .env_clear()
            .env("RECADO_LISTEN", self.address.to_string())
            .env("RECADO_DATA_DIR", &self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Runs another command of the program to its end.
    pub fn run(&self, arguments: &[&str]) {
        let done = self.command(arguments).stderr(Stdio::piped()).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn log(&self, start: usize) -> PathBuf {
        self.folder.join(format!("replica-{}-{start}.log", self.address.port()))
    }

    /// Starts it without waiting.
    pub fn spawn(&mut self) {
        self.starts += 1;
        let log = std::fs::File::create(self.log(self.starts)).unwrap();
        let child = self.command(&["serve"]).stderr(log).spawn().unwrap();
        self.child = Some(child);
    }

    /// Starts it and waits until it is ready.
    pub async fn start(&mut self) {
        self.spawn();
        assert!(self.becomes_ready(Duration::from_secs(30)).await, "it did not become ready:\n{}", self.words());
    }

    pub async fn becomes_ready(&mut self, within: Duration) -> bool {
        let started = Instant::now();
        while started.elapsed() < within {
            if self.probe("/readyz").await.is_some_and(|(status, _)| status == 200) {
                return true;
            }
            if self.ended().is_some() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        false
    }

    /// Status and body of a page.
    pub async fn probe(&self, path: &str) -> Option<(u16, String)> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(3)).build().unwrap();
        let response = client.get(format!("http://{}{path}", self.address)).send().await.ok()?;
        Some((response.status().as_u16(), response.text().await.ok()?))
    }

    /// The sum of a metric over its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let Some((_, page)) = self.probe("/metrics").await else { return 0.0 };
        page.lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    pub fn process(&self) -> u32 {
        self.child.as_ref().expect("running").id()
    }

    pub fn signal(&self, name: &str) {
        signal(self.process(), name);
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().unwrap())
    }

    pub async fn ends(&mut self, within: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < within {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// As `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// What it wrote since its last start; the end of it.
    pub fn words(&self) -> String {
        let text = std::fs::read_to_string(self.log(self.starts)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Memory in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}
