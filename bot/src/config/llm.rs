//! The section of language models.

use std::time::Duration;

use recado_agents::model::settings::{Budgets, Embedding, Provider, Settings, Structure};
use recado_domain::Secret;
use recado_domain::spend::Spend;
use serde::Deserialize;

use super::error::ConfigError;
use super::keys;
use super::layers::{Layers, invalid, micro_dollars};
use super::sections::{Worker, base, needed, refuse, required};

/// Between the end of a model's time and that of its turn, for the answer itself.
const MARGIN: Duration = Duration::from_secs(1);

/// A provider of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    base_url: String,
    #[serde(default)]
    api_key: String,
    model: String,
    structure: Option<String>,
    #[serde(default)]
    stream: bool,
    #[serde(default)]
    input_price_usd: Price,
    #[serde(default)]
    output_price_usd: Price,
    concurrency: Option<usize>,
    timeout_seconds: Option<u64>,
}

/// A price as a text or a number; a number is read by its digits, not as a float.
#[derive(Deserialize)]
#[serde(untagged)]
enum Price {
    Text(String),
    Number(serde_json::Number),
}

impl Default for Price {
    fn default() -> Self {
        Self::Text("0".to_owned())
    }
}

impl Price {
    fn micro_dollars(&self) -> Option<u64> {
        match self {
            Self::Text(text) => micro_dollars(text),
            Self::Number(number) => micro_dollars(&number.to_string()),
        }
    }
}

fn provider(entry: Entry, deadline: Duration, concurrency: usize) -> Option<Provider> {
    let address: http::Uri = entry.base_url.parse().ok()?;
    let plain = matches!(address.scheme_str(), Some("http" | "https")) && address.host().is_some();
    let timeout = entry.timeout_seconds.map_or(deadline, Duration::from_secs);
    let named = !entry.name.trim().is_empty() && !entry.model.trim().is_empty();
    (plain && named && !timeout.is_zero()).then_some(())?;
    Some(Provider {
        name: entry.name,
        base_url: base(entry.base_url),
        api_key: Secret::new(entry.api_key),
        model: entry.model,
        input_price: entry.input_price_usd.micro_dollars()?,
        output_price: entry.output_price_usd.micro_dollars()?,
        concurrency: entry.concurrency.unwrap_or(concurrency).max(1),
        timeout: timeout.min(deadline),
        structure: entry.structure.as_deref().map_or(Some(Structure::Auto), Structure::from_word)?,
        stream: entry.stream,
    })
}

/// The one provider of `llm.base_url`, if one is named.
fn single(layers: &Layers) -> Result<Option<Entry>, ConfigError> {
    const OF_ONE: [&str; 3] = ["llm.base_url", "llm.api_key", "llm.model"];
    let Some(on_by) = OF_ONE.into_iter().find(|path| layers.is_set(path)) else { return Ok(None) };
    let need = |key| needed(layers, "The language model", on_by, key);
    Ok(Some(Entry {
        name: "llm".to_owned(),
        base_url: need("llm.base_url")?,
        api_key: layers.checked("llm.api_key")?.unwrap_or_default(),
        model: need("llm.model")?,
        structure: Some(required(layers, "llm.structure")?),
        stream: layers.flag("llm.stream")?.unwrap_or(false),
        input_price_usd: Price::Text(required(layers, "llm.input_price_usd")?),
        output_price_usd: Price::Text(required(layers, "llm.output_price_usd")?),
        concurrency: None,
        timeout_seconds: None,
    }))
}

/// Nobody but a task waits longer for a vector.
const VECTORS: Duration = Duration::from_secs(10);

/// What makes vectors, if a model for it is named: at an address of its own, or at that of the first provider. A key goes
/// only where it belongs.
fn embedding(layers: &Layers, first: Option<&Provider>) -> Result<Option<Embedding>, ConfigError> {
    let address: Option<String> = layers.checked("llm.embedding_base_url")?;
    let key = layers.checked("llm.embedding_api_key")?;
    let on_by = ["llm.embedding_base_url", "llm.embedding_api_key"].into_iter().find(|path| layers.is_set(path));
    let model = match (layers.checked("llm.embedding_model")?, on_by) {
        (Some(model), _) => model,
        (None, Some(on_by)) => needed(layers, "The model for vectors", on_by, "llm.embedding_model")?,
        (None, None) => return Ok(None),
    };
    let (base_url, api_key) = match (address, first) {
        (Some(address), _) => (base(address), Secret::new(key.unwrap_or_default())),
        (None, Some(first)) if key.is_none() => (first.base_url.clone(), first.api_key.clone()),
        _ => {
            let base_url = needed(layers, "The model for vectors", "llm.embedding_model", "llm.embedding_base_url")?;
            (base_url, Secret::new(String::new()))
        }
    };
    let provider = Provider {
        name: "embedding".to_owned(),
        base_url,
        api_key,
        model,
        input_price: layers.micro_dollars("llm.embedding_price_usd")?,
        output_price: 0,
        concurrency: usize::try_from(layers.number("llm.concurrency")?).unwrap_or(usize::MAX),
        timeout: VECTORS,
        structure: Structure::Text,
        stream: false,
    };
    Ok(Some(Embedding { provider, within: Duration::from_millis(layers.number("llm.embedding_milliseconds")?) }))
}

