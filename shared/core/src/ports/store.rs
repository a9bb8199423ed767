//! The store: rows are read one by one, and written all or nothing.

use async_trait::async_trait;

use super::{
    contacts::{AddressReads, ContactReads},
    conversations::{ConversationReads, WindowWatchReads},
    messages::{MessageLookupReads, MessageReads},
};
use crate::domain::{
    attempt::Attempt,
    broadcast::{Batch, Broadcast},
    contact::{AddressEntry, Contact, MergedContact},
    conversation::{Conversation, MergedConversation},
    event::Event,
    file::MediaFile,
    frame::{Frame, FrameLease},
    health_check::ChannelCheck,
    id::TenantId,
    idempotency::KeyRecord,
    lead::{Lead, LeadLookup},
    log::{LogHead, Numbered},
    message::{Message, MessageAddress},
    message_lookup::MessageLookup,
    offline_queue::{OfflineQueueHead, QueuedMessage},
    opt_out::OptOut,
    raw::RawChunk,
    socket::{Socket, Ticket},
    source::SourceChunk,
    template::{CallBudget, Template, TemplateCache},
    window::WindowWatch,
};

/// The store failed. Whether a write took place may be unknown.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, was throttled, or timed out; a retry may succeed.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row cannot be decoded.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
}

/// One write of a commit.
///
/// Records to put, to delete and to check are three types. So a record that must stay, like a message or an
/// event, cannot be deleted, and a record without a revision cannot be checked.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all writes are the large one")]
pub enum Write {
    /// Writes a record, whole.
    Put(Record),
    /// Deletes a record, under the condition of its kind.
    Delete(Removal),
    /// Writes nothing. Conflicts when the log has grown since its head was read.
    Check(LogHead),
}

/// Every record that can be put, one kind of row each.
///
/// A record's `rev` is the revision that was read (0: it must not exist yet). The write conflicts when the
/// revision changed since, and raises it by one. Records without a `rev` say below when they conflict.
#[derive(Clone)]
pub enum Record {
    /// An attempt to send a message.
    Attempt(Attempt),
    /// The reservation of a message id, for messages that have no attempt. Conflicts when the id is in use.
    MessageId(TenantId, MessageAddress),
    /// A message of a conversation.
    Message(Message),
    /// A conversation that goes on.
    Conversation(Conversation),
    /// A conversation that ends with this write. It lies where the conversation lay.
    MergedConversation(MergedConversation),
    /// A reminder for the end of a window. A new one replaces one that was left behind.
    WindowWatch(WindowWatch),
    /// A contact that goes on.
    Contact(Contact),
    /// A contact that ends with this write. It lies where the contact lay.
    MergedContact(MergedContact),
    /// The contact of an address.
    Address(AddressEntry),
    /// A lead, with the fields that a contact has not.
    Lead(Lead),
    /// The lead of a company's own id. Conflicts when the id has a lead already.
    LeadLookup(LeadLookup),
    /// The message of a provider's message id.
    MessageLookup(MessageLookup),
    /// The metadata of a file.
    File(MediaFile),
    /// The stored result of an idempotency key.
    Key(KeyRecord),
    /// A customer's choice about marketing, for one address.
    OptOut(OptOut),
    /// A template of a provider's account, in one language.
    Template(Template),
    /// The state of a template cache.
    TemplateCache(TemplateCache),
    /// The rate limit of an account's list calls.
    CallBudget(CallBudget),
    /// The result of a channel's last health check.
    ChannelCheck(ChannelCheck),
    /// A broadcast, without its batches.
    Broadcast(Broadcast),
    /// A batch of a broadcast.
    Batch(Batch),
    /// An event. Its id is new, so it never conflicts with others.
    Event(Event),
    /// An event that got its number. Conflicts when it has one already.
    Numbered(Numbered),
    /// An entry of the log. Conflicts when its number is in use.
    LogEntry(Numbered),
    /// The head of a log.
    LogHead(LogHead),
    /// An open socket, under its tenant.
    Socket(Socket),
    /// The tenant and permissions of a connection, under its id. Conflicts when the id is known.
    SocketRoute(Socket),
    /// A frame of a socket. Conflicts when it is stored already.
    Frame(Frame),
    /// The lock on a socket's frames.
    FrameLease(FrameLease),
    /// A ticket to open one socket.
    Ticket(Ticket),
    /// A message in the offline queue. Conflicts when it is queued already.
    QueuedMessage(QueuedMessage),
    /// The state of the offline queue.
    OfflineQueueHead(OfflineQueueHead),
    /// Webhook items as received, or a piece of them. Conflicts when they are archived already.
    Raw(RawChunk),
    /// A piece of a message's source. Replaces the stored one, which is the same.
    Source(SourceChunk),
    /// The same for a new source. Conflicts when it is stored already.
    NewSource(SourceChunk),
}

/// Every record that can be deleted.
#[derive(Clone)]
pub enum Removal {
    /// A reminder that is over. Conflicts when it changed since it was read.
    WindowWatch(WindowWatch),
    /// A socket that closed. Conflicts when it changed since it was read.
    Socket(Socket),
    /// The connection of it, by its id. A missing one is fine.
    SocketRoute(Socket),
    /// A processed frame. A missing one is fine.
    Frame(Frame),
    /// A message that leaves the offline queue. Alone, a missing one is fine; beside other writes it
    /// conflicts.
    QueuedMessage(QueuedMessage),
    /// A message that was delivered, whether it was queued or not.
    Delivered(QueuedMessage),
}

/// The result of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// All was written, now or by an earlier try of this same call whose response was lost.
    Committed,
    /// Optimistic locking: a row changed since it was read, and nothing was written. Read again and retry.
    Conflict,
}

/// Commits, and the reads that most of them need. Every read sees all commits that were confirmed before it.
#[async_trait]
pub trait Store:
    ConversationReads + WindowWatchReads + MessageReads + ContactReads + AddressReads + MessageLookupReads
{
    /// Writes everything or nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] leaves unknown whether the writes took place; reading shows it.
    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError>;
}
