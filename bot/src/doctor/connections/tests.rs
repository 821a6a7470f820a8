use super::super::State;
use super::*;
use crate::config::Sources;
use recado_domain::clock::ManualClock;
use recado_domain::{SystemClock, Timestamp};
use recado_emulators::{TelegramEmulator, TelegramEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig};

fn config(set: &[(&str, String)]) -> Config {
    let overrides = set.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    Config::load(&Sources { file: Some("/dev/null".into()), overrides, ..Sources::default() }).unwrap()
}

fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.check == check).unwrap_or_else(|| panic!("no {check} in {findings:?}"))
}

fn whatsapp(base: &str, token: &str, number: &str) -> Config {
    config(&[
        ("whatsapp.app_secret", "x".into()),
        ("whatsapp.verify_token", "x".into()),
        ("whatsapp.access_token", token.into()),
        ("whatsapp.phone_number_id", number.into()),
        ("whatsapp.api_base", base.into()),
    ])
}

#[tokio::test]
async fn a_wrong_token_and_a_silent_address_are_told_apart_without_the_token() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let theirs = WhatsAppEmulatorConfig::default();
    let emulator = WhatsAppEmulator::start(theirs.clone()).await.unwrap();
    let wrong = platforms(&whatsapp(&emulator.api_base(), "hush-hush", &theirs.phone_number_id), &SystemClock).await;
    let finding = of(&wrong, "whatsapp");
    assert_eq!(finding.state, State::Broken);
    assert!(finding.remedy.as_deref().unwrap_or_default().contains("ACCESS_TOKEN"), "{finding:?}");
    let silent = platforms(&whatsapp("http://127.0.0.1:9", "hush-hush", "1"), &SystemClock).await;
    let finding = of(&silent, "whatsapp");
    assert_eq!(finding.state, State::Broken);
    assert!(finding.finding.contains("no answer"), "{finding:?}");
    assert!(!format!("{wrong:?}{silent:?}").contains("hush"));
}

#[tokio::test]
async fn a_telegram_bot_answers_and_its_missing_webhook_is_found() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let theirs = TelegramEmulatorConfig { webhook_url: None, ..TelegramEmulatorConfig::default() };
    let emulator = TelegramEmulator::start(theirs.clone()).await.unwrap();
    let with = |token: &str| {
        config(&[
            ("telegram.bot_token", token.to_owned()),
            ("telegram.secret_token", "x".into()),
            ("telegram.api_base", emulator.api_base()),
        ])
    };
    let findings = platforms(&with(&theirs.bot_token), &SystemClock).await;
    assert_eq!(of(&findings, "telegram").state, State::Ok, "{findings:?}");
    assert_ne!(of(&findings, "telegram webhook").state, State::Ok, "{findings:?}");
    let findings = platforms(&with("1:hush"), &SystemClock).await;
    assert_eq!(of(&findings, "telegram").state, State::Broken);
    assert!(!format!("{findings:?}").contains("1:hush"));
}

#[test]
fn a_webhook_elsewhere_is_broken_and_waiting_updates_are_a_warning() {
    let mut set = vec![("telegram.bot_token", "1:x".to_owned()), ("telegram.secret_token", "y".to_owned())];
    set.push(("telegram.bot", "staff".into()));
    let section = config(&set).telegram.unwrap();
    let judged = |info: Value| webhook(&info, &section, Some("https://desk.example"), "call setWebhook").state;
    let right = "https://desk.example/webhooks/telegram/staff";
    assert_eq!(judged(serde_json::json!({"url": right, "pending_update_count": 0})), State::Ok);
    assert_eq!(judged(serde_json::json!({"url": "https://other.example/webhooks/telegram/staff"})), State::Broken);
    assert_eq!(judged(serde_json::json!({"url": ""})), State::Broken);
    let failing = serde_json::json!({"url": right, "pending_update_count": 3, "last_error_message": "403"});
    assert_eq!(judged(failing), State::Warning);
}

#[test]
fn a_clock_that_is_off_is_told_with_its_direction() {
    let clock = ManualClock::at(Timestamp::parse("2026-03-01T10:00:00Z").unwrap());
    assert_eq!(skew("Sun, 01 Mar 2026 10:00:03 GMT", &clock).unwrap().state, State::Ok);
    let behind = skew("Sun, 01 Mar 2026 10:02:00 GMT", &clock).unwrap();
    assert_eq!(behind.state, State::Warning);
    assert!(behind.finding.contains("120 s behind"), "{behind:?}");
    assert_eq!(skew("yesterday", &clock), None);
}

#[test]
fn what_makes_a_database_unsafe_is_broken_in_production() {
    let report = Report {
        kind: "postgres",
        version: "17".into(),
        exists: true,
        applied: 3,
        known: 3,
        durability: vec![("fsync".into(), "off".into(), false)],
        roles: vec![("recado_app".into(), Some("permission denied".into()))],
        unforced: vec!["orders".into()],
        ..Report::default()
    };
    let broken = |production| {
        let findings = database_findings(&report, production);
        findings.iter().filter(|finding| finding.state == State::Broken).count()
    };
    assert_eq!((broken(false), broken(true)), (2, 3));
    let newer = Report { applied: 4, known: 3, exists: true, kind: "sqlite", ..Report::default() };
    assert_eq!(database_findings(&newer, false)[0].state, State::Broken);
}

#[tokio::test]
async fn a_database_that_is_away_is_broken_and_its_password_unsaid() {
    let away = config(&[("database_url", "postgres://recado:hush@127.0.0.1:9/recado".into())]);
    let findings = database(&away).await;
    assert_eq!(findings[0].state, State::Broken);
    assert!(!format!("{findings:?}").contains("hush"));
}
