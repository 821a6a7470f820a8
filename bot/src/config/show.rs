//! What is in force, for `recado config show`.

use serde::Serialize;

use super::keys::{KEYS, Key};
use super::layers::Layers;

/// A key as it is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Dotted key.
    pub key: &'static str,
    /// Its value; `***` when it is a secret, `None` when unset.
    pub value: Option<String>,
    /// Where it came from.
    pub origin: String,
}

/// Every key, secrets hidden.
pub fn show(layers: &Layers) -> Vec<Shown> {
    KEYS.iter().map(|key| shown(key, layers)).collect()
}

fn shown(key: &'static Key, layers: &Layers) -> Shown {
    let value = layers.text(key.path).map(|text| if key.is_secret() { "***".to_owned() } else { text });
    let origin = match (&value, layers.get(key.path)) {
        (Some(_), Some((_, origin))) => origin.to_string(),
        _ => "unset".to_owned(),
    };
    Shown { key: key.path, value, origin }
}
