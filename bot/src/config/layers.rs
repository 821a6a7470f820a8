//! Defaults, file, environment and command line, laid over each other: each key's value and where it came from.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use config::{Environment, FileFormat, Source, Value, ValueKind};

use super::error::{ConfigError, variable};
use super::keys::{self, Key, Kind};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The table of keys.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Environment,
    /// The command line.
    CommandLine,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment => f.write_str("environment"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file that must exist; `None` = `recado.toml` in the working directory, if there is one.
    pub file: Option<PathBuf>,
    /// The environment; only `RECADO_…` is looked at.
    pub environment: HashMap<String, String>,
    /// `key = value` from the command line, the last one wins.
    pub overrides: Vec<(String, String)>,
}

impl Sources {
    /// The environment of this process.
    pub fn of_process() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("RECADO_") && name != FILE_VARIABLE)
            .collect();
        Self { file: None, environment, overrides: Vec::new() }
    }
}

/// Names the file, like `--config`.
pub const FILE_VARIABLE: &str = "RECADO_CONFIG";
/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "recado.toml";

/// Every value that is set.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    values: BTreeMap<&'static str, (Value, Origin)>,
    /// Environment variables that look like ours but name no key.
    pub unknown_variables: Vec<String>,
}

impl Layers {
    /// Reads and lays over each other.
    ///
    /// # Errors
    /// When the file is missing, unreadable or has an unknown key, or an override names one.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let mut layers = Self::default();
        for key in keys::KEYS.iter().filter(|key| !key.default.is_empty()) {
            layers.values.insert(key.path, (Value::new(None, key.default), Origin::Default));
        }
        layers.read_file(sources.file.as_deref())?;
        layers.read_environment(&sources.environment)?;
        for (name, value) in &sources.overrides {
            let key = keys::lookup(name).ok_or_else(|| unknown(name, "--set"))?;
            layers.values.insert(key.path, (Value::new(None, value.as_str()), Origin::CommandLine));
        }
        Ok(layers)
    }

    fn read_file(&mut self, named: Option<&Path>) -> Result<(), ConfigError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(ConfigError::File { path: path.to_owned(), reason: error.to_string() }),
        };
        let table = config::File::from_str(&text, FileFormat::Toml)
            .collect()
            .map_err(|error| ConfigError::File { path: path.to_owned(), reason: error.to_string() })?;
        let mut flat = Vec::new();
        flatten("", Value::new(None, ValueKind::Table(table)), &mut flat);
        for (name, value) in flat {
            let key = keys::lookup(&name).ok_or_else(|| unknown(&name, &path.display().to_string()))?;
            self.values.insert(key.path, (value, Origin::File(path.to_owned())));
        }
        Ok(())
    }

    fn read_environment(&mut self, variables: &HashMap<String, String>) -> Result<(), ConfigError> {
        // Values stay text: a token of digits must not become a number and lose its zeros.
        let table = Environment::with_prefix("RECADO")
            .prefix_separator("_")
            .separator("__")
            .ignore_empty(true)
            .source(Some(variables.clone()))
            .collect()
            .map_err(|error| ConfigError::Unreadable(error.to_string()))?;
        for (name, value) in table {
            let dotted = name.replace("__", ".").to_ascii_lowercase();
            match keys::lookup(&dotted) {
                Some(key) => {
                    self.values.insert(key.path, (value, Origin::Environment));
                }
                None => self.unknown_variables.push(variable(&dotted)),
            }
        }
        self.unknown_variables.sort();
        Ok(())
    }

    /// A key's value and origin.
    pub fn get(&self, path: &str) -> Option<(&Value, &Origin)> {
        self.values.get(path).map(|(value, origin)| (value, origin))
    }

    /// Whether a person set it, rather than the table of keys.
    pub fn is_set(&self, path: &str) -> bool {
        self.text(path).is_some() && self.get(path).is_some_and(|(_, origin)| *origin != Origin::Default)
    }

    /// As text; `None` when unset or blank.
    pub fn text(&self, path: &str) -> Option<String> {
        let (value, _) = self.get(path)?;
        let text = match &value.kind {
            ValueKind::Array(items) => {
                // Tables are read by `tables`; here it matters only that there are some.
                let shown = |item: &Value| match item.kind {
                    ValueKind::Table(_) => Some("…".to_owned()),
                    _ => item.clone().into_string().ok(),
                };
                items.iter().filter_map(shown).collect::<Vec<_>>().join(",")
            }
            _ => value.clone().into_string().ok()?,
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// As text that its key's kind accepts.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn checked(&self, path: &'static str) -> Result<Option<String>, ConfigError> {
        let Some(text) = self.text(path) else { return Ok(None) };
        let key = known(path)?;
        if fits(key.kind, &text) { Ok(Some(text)) } else { Err(invalid(key, None)) }
    }

    /// A number. Keys of this kind have defaults.
    ///
    /// # Errors
    /// When it is none, or out of bounds.
    pub fn number(&self, path: &'static str) -> Result<u64, ConfigError> {
        let key = known(path)?;
        self.checked(path)?.and_then(|text| text.parse().ok()).ok_or_else(|| invalid(key, None))
    }

    /// Tables of a file, or JSON.
    ///
    /// # Errors
    /// When they are of another shape. The values are not shown: keys are among them.
    pub fn tables<T: serde::de::DeserializeOwned>(&self, path: &'static str) -> Result<Vec<T>, ConfigError> {
        let key = known(path)?;
        let Some((value, _)) = self.get(path).filter(|_| self.is_set(path)) else { return Ok(Vec::new()) };
        let read = match &value.kind {
            ValueKind::String(text) => serde_json::from_str(text).ok(),
            _ => value.clone().try_deserialize().ok(),
        };
        read.ok_or_else(|| invalid(key, None))
    }

    /// A sum of dollars, in millionths. Keys of this kind have defaults.
    ///
    /// # Errors
    /// When it is none.
    pub fn micro_dollars(&self, path: &'static str) -> Result<u64, ConfigError> {
        let key = known(path)?;
        self.checked(path)?.and_then(|text| micro_dollars(&text)).ok_or_else(|| invalid(key, None))
    }

    /// A flag; `None` when unset.
    ///
    /// # Errors
    /// When it is none.
    pub fn flag(&self, path: &'static str) -> Result<Option<bool>, ConfigError> {
        let key = known(path)?;
        self.checked(path)?.map(|text| flag(&text).ok_or_else(|| invalid(key, None))).transpose()
    }
}

