use super::*;

fn sources(environment: &[(&str, &str)]) -> Sources {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // A named file keeps a recado.toml of the working directory out of the tests.
    Sources { file: Some("/dev/null".into()), environment, overrides: Vec::new() }
}

fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&sources(environment))
}

fn with_file(text: &str) -> (tempfile::TempDir, Sources) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("recado.toml");
    std::fs::write(&path, text).unwrap();
    (directory, Sources { file: Some(path), ..Sources::default() })
}

const WHATSAPP: [(&str, &str); 4] = [
    ("RECADO_WHATSAPP__APP_SECRET", "s3cr3t"),
    ("RECADO_WHATSAPP__VERIFY_TOKEN", "verify"),
    ("RECADO_WHATSAPP__ACCESS_TOKEN", "token"),
    ("RECADO_WHATSAPP__PHONE_NUMBER_ID", "00106540352242922"),
];

#[test]
fn nothing_set_is_a_working_configuration() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url.expose(), "sqlite://./data/recado.db");
    assert!(config.database.embedded);
    assert_eq!(config.roles.len(), 5);
    assert!(config.whatsapp.is_none() && config.shopify.is_none() && config.telegram.is_none());
    assert_eq!(config.worker.turn_timeout.as_secs(), 5);
    assert_eq!(config.worker.lease.as_secs(), 15);
    assert_eq!((config.worker.lanes, config.worker.batch, config.sender.concurrency), (96, 50, 128));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

#[test]
fn a_turn_must_end_three_seconds_before_its_lease() {
    let with =
        |turn, lease| load(&[("RECADO_WORKER__TURN_TIMEOUT_SECONDS", turn), ("RECADO_WORKER__LEASE_SECONDS", lease)]);
    assert!(with("12", "15").is_ok() && with("1", "4").is_ok());
    for (turn, lease) in [("13", "15"), ("20", "15"), ("12", "10")] {
        let message = with(turn, lease).unwrap_err().to_string();
        assert!(
            message.contains("worker.turn_timeout_seconds") && message.contains("worker.lease_seconds"),
            "{message}"
        );
    }
}

#[test]
fn a_staff_bot_without_a_common_chat_is_no_mistake() {
    let bot = [("RECADO_TELEGRAM__BOT_TOKEN", "1:x"), ("RECADO_TELEGRAM__SECRET_TOKEN", "y")];
    assert!(load(&bot).unwrap().warnings.is_empty());
}

#[test]
fn later_layers_win_and_are_named() {
    let (_directory, mut sources) =
        with_file("listen = \"127.0.0.1:1\"\nroles = [\"edge\", \"admin\"]\n[worker]\nlanes = 7\nbatch = 8\n");
    sources.environment.insert("RECADO_WORKER__LANES".into(), "9".into());
    sources.overrides.push(("listen".into(), "127.0.0.1:2".into()));
    let layers = Layers::read(&sources).unwrap();
    let config = Config::from_layers(&layers).unwrap();
    assert_eq!((config.listen.port(), config.worker.lanes, config.worker.batch), (2, 9, 8));
    assert_eq!(config.roles, BTreeSet::from([Role::Edge, Role::Admin]));
    let shown = show(&layers);
    let origin = |key: &str| shown.iter().find(|shown| shown.key == key).unwrap().origin.clone();
    assert_eq!(origin("listen"), "command line");
    assert_eq!(origin("worker.lanes"), "environment");
    assert!(origin("worker.batch").ends_with("recado.toml"));
    assert_eq!(origin("sender.concurrency"), "default");
    assert_eq!(origin("redis_url"), "unset");
}

#[test]
fn an_unknown_key_of_the_file_is_refused_with_the_one_meant() {
    let (_directory, sources) = with_file("[whatsapp]\napp_secert = \"x\"\n");
    let message = Config::load(&sources).unwrap_err().to_string();
    assert!(
        message.contains("`whatsapp.app_secert`") && message.contains("did you mean `whatsapp.app_secret`?"),
        "{message}"
    );
}

#[test]
fn a_named_file_must_exist() {
    let missing = Sources { file: Some("/nonexistent/recado.toml".into()), ..Sources::default() };
    assert!(matches!(Config::load(&missing), Err(ConfigError::File { .. })));
}

#[test]
fn each_missing_secret_of_a_channel_is_named_with_its_variable() {
    assert!(load(&WHATSAPP).unwrap().whatsapp.is_some());
    for (left_out, _) in WHATSAPP {
        let rest: Vec<_> = WHATSAPP.into_iter().filter(|(name, _)| *name != left_out).collect();
        let message = load(&rest).unwrap_err().to_string();
        assert!(message.contains(left_out) && message.contains("WhatsApp is on"), "{message}");
    }
    for (set, missing) in [
        ("RECADO_SHOPIFY__SHOP", "RECADO_SHOPIFY__CLIENT_SECRET"),
        ("RECADO_SHOPIFY__CLIENT_SECRET", "RECADO_SHOPIFY__SHOP"),
        ("RECADO_TELEGRAM__BOT_TOKEN", "RECADO_TELEGRAM__SECRET_TOKEN"),
        ("RECADO_TELEGRAM__SECRET_TOKEN", "RECADO_TELEGRAM__BOT_TOKEN"),
        ("RECADO_TELEGRAM__STAFF_CHAT_ID", "RECADO_TELEGRAM__BOT_TOKEN"),
    ] {
        let message = load(&[(set, "12")]).unwrap_err().to_string();
        assert!(message.contains(missing), "{set}: {message}");
    }
}

