//! The processes of a run: Recado, a Postgres cluster and a Redis of its own, all on loopback, all ended with it.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use recado_domain::Secret;
use tokio::process::{Child, Command};

use crate::{bodies, probe};

/// No start takes longer.
const START: Duration = Duration::from_secs(30);
/// No stop takes longer; after it the process is killed.
const STOP: Duration = Duration::from_secs(30);

/// A loopback address that was free a moment ago.
///
/// # Errors
/// When there is none.
pub fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A child process. Dropped without [`Process::stop`], it is asked to end and killed after
/// five seconds.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    signal: &'static str,
    log: PathBuf,
}

impl Process {
    fn start(name: &'static str, mut command: Command, signal: &'static str, log: PathBuf) -> anyhow::Result<Self> {
        let file = std::fs::File::options().create(true).append(true).open(&log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { name, child, signal, log })
    }

    /// Its process id; 0 once it has ended.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.ask_to_end();
        match tokio::time::timeout(STOP, self.child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => {
                self.child.kill().await?;
                bail!("{} did not end within {} s and was killed", self.name, STOP.as_secs())
            }
        }
    }

    /// Memory in use, and the most that it ever was, in MiB.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))
            .with_context(|| format!("{} is gone; its log ends with:\n{}", self.name, self.last_words()))?;
        let of = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
        };
        Ok(Memory { now: of("VmRSS:").context("no VmRSS")?, most: of("VmHWM:").context("no VmHWM")? })
    }

    /// What it used of the processors so far.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        Ok(Usage::of(self.id()).with_context(|| format!("{} is gone", self.name))?.own)
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(2_000)..]).into_owned()
    }

    fn ask_to_end(&mut self) {
        // Sent only to a child that has not been waited for: its number cannot belong to another process yet.
        if let Some(id) = self.child.id() {
            // The shell's own kill: the program of that name is not everywhere.
            let command = format!("kill -s {} {id}", self.signal);
            let _ = std::process::Command::new("sh").args(["-c", &command]).status();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        self.ask_to_end();
        // Its files are about to be removed; it should not write them any more.
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.start_kill();
    }
}

/// What a process used of the processors, to a hundredth of a second.
struct Usage {
    parent: u32,
    own: Duration,
    /// Of its children that have ended.
    ended: Duration,
}

impl Usage {
    /// `None` when the process is gone.
    fn of(process: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before it may hold anything, spaces and brackets too.
        let fields: Vec<u64> =
            stat.rsplit_once(')')?.1.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect();
        // Linux counts in hundredths of a second here, whatever its own clock does.
        let time = |at: usize| Some(Duration::from_millis(10 * (fields.get(at)? + fields.get(at + 1)?)));
        Some(Self { parent: u32::try_from(*fields.get(1)?).ok()?, own: time(11)?, ended: time(13)? })
    }
}

/// MiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident now.
    pub now: f64,
    /// Resident at most.
    pub most: f64,
}

/// How to start Recado.
#[derive(Clone, Debug)]
pub struct Replica {
    /// The binary.
    pub program: PathBuf,
    /// Working directory, with the log and the SQLite database.
    pub directory: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database: String,
    /// Redis, if any.
    pub redis: Option<String>,
    /// The Graph API's stand-in.
    pub graph: SocketAddr,
    /// Signs webhooks.
    pub secret: Secret,
}

impl Replica {
    /// Starts a replica with these roles and waits until it is ready; how long that took.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(&self, roles: &str) -> anyhow::Result<(Process, SocketAddr, Duration)> {
        let address = free_address()?;
        let mut command = Command::new(&self.program);
        command
            .arg("serve")
            .current_dir(&self.directory)
            // Nothing from outside may change what is measured.
            .env_clear()
            .env("RECADO_LISTEN", address.to_string())
            .env("RECADO_ROLES", roles)
            .env("RECADO_DATA_DIR", &self.directory)
            .env("RECADO_DATABASE_URL", &self.database)
            .env("RECADO_WHATSAPP__APP_SECRET", self.secret.expose())
            .env("RECADO_WHATSAPP__VERIFY_TOKEN", self.secret.expose())
            .env("RECADO_WHATSAPP__ACCESS_TOKEN", self.secret.expose())
            .env("RECADO_WHATSAPP__PHONE_NUMBER_ID", bodies::PHONE_NUMBER_ID)
            .env("RECADO_WHATSAPP__API_BASE", format!("http://{}/v23.0", self.graph))
            .env("RECADO_SHOPIFY__CLIENT_SECRET", self.secret.expose())
            .env("RECADO_SHOPIFY__SHOP", bodies::SHOP);
        if let Some(redis) = &self.redis {
            command.env("RECADO_REDIS_URL", redis);
        }
        let begun = std::time::Instant::now();
        let mut process = Process::start("recado", command, "TERM", self.directory.join("recado.log"))?;
        let ready = tokio::select! {
            ready = probe::ready(address, START) => ready,
            ended = process.child.wait() => Err(anyhow::anyhow!("it ended: {}", ended?)),
        };
        let took = begun.elapsed();
        ready.with_context(|| format!("recado did not start; its log ends with:\n{}", process.last_words()))?;
        Ok((process, address, took))
    }
}

