//! On what the numbers were measured.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use recado_domain::{Clock as _, SystemClock};
use sqlx::{Connection as _, SqliteConnection};

use crate::histogram::{Histogram, Latency, millis};
use crate::process;

/// Syncs that are timed.
const SYNCS: usize = 300;

/// A line for the table: processor, memory, kernel, file system, versions, the disk's sync time.
///
/// # Errors
/// When the directory cannot be written.
pub async fn line(directory: &Path, recado: &Path) -> anyhow::Result<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let processor = cpuinfo.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let meminfo = read("/proc/meminfo");
    let memory =
        meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
    let sync = sync_time(directory)?;
    let postgres = match process::postgres_programs() {
        Some(programs) => process::version(programs.join("postgres")).await,
        None => "no Postgres".to_owned(),
    };
    let build = if cfg!(debug_assertions) { ", **debug build: the numbers mean nothing**" } else { "" };
    Ok(format!(
        "{} cores ({}), {} MiB, Linux {}, {} · {}, {}, {}, SQLite {}{build} · {} · one sync of 8 KiB: median {} ms, p99 {} ms",
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        processor.map_or("unknown processor", |(_, name)| name),
        memory.unwrap_or(0_u64) / 1024,
        read("/proc/sys/kernel/osrelease").trim(),
        file_system(directory),
        process::version(recado).await,
        postgres,
        redis_version(&process::version("redis-server").await),
        sqlite_version().await.unwrap_or_else(|_| "–".to_owned()),
        SystemClock.now().to_string().split('.').next().unwrap_or_default(),
        millis(sync.p50),
        millis(sync.p99),
    ))
}

/// How long `fdatasync` of 8 KiB takes, the price of a commit.
fn sync_time(directory: &Path) -> anyhow::Result<Latency> {
    let path = directory.join("sync");
    let mut file = std::fs::File::create(&path).with_context(|| path.display().to_string())?;
    // Space is taken beforehand, as databases do: appending would time the file system's own records too.
    file.write_all(&vec![1; 8_192 * 64])?;
    file.sync_all()?;
    let mut times = Histogram::default();
    for number in 0..SYNCS {
        file.seek(SeekFrom::Start((number % 64 * 8_192) as u64))?;
        file.write_all(&[number as u8; 8_192])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.record(begun.elapsed());
    }
    std::fs::remove_file(&path)?;
    Ok(times.summary())
}

/// Kind of the file system that a directory lies on.
pub fn file_system(directory: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    kind_of(&mounts, &directory).unwrap_or("unknown file system").to_owned()
}

fn kind_of<'a>(mounts: &'a str, directory: &Path) -> Option<&'a str> {
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (at, kind) = (fields.next()?, fields.next()?);
        directory.starts_with(at).then_some((at.len(), kind))
    });
    // Of several at one place, the last hides the others.
    mounted.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// `Redis server v=7.0.15 sha=… …` → `Redis 7.0.15`.
fn redis_version(line: &str) -> String {
    let version = line.split_whitespace().find_map(|word| word.strip_prefix("v="));
    format!("Redis {}", version.unwrap_or("–"))
}

async fn sqlite_version() -> anyhow::Result<String> {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
    Ok(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/vdb /var/tmp xfs rw 0 0\n";
        assert_eq!(kind_of(mounts, Path::new("/tmp/x")), Some("tmpfs"));
        assert_eq!(kind_of(mounts, Path::new("/var/tmp")), Some("xfs"));
        assert_eq!(kind_of(mounts, Path::new("/tmpfoo")), Some("ext4"));
    }

    #[test]
    fn the_version_is_read_from_redis_words() {
        assert_eq!(redis_version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0"), "Redis 7.0.15");
        assert_eq!(redis_version(""), "Redis –");
    }
}
