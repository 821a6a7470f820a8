//! A desk with a model: the gateway as it is, over the stand-in.

use std::sync::{Arc, Once};
use std::time::Duration;

use recado_agents::model::ledger::InMemoryLedger;
use recado_agents::model::settings::{Provider, Settings, Structure};
use recado_agents::{Desk, Gateway, Proposer};
use recado_domain::Secret;
use recado_domain::effect::Effect;
use recado_domain::turn::TurnOutcome;
use recado_emulators::ledger::Happening;
use recado_emulators::{Behaviour, Mind, OpenAiEmulator, OpenAiEmulatorConfig};

/// A text that the built-in reading makes nothing of and that the helpful mind takes for a question about an order.
pub const UNSURE: &str = "xqzt blorp encomenda prrt zzkw qwrp";

/// The deadline of a turn where an answer is expected: no test waits for it, and no machine is so slow as to need it.
pub const PATIENT: Duration = Duration::from_secs(10);
/// The deadline of a turn where a provider hangs: the test waits for this one.
pub const DEADLINE: Duration = Duration::from_millis(1500);
/// How long a hanging provider hangs.
pub const HANG: Behaviour = Behaviour::Hang { millis: 30_000, accepted: false };
/// Far from both: whoever gave up is back long before, whoever waited for the hang is not.
const GIVEN_UP: Duration = Duration::from_secs(10);

/// What comes of a turn beside a provider that hangs; the test fails when it waits for the hang.
pub async fn given_up<T>(turn: impl Future<Output = T>) -> T {
    tokio::time::timeout(GIVEN_UP, turn).await.expect("it waited for a provider that hangs")
}

/// HTTP clients need a TLS provider even where no TLS is spoken.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

pub async fn emulator(mind: Mind) -> OpenAiEmulator {
    prepare();
    OpenAiEmulator::start(OpenAiEmulatorConfig { mind, ..OpenAiEmulatorConfig::default() }).await.unwrap()
}

pub fn provider(name: &str, base_url: &str) -> Provider {
    let usual = OpenAiEmulatorConfig::default();
    Provider {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        api_key: Secret::new(usual.api_key),
        model: usual.model,
        input_price: 150_000,
        output_price: 600_000,
        concurrency: 8,
        timeout: PATIENT,
        structure: Structure::Auto,
        stream: false,
    }
}

/// Settings in which nothing is remembered and every question may be repeated.
pub fn settings(providers: Vec<Provider>) -> Settings {
    Settings {
        deadline: PATIENT,
        hedge_after: Duration::from_millis(200),
        cache: Duration::ZERO,
        retry_percent: 100,
        ..Settings::new(providers)
    }
}

/// The same for a provider that may hang.
pub fn hurried(providers: Vec<Provider>) -> Settings {
    Settings { deadline: DEADLINE, ..settings(providers) }
}

pub fn gateway(settings: Settings) -> Arc<Gateway> {
    prepare();
    Arc::new(Gateway::new(settings, Arc::new(InMemoryLedger::default())).unwrap())
}

pub fn desk(proposer: Arc<dyn Proposer>) -> Arc<Desk> {
    Arc::new(Desk::new().unwrap().with_proposer(proposer))
}

pub fn desk_over(emulator: &OpenAiEmulator) -> Arc<Desk> {
    desk(gateway(settings(vec![provider("one", &emulator.api_base())])))
}

/// The bodies of all calls that came in.
pub fn asked(emulator: &OpenAiEmulator) -> Vec<String> {
    let entries = emulator.ledger().entries();
    let bodies = entries.into_iter().filter_map(|entry| match entry.what {
        Happening::Request { body, .. } => Some(String::from_utf8_lossy(&body).into_owned()),
        _ => None,
    });
    bodies.collect()
}

/// Everything of a turn that people would read.
pub fn said(outcome: &TurnOutcome) -> Vec<String> {
    let texts = outcome.effects.iter().filter_map(|effect| match effect {
        Effect::Reply(message) | Effect::NotifyStaff { message, .. } => Some(message),
        _ => None,
    });
    texts
        .flat_map(|message| {
            std::iter::once(message.body.clone())
                .chain(message.buttons.iter().flat_map(|button| [button.id.clone(), button.title.clone()]))
        })
        .collect()
}
