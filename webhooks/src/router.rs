//! Routes and handlers.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use metrics::counter;
use recado_domain::Secret;
use recado_domain::event::Source;

use crate::edges::Edges;
use crate::metric_definitions as names;
use crate::problem::Refusal;
use crate::signature::{TokenProof, Unverified, base64_mac, hex_mac, only_header};
use crate::{raw_body, receive, shopify, telegram, whatsapp};

/// The webhook addresses of all channels. Routes of channels that are off answer 404.
pub fn router(edges: Edges) -> Router {
    Router::new()
        .route("/webhooks/whatsapp", get(confirm_whatsapp).post(receive_whatsapp))
        .route("/webhooks/shopify", post(receive_shopify))
        .route("/webhooks/telegram/{bot}", post(receive_telegram))
        .with_state(Arc::new(edges))
}

async fn confirm_whatsapp(State(edges): State<Arc<Edges>>, uri: Uri) -> Response {
    answer(Source::WhatsApp, confirm(&edges, &uri))
}

fn confirm(edges: &Edges, uri: &Uri) -> Result<Response, Refusal> {
    let (_, verify_token) = edges.whatsapp.as_ref().ok_or(Refusal::Off)?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).map_err(|_| Refusal::Handshake)?;
    let challenge = whatsapp::confirmed_challenge(&pairs, verify_token).ok_or(Refusal::Handshake)?;
    let mut response = challenge.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

// The parts of a request are taken as they are: the extractor of its headers would copy them.
async fn receive_whatsapp(State(edges): State<Arc<Edges>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answer(Source::WhatsApp, on_whatsapp(&edges, &parts.headers, body).await)
}

async fn on_whatsapp(edges: &Edges, headers: &HeaderMap, body: Body) -> Result<StatusCode, Refusal> {
    let (key, _) = edges.whatsapp.as_ref().ok_or(Refusal::Off)?;
    // The header is looked at first: who brings none need not be listened to for 3 MB.
    let signature = hex_mac(only_header(headers, &["x-hub-signature-256"])?)?;
    let body = Unverified::new(raw_body::read(headers, body).await?);
    let body = body.check_mac(std::slice::from_ref(key), &signature)?;
    receive::store(edges, Source::WhatsApp, headers, body, |bytes, _, at| whatsapp::parse(bytes, at)).await?;
    Ok(StatusCode::OK)
}

async fn receive_shopify(State(edges): State<Arc<Edges>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answer(Source::Shopify, on_shopify(&edges, &parts.headers, body).await)
}

async fn on_shopify(edges: &Edges, headers: &HeaderMap, body: Body) -> Result<StatusCode, Refusal> {
    let keys = edges.shopify.as_ref().ok_or(Refusal::Off)?;
    let signature = base64_mac(only_header(headers, &["x-shopify-hmac-sha256", "shopify-hmac-sha256"])?)?;
    let body = Unverified::new(raw_body::read(headers, body).await?).check_mac(keys, &signature)?;
    let labels = shopify::Labels::from_headers(headers);
    let parse = move |bytes: &[u8], hash: [u8; 32], at| shopify::parse_hashed(&labels, bytes, &hash, at);
    receive::store(edges, Source::Shopify, headers, body, parse).await?;
    Ok(StatusCode::OK)
}

async fn receive_telegram(State(edges): State<Arc<Edges>>, Path(bot): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    answer(Source::Telegram, on_telegram(&edges, &bot, &parts.headers, body).await)
}

async fn on_telegram(edges: &Edges, bot: &str, headers: &HeaderMap, body: Body) -> Result<StatusCode, Refusal> {
    if edges.telegram.is_empty() {
        return Err(Refusal::Off);
    }
    let presented = only_header(headers, &["x-telegram-bot-api-secret-token"])?;
    // A bot that we do not have is answered like a wrong secret, so that names cannot be guessed.
    let nobody = Secret::default();
    let edge = edges.telegram.iter().find(|edge| edge.bot == bot);
    let expected = edge.map_or(&nobody, |edge| &edge.secret_token);
    // The secret is the whole proof, so it is checked before the body is read.
    let proof = TokenProof::check(expected, presented)?;
    let body = Unverified::new(raw_body::read(headers, body).await?).vouched(proof);
    let bot = bot.to_owned();
    receive::store(edges, Source::Telegram, headers, body, move |bytes, _, at| telegram::parse(&bot, bytes, at))
        .await?;
    Ok(StatusCode::OK)
}

fn answer(source: Source, outcome: Result<impl IntoResponse, Refusal>) -> Response {
    counter!(names::RECEIVED, "source" => source.code()).increment(1);
    match outcome {
        Ok(response) => response.into_response(),
        Err(refusal) => {
            counter!(names::REFUSED, "source" => source.code(), "reason" => refusal.reason()).increment(1);
            tracing::debug!(source = source.code(), reason = refusal.reason(), "webhook refused");
            refusal.into_response()
        }
    }
}
