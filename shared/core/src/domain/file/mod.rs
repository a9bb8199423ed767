//! Files: what customers sent, and what is to be sent to them. Their bytes lie in a store of their own; this is
//! what is known of each.

mod hash;
mod mime;
mod name;
mod wanted;

pub use hash::ContentHash;
pub use mime::{MimeError, MimeType};
pub use name::{NAME_LIMIT, document_name, harmless_name};
pub use wanted::{Claim, LIFE_AT_PROVIDER, Wanted, Whence};

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    event::Telling,
    id::{ChannelId, FileId, TenantId},
    message::{Direction, MessageAddress},
    time::Timestamp,
};

/// The largest file there is, in bytes (facts: meta.md 7).
pub const LARGEST: u64 = 100 * 1024 * 1024;

/// How long an upload may take to begin.
pub const UPLOAD_OPEN: Duration = Duration::from_mins(15);

/// Whose file, and which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileAddress {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which.
    pub id: FileId,
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Whose it is, and which.
    #[serde(flatten)]
    pub address: FileAddress,
    /// Whether a customer sent it, or it is to be sent to one.
    pub direction: Direction,
    /// What it holds.
    pub mime: MimeType,
    /// What it is called, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When it was first heard of.
    pub created_at: Timestamp,
    /// Until when it is kept.
    pub expires_at: Timestamp,
    /// The message that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_with: Option<MessageAddress>,
    /// Where it stands.
    #[serde(flatten)]
    pub state: FileState,
    /// How often it was written; guards against lost updates.
    pub rev: u64,
}

/// Where a file stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FileState {
    /// It is at the provider, and must be fetched from there.
    Wanted(Wanted),
    /// It is in our store.
    Stored {
        /// Its size in bytes.
        size: u64,
        /// The hash of its bytes; none for an upload, whose bytes we have not seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<ContentHash>,
    },
    /// It will not come any more.
    Lost {
        /// Why, in our own words.
        why: String,
    },
    /// Its owner was given an address to put it to.
    Awaited {
        /// The size that it must have, in bytes.
        size: u64,
        /// Until when it may be begun.
        until: Timestamp,
    },
}

/// What a callback tells of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldFile {
    /// Where it is; none where the callback does not tell anything that it could be fetched with.
    pub whence: Option<Whence>,
    /// What it holds.
    pub mime: MimeType,
    /// What it is called.
    pub name: Option<String>,
    /// The hash of its bytes.
    pub sha256: Option<ContentHash>,
}

/// A file as its message shows it: what is known is written there as well, so that a list of messages is one read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Which.
    pub file: FileId,
    /// What it holds.
    pub mime: MimeType,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its size in bytes, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The hash of its bytes, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<ContentHash>,
    /// Whether it can be had.
    pub presence: Presence,
}

/// Whether a file can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Not yet.
    Coming,
    /// It can.
    Here,
    /// It never will.
    Lost,
}

impl Presence {
    /// The word for it in our own API.
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
    /// A file that came with a message.
    #[must_use]
    pub fn told(
        address: FileAddress,
        channel: ChannelId,
        told: &ToldFile,
        came: (Direction, MessageAddress),
        now: Timestamp,
        kept: Duration,
    ) -> Self {
        let (direction, message) = came;
        let state = match &told.whence {
            Some(whence) => {
                let until = message.at.max(now).plus(LIFE_AT_PROVIDER);
                // What the business sent on its own phone is no news to it.
                let telling = match direction {
                    Direction::Inbound => Telling::First,
                    Direction::Outbound => Telling::Further,
                };
                let (whence, promised) = (whence.clone(), told.sha256.clone());
                FileState::Wanted(Wanted::new(channel, whence, promised, until, telling, now))
            }
            None => FileState::Lost { why: "the provider did not tell where it is".to_owned() },
        };
        Self {
            address,
            direction,
            mime: told.mime.clone(),
            name: told.name.clone(),
            created_at: now,
            expires_at: now.plus(kept),
            came_with: Some(message),
            state,
            rev: 0,
        }
    }

    /// A file that is to be sent.
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
            FileState::Wanted(wanted) => (None, wanted.promised.clone(), Presence::Coming),
            FileState::Stored { size, sha256 } => (Some(*size), sha256.clone(), Presence::Here),
            FileState::Lost { .. } => (None, None, Presence::Lost),
            FileState::Awaited { size, .. } => (Some(*size), None, Presence::Coming),
        };
        let (file, mime, name) = (self.address.id, self.mime.clone(), self.name.clone());
        Attachment { file, mime, name, size, sha256, presence }
    }

    /// Whether its message is told together with what becomes of it.
    #[must_use]
    pub fn is_waited_for(&self) -> bool {
        matches!(&self.state, FileState::Wanted(wanted) if wanted.telling == Telling::First)
    }

    /// When the sweep must look after it; none when there is nothing left to do.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            FileState::Wanted(wanted) => Some(wanted.due_at),
            _ => None,
        }
    }
}