#[test]
fn any_key_of_a_channel_switches_it_on_and_an_empty_one_counts_as_unset() {
    for key in keys::KEYS.iter().filter(|key| ["whatsapp", "shopify", "telegram"].contains(&key.section())) {
        let value = if key.path.ends_with("api_base") { "http://127.0.0.1:9" } else { "12" };
        let refused = load(&[(&variable(key.path), value)]);
        assert!(matches!(refused, Err(ConfigError::Missing { .. })), "{}", key.path);
    }
    let config = load(&[("RECADO_TELEGRAM__BOT_TOKEN", "")]).unwrap();
    assert!(config.telegram.is_none());
}

#[test]
fn digits_stay_text_and_bases_lose_their_slash() {
    let mut environment = WHATSAPP.to_vec();
    environment.push(("RECADO_WHATSAPP__API_BASE", "http://127.0.0.1:9/v23.0/"));
    let whatsapp = load(&environment).unwrap().whatsapp.unwrap();
    assert_eq!(whatsapp.phone_number_id, "00106540352242922");
    assert_eq!(whatsapp.api_base, "http://127.0.0.1:9/v23.0");
}

#[test]
fn values_that_do_not_fit_are_refused_by_key() {
    for (name, value, key) in [
        ("RECADO_LISTEN", "somewhere", "listen"),
        ("RECADO_WORKER__LANES", "0", "worker.lanes"),
        ("RECADO_WORKER__LANES", "many", "worker.lanes"),
        ("RECADO_ROLES", "edge,cook", "roles"),
        ("RECADO_LOG__FORMAT", "xml", "log.format"),
        ("RECADO_PRODUCTION", "maybe", "production"),
        ("RECADO_DATABASE_URL", "mysql://x", "database_url"),
        ("RECADO_REDIS_URL", "http://x", "redis_url"),
        ("RECADO_MERCHANT__TIMEZONE", "America/Macondo", "merchant.timezone"),
        ("RECADO_MERCHANT__CURRENCY", "XXX", "merchant.currency"),
        ("RECADO_MERCHANT__COUNTRY", "Colombia", "merchant.country"),
        ("RECADO_PUBLIC_URL", "example.com", "public_url"),
        ("RECADO_SENDER__SETTLE_AFTER_SECONDS", "5", "sender.settle_after_seconds"),
    ] {
        let message = load(&[(name, value)]).unwrap_err().to_string();
        assert!(message.contains(&format!("`{key}`")) && message.contains(name), "{name}={value}: {message}");
    }
    let shop = [("RECADO_SHOPIFY__CLIENT_SECRET", "x"), ("RECADO_SHOPIFY__SHOP", "example.com")];
    assert!(load(&shop).unwrap_err().to_string().contains("myshopify.com"));
}

#[test]
fn production_refuses_what_loses_messages_or_leaks_sessions() {
    let refused = |more: &[(&str, &str)]| {
        let mut environment = vec![("RECADO_PRODUCTION", "true")];
        environment.extend_from_slice(more);
        matches!(load(&environment), Err(ConfigError::Production { .. }))
    };
    assert!(!refused(&[]));
    assert!(refused(&[("RECADO_DATABASE_URL", "sqlite::memory:")]));
    assert!(refused(&[("RECADO_ADMIN__SECURE_COOKIES", "false")]));
    assert!(refused(&[("RECADO_PUBLIC_URL", "http://example.com")]));
    let mut clear = WHATSAPP.to_vec();
    clear.push(("RECADO_WHATSAPP__API_BASE", "http://graph.example.com"));
    assert!(refused(&clear));
    assert!(load(&[("RECADO_PRODUCTION", "true")]).unwrap().admin.secure_cookies);
    assert!(!load(&[]).unwrap().admin.secure_cookies);
}

#[test]
fn an_unknown_variable_is_a_warning() {
    let warnings = load(&[("RECADO_LISTNE", "x")]).unwrap().warnings;
    assert!(warnings.iter().any(|warning| warning.contains("RECADO_LISTNE")), "{warnings:?}");
}

#[test]
fn nothing_shows_a_secret() {
    let mut environment = WHATSAPP.to_vec();
    environment.push(("RECADO_DATABASE_URL", "postgres://recado:hush@db/recado"));
    let layers = Layers::read(&sources(&environment)).unwrap();
    let shown = format!("{:?} {:?}", show(&layers), Config::from_layers(&layers).unwrap());
    assert!(!shown.contains("s3cr3t") && !shown.contains("hush"), "{shown}");
}
