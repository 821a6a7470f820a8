//! The templates, loaded and checked at the start.

use std::sync::Arc;

use recado_domain::Language;
use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use crate::AdminError;
use crate::assets::Assets;
use crate::words::Words;

#[derive(RustEmbed)]
#[folder = "../templates/admin/"]
pub(crate) struct Files;

/// Templates and words.
pub(crate) struct Templates {
    tera: Tera,
    words: Arc<Words>,
}

#[derive(Serialize)]
struct Global<'a> {
    assets: &'a crate::assets::Addresses,
}

impl Templates {
    pub(crate) fn load(assets: &Assets) -> Result<Self, AdminError> {
        let words = Arc::new(Words::load()?);
        let mut tera = Tera::new();
        let speaker = Arc::clone(&words);
        tera.register_function("t", move |kwargs: Kwargs, state: &State<'_>| translate(&speaker, &kwargs, state));
        // Components see neither the page's context nor the global one, but functions they may call.
        let icons = assets.addresses().icons().to_owned();
        tera.register_function("icons", move |_: Kwargs, _: &State<'_>| icons.clone());
        let mut sources = Vec::new();
        for path in Files::iter().filter(|path| path.ends_with(".html")) {
            let file = Files::get(&path).ok_or_else(|| AdminError::Asset(path.to_string()))?;
            sources.push((path.to_string(), String::from_utf8_lossy(&file.data).into_owned()));
        }
        tera.add_raw_templates(sources)?;
        *tera.global_context() = Context::from_serialize(&Global { assets: assets.addresses() })?;
        Ok(Self { tera, words })
    }

    pub(crate) fn render(&self, name: &str, context: &Context) -> Result<String, tera::Error> {
        self.tera.render(name, context)
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }
}

/// `t(key="…", n=…, name=…)`: the sentence in the page's language; `lang` asks for another one.
fn translate(words: &Words, kwargs: &Kwargs, state: &State<'_>) -> tera::TeraResult<String> {
    let key = kwargs.must_get::<&str>("key")?;
    let language = match kwargs.get::<&str>("lang")? {
        Some(code) => Language::from_tag(code),
        None => state.get::<String>("lang")?.and_then(|code| Language::from_tag(&code)),
    }
    .unwrap_or_default();
    let number = kwargs.get::<i64>("n")?;
    let given: Vec<(String, String)> = kwargs
        .iter()
        .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), shown(value))))
        .filter(|(name, _)| !matches!(name.as_str(), "key" | "lang"))
        .collect();
    let with: Vec<(&str, &str)> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    words.find(language, key, number, &with).ok_or_else(|| tera::Error::message(format!("no word has the key {key:?}")))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