/// A Postgres cluster in a directory of the run, with the settings that `initdb` gives, hence durable.
#[derive(Debug)]
pub struct Cluster {
    process: Process,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes and starts one.
    ///
    /// # Errors
    /// When Postgres is not installed or does not start.
    pub async fn start(directory: &Path) -> anyhow::Result<Self> {
        let programs = postgres_programs().context("Postgres is not installed: apt-get install postgresql")?;
        let data = directory.join("postgres");
        std::fs::create_dir_all(&data)?;
        let login = Login::for_postgres(directory, &data)?;
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]);
        login.apply(&mut initdb);
        finish("initdb", initdb.current_dir(&data)).await?;
        let port = free_address()?.port();
        let mut server = Command::new(programs.join("postgres"));
        server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        server.arg("-c").arg(format!("unix_socket_directories={}", data.display()));
        server.args(["-c", "max_connections=200"]).current_dir(&data);
        login.apply(&mut server);
        // SIGINT is Postgres' "fast" shutdown: it does not wait for clients.
        let process = Process::start("postgres", server, "INT", directory.join("postgres.log"))?;
        let cluster = Self { process, programs, port };
        for _ in 0..300 {
            let mut asked = Command::new(cluster.programs.join("pg_isready"));
            if asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().await?.success() {
                return Ok(cluster);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("postgres did not start; its log ends with:\n{}", cluster.process.last_words())
    }

    /// What its server and the server's children used of the processors so far.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        let server = self.process.id();
        let usage = Usage::of(server).context("postgres is gone")?;
        let processes = std::fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let children = processes.filter_map(Usage::of).filter(|usage| usage.parent == server);
        Ok(usage.own + usage.ended + children.map(|usage| usage.own).sum::<Duration>())
    }

    /// A command of Postgres' with this cluster's address.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]).kill_on_drop(true);
        command
    }

    /// Makes an empty database; its address.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn create(&self, name: &str) -> anyhow::Result<String> {
        finish("createdb", self.command("createdb").arg(name)).await?;
        Ok(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// Removes a database, so that its clean-up does not run beside the next measurement.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn remove(&self, name: &str) -> anyhow::Result<()> {
        finish("dropdb", self.command("dropdb").args(["--force", name])).await.map(|_| ())
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.stop().await
    }
}

/// Where Debian or a PATH keeps Postgres' programs.
pub fn postgres_programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").exists() && programs.join("pgbench").exists())
        .collect();
    versions.sort();
    versions.pop().map(|(_, programs)| programs)
}

/// As whom Postgres runs: it refuses to be root.
#[derive(Clone, Copy, Debug)]
struct Login(Option<(u32, u32)>);

impl Login {
    fn for_postgres(directory: &Path, data: &Path) -> anyhow::Result<Self> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        if std::fs::metadata("/proc/self")?.uid() != 0 {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let user = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        let (user, group) = user.context("running as root, and there is no user postgres to run the server as")?;
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755))?;
        std::os::unix::fs::chown(data, Some(user), Some(group))?;
        Ok(Self(Some((user, group))))
    }

    fn apply(self, command: &mut Command) {
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
    }
}

/// Starts a Redis that keeps nothing; its address.
///
/// # Errors
/// When Redis is not installed or does not start.
pub async fn redis(directory: &Path) -> anyhow::Result<(Process, String)> {
    let address = free_address()?;
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string(), "--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(directory);
    let process = Process::start("redis-server", command, "TERM", directory.join("redis.log"))
        .context("is it installed? apt-get install redis-server")?;
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(address).await.is_ok() {
            return Ok((process, format!("redis://{address}/")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("redis-server did not start; its log ends with:\n{}", process.last_words())
}

/// This program again, as the bare handler.
///
/// # Errors
/// When it does not start.
pub async fn bare(directory: &Path, secret: &Secret) -> anyhow::Result<(Process, SocketAddr)> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["bare", "--listen", &address.to_string()]).env("RECADO_BENCH_SECRET", secret.expose());
    let process = Process::start("bare", command, "TERM", directory.join("bare.log"))?;
    probe::ready(address, START).await.with_context(|| process.last_words())?;
    Ok((process, address))
}

/// Runs a command to its end; what it printed.
///
/// # Errors
/// When it fails, with what it said.
pub async fn finish(name: &str, command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("{name} cannot be started"))?;
    if !output.status.success() {
        bail!("{name}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line that a program prints about its version; a dash when it is not there.
pub async fn version(program: impl AsRef<OsStr>) -> String {
    let output = finish("version", Command::new(program).arg("--version")).await.unwrap_or_default();
    output.lines().next().unwrap_or("–").trim().to_owned()
}