fn known(path: &'static str) -> Result<&'static Key, ConfigError> {
    keys::lookup(path).ok_or_else(|| unknown(path, "the program"))
}

fn flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Millionths of what is written as dollars; no floating point comes near it.
pub fn micro_dollars(text: &str) -> Option<u64> {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let fraction: u64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(fraction)
}

fn fits(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Text | Kind::Secret => !text.contains(['\n', '\r', '\0']),
        Kind::SecretTables => true,
        Kind::Dollars => micro_dollars(text).is_some(),
        Kind::Flag => flag(text).is_some(),
        Kind::Number(low, high) => text.parse::<u64>().is_ok_and(|number| (low..=high).contains(&number)),
        Kind::Integer => text.parse::<i64>().is_ok(),
        Kind::OneOf(words) => words.contains(&text),
        Kind::SomeOf(words) => text.split(',').all(|word| words.contains(&word.trim())),
        Kind::Url => text.parse::<http::Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        }),
        Kind::Socket => text.parse::<std::net::SocketAddr>().is_ok(),
    }
}

/// An error about a key's value, with a text of its own or the words of its kind. Never shows the value.
pub fn invalid(key: &'static Key, expected: Option<&str>) -> ConfigError {
    let expected = expected.map_or_else(|| key.kind.in_words(), str::to_owned);
    ConfigError::Invalid { key: key.path, variable: variable(key.path), expected }
}

fn unknown(name: &str, origin: &str) -> ConfigError {
    ConfigError::UnknownKey {
        key: name.to_owned(),
        origin: origin.to_owned(),
        nearest: keys::nearest(name).map(str::to_owned),
    }
}

fn flatten(prefix: &str, value: Value, into: &mut Vec<(String, Value)>) {
    match value.kind {
        ValueKind::Table(table) => {
            for (name, inner) in table {
                let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                flatten(&path, inner, into);
            }
        }
        _ => into.push((prefix.to_owned(), value)),
    }
}
