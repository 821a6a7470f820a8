//! The client: async-openai over types of our own, with a service beneath it that bounds what is read, repeats nothing
//! by itself, and keeps bodies out of logs.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use serde_json::Value;

use super::settings::Provider;
use super::wire::{self, Pieces, Reply};

/// The longest answer that is read.
const LONGEST: usize = 512 * 1024;
/// The longest answer of vectors: 40 of 4,096 numbers, each of 24 letters.
const LONGEST_VECTORS: usize = 4 * 1024 * 1024;
/// The longest error that is read.
const LONGEST_ERROR: usize = 16 * 1024;
/// A connection that takes longer is none.
const CONNECT: Duration = Duration::from_secs(2);

/// Why a call gave no answer. Words of a server are in here for logs, and never for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server said no.
    #[error("status {status} {}: {words}", code.as_deref().unwrap_or("-"))]
    Refused {
        /// HTTP status.
        status: u16,
        /// The server's code or type.
        code: Option<String>,
        /// Its words, cut.
        words: String,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// No connection, or it broke.
    #[error("no connection, or it broke")]
    Unreachable,
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// It ended in the middle.
    #[error("the answer ended in the middle")]
    Cut,
    /// What came is no answer of this API.
    #[error("the answer cannot be read")]
    Unreadable,
    /// It is longer than anything sensible.
    #[error("the answer is too long")]
    TooLong,
}

impl CallError {
    /// A word for metrics.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Refused { status: 429, .. } => "throttled",
            Self::Refused { .. } => "refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timeout",
            Self::Cut => "cut",
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
        }
    }

    /// Whether nobody but the operator can help: a wrong key, no credit, no such model or address.
    pub fn is_hopeless(&self) -> bool {
        match self {
            Self::Refused { status: 401 | 403 | 404, .. } => true,
            Self::Refused { code, .. } => code.as_deref() == Some("insufficient_quota"),
            _ => false,
        }
    }

    /// Whether the server may have disliked the way a shape was asked for.
    pub const fn may_dislike_the_shape(&self) -> bool {
        matches!(self, Self::Refused { status: 400 | 415 | 422 | 501, .. })
    }
}

/// A service for async-openai: one try, bounded reading, errors of our own.
#[derive(Clone)]
struct Careful {
    http: reqwest::Client,
}

type Served = Pin<Box<dyn Future<Output = Result<reqwest::Response, OpenAIError>> + Send>>;

impl tower::Service<HttpRequestFactory> for Careful {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Served;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let http = self.http.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            answered(&http, request).await.map_err(|error| OpenAIError::Boxed(Box::new(error)))
        })
    }
}

async fn answered(http: &reqwest::Client, request: reqwest::Request) -> Result<reqwest::Response, CallError> {
    let longest = if request.url().path().ends_with("/embeddings") { LONGEST_VECTORS } else { LONGEST };
    let response = http.execute(request).await.map_err(|error| lost(&error))?;
    let status = response.status();
    if !status.is_success() {
        let retry_after = retry_after(response.headers());
        let body = read(response, LONGEST_ERROR).await.unwrap_or_default();
        let (code, words) = wire::error_words(&serde_json::from_slice(&body).unwrap_or(Value::Null));
        return Err(CallError::Refused { status: status.as_u16(), code, words, retry_after });
    }
    let kind = response.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return Ok(bounded_stream(response));
    }
    let body = read(response, longest).await?;
    if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() {
        return Err(CallError::Unreadable);
    }
    let response = http::Response::builder().status(status).body(reqwest::Body::from(body));
    response.map(Into::into).map_err(|_| CallError::Unreadable)
}

fn lost(error: &reqwest::Error) -> CallError {
    if error.is_timeout() { CallError::TimedOut } else { CallError::Unreachable }
}

async fn read(response: reqwest::Response, longest: usize) -> Result<Bytes, CallError> {
    let mut whole = BytesMut::new();
    let mut response = response;
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if whole.len() + chunk.len() <= longest => whole.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(CallError::TooLong),
            Ok(None) => return Ok(whole.freeze()),
            Err(error) if error.is_timeout() => return Err(CallError::TimedOut),
            Err(_) => return Err(CallError::Cut),
        }
    }
}

/// A stream that ends with an error where it would become too long.
fn bounded_stream(response: reqwest::Response) -> reqwest::Response {
    let status = response.status();
    let bounded = futures::stream::unfold((response, 0usize), |(mut response, read)| async move {
        match response.chunk().await {
            Ok(None) => None,
            Ok(Some(chunk)) => {
                let read = read + chunk.len();
                let item = if read <= LONGEST { Ok(chunk) } else { Err(std::io::Error::other(CallError::TooLong)) };
                Some((item, (response, read)))
            }
            Err(_) => Some((Err(std::io::Error::other(CallError::Cut)), (response, read))),
        }
    });
    let mut whole = http::Response::new(reqwest::Body::wrap_stream(bounded));
    *whole.status_mut() = status;
    whole.into()
}

/// `retry-after-ms`, or `retry-after` in seconds. A date is as good as none: the server's clock is not ours.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|millis| millis / 1000.0).or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Calls one provider.
#[derive(Clone)]
pub struct Transport {
    client: Client<OpenAIConfig>,
    provider: Arc<Provider>,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("no client for the provider {name:?}: {problem}")]
pub struct TransportError {
    name: String,
    problem: String,
}

