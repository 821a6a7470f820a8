//! The built program over stand-ins, for tests of whole ways.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use recado_emulators::whatsapp::StatusOptions;
use recado_emulators::{Keep, OpenAiEmulator, OpenAiEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig};

/// The running program. Ends with the test.
pub struct Desk {
    child: Child,
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// Stand-ins of WhatsApp, which reports nothing of what it delivers, and of a model that keeps what it is asked.
pub async fn stage() -> (WhatsAppEmulator, OpenAiEmulator) {
    prepare();
    let whatsapp = WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap();
    whatsapp.set_statuses(StatusOptions { enabled: false, ..StatusOptions::default() });
    let config = OpenAiEmulatorConfig { keep: Keep::Everything, ..OpenAiEmulatorConfig::default() };
    (whatsapp, OpenAiEmulator::start(config).await.unwrap())
}

impl Desk {
    /// Starts it over stand-ins, with more settings by the names of their variables.
    pub async fn start(whatsapp: &WhatsAppEmulator, model: Option<&OpenAiEmulator>, more: &[(&str, &str)]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = WhatsAppEmulatorConfig::default();
        let mut command = Command::new(env!("CARGO_BIN_EXE_recado"));
        command.args(["serve"]).env_clear().current_dir(folder.path());
        for (name, value) in [
            ("LISTEN", address.to_string()),
            ("WHATSAPP__APP_SECRET", config.app_secret),
            ("WHATSAPP__VERIFY_TOKEN", "verify".into()),
            ("WHATSAPP__ACCESS_TOKEN", config.access_token),
            ("WHATSAPP__PHONE_NUMBER_ID", config.phone_number_id),
            ("WHATSAPP__API_BASE", whatsapp.api_base()),
            ("LOG__FILTER", "warn".into()),
        ] {
            command.env(format!("RECADO_{name}"), value);
        }
        if let Some(model) = model {
            let usual = OpenAiEmulatorConfig::default();
            command.env("RECADO_LLM__BASE_URL", model.api_base());
            command.env("RECADO_LLM__API_KEY", usual.api_key).env("RECADO_LLM__MODEL", usual.model);
            // Each question is to be asked.
            command.env("RECADO_LLM__CACHE_SECONDS", "0");
        }
        for (name, value) in more {
            command.env(format!("RECADO_{name}"), value);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let desk = Self { child, address, _folder: folder };
        let began = Instant::now();
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(1)).build().unwrap();
        loop {
            let ready = client.get(format!("http://{address}/readyz")).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "it does not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        whatsapp.set_webhook_url(format!("http://{address}/webhooks/whatsapp"));
        desk
    }

    /// Whether so many events are done and everything that they say has been sent.
    pub async fn has_done(&self, events: i64) -> bool {
        let page = reqwest::get(format!("http://{}/health", self.address)).await.unwrap().text().await.unwrap();
        let health: serde_json::Value = serde_json::from_str(&page).unwrap();
        let of = |name: &str| health["queues"][name].as_i64().unwrap_or(-1);
        of("done") >= events && of("to_send") == 0
    }

    /// The sum of a metric over its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        let page = reqwest::get(format!("http://{}/metrics", self.address)).await.unwrap().text().await.unwrap();
        page.lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }
}
