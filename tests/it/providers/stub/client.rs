//! Calls to the stub: it takes texts, and nothing else.

use async_trait::async_trait;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use ventanilla::{
    domain::{
        channel::{Access, Channel},
        content::Content,
        id::Wamid,
        rejection::{Reason, Rejection},
    },
    ports::{
        credentials::ChannelSecret,
        files::{DownloadError, FileReader},
        health_check::{Inspection, Inspector, Question},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
    },
};

use super::config::StubSecret;

pub(super) struct Stub {
    http: reqwest::Client,
}

impl Stub {
    pub(super) fn new(http: reqwest::Client) -> Self {
        Self { http }
    }
}

fn unsupported(what: &str) -> SendFailure {
    SendFailure::Refused(Reason::Unsupported.because(format!("the stub has no {what}")))
}

/// Where the stub is, and its key.
fn way<'a>(channel: &'a Channel, secret: &'a ChannelSecret) -> Result<(&'a str, &'a str), SendFailure> {
    let (Access::Other(access), Some(secret)) = (&channel.access, secret.of::<StubSecret>()) else {
        return Err(SendFailure::Refused(Rejection::of(Reason::ProviderAuth)));
    };
    let url = access.settings.get("stub_url").and_then(Value::as_str).unwrap_or_default();
    Ok((url, secret.key.expose_secret()))
}

#[async_trait]
impl Provider for Stub {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        let (url, key) = way(outgoing.channel, outgoing.secret)?;
        let Content::Text { body, .. } = outgoing.content else { return Err(unsupported("such content")) };
        let Some(number) = outgoing.to.number() else {
            return Err(unsupported("customers without a number"));
        };
        let body = json!({ "to": number.digits(), "text": body.as_str(), "ref": outgoing.echo });
        let request = self.http.post(format!("{url}/messages")).header("key", key).json(&body);
        let request = request.timeout(outgoing.timeout).build();
        let request = request.map_err(|_| SendFailure::Ambiguous("no request"))?;
        let answer = self.http.execute(request).await.map_err(|_| SendFailure::Ambiguous("no answer"))?;
        let answer: Value = answer.json().await.map_err(|_| SendFailure::Ambiguous("no JSON"))?;
        if let Some(why) = answer["error"].as_str() {
            return Err(SendFailure::Refused(Reason::ProviderRejected.because(why)));
        }
        let id = answer["id"].as_str().and_then(|id| Wamid::try_from(id.to_owned()).ok());
        let wamid = id.ok_or(SendFailure::Ambiguous("a success without an id"))?;
        Ok(Acceptance { wamid, aliases: Vec::new(), wa_id: None, user_id: None, parent_user_id: None })
    }

    async fn mark_read(&self, _: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        Err(unsupported("read receipts"))
    }

    async fn thread_control(&self, _: ThreadControl<'_>) -> Result<(), SendFailure> {
        Err(unsupported("thread control"))
    }

    async fn file(&self, _: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError> {
        Err(DownloadError::Refused("the stub has no files".to_owned()))
    }

    async fn templates(&self, _: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        Err(unsupported("templates"))
    }
}

#[async_trait]
impl Inspector for Stub {
    async fn inspect(&self, _: Question<'_>) -> Inspection {
        Inspection {
            token: Ok(None),
            number: Ok(None),
            health: Ok(None),
            listeners: Ok(None),
            webhook: Ok(None),
            handshake: None,
        }
    }

    async fn subscribe(&self, _: Question<'_>) -> Result<(), SendFailure> {
        Err(unsupported("subscriptions"))
    }
}
