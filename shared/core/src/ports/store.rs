//! The store: what is read row by row, and written all or nothing.

use async_trait::async_trait;

use super::{
    contacts::{AddressReads, ContactReads},
    conversations::{ConversationReads, WindowWatchReads},
    messages::{MessageLookupReads, MessageReads},
};
use crate::domain::{
    attempt::Attempt,
    broadcast::{Broadcast, Piece},
    checkup::ChannelCheck,
    contact::{AddressEntry, Contact, MergedContact},
    conversation::{Conversation, MergedConversation},
    event::Event,
    file::MediaFile,
    frame::{Frame, Lane},
    id::TenantId,
    idempotency::KeyRecord,
    lead::{Lead, LeadPointer},
    log::{LogHead, Numbered},
    message::{Message, MessageAddress},
    message_lookup::MessageLookup,
    raw::RawPiece,
    socket::{Socket, Ticket},
    source::SourcePiece,
    suppression::Suppression,
    template::{CallBudget, Catalogue, Template},
    waiting::{Waiting, WaitingRoom},
    window::WindowWatch,
};

/// The store failed us. Whether a write took place may be open.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, was throttled, or gave up; trying later may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A row is there but cannot be read as what it should be.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
}

/// One write of a commit.
///
/// What can be put, deleted and checked are three types, so that nobody deletes what must stay, like a message or an
/// event, and nobody checks a record that has no revision.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "nearly all writes are the large one")]
pub enum Write {
    /// Writes a record, whole.
    Put(Record),
    /// Takes a record away.
    Delete(Removal),
    /// Writes nothing. Refuses the commit when the log has grown since its head was read.
    Check(LogHead),
}

/// Everything that can be written, one kind of row each.
///
/// A record's `rev` says what it was when it was read (0: it must not exist yet). The write is refused when that has
/// changed, and raises it by one. Records without a `rev` say below when they are refused.
#[derive(Clone)]
pub enum Record {
    /// An attempt.
    Attempt(Attempt),
    /// The fact that this message id is taken, for messages that have no attempt. Refused when it is.
    MessageId(TenantId, MessageAddress),
    /// A message.
    Message(Message),
    /// A conversation that goes on.
    Conversation(Conversation),
    /// A conversation that ends with this write. It lies where the conversation lay.
    MergedConversation(MergedConversation),
    /// A watch for the end of a window. A new one is written over one that was left behind.
    WindowWatch(WindowWatch),
    /// A contact that goes on.
    Contact(Contact),
    /// A contact that ends with this write. It lies where the contact lay.
    MergedContact(MergedContact),
    /// What an address leads to.
    Address(AddressEntry),
    /// What was told of a lead.
    Lead(Lead),
    /// A company's own id of a lead. Refused when it leads somewhere already.
    LeadPointer(LeadPointer),
    /// What a provider's message id leads to.
    MessageLookup(MessageLookup),
    /// What is known of a file.
    File(MediaFile),
    /// An idempotency key.
    Key(KeyRecord),
    /// Whether an address wants marketing.
    Suppression(Suppression),
    /// A template of our copy.
    Template(Template),
    /// What is known of a copy as a whole.
    Catalogue(Catalogue),
    /// The calls for lists that are left for an account.
    CallBudget(CallBudget),
    /// What the last check of a channel found.
    ChannelCheck(ChannelCheck),
    /// A broadcast.
    Broadcast(Broadcast),
    /// A piece of one.
    Piece(Piece),
    /// An event. Its id is new, so it never conflicts with others.
    Event(Event),
    /// An event that got its number. Refused when it has one.
    Numbered(Numbered),
    /// An entry of the log. Refused when its number is taken.
    LogEntry(Numbered),
    /// How far a log goes.
    LogHead(LogHead),
    /// An open socket.
    Socket(Socket),
    /// Which tenant a socket is of, by its name, and what may be said over it. Refused when the name is known.
    SocketRoute(Socket),
    /// What came over a socket. Refused when it is kept already.
    Frame(Frame),
    /// Who deals with what comes over a socket.
    Lane(Lane),
    /// A ticket.
    Ticket(Ticket),
    /// A message in the offline queue. Refused when it is there already.
    Waiting(Waiting),
    /// The offline queue as a whole.
    WaitingRoom(WaitingRoom),
    /// Callback items as they came, or a piece of them. Refused when it is kept already.
    Raw(RawPiece),
    /// A piece of what a message was made of. Written over what is there, which is the same.
    Source(SourcePiece),
    /// The same. Refused when it is kept already.
    NewSource(SourcePiece),
}

/// Everything that can be taken away.
#[derive(Clone)]
pub enum Removal {
    /// A watch that is over. Refused when it changed since it was read.
    WindowWatch(WindowWatch),
    /// A socket that ended. Refused when it changed since it was read.
    Socket(Socket),
    /// The same, by its name. One that is not there any more is fine.
    SocketRoute(Socket),
    /// What came over a socket and was dealt with. One that is not there any more is fine.
    Frame(Frame),
    /// A message that leaves the offline queue. Alone, one that is not there any more is fine; beside other writes it is
    /// refused.
    Waiting(Waiting),
    /// A message that was delivered, whether it was in the offline queue or not.
    Delivered(Waiting),
}

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// All was written, now or by an earlier try of this same call whose answer was lost.
    Committed,
    /// Somebody else was quicker: nothing was written. Read again and decide anew.
    Conflict,
}

/// Writes, and the reads that most of them need. Every read sees all writes that were answered before it.
#[async_trait]
pub trait Store:
    ConversationReads + WindowWatchReads + MessageReads + ContactReads + AddressReads + MessageLookupReads
{
    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] leaves open whether the writes took place; reading tells.
    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError>;
}
