//! Files: what customers sent, and what is to be sent to them. Their bytes lie in a store of their own; this is
//! what is known of each.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    caller::hex,
    id::{ChannelId, FileId, TenantId},
    message::{Direction, MessageAddress},
    time::Timestamp,
};

/// The largest file there is, in bytes (facts: meta.md 7).
pub const LARGEST: u64 = 100 * 1024 * 1024;

/// How long a provider keeps what a customer sent under its id (facts: meta.md 7). Of links Kaleyra documents
/// nothing; they are asked for as long.
pub const LIFE_AT_PROVIDER: Duration = Duration::from_hours(7 * 24);

/// How long whoever fetches a file has it to themselves: longer than the function may run.
const LEASE: Duration = Duration::from_mins(6);

/// How soon the sweep looks after a file of which nobody is known to be fetching it.
const PATIENCE: Duration = Duration::from_mins(2);

/// The first wait after a failed fetch; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// The longest of these waits.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// How long an upload may take to begin.
pub const UPLOAD_OPEN: Duration = Duration::from_mins(15);

/// Longest file name that is kept, in characters (facts: kaleyra.md 6).
pub const NAME_LIMIT: usize = 255;

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

/// A file that is at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The channel that it came through.
    pub channel: ChannelId,
    /// Where it is.
    pub whence: Whence,
    /// The hash that the provider told with the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<ContentHash>,
    /// Until when the provider has it.
    pub until: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// When the sweep looks after it.
    pub due_at: Timestamp,
    /// Before when it is not tried again, whoever asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// How often the sweep put it into the queue since it was tried last.
    #[serde(default)]
    pub queued: u32,
    /// Until when somebody has it to themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
}

/// Where a provider has a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whence {
    /// Under this id, which is asked for an address.
    MediaId(String),
    /// At this address, which anybody may open.
    Link(String),
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
            Some(whence) => FileState::Wanted(Wanted {
                channel,
                whence: whence.clone(),
                promised: told.sha256.clone(),
                until: message.at.max(now).plus(LIFE_AT_PROVIDER),
                tries: 0,
                due_at: now.plus(PATIENCE),
                not_before: None,
                queued: 0,
                lease_until: None,
            }),
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

    /// When the sweep must look after it; none when there is nothing left to do.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            FileState::Wanted(wanted) => Some(wanted.due_at),
            _ => None,
        }
    }
}

/// What came of claiming a file to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Whoever claimed it has it to themselves for a while.
    Taken,
    /// Somebody else has it, or it is not to be tried again yet.
    NotNow,
    /// The provider has forgotten it.
    Over,
}

impl Wanted {
    /// Takes it to fetch, unless somebody else has it: who began in time may end when the provider's time is over.
    pub fn claim(&mut self, now: Timestamp) -> Claim {
        let later = |at: Option<Timestamp>| at.is_some_and(|at| at > now);
        if later(self.lease_until) {
            return Claim::NotNow;
        }
        if self.until <= now {
            return Claim::Over;
        }
        if later(self.not_before) {
            return Claim::NotNow;
        }
        self.tries += 1;
        self.queued = 0;
        let until = now.plus(LEASE);
        self.lease_until = Some(until);
        self.due_at = until;
        Claim::Taken
    }

    /// It could not be fetched: it is tried again later.
    pub fn failed(&mut self, now: Timestamp) {
        let doublings = self.tries.saturating_sub(1).min(16);
        let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
        self.due_at = now.plus(wait);
        self.not_before = Some(self.due_at);
        self.lease_until = None;
    }

    /// It was put into the queue once more. A queue that is not through with it yet gets it ever more rarely.
    pub fn queued_again(&mut self, now: Timestamp) {
        let wait = PATIENCE.saturating_mul(1 << self.queued.min(16)).min(LONGEST_WAIT);
        self.queued += 1;
        self.due_at = now.plus(wait);
    }

    /// Whether the provider has forgotten it, and nobody is at it any more who began in time.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now && self.lease_until.is_none_or(|until| until <= now)
    }
}

/// A text is no type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a type like image/jpeg")]
pub struct MimeError;

/// What a file holds: a media type like `audio/ogg; codecs=opus`, at most 128 visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MimeType(String);

impl MimeType {
    /// Any bytes.
    #[must_use]
    pub fn unknown() -> Self {
        Self("application/octet-stream".to_owned())
    }

    /// Reads a type.
    ///
    /// # Errors
    /// [`MimeError`].
    pub fn parse(text: &str) -> Result<Self, MimeError> {
        let text = text.trim().to_ascii_lowercase();
        let token = |part: &str| {
            let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
            !part.is_empty() && part.bytes().all(letter)
        };
        let essence = text.split(';').next().unwrap_or_default().trim();
        let typed = essence.split_once('/').is_some_and(|(kind, sort)| token(kind) && token(sort));
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if typed && plain && text.len() <= 128 { Ok(Self(text)) } else { Err(MimeError) }
    }

    /// The type as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type without its parameters, like `audio/ogg`.
    #[must_use]
    pub fn essence(&self) -> &str {
        self.0.split(';').next().unwrap_or_default().trim()
    }
}

impl TryFrom<String> for MimeType {
    type Error = MimeError;

