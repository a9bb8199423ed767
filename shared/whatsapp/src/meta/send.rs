//! WhatsApp Cloud API: sending (facts: meta.md 2 and 3).

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use super::{answer, media, secret::way};
use crate::{call, object};
use ventanilla_core::{
    domain::channel::{Channel, NumberSpelling},
    ports::{
        credentials::ChannelSecret,
        files::{DownloadError, FileReader},
        provider::{
            Acceptance, Listing, MediaDownload, Outgoing, Provider, ReadReceipt, SendFailure, TemplatePage,
            ThreadControl, Typing,
        },
    },
};

/// The Graph path for a number's messages.
const MESSAGES: &str = "messages";

/// The Graph path for thread control of a number.
const THREAD_CONTROL: &str = "thread_control";

/// The fields to list of each template.
const FIELDS: &str = "name,language,status,category,components,parameter_format,quality_score";

/// Templates per page: an account with 250 of them costs three calls of the 200 an hour (facts: meta.md
/// 8.6).
const PAGE: &str = "100";

/// The client of the Cloud API, or of any host with the same API.
#[derive(Debug, Clone)]
pub struct Meta {
    pub(super) http: reqwest::Client,
}

impl Meta {
    /// A client that uses this HTTP client.
    #[must_use]
    pub fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    async fn post(
        &self,
        channel: &Channel,
        secret: &ChannelSecret,
        timeout: Duration,
        edge: &'static str,
        body: &Value,
    ) -> Result<call::Answer, SendFailure> {
        let (access, token) = way(channel, secret)?;
        let url = format!(
            "{}/{}/{}/{edge}",
            access.graph_base_url,
            access.graph_version,
            access.phone_number_id.as_str()
        );
        let request = self.http.post(url).bearer_auth(token).timeout(timeout);
        call::call(request.json(body)).await
    }
}

#[async_trait]
impl Provider for Meta {
    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Acceptance, SendFailure> {
        // Without `+`, the sender's country code could be added (facts: meta.md 2.1).
        let mut body = object::message(&outgoing, NumberSpelling::E164);
        body.insert("biz_opaque_callback_data".to_owned(), outgoing.echo.into());
        let answer =
            self.post(outgoing.channel, outgoing.secret, outgoing.timeout, MESSAGES, &body.into()).await?;
        answer::read_response(answer.status, answer.retry_after, &answer.body)
    }

    async fn mark_read(&self, receipt: ReadReceipt<'_>) -> Result<Typing, SendFailure> {
        let body = object::read_receipt(receipt.wamid, receipt.typing);
        let answer = self.post(receipt.channel, receipt.secret, receipt.timeout, MESSAGES, &body).await?;
        answer::receipt(answer.status, answer.retry_after, &answer.body).map(|()| receipt.typing)
    }

    async fn thread_control(&self, asked: ThreadControl<'_>) -> Result<(), SendFailure> {
        let body = object::thread_control(&asked);
        let answer = self.post(asked.channel, asked.secret, asked.timeout, THREAD_CONTROL, &body).await?;
        answer::receipt(answer.status, answer.retry_after, &answer.body)
    }

    async fn file(&self, download: MediaDownload<'_>) -> Result<Box<dyn FileReader>, DownloadError> {
        media::open(&self.http, download).await
    }

    async fn templates(&self, listing: Listing<'_>) -> Result<TemplatePage, SendFailure> {
        let (access, token) = way(listing.channel, listing.secret)?;
        let (base, version) = (&access.graph_base_url, &access.graph_version);
        let url = format!("{base}/{version}/{}/message_templates", listing.account.as_str());
        let mut query = vec![("fields", FIELDS), ("limit", PAGE)];
        query.extend(listing.after.map(|after| ("after", after)));
        let request = self.http.get(url).query(&query).bearer_auth(token);
        let answer = call::call(request.timeout(listing.timeout)).await?;
        answer::page(answer.status, answer.retry_after, &answer.body)
    }
}
