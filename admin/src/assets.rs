//! Style sheets, script, icons and the font, built in. Their names carry a hash of what they hold, so that a browser
//! keeps them for good.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{AdminError, Shared};

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// In this order, since later layers refine earlier ones.
const STYLES: [&str; 10] = ["tokens", "base", "shell", "parts", "charts", "inbox", "play", "door", "admin", "finance"];

/// The addresses that templates use.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Addresses {
    style: String,
    dark: String,
    script: String,
    htmx: String,
    sse: String,
    icons: String,
    icon: String,
    font: String,
}

impl Addresses {
    pub(crate) fn icons(&self) -> &str {
        &self.icons
    }
}

struct Asset {
    mime: &'static str,
    body: Bytes,
}

/// Everything under `/assets/`.
pub(crate) struct Assets {
    files: HashMap<String, Asset>,
    addresses: Addresses,
}

fn read(path: &str) -> Result<Vec<u8>, AdminError> {
    Files::get(path).map(|file| file.data.into_owned()).ok_or_else(|| AdminError::Asset(path.to_owned()))
}

impl Assets {
    pub(crate) fn load() -> Result<Self, AdminError> {
        let mut assets = Self { files: HashMap::new(), addresses: Addresses::default() };
        let font = assets.add("hanken-grotesk", "woff2", "font/woff2", read("fonts/hanken-grotesk.woff2")?);
        let mut style = Vec::new();
        for name in STYLES {
            style.extend_from_slice(&read(&format!("css/{name}.css"))?);
            style.push(b'\n');
        }
        let style = String::from_utf8_lossy(&style).replace("../fonts/hanken-grotesk.woff2", &font);
        assets.addresses = Addresses {
            style: assets.add("desk", "css", "text/css; charset=utf-8", style.into_bytes()),
            dark: assets.add("dark", "css", "text/css; charset=utf-8", read("css/dark.css")?),
            script: assets.add("recado", "js", "text/javascript; charset=utf-8", read("js/recado.js")?),
            htmx: assets.add("htmx", "js", "text/javascript; charset=utf-8", read("vendor/htmx.min.js")?),
            sse: assets.add("hx-sse", "js", "text/javascript; charset=utf-8", read("vendor/hx-sse.min.js")?),
            icons: assets.add("icons", "svg", "image/svg+xml", read("icons.svg")?),
            icon: assets.add("recado", "svg", "image/svg+xml", read("icon.svg")?),
            font,
        };
        Ok(assets)
    }

    fn add(&mut self, name: &str, ending: &str, mime: &'static str, body: Vec<u8>) -> String {
        let hash = hex::encode(&Sha256::digest(&body)[..6]);
        let file = format!("{name}-{hash}.{ending}");
        let address = format!("/assets/{file}");
        self.files.insert(file, Asset { mime, body: Bytes::from(body) });
        address
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }
}

/// `GET /assets/{file}`.
pub(crate) async fn serve(State(desk): State<Shared>, Path(file): Path<String>) -> Response {
    let Some(asset) = desk.assets.files.get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = asset.body.clone().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