/// Models as configured; `None` when there is none.
pub(super) fn from_layers(layers: &Layers, worker: &Worker) -> Result<Option<Settings>, ConfigError> {
    let number = |path| layers.number(path);
    let deadline = Duration::from_millis(number("llm.deadline_milliseconds")?);
    let concurrency = usize::try_from(number("llm.concurrency")?).unwrap_or(usize::MAX);
    let listed: Vec<Entry> = layers.tables("llm.providers")?;
    let entries: Vec<Entry> = single(layers)?.into_iter().chain(listed).collect();
    let key = keys::lookup("llm.providers");
    let mut providers = Vec::new();
    for entry in entries {
        let read = provider(entry, deadline, concurrency);
        let wrong = || key.map_or_else(|| ConfigError::Unreadable("no key".to_owned()), |key| invalid(key, None));
        providers.push(read.ok_or_else(wrong)?);
    }
    let embedding = embedding(layers, providers.first())?;
    if providers.is_empty() && embedding.is_none() {
        return Ok(None);
    }
    if deadline + MARGIN > worker.turn_timeout {
        let expected = format!(
            "at least a second less than `worker.turn_timeout_seconds`, which is {}",
            worker.turn_timeout.as_secs()
        );
        return refuse("llm.deadline_milliseconds", &expected);
    }
    // Models that hang must leave the other half of the lanes to those who ask none.
    if concurrency > worker.lanes.div_ceil(2) {
        return refuse("llm.concurrency", &format!("at most half of `worker.lanes`, which is {}", worker.lanes));
    }
    let text = |path| layers.checked(path);
    Ok(Some(Settings {
        deadline,
        concurrency,
        hedge_after: Duration::from_millis(number("llm.hedge_milliseconds")?),
        retry_percent: u32::try_from(number("llm.retry_percent")?).unwrap_or(u32::MAX),
        ask_below: number("llm.ask_below_percent")? as f64 / 100.0,
        max_tokens: u32::try_from(number("llm.max_tokens")?).unwrap_or(u32::MAX),
        cache: Duration::from_secs(number("llm.cache_seconds")?),
        reword: layers.flag("llm.reword")?.unwrap_or(false),
        history: layers.flag("llm.history")?.unwrap_or(true),
        transcription_model: text("llm.transcription_model")?,
        embedding,
        budgets: budgets(layers)?,
        ..Settings::new(providers)
    }))
}