    fn try_from(text: String) -> Result<Self, MimeError> {
        Self::parse(&text)
    }
}

impl From<MimeType> for String {
    fn from(mime: MimeType) -> String {
        mime.0
    }
}

/// SHA-256 of a file's bytes: 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(String);

impl ContentHash {
    /// The hash of bytes that are in hand.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// The hash of bytes that were heard one after the other.
    #[must_use]
    pub fn finished(hasher: Sha256) -> Self {
        Self(hex(&hasher.finalize()))
    }

    /// A hash from its 32 bytes; none of any other number.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then(|| Self(hex(bytes)))
    }

    /// A hash as hexadecimal digits, in capitals or not.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What can be a file's name: without the characters that path and header would read otherwise, and not too long.
/// None for what nothing is left of.
#[must_use]
pub fn harmless_name(given: &str) -> Option<String> {
    let harmful = |letter: char| letter.is_control() || r#"\/<>:"|?*@%"#.contains(letter);
    let name: String = given.chars().map(|letter| if harmful(letter) { '_' } else { letter }).collect();
    let name: String = name.trim().trim_start_matches('.').chars().take(NAME_LIMIT).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            channel: "1".parse().unwrap(),
            whence: Whence::MediaId("77".to_owned()),
            promised: None,
            until: Timestamp::from_seconds(LIFE_AT_PROVIDER.as_secs().cast_signed()),
            tries: 0,
            due_at: Timestamp::from_seconds(120),
            not_before: None,
            queued: 0,
            lease_until: None,
        }
    }

    #[test]
    fn one_at_a_time_fetches_and_a_dead_one_is_followed_by_another() {
        let (mut file, now) = (wanted(), Timestamp::from_seconds(1));
        assert_eq!(file.claim(now), Claim::Taken);
        assert_eq!(file.claim(now.plus(LEASE.saturating_sub(Duration::from_secs(1)))), Claim::NotNow);
        assert_eq!(file.due_at, now.plus(LEASE));
        assert_eq!(file.claim(now.plus(LEASE)), Claim::Taken);
        assert_eq!(file.tries, 2);
    }

    #[test]
    fn who_began_in_time_may_end_after_it() {
        let mut file = wanted();
        let edge = Timestamp::from_millis(file.until.millis() - 1000);
        assert_eq!(file.claim(edge), Claim::Taken);
        let over = file.until.plus(Duration::from_secs(1));
        assert_eq!((file.claim(over), file.is_over(over)), (Claim::NotNow, false));
        let dead = edge.plus(LEASE);
        assert_eq!((file.claim(dead), file.is_over(dead)), (Claim::Over, true));
    }

    #[test]
    fn what_failed_waits_for_its_time_though_it_is_in_the_queue_twice() {
        let (mut file, now) = (wanted(), Timestamp::from_seconds(0));
        assert_eq!(file.claim(now), Claim::Taken);
        file.failed(now);
        assert_eq!(file.claim(now.plus(Duration::from_secs(29))), Claim::NotNow);
        assert_eq!(file.claim(now.plus(Duration::from_secs(30))), Claim::Taken);
    }

    #[test]
    fn a_queue_that_is_behind_gets_a_file_ever_more_rarely() {
        let (mut file, mut now) = (wanted(), Timestamp::from_seconds(120));
        let mut waits = Vec::new();
        for _ in 0..9 {
            file.queued_again(now);
            waits.push(now.until(file.due_at).as_secs() / 60);
            now = file.due_at;
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 360]);
        assert_eq!(file.claim(now), Claim::Taken);
        file.queued_again(now);
        assert_eq!(now.until(file.due_at), PATIENCE);
    }

    #[test]
    fn waits_grow_and_end_with_the_life_of_the_id() {
        let (mut file, mut now) = (wanted(), Timestamp::from_seconds(0));
        let mut waits = Vec::new();
        while !file.is_over(now) {
            assert_eq!(file.claim(now), Claim::Taken);
            file.failed(now);
            waits.push(now.until(file.due_at).as_secs());
            now = file.due_at;
        }
        assert_eq!(waits[..4], [30, 60, 120, 240]);
        assert_eq!(waits.iter().max(), Some(&LONGEST_WAIT.as_secs()));
        assert!(waits.len() < 50, "{}", waits.len());
    }

    #[test]
    fn a_type_is_read_with_its_parameters() {
        let opus = MimeType::parse("audio/OGG; codecs=opus").unwrap();
        assert_eq!((opus.as_str(), opus.essence()), ("audio/ogg; codecs=opus", "audio/ogg"));
        for bad in
            ["", "image", "/png", "image/", "image/p ng", "a/b\r\nx: y", &format!("a/{}", "b".repeat(128))]
        {
            assert_eq!(MimeType::parse(bad), Err(MimeError), "{bad}");
        }
    }

    #[test]
    fn a_name_is_harmless_in_paths_and_headers() {
        assert_eq!(harmless_name("bill.pdf").as_deref(), Some("bill.pdf"));
        assert_eq!(harmless_name("../../etc/passwd").as_deref(), Some("_.._etc_passwd"));
        assert_eq!(harmless_name("a\"b\r\n.pdf").as_deref(), Some("a_b__.pdf"));
        assert_eq!(harmless_name(" . "), None);
    }
}
