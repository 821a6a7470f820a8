//! Checks of the configuration, the machine and the connections, each with what to do.

mod connections;

use std::path::Path;

use serde::Serialize;

use crate::config::{Config, Sources};

pub use connections::connections;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// It runs, but should be known.
    Warning,
    /// It cannot run.
    Broken,
}

/// The outcome of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: String,
    /// How bad.
    pub state: State,
    /// What was found.
    pub finding: String,
    /// What to do, unless it is well.
    pub remedy: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &str, finding: impl Into<String>) -> Self {
        Self { check: check.to_owned(), state: State::Ok, finding: finding.into(), remedy: None }
    }
    /// It runs, but.
    pub fn warning(check: &str, finding: impl Into<String>, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned()).filter(|remedy| !remedy.is_empty());
        Self { check: check.to_owned(), state: State::Warning, finding: finding.into(), remedy }
    }
    /// It cannot run.
    pub fn broken(check: &str, finding: impl Into<String>, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned()).filter(|remedy| !remedy.is_empty());
        Self { check: check.to_owned(), state: State::Broken, finding: finding.into(), remedy }
    }
}

/// Everything that can be told without a connection; the configuration comes back when it is usable.
pub fn configuration(sources: &Sources) -> (Option<Config>, Vec<Finding>) {
    let config = match Config::load(sources) {
        Ok(config) => config,
        Err(error) => return (None, vec![Finding::broken("configuration", error.to_string(), "see docs/config.md")]),
    };
    let mut findings = vec![Finding::ok("configuration", summary(&config))];
    findings.extend(config.warnings.iter().map(|warning| Finding::warning("configuration", warning, "")));
    findings.extend(channels(&config));
    if config.database.embedded {
        findings.push(data_directory(&config.data_dir));
        findings.extend(free_kilobytes(&config.data_dir).map(enough_disk));
    }
    if let Some(files) = open_files() {
        findings.push(enough_files(files, config.http.connections as u64));
    }
    (Some(config), findings)
}

fn summary(config: &Config) -> String {
    let store = if config.database.embedded { "embedded database" } else { "Postgres" };
    let sessions = if config.redis_url.is_some() { "Redis" } else { "in process" };
    let roles: Vec<&str> = config.roles.iter().map(|role| role.code()).collect();
    format!("{store}, sessions {sessions}, roles {}, listening on {}", roles.join("+"), config.listen)
}

fn channels(config: &Config) -> Vec<Finding> {
    let channel = |name: &str, on: bool, key: &str| match on {
        true => Finding::ok(name, "on"),
        false => Finding::ok(name, format!("off: `{key}` is not set")),
    };
    let mut findings = vec![
        channel("whatsapp", config.whatsapp.is_some(), "whatsapp.app_secret"),
        channel("shopify", config.shopify.is_some(), "shopify.client_secret"),
        channel("telegram", config.telegram.is_some(), "telegram.bot_token"),
    ];
    if !config.production && !config.listen.ip().is_loopback() {
        let remedy = "set RECADO_PRODUCTION=true, which refuses unsafe settings";
        findings.push(Finding::warning("production", "off, though the address is reachable from outside", remedy));
    }
    findings
}

fn data_directory(directory: &Path) -> Finding {
    const CHECK: &str = "data directory";
    let probe = directory.join(format!(".recado-doctor-{}", std::process::id()));
    let tried = std::fs::create_dir_all(directory).and_then(|()| std::fs::write(&probe, b"")).map(|()| {
        // A probe that stays behind is empty and harmless.
        let _ = std::fs::remove_file(&probe);
    });
    match tried {
        Ok(()) => Finding::ok(CHECK, format!("{} is writable", directory.display())),
        Err(error) => Finding::broken(
            CHECK,
            format!("{}: {error}", directory.display()),
            "make it writable for this user, or name another with RECADO_DATA_DIR",
        ),
    }
}

/// Free space of the file system that holds a directory, where `df` tells it.
fn free_kilobytes(directory: &Path) -> Option<u64> {
    let output = std::process::Command::new("df").arg("-Pk").arg("--").arg(directory).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // POSIX: a heading, then name, blocks, used, available, share, place.
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn enough_disk(kilobytes: u64) -> Finding {
    const CHECK: &str = "disk space";
    let finding = format!("{} MiB free", kilobytes / 1024);
    match kilobytes / 1024 {
        0..100 => Finding::broken(CHECK, finding, "make room: without it no message can be accepted"),
        100..1024 => Finding::warning(CHECK, finding, "make room, or move the data with RECADO_DATA_DIR"),
        _ => Finding::ok(CHECK, finding),
    }
}

fn enough_files(files: u64, connections: u64) -> Finding {
    const CHECK: &str = "open files";
    // Beside the clients' connections: database, Redis, platforms, files.
    let needed = connections + 256;
    if files >= needed {
        Finding::ok(CHECK, format!("{files} allowed, {needed} needed at most"))
    } else {
        let remedy = format!("raise the limit (ulimit -n {needed}) or lower http.connections");
        Finding::warning(CHECK, format!("{files} allowed, {needed} needed at most"), &remedy)
    }
}

/// The soft limit of open files, where the system tells it.
fn open_files() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    if soft == "unlimited" { Some(u64::MAX) } else { soft.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(set: &[(&str, &str)]) -> Sources {
        let environment = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sources { file: Some("/dev/null".into()), environment, overrides: Vec::new() }
    }

    #[test]
    fn a_wrong_configuration_is_the_only_finding() {
        let (config, findings) = configuration(&sources(&[("RECADO_LISTEN", "nowhere")]));
        assert!(config.is_none());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].state, State::Broken);
        assert!(findings[0].finding.contains("RECADO_LISTEN"));
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, b"").unwrap();
        let beneath = file.join("data");
        let (_, findings) = configuration(&sources(&[("RECADO_DATA_DIR", beneath.to_str().unwrap())]));
        let finding = findings.iter().find(|finding| finding.check == "data directory").unwrap();
        assert_eq!(finding.state, State::Broken);
        let data = directory.path().join("data");
        let (_, findings) = configuration(&sources(&[("RECADO_DATA_DIR", data.to_str().unwrap())]));
        assert!(findings.iter().all(|finding| finding.state != State::Broken), "{findings:?}");
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
    }

    #[test]
    fn a_full_disk_is_found() {
        assert!(free_kilobytes(Path::new("/")).is_some_and(|free| free > 0));
        assert_eq!(enough_disk(50 * 1024).state, State::Broken);
        assert_eq!(enough_disk(500 * 1024).state, State::Warning);
        assert_eq!(enough_disk(5_000 * 1024).state, State::Ok);
    }

    #[test]
    fn too_few_files_are_found() {
        assert_eq!(enough_files(1024, 4096).state, State::Warning);
        assert_eq!(enough_files(65_536, 4096).state, State::Ok);
    }
}
