//! Files that customers sent (facts: meta.md 7): an id leads to a URL, which is valid for five minutes and
//! needs the same token.

use std::time::Duration;

use reqwest::Url;
use serde::Deserialize;

use super::secret::way;
use crate::call;
use crate::source::{Answered, ask};
use ventanilla_core::{
    domain::file::{ContentHash, MimeType},
    ports::{
        files::{Described, DownloadError, FileReader},
        provider::MediaDownload,
    },
};

/// The time-out of the call for the URL.
const ASKING: Duration = Duration::from_secs(8);

/// Meta's description of a file.
#[derive(Deserialize)]
struct MediaResponse {
    url: String,
    mime_type: Option<String>,
    sha256: Option<String>,
    file_size: Option<u64>,
}

pub(super) async fn open(
    http: &reqwest::Client,
    download: MediaDownload<'_>,
) -> Result<Box<dyn FileReader>, DownloadError> {
    let (access, token) = way(download.channel, download.secret)
        .map_err(|_| DownloadError::Refused("the channel's secret is one of another provider".to_owned()))?;
    let base = &access.graph_base_url;
    let mut url = Url::parse(base).map_err(|_| DownloadError::Refused("the base URL is none".to_owned()))?;
    let own = url.origin();
    let extended = url.path_segments_mut().map(|mut path| {
        // The id comes from a customer's webhook: as one segment it cannot lead elsewhere.
        path.pop_if_empty().push(&access.graph_version).push(download.media_id);
    });
    extended.map_err(|()| DownloadError::Refused("the base URL is none".to_owned()))?;
    // Without `phone_number_id`: users report that Meta refuses it for every file of a customer (facts: meta.md 7).
    let answer = ask(http.get(url).bearer_auth(token), ASKING.min(download.timeout)).await?;
    let parsed =
        call::read(answer).await.and_then(|body| serde_json::from_slice::<MediaResponse>(&body).ok());
    let response =
        parsed.ok_or_else(|| DownloadError::Unavailable("an answer without an address".to_owned()))?;
    let place =
        Url::parse(&response.url).ok().filter(|place| place.scheme() == "https" || place.origin() == own);
    // The request carries the token.
    let place = place.ok_or(DownloadError::Forbidden("the address is not https"))?;
    let answer = ask(http.get(place).bearer_auth(token), download.timeout).await?;
    if !answer.status().is_success() {
        return Err(DownloadError::Refused("a redirect".to_owned()));
    }
    Ok(Box::new(Answered::new(answer).described_as(Described {
        mime: response.mime_type.and_then(|mime| MimeType::parse(&mime).ok()),
        size: response.file_size,
        sha256: response.sha256.and_then(|digits| ContentHash::from_hex(&digits)),
    })))
}
