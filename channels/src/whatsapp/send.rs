//! The call itself.

use std::time::Duration;

use http::HeaderValue;
use recado_domain::attachment::File;
use recado_domain::outbound::{Away, Recipient, SendResult, Sendable, Sender, Settlement, UploadError};
use reqwest::{Client, Response, Url};

use super::{WhatsAppConfig, classify, payload, upload};
use crate::{ChannelError, client};

const CHANNEL: &str = "whatsapp";
/// Answers are a few hundred bytes; more than this is not one.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Sends over the WhatsApp Cloud API.
#[derive(Debug)]
pub struct WhatsAppSender {
    client: Client,
    base: Url,
    authorization: HeaderValue,
    echo_within: Duration,
}

impl WhatsAppSender {
    /// A sender for all numbers that the token may use.
    ///
    /// # Errors
    /// When the address or the token is unusable, or the HTTP client does not start.
    pub fn new(config: WhatsAppConfig) -> Result<Self, ChannelError> {
        let base = client::base(&config.api_base, CHANNEL)?;
        let authorization = client::bearer(&config.access_token, CHANNEL)?;
        let settings = client::settings(&base, config.timeout, Duration::from_secs(5));
        let client = client::start(settings.retry(reqwest::retry::never()), CHANNEL)?;
        Ok(Self { client, base, authorization, echo_within: config.echo_within })
    }

    /// The address of what a number can do: `messages`, `media`.
    fn url(&self, phone_number_id: &str, what: &str) -> Option<Url> {
        // The id becomes part of a path: nothing but what the platform gives out.
        let plain = !phone_number_id.is_empty() && phone_number_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().push(phone_number_id).push(what);
        plain.then_some(url)
    }
}

#[async_trait::async_trait]
impl Sender for WhatsAppSender {
    async fn send(&self, message: &Sendable) -> SendResult {
        let failed = |reason: &str| SendResult::Failed { reason: reason.to_owned() };
        let Recipient::WhatsApp { phone_number_id, wa_id, user_id } = &message.recipient else {
            return failed("not a WhatsApp recipient");
        };
        let wa_id = wa_id.as_deref().filter(|id| !id.is_empty());
        let user_id = user_id.as_deref().filter(|id| !id.is_empty());
        if wa_id.is_none() && user_id.is_none() {
            return failed("the recipient has no id");
        }
        if message.message.body.trim().is_empty() {
            return failed("the message is empty");
        }
        let Some(url) = self.url(phone_number_id, "messages") else {
            return failed("the phone number id is malformed");
        };
        let request = self
            .client
            .post(url)
            .header(http::header::AUTHORIZATION, self.authorization.clone())
            .json(&payload::payload(message, wa_id, user_id));
        let outcome = match request.send().await {
            Ok(response) => {
                let (status, body, hint) = read(response).await;
                classify::answer(status, &body, message.attempt, hint)
            }
            Err(error) => unanswered(&error),
        };
        tracing::debug!(outbox = %message.id, trace = %message.trace, attempt = message.attempt, ?outcome, "whatsapp send");
        outcome
    }

    fn settlement(&self) -> Settlement {
        Settlement::Echo(self.echo_within)
    }

    async fn upload(&self, to: &Recipient, file: &File) -> Result<String, UploadError> {
        let never = |reason: &str| UploadError::Never(reason.to_owned());
        let Recipient::WhatsApp { phone_number_id, .. } = to else { return Err(never("not a WhatsApp recipient")) };
        let url = self.url(phone_number_id, "media").ok_or_else(|| never("the phone number id is malformed"))?;
        let form = upload::form(file).ok_or_else(|| never("the type of the file is malformed"))?;
        let request = self.client.post(url).header(http::header::AUTHORIZATION, self.authorization.clone());
        match request.multipart(form).send().await {
            Ok(response) => {
                let (status, body, hint) = read(response).await;
                upload::answer(status, &body, hint)
            }
            Err(error) if error.is_builder() => Err(never("the request could not be built")),
            Err(_) => Err(UploadError::Again { after: None, reason: "no answer to a file in time".to_owned() }),
        }
    }
}

/// What an error without an answer means. Only a connection that never stood is sure to have carried nothing.
fn unanswered(error: &reqwest::Error) -> SendResult {
    if error.is_connect() {
        return SendResult::Away { why: Away::NoConnection, after: None, reason: "no answer to a call".into() };
    }
    if error.is_builder() {
        return SendResult::Failed { reason: "the request could not be built".into() };
    }
    let reason = if error.is_timeout() { "no answer in time" } else { "the connection broke before an answer" };
    SendResult::Ambiguous { reason: reason.into() }
}

/// An answer: its status, its body, and how long the platform wants us to wait.
async fn read(mut response: Response) -> (u16, Vec<u8>, Option<Duration>) {
    let status = response.status().as_u16();
    let hint = response
        .headers()
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    // A body that breaks off is judged by what came: an incomplete 200 stays unreadable, hence unclear.
    while let Ok(Some(chunk)) = response.chunk().await {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            break;
        }
        body.extend_from_slice(&chunk);
    }
    (status, body, hint)
}
