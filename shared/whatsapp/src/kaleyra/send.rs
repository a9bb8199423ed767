//! Kaleyra: sending through its API V2 or V1, as configured for the channel (facts: kaleyra.md 2 and 3).

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, header};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{KaleyraSecret, answer, form};
use crate::{call, object};
use ventanilla_core::{
    domain::{
        channel::{Access, Channel, KaleyraAccess, KaleyraApi},
        redact,
        rejection::{Reason, Rejection},
    },
    ports::{
        credentials::ChannelSecret,
        files::{DownloadError, FileReader},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
    },
};

/// Longest reference that is returned whole; Kaleyra truncates longer ones (the vendor's documents).
const REF_LIMIT: usize = 255;

/// The client of Kaleyra.
#[derive(Debug, Clone)]
pub struct Kaleyra {
    pub(super) http: reqwest::Client,
}

/// A number and its credentials.
pub(super) struct Account<'a> {
    pub(super) channel: &'a Channel,
    pub(super) access: &'a KaleyraAccess,
    pub(super) secret: &'a KaleyraSecret,
}

impl<'a> Account<'a> {
    pub(super) fn of(channel: &'a Channel, secret: &'a ChannelSecret) -> Result<Self, SendFailure> {
        match (&channel.access, secret.of::<KaleyraSecret>()) {
            (Access::Kaleyra(access), Some(secret)) => Ok(Self { channel, access, secret }),
            _ => Err(call::foreign_secret()),
        }
    }

    /// The path's number is the business number, whatever the page's table says (facts: kaleyra.md 2.5).
    fn url(&self) -> String {
        let (base, sid) = (&self.access.base_url, &self.secret.sid);
        match self.access.api {
            KaleyraApi::V1 => format!("{base}/v1/{sid}/messages"),
            KaleyraApi::V2 => {
                let number = self.access.numbers.of(&self.channel.number);
                format!("{base}/v2/{sid}/whatsapp/{number}/messages")
            }
        }
    }
}

impl Kaleyra {
    /// A client that uses this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    fn request(&self, account: &Account<'_>, timeout: Duration) -> RequestBuilder {
        self.http.post(account.url()).header("api-key", key(&account.secret.api_key)).timeout(timeout)
    }

    async fn send_object(
        &self,
        account: &Account<'_>,
        timeout: Duration,
        message: Value,
        mut extra: Map<String, Value>,
    ) -> Result<call::Answer, SendFailure> {
        extra.insert("wa_source".to_owned(), "api".into());
        let body = json!({ "messaging_object": message, "extra_info": extra });
        call::call(self.request(account, timeout).json(&body)).await
    }

    async fn send_form(
        &self,
        account: &Account<'_>,
        outgoing: &Outgoing<'_>,
    ) -> Result<call::Answer, SendFailure> {
        let fields = form::fields(account.access, account.secret, outgoing).map_err(SendFailure::Refused)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(account, outgoing.timeout)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        call::call(request).await
    }
}

/// The references that reports and webhooks return: `ref` is ours, because only it reliably identifies the
/// message (facts: kaleyra.md 8); the other two are the caller's.
fn extra(outgoing: &Outgoing<'_>) -> Map<String, Value> {
    references(outgoing).map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// The references of a message, by Kaleyra's names for them.
pub(super) fn references<'a>(outgoing: &'a Outgoing<'_>) -> impl Iterator<Item = (&'static str, &'a str)> {
    let theirs = [("ref1", &outgoing.references.second), ("ref2", &outgoing.references.third)];
    let theirs = theirs.into_iter().filter_map(|(name, given)| Some((name, given.as_ref()?.as_str())));
    std::iter::once(("ref", outgoing.echo)).chain(theirs)
}

/// The key as a header value that is never logged. A key that is not a valid header value is sent empty:
/// Kaleyra rejects it.
pub(super) fn key(secret: &SecretString) -> HeaderValue {
    let mut value =
        HeaderValue::from_str(secret.expose_secret()).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

#[async_trait]
impl Provider for Kaleyra {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        let account = Account::of(outgoing.channel, outgoing.secret)?;
        if outgoing.echo.chars().count() > REF_LIMIT {
            // Truncated, it would identify nothing, and no other id does so reliably (facts: kaleyra.md 8).
            return Err(refused(Reason::InvalidInput.because("the reference is longer than 255 characters")));
        }
        let answer = match account.access.api {
            KaleyraApi::V1 => self.send_form(&account, &outgoing).await?,
            KaleyraApi::V2 => {
                let message = object::message(&outgoing, account.access.numbers).into();
                self.send_object(&account, outgoing.timeout, message, extra(&outgoing)).await?
            }
        };
        let judged = match account.access.api {
            KaleyraApi::V1 => answer::of_form(&answer),
            KaleyraApi::V2 => answer::of_object(&answer),
        };
        let judged = judged.map_err(|failure| redacted(failure, account.secret));
        judged.inspect_err(|failure| answer::tell_operator(account.channel, account.access.api, failure))
    }

    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        let account = Account::of(receipt.channel, receipt.secret)?;
        if account.access.api == KaleyraApi::V1 {
            return Err(refused(Reason::Unsupported.because("Kaleyra's API V1 has no read receipts")));
        }
        // Its documents have no typing indicator (facts: kaleyra.md 2.3).
        let message = object::read_receipt(receipt.wamid, Typing::Off);
        let answer = self.send_object(&account, receipt.timeout, message, Map::new()).await?;
        let outcome = answer::receipt(&answer).map_err(|failure| redacted(failure, account.secret));
        outcome.map(|()| Typing::Off)
    }

    async fn thread_control(&self, _: ThreadControl<'_>) -> Result<(), SendFailure> {
        Err(refused(Reason::Unsupported.because("Kaleyra documents no thread control")))
    }

    async fn file(&self, _: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError> {
        // It gives links instead; a way to fetch by id is not documented (facts: kaleyra.md 6).
        Err(DownloadError::Refused("Kaleyra has no files by id".to_owned()))
    }

    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        let account = Account::of(listing.channel, listing.secret)?;
        let (base, sid) = (&account.access.base_url, &account.secret.sid);
        let url = match account.access.api {
            KaleyraApi::V1 => format!("{base}/v1/{sid}/whatsapp/templates/status"),
            KaleyraApi::V2 => {
                format!("{base}/v2/{sid}/whatsapp/{}/message_templates", listing.account.as_str())
            }
        };
        let request = self.http.get(url).header("api-key", key(&account.secret.api_key));
        let answer = call::call(request.timeout(listing.timeout)).await?;
        let listed = answer::templates(&answer, account.access.api);
        let listed = listed.map_err(|failure| redacted(failure, account.secret));
        listed.inspect_err(|failure| answer::tell_operator(account.channel, account.access.api, failure))
    }
}

/// A failure with a short explanation that contains neither numbers nor any of our secrets: the form
/// contains one, in `callback_url`.
pub(super) fn redacted(failure: SendFailure, secret: &KaleyraSecret) -> SendFailure {
    let SendFailure::Refused(mut rejection) = failure else { return failure };
    for secret in secret.callback.iter().chain([&secret.api_key]).map(ExposeSecret::expose_secret) {
        let repeated =
            rejection.detail.as_mut().filter(|detail| !secret.is_empty() && detail.contains(secret));
        if let Some(detail) = repeated {
            *detail = detail.replace(secret, "***");
        }
    }
    rejection.detail = rejection.detail.map(|detail| redact::redacted(&detail));
    SendFailure::Refused(rejection)
}

pub(super) fn refused(rejection: Rejection) -> SendFailure {
    SendFailure::Refused(rejection)
}
