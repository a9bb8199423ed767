//! Files that customers sent, and files to be sent to them. The bytes are in the file store; this is the
//! metadata.

mod fetch_state;
mod hash;
mod mime;
mod name;

pub use fetch_state::{FetchClaim, FetchState, LIFE_AT_PROVIDER, MediaOrigin};
pub use hash::ContentHash;
pub use mime::{MimeError, MimeType};
pub use name::{NAME_LIMIT, document_name, harmless_name};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    event::Telling,
    id::{ChannelId, FileId, TenantId},
    message::{Direction, MessageAddress},
    time::Timestamp,
};

/// The largest file that WhatsApp accepts, in bytes (facts: meta.md 7).
pub const LARGEST: u64 = 100 * 1024 * 1024;

/// How long an upload URL can be used.
pub const UPLOAD_OPEN: Duration = Duration::from_mins(15);

/// The key of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileAddress {
    /// The tenant that the file belongs to.
    pub tenant: TenantId,
    /// Our id of the file, unique within the tenant.
    pub id: FileId,
}

/// The metadata of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Its tenant and id.
    #[serde(flatten)]
    pub address: FileAddress,
    /// Whether a customer sent it, or it is to be sent to one.
    pub direction: Direction,
    /// The media type of its bytes.
    pub mime: MimeType,
    /// Its file name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When its message arrived, or its upload was requested.
    pub created_at: Timestamp,
    /// When its bytes and this row may be deleted.
    pub expires_at: Timestamp,
    /// The message that it came with; `None` for a file that is to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_with: Option<MessageAddress>,
    /// Whether its bytes are stored, awaited or lost.
    #[serde(flatten)]
    pub state: FileState,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// The state of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// It is at the provider, and must be fetched from there.
    #[serde(rename = "wanted")]
    Fetching(FetchState),
    /// Its bytes are in our store.
    Stored {
        /// Its size in bytes.
        size: u64,
        /// The hash of its bytes; `None` for an upload, whose bytes we have not seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<ContentHash>,
    },
    /// Its bytes will never be stored.
    Lost {
        /// The reason, as a sentence of our own.
        why: String,
    },
    /// Its owner got an upload URL and has not uploaded it yet.
    Awaited {
        /// The size that the upload must have, in bytes.
        size: u64,
        /// Until when the upload may start.
        until: Timestamp,
    },
}

/// A file as a webhook describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundFile {
    /// Where to fetch it; `None` where the webhook has neither an id nor a URL.
    pub origin: Option<MediaOrigin>,
    /// The media type that the provider names.
    pub mime: MimeType,
    /// The file name, where the sender gave one.
    pub name: Option<String>,
    /// The hash of its bytes, where the provider gave one.
    pub sha256: Option<ContentHash>,
}

/// A file as its message shows it. It is copied into the message, so that a list of messages takes one read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Our id of the file.
    pub file: FileId,
    /// The media type of its bytes.
    pub mime: MimeType,
    /// Its file name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its size in bytes, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The hash of its bytes, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
    /// Whether it can be downloaded.
    pub presence: Presence,
}

/// Whether a file can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is still being fetched.
    Coming,
    /// Its bytes are in our store.
    Here,
    /// Its bytes will never be stored.
    Lost,
}

impl Presence {
    /// The name of the state in our own API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Coming => "pending",
            Self::Here => "ready",
            Self::Lost => "unavailable",
        }
    }
}

impl MediaFile {
    /// A file that a webhook described together with its message.
    #[must_use]
    pub fn received(
        address: FileAddress,
        channel: ChannelId,
        file: &InboundFile,
        came: (Direction, MessageAddress),
        now: Timestamp,
        kept: Duration,
    ) -> Self {
        let (direction, message) = came;
        let state = match &file.origin {
            Some(origin) => {
                let until = message.at.max(now).plus(LIFE_AT_PROVIDER);
                // What the business sent on its own phone is no news to it.
                let telling = match direction {
                    Direction::Inbound => Telling::First,
                    Direction::Outbound => Telling::Further,
                };
                let (origin, promised) = (origin.clone(), file.sha256.clone());
                FileState::Fetching(FetchState::new(channel, origin, promised, until, telling, now))
            }
            None => FileState::Lost { why: "the provider did not tell where it is".to_owned() },
        };
        Self {
            address,
            direction,
            mime: file.mime.clone(),
            name: file.name.clone(),
            created_at: now,
            expires_at: now.plus(kept),
            came_with: Some(message),
            state,
            rev: 0,
        }
    }

    /// A file that is to be sent to a customer.
    #[must_use]
    pub fn ours(
        address: FileAddress,
        mime: MimeType,
        name: Option<String>,
        state: FileState,
        now: Timestamp,
        kept: Duration,
    ) -> Self {
        Self {
            address,
            direction: Direction::Outbound,
            mime,
            name,
            created_at: now,
            expires_at: now.plus(kept),
            came_with: None,
            state,
            rev: 0,
        }
    }

    /// The file as its message shows it.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        let (size, sha256, presence) = match &self.state {
            FileState::Fetching(fetch) => (None, fetch.promised.clone(), Presence::Coming),
            FileState::Stored { size, sha256 } => (Some(*size), sha256.clone(), Presence::Here),
            FileState::Lost { .. } => (None, None, Presence::Lost),
            FileState::Awaited { size, .. } => (Some(*size), None, Presence::Coming),
        };
        let (file, mime, name) = (self.address.id, self.mime.clone(), self.name.clone());
        Attachment { file, mime, name, size, sha256, presence }
    }

    /// Whether clients get its message together with the file.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        matches!(&self.state, FileState::Fetching(fetch) if fetch.telling == Telling::First)
    }

    /// When the sweep processes it; `None` when nothing is left to do.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            FileState::Fetching(fetch) => Some(fetch.due_at),
            _ => None,
        }
    }
}
