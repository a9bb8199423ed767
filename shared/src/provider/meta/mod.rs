//! WhatsApp Cloud API: sending (facts: meta.md 2 and 3).

mod answer;
pub mod errors;

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde::Serialize;

use crate::{
    domain::{contact::Address, content::Content},
    port::provider::{Acceptance, Outgoing, Provider, SendFailure},
};

/// Largest answer that is read.
const ANSWER_LIMIT: usize = 256 * 1024;

/// The client of the Cloud API, or of any host that speaks it.
#[derive(Debug, Clone)]
pub struct Meta {
    http: reqwest::Client,
}

#[derive(Serialize)]
struct Body<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    /// A business-scoped user id goes here; with both, Meta would prefer `to`.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    biz_opaque_callback_data: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    body: &'a str,
}

impl Meta {
    /// A client over this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self { http }
    }
}

fn body<'a>(outgoing: &'a Outgoing<'_>) -> Body<'a> {
    let (to, recipient) = match outgoing.to {
        // Without `+` the sender's country code could be put in front (facts: meta.md 2.1).
        Address::Number(number) => (Some(number.e164()), None),
        Address::Bsuid(id) => (None, Some(id.as_str())),
    };
    let text = match outgoing.content {
        Content::Text { body } => Some(Text { body: body.as_str() }),
    };
    Body {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to,
        recipient,
        kind: outgoing.content.kind(),
        text,
        biz_opaque_callback_data: outgoing.echo,
    }
}

#[async_trait]
impl Provider for Meta {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        let channel = outgoing.channel;
        let url = format!(
            "{}/{}/{}/messages",
            channel.graph_base_url,
            channel.graph_version,
            channel.phone_number_id.as_str()
        );
        let request = self
            .http
            .post(url)
            .bearer_auth(outgoing.secret.access_token.expose_secret())
            .timeout(outgoing.timeout)
            .json(&body(&outgoing));
        #[expect(
            clippy::disallowed_methods,
            reason = "a provider is where calls are made; the time-out is set"
        )]
        let sent = request.send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return Err(answer::unsent(&error)),
        };
        let status = answer.status();
        let retry_after = answer::retry_after(answer.headers());
        match read(answer).await {
            Some(bytes) => answer::judge(status, retry_after, &bytes),
            None => Err(SendFailure::Ambiguous("the answer broke off or was too long")),
        }
    }
}

/// Reads an answer to its end, up to a limit.
async fn read(mut answer: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if bytes.len() + chunk.len() > ANSWER_LIMIT {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}
