//! The image and the compose file against the workspace and the program that they carry. No container engine is needed.

use std::collections::BTreeSet;
use std::time::Duration;

use recado::lifecycle::GRACE;
use recado::serve::GIVE_BACK;

const MANIFEST: &str = include_str!("../../../Cargo.toml");
const IMAGE: &str = include_str!("../../../Dockerfile");
const CONTEXT: &str = include_str!("../../../.dockerignore");
const COMPOSE: &str = include_str!("../../../docker-compose.yml");
const EXAMPLE: &str = include_str!("../../../.env.example");
const REFERENCE: &str = include_str!("../../../docs/config.md");

/// What follows a word at the beginning of a line, indentation aside.
fn after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines().filter_map(move |line| line.trim_start().strip_prefix(word))
}

#[test]
fn the_image_is_built_from_every_crate_and_from_what_they_embed() {
    let let_through: BTreeSet<&str> = after(CONTEXT, "!").collect();
    let members = after(MANIFEST, "members = ").next().unwrap();
    let members: Vec<&str> = serde_json::from_str(members).unwrap();
    assert!(members.len() > 5, "{members:?}");
    let copied = after(IMAGE, "COPY ").filter(|what| !what.starts_with("--from") && !what.starts_with(". "));
    let copied = copied.flat_map(|what| what.split_whitespace().rev().skip(1));
    let needed = ["Cargo.toml", "Cargo.lock", "migrations", "templates"].into_iter().chain(members).chain(copied);
    for path in needed {
        let top = path.split('/').next().unwrap();
        assert!(let_through.contains(top), ".dockerignore keeps {top} from the build");
    }
}

#[test]
fn the_image_is_built_with_the_rust_that_the_workspace_asks_for() {
    let asked = after(MANIFEST, "rust-version = ").next().unwrap().trim_matches('"');
    let built = after(IMAGE, "FROM rust:").next().unwrap();
    assert!(built.starts_with(&format!("{asked}-")), "Cargo.toml asks for {asked}, the image has {built}");
}

#[test]
fn every_variable_that_the_image_and_the_compose_file_name_is_a_key() {
    for (file, text) in [("Dockerfile", IMAGE), ("docker-compose.yml", COMPOSE), (".env.example", EXAMPLE)] {
        let names: BTreeSet<&str> = text
            .split(|letter: char| !letter.is_ascii_uppercase() && !letter.is_ascii_digit() && letter != '_')
            .filter(|word| word.starts_with("RECADO_"))
            .collect();
        assert!(!names.is_empty(), "{file} names none");
        for name in names {
            assert!(REFERENCE.contains(&format!("`{name}`")), "{file} sets {name}, which is no key");
        }
    }
}

#[test]
fn a_drain_ends_before_the_container_is_killed() {
    let begin = COMPOSE.find("x-recado:").unwrap();
    let end = COMPOSE.find("\nservices:").unwrap();
    let given = after(&COMPOSE[begin..end], "stop_grace_period: ").next().unwrap();
    let given = Duration::from_secs(given.strip_suffix('s').unwrap().parse().unwrap());
    // The wait, a second more for those that are late, then lanes and what models did not use.
    let longest = GRACE + Duration::from_secs(1) + 2 * GIVE_BACK;
    assert!(given > longest, "a stop takes up to {longest:?}, compose waits {given:?}");
}

/// On some engines, two services that build one image at once fail with "already exists".
#[test]
fn the_image_is_built_once() {
    assert_eq!(after(COMPOSE, "build: ").count(), 1);
}

#[test]
fn every_service_is_kept_in_bounds_and_no_password_is_known_to_all() {
    let services = COMPOSE.split("\nservices:\n").nth(1).unwrap().split("\nnetworks:\n").next().unwrap();
    let names = services.lines().filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names: Vec<&str> = names.filter(|name| !name.starts_with([' ', '#'])).collect();
    let bounded = services.lines().filter(|line| matches!(line.trim(), "<<: *service" | "<<: *recado")).count();
    assert_eq!(bounded, names.len(), "one of {names:?} is without the common bounds");
    for bound in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "driver: local"] {
        assert!(COMPOSE.contains(bound), "{bound}");
    }
    assert!(!COMPOSE.contains("POSTGRES_PASSWORD:-"), "a password that everybody knows");
}
