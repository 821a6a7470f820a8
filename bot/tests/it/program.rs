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
    let verbs = "serve demo doctor events incidents merchants members staff replay nlu eval tracking emulate config \
                 completions version Examples: Exit";
    for word in verbs.split_whitespace() {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
    // The two that a newcomer looks for stand first.
    let examples = help.split("Examples:").nth(1).unwrap();
    assert!(examples.trim_start().starts_with("recado serve"), "{examples}");
    assert!(examples.lines().nth(2).unwrap().trim_start().starts_with("recado demo"), "{examples}");
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

#[test]
fn the_exit_codes_of_the_store_are_the_documented_ones() {
    let directory = tempfile::tempdir().unwrap();
    let code = |arguments: &[&str]| recado(directory.path()).args(arguments).output().unwrap().status.code();
    assert_eq!(code(&["events", "ls"]), Some(3), "there is no database yet");
    assert_eq!(code(&["merchants", "add", "Casa"]), Some(0));
    assert_eq!(code(&["merchants", "add", "Casa"]), Some(2));
    assert_eq!(code(&["events", "ls", "--json"]), Some(0));
    assert_eq!(code(&["incidents", "ls", "--merchant", "Luna"]), Some(2));
    assert_eq!(code(&["--set", "database_url=postgres://x@127.0.0.1:9/x", "staff", "ls"]), Some(3));
    assert_eq!(code(&["--set", "database_url=postgres://x@127.0.0.1:9/x", "doctor"]), Some(1));
}

/// A program that is killed when the test ends, whatever its outcome.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn first_line(stream: impl std::io::Read) -> String {
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stream), &mut line).unwrap();
    line
}

#[test]
fn beside_a_running_desk_one_reads_and_a_change_is_refused_with_code_four() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Running(
        recado(directory.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("RECADO_LOG__FILTER", "error")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let ready = first_line(desk.0.stderr.take().unwrap());
    assert!(ready.contains("recado listens on http://127.0.0.1:"), "{ready}");
    let beside = |arguments: &[&str]| recado(directory.path()).args(arguments).output().unwrap();
    let shops = beside(&["merchants", "ls", "--json"]);
    assert_eq!((shops.status.code(), text(&shops.stdout).lines().count()), (Some(0), 1), "{}", text(&shops.stderr));
    let doctor = beside(&["doctor", "--json"]);
    assert_eq!(doctor.status.code(), Some(0), "{}", text(&doctor.stdout));
    assert!(text(&doctor.stdout).contains("a desk is running"), "{}", text(&doctor.stdout));
    let change = beside(&["staff", "add", "Laura", "--telegram-user-id", "7001"]);
    assert_eq!(change.status.code(), Some(4));
    assert!(text(&change.stderr).contains("admin page"), "{}", text(&change.stderr));
    assert_eq!(beside(&["serve", "--listen", "127.0.0.1:0"]).status.code(), Some(4));
}

#[test]
fn each_stand_in_prints_where_it_listens() {
    for platform in ["whatsapp", "telegram", "shopify"] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = recado(directory.path());
        let mut stand_in = Running(command.args(["emulate", platform]).stdout(Stdio::piped()).spawn().unwrap());
        let line = first_line(stand_in.0.stdout.take().unwrap());
        assert!(line.starts_with("api_base = http://127.0.0.1:"), "{platform}: {line}");
    }
}

#[test]
fn a_recording_is_replayed_from_standard_input_and_bad_lines_are_numbered() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = recado(directory.path())
        .args(["replay", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let line = "{\"at\":\"2026-03-01T10:00:00Z\",\"source\":\"shopify\",\"headers\":{},\"body\":\"{}\"}\nnonsense\n";
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = text(&output.stderr);
    assert!(told.contains("line 2: ") && told.contains("1 webhooks fed, 1 lines left out"), "{told}");
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
}
