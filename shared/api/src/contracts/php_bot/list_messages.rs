//! The messages of a conversation.

use std::borrow::Cow;

use axum::response::Response;
use http::Uri;

use super::{
    conversation,
    errors::{ListMessages, PhpBot, done},
    types::{ListedMessage, MediaType, MessagePage},
};
use crate::common::{
    Failure,
    access::{Authorized, scope},
    file::download_path,
    query::Params,
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::domain::{file::Presence, message::Message};

/// How far back the vendor's client can go in a conversation, in messages: it counts from the newest, so the
/// cost of a page grows with the pages before it.
const DEEPEST: u32 = 2_000;

/// Messages per page where the client gives no limit.
const USUAL: u32 = 20;

type Reader = Authorized<scope::Read, PhpBot<ListMessages>>;

pub(super) async fn by_path(reader: Reader, params: PathParams, uri: Uri) -> Response {
    list_messages(&reader, path_param(&params, "id"), &Params::read(&uri)).await
}

pub(super) async fn by_query(reader: Reader, uri: Uri) -> Response {
    let query = Params::read(&uri);
    list_messages(&reader, query.get("id").unwrap_or_default(), &query).await
}

async fn list_messages(reader: &Reader, id: &str, query: &Params) -> Response {
    respond::answered::<PhpBot<ListMessages>>(found(reader, id, query).await.map(|page| done(&page)))
}

async fn found(
    Authorized { app, caller, .. }: &Reader,
    id: &str,
    query: &Params,
) -> Result<MessagePage, Failure> {
    let id = conversation(id)?;
    let slice = Slice::read(query.get("offset"), query.get("limit"));
    let now = app.clock.now();
    let (total, messages) = match app.core.ports.ctx.store.whole_conversation(&caller.tenant, id).await? {
        // Of a conversation that there is not, there are no messages.
        None => (0, Vec::new()),
        Some(whole) => {
            let inbox = app.inbox.as_ref();
            let messages = whole.newest_messages(inbox, slice.offset, slice.limit).await?;
            (whole.count(inbox).await?, messages)
        }
    };
    Ok(MessagePage {
        success: true,
        // The vendor's client expects the oldest first.
        messages: messages.iter().rev().map(listed).collect(),
        has_more: slice.end() < total.min(u64::from(DEEPEST)),
        total,
        server_time: now.into(),
    })
}

fn listed(it: &Message) -> ListedMessage {
    let media_type = MediaType::of_kind(it.kind.as_str());
    ListedMessage {
        id: it.address.id,
        sender_type: it.sender.into(),
        message_text: it.readable().map_or_else(|| format!("[{}]", it.kind), Cow::into_owned),
        audio_url: audio_url(it, media_type),
        media_type,
        context_used: (),
        confidence_score: (),
        created_at: it.address.at.into(),
    }
}

/// The URL at which the vendor's player finds the sound, once it is stored. The client puts its own base URL
/// before it. A player sends no headers: whatever adds the API key to the client's calls must be a proxy in
/// front of us, not its page.
fn audio_url(it: &Message, media_type: MediaType) -> Option<String> {
    let is_sound = media_type == MediaType::Audio;
    let file = it.media.as_deref().filter(|file| is_sound && file.presence == Presence::Here)?;
    Some(download_path(file.file))
}

/// A range of a conversation's messages, counted from the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slice {
    /// How many are skipped.
    offset: u32,
    /// How many follow the skipped ones.
    limit: u32,
}

impl Slice {
    /// Reads the range. A text that is no number counts as 0, as in PHP, and so does a negative number.
    fn read(offset: Option<&str>, limit: Option<&str>) -> Self {
        let number = |text: Option<&str>, usual: u32| match text.map(|text| text.trim().parse::<i64>()) {
            None => usual,
            Some(number) => u32::try_from(number.unwrap_or_default().max(0)).unwrap_or(u32::MAX),
        };
        let offset = number(offset, 0).min(DEEPEST);
        Self { offset, limit: number(limit, USUAL).min(DEEPEST - offset) }
    }

    /// The end of the range.
    fn end(self) -> u64 {
        u64::from(self.offset + self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_counts_as_nothing() {
        assert_eq!(Slice::read(None, None), Slice { offset: 0, limit: 20 });
        assert_eq!(Slice::read(Some("x"), Some("-1")), Slice { offset: 0, limit: 0 });
        assert_eq!(Slice::read(Some("40"), Some("99999999999")), Slice { offset: 40, limit: 1960 });
        assert_eq!(Slice::read(Some("9999"), None), Slice { offset: 2000, limit: 0 });
    }
}
