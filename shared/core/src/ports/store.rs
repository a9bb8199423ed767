//! The book: conversations, messages and attempts, read one by one and written all or nothing.

use async_trait::async_trait;

use crate::domain::{
    attempt::Attempt,
    broadcast::{Broadcast, Piece},
    checkup::ChannelCheck,
    contact::{Address, AddressEntry, Contact},
    conversation::Conversation,
    event::Event,
    file::MediaFile,
    frame::{Frame, Lane},
    id::{ContactId, ConversationId, LineId, MessageId, TenantId, Wamid},
    idempotency::{HashedKey, KeyRecord},
    lead::{Lead, LeadPointer},
    log::{LogHead, Numbered},
    message::{Message, MessageAddress},
    message_lookup::Pointer,
    raw::RawPiece,
    socket::{Socket, Ticket},
    source::SourcePiece,
    suppression::Suppression,
    template::{CallBudget, Catalogue, Template},
    time::Timestamp,
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

/// One write. A record's `rev` says what it was when it was read (0: it must not exist yet); the
/// write is refused when that has changed, and raises it by one.
#[derive(Clone)]
pub enum Change {
    /// An attempt.
    Attempt(Attempt),
    /// A message.
    Message(Message),
    /// A conversation.
    Conversation(Conversation),
    /// A watch for the end of a window.
    WindowWatch(WindowWatch),
    /// A watch that is over.
    WindowWatchGone(WindowWatch),
    /// A contact.
    Contact(Contact),
    /// An entry of the address book.
    Address(AddressEntry),
    /// What was told of a lead.
    Lead(Lead),
    /// A company's own id of a lead. Refused when it leads somewhere already.
    LeadPointer(LeadPointer),
    /// A provider's message id.
    Pointer(Pointer),
    /// What is known of a file.
    File(MediaFile),
    /// An idempotency key.
    Key(KeyRecord),
    /// The fact that this message id is taken, for messages that have no attempt.
    MessageId(TenantId, MessageAddress),
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
    /// An event. Never in the way of others.
    Event(Event),
    /// An event that got its number. Refused when it has one.
    Numbered(Numbered),
    /// An entry of the log.
    LogEntry(Numbered),
    /// How far a log goes.
    LogHead(LogHead),
    /// That a log still goes as far as was read; nothing is written.
    SameLogHead(LogHead),
    /// An open socket.
    Socket(Socket),
    /// Which tenant a socket is of, by its name, and what may be said over it.
    SocketRoute(Socket),
    /// A socket that is not there any more.
    SocketGone(Socket),
    /// The same, by its name.
    SocketRouteGone(Socket),
    /// What came over a socket.
    Frame(Frame),
    /// What came over a socket and was dealt with.
    FrameGone(Frame),
    /// Who deals with what comes over a socket.
    Lane(Lane),
    /// A ticket.
    Ticket(Ticket),
    /// A message that waits for somebody to come.
    Waiting(Waiting),
    /// A message that waits no more. Alone, one that is not there any more is fine; beside other writes it is refused.
    WaitingGone(Waiting),
    /// A message that was delivered, whether it waited or not.
    Delivered(Waiting),
    /// The room in which messages wait.
    WaitingRoom(WaitingRoom),
    /// Callback items as they came, or a piece of them. Refused when it is kept already.
    Raw(RawPiece),
    /// A piece of what a message was made of. Written over what is there, which is the same.
    Source(SourcePiece),
    /// The same. Refused when it is kept already.
    NewSource(SourcePiece),
}

/// Something whose time to be looked at has come.
#[derive(Debug, Clone)]
pub enum Due {
    /// An attempt that is not settled.
    Attempt(Box<Attempt>),
    /// A message of which nothing was heard since the provider took it.
    Silent(Box<Message>),
    /// A piece of a broadcast that nobody was done with.
    Piece(Box<Piece>),
    /// A window that may be about to close.
    Window(Box<WindowWatch>),
    /// A socket whose time is nearly over, or that could not be closed.
    Socket(Box<Socket>),
    /// What came over a socket, and nobody was done with.
    Frame(Box<Frame>),
    /// A file that nobody is known to be fetching.
    File(Box<MediaFile>),
}

/// How a group of writes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// All were written, now or by an earlier try of this same call whose answer was lost.
    Done,
    /// Somebody else was quicker: nothing was written. Read again and decide anew.
    Conflict,
}

/// Reads and writes of the core. Every read sees all writes that were answered before it.
#[async_trait]
pub trait Book: Send + Sync {
    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] leaves open whether the writes took place; reading tells.
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StoreError>;

    /// A conversation of the tenant.
    async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;

    /// The watch for the end of a conversation's window.
    async fn window_watch(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WindowWatch>, StoreError>;

    /// A message of the tenant.
    async fn message(&self, tenant: &TenantId, at: MessageAddress) -> Result<Option<Message>, StoreError>;

    /// A contact of the tenant.
    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError>;

    /// What the address book has for each of these addresses, in the same order.
    async fn addresses(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<Vec<Option<AddressEntry>>, StoreError>;

    /// What a provider's message id leads to.
    async fn pointer(&self, line: &LineId, wamid: &Wamid) -> Result<Option<Pointer>, StoreError>;
}

/// Reads and lists of attempts.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// The attempt that made this message.
    async fn attempt(&self, tenant: &TenantId, id: MessageId) -> Result<Option<Attempt>, StoreError>;

    /// Where the message with this id lies or will lie, whoever sent it.
    async fn address(&self, tenant: &TenantId, id: MessageId) -> Result<Option<MessageAddress>, StoreError>;

    /// What an idempotency key stands for; expired records are given too.
    async fn key(&self, tenant: &TenantId, key: &HashedKey) -> Result<Option<KeyRecord>, StoreError>;

    /// What each of several keys stands for; those that stand for nothing are left out.
    async fn keys(&self, tenant: &TenantId, keys: &[HashedKey]) -> Result<Vec<KeyRecord>, StoreError>;

    /// What is due, the longest overdue first; up to `limit` of each of a few parts. May lag behind the
    /// writes by a moment.
    async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError>;
}