fn budgets(layers: &Layers) -> Result<Budgets, ConfigError> {
    let usual = Budgets::default();
    Ok(Budgets {
        turn: Spend { tokens: layers.number("llm.turn_tokens")?, micro_dollars: u64::MAX, ..usual.turn },
        conversation: Spend {
            tokens: layers.number("llm.conversation_day_tokens")?,
            micro_dollars: u64::MAX,
            ..usual.conversation
        },
        merchant: Spend { micro_dollars: layers.micro_dollars("llm.merchant_day_usd")?, ..usual.merchant },
        house: Spend { micro_dollars: layers.micro_dollars("llm.day_usd")?, ..usual.house },
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Sources};
    use super::*;

    fn load(set: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = set.iter().map(|(name, value)| (format!("RECADO_{name}"), (*value).to_owned())).collect();
        Config::load(&Sources { file: Some("/dev/null".into()), environment, overrides: Vec::new() })
    }

    #[test]
    fn nothing_set_means_no_model_and_one_address_with_a_model_is_enough() {
        assert!(load(&[]).unwrap().llm.is_none());
        let config = load(&[("LLM__BASE_URL", "http://127.0.0.1:11434/v1/"), ("LLM__MODEL", "llama")]).unwrap();
        let llm = config.llm.unwrap();
        assert_eq!(llm.providers[0].base_url, "http://127.0.0.1:11434/v1");
        assert_eq!((llm.deadline.as_secs(), llm.concurrency, llm.reword), (4, 16, false));
        let missing = load(&[("LLM__API_KEY", "k")]).unwrap_err().to_string();
        assert!(missing.contains("RECADO_LLM__BASE_URL"), "{missing}");
        assert!(load(&[("LLM__BASE_URL", "http://127.0.0.1:1/v1")]).is_err());
    }

    #[test]
    fn several_providers_come_from_tables_or_json_and_their_keys_are_not_shown() {
        let json = r#"[{"name":"a","base_url":"https://a.example/v1","api_key":"hush","model":"m","input_price_usd":0.15},
            {"name":"b","base_url":"http://127.0.0.1:1/v1","model":"n","structure":"tool","concurrency":2,"timeout_seconds":9}]"#;
        let llm = load(&[("LLM__PROVIDERS", json)]).unwrap().llm.unwrap();
        assert_eq!(llm.providers.len(), 2);
        assert_eq!(llm.providers[0].input_price, 150_000);
        assert_eq!(llm.providers[1].timeout, llm.deadline, "never longer than the deadline");
        assert!(!format!("{llm:?}").contains("hush"));
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("recado.toml");
        let text = "[[llm.providers]]\nname = \"a\"\nbase_url = \"https://a.example/v1\"\napi_key = \"hush\"\nmodel = \"m\"\ninput_price_usd = \"0.6\"\n";
        std::fs::write(&path, text).unwrap();
        let sources = Sources { file: Some(path), ..Sources::default() };
        assert_eq!(Config::load(&sources).unwrap().llm.unwrap().providers[0].input_price, 600_000);
        let shown = format!("{:?}", super::super::show(&Layers::read(&sources).unwrap()));
        assert!(!shown.contains("hush"), "{shown}");
        for wrong in [
            "{}",
            "[{}]",
            "nonsense",
            r#"[{"name":"a","base_url":"x","model":"m"}]"#,
            r#"[{"name":"a","base_url":"https://a","model":"m","structure":"xml"}]"#,
        ] {
            let message = load(&[("LLM__PROVIDERS", wrong)]).unwrap_err().to_string();
            assert!(message.contains("llm.providers"), "{message}");
        }
    }

    #[test]
    fn a_model_never_holds_more_than_half_of_the_lanes_nor_longer_than_its_turn() {
        let one = [("LLM__BASE_URL", "http://127.0.0.1:1/v1"), ("LLM__MODEL", "m")];
        let with = |more: &[(&str, &str)]| load(&[&one[..], more].concat());
        assert!(with(&[("LLM__CONCURRENCY", "48")]).is_ok() && with(&[("LLM__CONCURRENCY", "49")]).is_err());
        assert!(with(&[("LLM__DEADLINE_MILLISECONDS", "4001")]).is_err());
        assert!(with(&[("LLM__DAY_USD", "1.2345678")]).is_err() && with(&[("LLM__DAY_USD", "0.5")]).is_ok());
    }

    #[test]
    fn vectors_have_a_server_of_their_own_or_the_first_provider_s_and_a_key_goes_where_it_belongs() {
        let one = [("LLM__BASE_URL", "http://127.0.0.1:1/v1"), ("LLM__MODEL", "m"), ("LLM__API_KEY", "of-the-first")];
        let with = |more: &[(&str, &str)]| load(&[&one[..], more].concat()).map(|config| config.llm.unwrap());
        assert!(with(&[]).unwrap().embedding.is_none(), "off by default");
        let same = with(&[("LLM__EMBEDDING_MODEL", "e5")]).unwrap().embedding.unwrap();
        assert_eq!((same.provider.base_url.as_str(), same.within.as_millis()), ("http://127.0.0.1:1/v1", 300));
        assert_eq!(same.provider.api_key.expose(), "of-the-first");
        let own = [("LLM__EMBEDDING_MODEL", "e5"), ("LLM__EMBEDDING_BASE_URL", "http://127.0.0.1:2/v1/")];
        let elsewhere = with(&own).unwrap().embedding.unwrap();
        assert_eq!(elsewhere.provider.base_url, "http://127.0.0.1:2/v1");
        assert!(elsewhere.provider.api_key.is_empty(), "the key of another server");
        let alone = load(&own).unwrap().llm.unwrap();
        assert!(alone.providers.is_empty() && alone.embedding.is_some());
        for (wrong, named) in [
            (&[("LLM__EMBEDDING_MODEL", "e5")][..], "LLM__EMBEDDING_BASE_URL"),
            (&own[1..], "LLM__EMBEDDING_MODEL"),
            (&[("LLM__EMBEDDING_MODEL", "e5"), ("LLM__EMBEDDING_API_KEY", "k")][..], "LLM__EMBEDDING_BASE_URL"),
        ] {
            let message = load(wrong).unwrap_err().to_string();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn dollars_are_read_without_floats() {
        assert_eq!(micro_dollars("0.15"), Some(150_000));
        assert_eq!(micro_dollars("12"), Some(12_000_000));
        assert_eq!(micro_dollars("0.000001"), Some(1));
        for wrong in ["", ".5", "-1", "1e3", "1,5", "0.0000001", "99999999999999999999"] {
            assert_eq!(micro_dollars(wrong), None, "{wrong}");
        }
    }
}
