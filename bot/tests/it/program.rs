//! Runs the real binary and reads what it prints and how it exits.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn recado(directory: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recado"));
    command.current_dir(directory).env_clear();
    command
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    recado(directory.path()).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_committed_reference_is_the_one_the_program_writes() {
    let committed = include_str!("../../../docs/config.md");
    assert_eq!(text(&run(&["config", "docs"], &[]).stdout), committed, "run: recado config docs > docs/config.md");
}

#[test]
fn help_names_every_verb_and_the_exit_codes() {
    let output = run(&["--help"], &[]);
    assert_eq!(output.status.code(), Some(0));
    let help = text(&output.stdout);
    for word in ["doctor", "config", "tracking", "completions", "version", "Examples:", "Exit codes:"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
}

#[test]
fn wrong_usage_and_wrong_configuration_exit_with_two() {
    assert_eq!(run(&["dance"], &[]).status.code(), Some(2));
    let output = run(&["config", "show"], &[("RECADO_WHATSAPP__APP_SECRET", "x")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("RECADO_WHATSAPP__VERIFY_TOKEN"), "{}", text(&output.stderr));
    assert_eq!(run(&["--set", "listne=x", "config", "show"], &[]).status.code(), Some(2));
    assert_eq!(run(&["--config", "nowhere.toml", "config", "show"], &[]).status.code(), Some(2));
}

#[test]
fn the_configuration_is_shown_with_its_origins_and_without_secrets() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("recado.toml"), "[worker]\nlanes = 3\n").unwrap();
    let output = recado(directory.path())
        .args(["config", "show", "--json", "--set-only", "--set", "log.format=json"])
        .env("RECADO_REDIS_URL", "redis://:hush@cache:6379")
        .output()
        .unwrap();
    let shown = text(&output.stdout);
    assert!(!shown.contains("hush"), "{shown}");
    let lines: Vec<serde_json::Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<(&str, &str, &str)> = lines
        .iter()
        .map(|line| (line["key"].as_str().unwrap(), line["value"].as_str().unwrap(), line["origin"].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("redis_url", "***", "environment"),
            ("log.format", "json", "command line"),
            ("worker.lanes", "3", "recado.toml")
        ]
    );
}

#[test]
fn tracking_numbers_are_recognized_from_json_lines() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = recado(directory.path())
        .args(["tracking", "recognize"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all("{\"text\":\"RR473124829CO\"}\nnonsense\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = text(&output.stdout);
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "{\"candidates\":[{\"carrier\":\"472\",\"number\":\"RR473124829CO\",\"valid\":true}]}");
    assert!(lines[1].contains("\"error\""));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = recado(directory.path())
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn the_doctor_is_content_with_nothing_set_and_leaves_no_trace_but_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let output = recado(directory.path()).args(["doctor", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(std::fs::read_dir(directory.path().join("data")).unwrap().count(), 0);
}