impl Transport {
    /// A client of a provider. It follows no redirects: an answer comes from the address that was configured.
    ///
    /// # Errors
    /// When the TLS settings of the process do not allow one.
    pub fn new(provider: Arc<Provider>) -> Result<Self, TransportError> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT.min(provider.timeout))
            .timeout(provider.timeout)
            .pool_idle_timeout(Duration::from_secs(20))
            .build()
            .map_err(|error| TransportError { name: provider.name.clone(), problem: error.to_string() })?;
        // Servers that need no key refuse a call without one all the same.
        let key = if provider.api_key.is_empty() { "none" } else { provider.api_key.expose() };
        let config = OpenAIConfig::new().with_api_base(provider.base_url.clone()).with_api_key(key);
        let client = Client::build(http.clone(), config).with_http_service(Careful { http });
        Ok(Self { client, provider })
    }

    /// Asks.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn chat(&self, body: Value) -> Result<Reply, CallError> {
        if body["stream"] == Value::Bool(true) {
            return self.streamed(body).await;
        }
        let whole: Value = self.client.chat().create_byot(body).await.map_err(told)?;
        if !whole["error"].is_null() {
            // Some proxies answer 200 with an error inside.
            return Err(CallError::Unreadable);
        }
        wire::reply(&whole).ok_or(CallError::Unreadable)
    }

    async fn streamed(&self, body: Value) -> Result<Reply, CallError> {
        let mut stream = self.client.chat().create_stream_byot::<_, Lenient>(body).await.map_err(told)?;
        let mut pieces = Pieces::default();
        while let Some(piece) = stream.next().await {
            let Lenient(piece) = piece.map_err(told)?;
            pieces.add(&piece).map_err(|_| CallError::Cut)?;
            if pieces.len() > LONGEST {
                return Err(CallError::TooLong);
            }
        }
        // Servers end a stream by saying so; a connection that closes before is a broken one.
        if pieces.finished { Ok(pieces.reply()) } else { Err(CallError::Cut) }
    }

    /// Vectors of some texts, in their order.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn embed(&self, model: &str, texts: &[&str]) -> Result<Vec<Vec<f32>>, CallError> {
        let body = serde_json::json!({ "model": model, "input": texts, "encoding_format": "float" });
        let whole: Value = self.client.embeddings().create_byot(body).await.map_err(told)?;
        // One for each text, neither more nor fewer; a place that is named twice leaves another empty, which is seen below.
        let data = whole["data"].as_array().filter(|data| data.len() == texts.len()).ok_or(CallError::Unreadable)?;
        let mut vectors = vec![Vec::new(); texts.len()];
        for (place, entry) in data.iter().enumerate() {
            let index = entry["index"].as_u64().map_or(place, |index| usize::try_from(index).unwrap_or(usize::MAX));
            let numbers = entry["embedding"].as_array().ok_or(CallError::Unreadable)?;
            let vector: Option<Vec<f32>> = numbers.iter().map(|number| number.as_f64().map(|one| one as f32)).collect();
            *vectors.get_mut(index).ok_or(CallError::Unreadable)? = vector.ok_or(CallError::Unreadable)?;
        }
        let length = vectors.first().map_or(0, Vec::len);
        let alike = length > 0 && vectors.iter().all(|vector| vector.len() == length);
        if alike { Ok(vectors) } else { Err(CallError::Unreadable) }
    }

    /// The words of a recording.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn transcribe(&self, recording: Recording) -> Result<String, CallError> {
        let whole: Value = self.client.audio().transcription().create_byot(recording).await.map_err(told)?;
        whole["text"].as_str().map(|text| text.trim().to_owned()).ok_or(CallError::Unreadable)
    }

    /// Of whom.
    pub fn provider(&self) -> &Arc<Provider> {
        &self.provider
    }
}

/// A recording on its way to be written down.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The model.
    pub model: String,
    /// A name with the right ending; servers tell the format by it.
    pub file_name: String,
    /// The file.
    pub bytes: Bytes,
    /// ISO 639-1, when known.
    pub language: Option<&'static str>,
}

impl async_openai::traits::AsyncTryFrom<Recording> for reqwest::multipart::Form {
    type Error = OpenAIError;
    async fn try_from(recording: Recording) -> Result<Self, Self::Error> {
        let length = recording.bytes.len() as u64;
        let part = reqwest::multipart::Part::stream_with_length(recording.bytes, length).file_name(recording.file_name);
        let form = Self::new().part("file", part).text("model", recording.model).text("response_format", "json");
        Ok(match recording.language {
            Some(language) => form.text("language", language),
            None => form,
        })
    }
}

/// A piece of a stream that never fails to be read, so that nothing of it is logged by the client beneath: what is no
/// JSON becomes null.
struct Lenient(Value);

impl<'de> serde::Deserialize<'de> for Lenient {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer).unwrap_or(Value::Null)))
    }
}

fn told(error: OpenAIError) -> CallError {
    match error {
        OpenAIError::Boxed(error) => error.downcast::<CallError>().map_or(CallError::Unreadable, |error| *error),
        OpenAIError::Reqwest(error) => lost(&error),
        OpenAIError::StreamError(_) => CallError::Cut,
        OpenAIError::ApiError(answer) => CallError::Refused {
            status: answer.status_code.as_u16(),
            code: answer.api_error.code,
            words: String::new(),
            retry_after: None,
        },
        _ => CallError::Unreadable,
    }
}
