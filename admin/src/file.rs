//! Pictures and documents, shown beside the messages they went with.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use recado_domain::attachment::File;
use serde::Serialize;

use crate::error::PageError;

/// A picture or document as a template shows it.
#[derive(Serialize)]
pub(crate) struct ShownFile {
    /// Where its bytes are.
    pub href: String,
    /// Whether it is shown itself; otherwise a card stands for it.
    pub image: bool,
    /// Its name.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// `PDF · 84 KB`.
    pub detail: String,
}

impl ShownFile {
    /// One of so many bytes.
    pub(crate) fn new(href: String, mime_type: &str, name: &str, alt: &str, bytes: usize) -> Self {
        let image = mime_type.starts_with("image/");
        let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_uppercase();
        let size = if bytes < 1 << 20 {
            format!("{} KB", bytes.div_ceil(1 << 10))
        } else {
            format!("{} MB", bytes.div_ceil(1 << 20))
        };
        Self { href, image, name: name.to_owned(), alt: alt.to_owned(), detail: format!("{end} · {size}") }
    }
}

/// Its bytes. What a browser can show is shown, the rest is saved; nothing of a kind that could run is ever served.
pub(crate) fn served(file: File) -> Result<Response, PageError> {
    let (mime_type, shown) = match file.mime_type.as_str() {
        "image/png" => ("image/png", true),
        "application/pdf" => ("application/pdf", true),
        _ => ("application/octet-stream", false),
    };
    let name: String = file
        .name
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
        .collect();
    let how = if shown { "inline" } else { "attachment" };
    let disposition = HeaderValue::try_from(format!("{how}; filename=\"{name}\"")).map_err(|_| PageError::NotFound)?;
    http::Response::builder()
        .header(header::CONTENT_TYPE, mime_type)
        .header(header::CONTENT_DISPOSITION, disposition)
        .header(header::CACHE_CONTROL, "private, max-age=3600, immutable")
        .body(Body::from(file.bytes))
        .map_err(|_| PageError::NotFound)
}
