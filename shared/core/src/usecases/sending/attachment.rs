//! Makes the content of a send request: with an idempotency key, a file is ingested once, however often the
//! request is repeated.

use std::sync::Arc;

use crate::{
    domain::content::Content,
    ports::{attempts::AttemptRecords, files::FileStore},
    usecases::{
        Context, Files, Ports,
        files::{FileAsked, FileProblem},
        sending::SendCommand,
    },
};

/// The content of a send request as the caller gives it.
#[derive(Debug)]
pub enum ContentSource {
    /// A content that can be sent as it is.
    Content(Content),
    /// A file, which must be ingested first.
    File(Box<FileAsked>),
}

impl<C> SendCommand<C> {
    /// The same request with another content, and its previous content.
    fn exchange<D>(self, content: D) -> (SendCommand<D>, C) {
        let other = SendCommand {
            tenant: self.tenant,
            operation: self.operation,
            recipient: self.recipient,
            content,
            quotes: self.quotes,
            request: self.request,
            references: self.references,
            sent_by: self.sent_by,
            broadcast: self.broadcast,
            key: self.key,
            policy: self.policy,
            deadline: self.deadline,
        };
        (other, self.content)
    }
}

/// Makes the content of a request with a file.
#[derive(Clone)]
pub struct Attachments {
    pub(crate) ctx: Arc<Context>,
    pub(crate) attempts: Arc<dyn AttemptRecords>,
    pub(crate) files: Files,
}

impl Attachments {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports, file_store: &Arc<dyn FileStore>) -> Self {
        Self {
            ctx: Arc::clone(&ports.ctx),
            attempts: Arc::clone(&ports.attempts),
            files: Files::new(ports, file_store),
        }
    }
}

impl Attachments {
    /// Prepares a request for sending: ingests its file, if it has one. Where its key has a message already,
    /// nothing is fetched or stored: the content is that of the message, and sending returns its outcome.
    ///
    /// # Errors
    /// When the file is not available, or cannot be sent like this, when the key was used with another
    /// request, or when a store fails.
    pub async fn resolve_attachment(
        &self,
        command: SendCommand<ContentSource>,
    ) -> Result<SendCommand, FileProblem> {
        let (command, source) = command.exchange(());
        let content = match source {
            ContentSource::Content(content) => content,
            ContentSource::File(asked) => match self.begun(&command, &asked).await? {
                Some(content) => content,
                None => self.files.file_to_send(&command.tenant, *asked, command.deadline).await?,
            },
        };
        Ok(command.exchange(content).0)
    }

    /// The content of the message that the key has already.
    async fn begun(
        &self,
        command: &SendCommand<()>,
        asked: &FileAsked,
    ) -> Result<Option<Content>, FileProblem> {
        let Some(key) = &command.key else { return Ok(None) };
        let known = self.attempts.key(&command.tenant, &key.hashed(command.operation)).await?;
        let Some(known) = known.filter(|known| known.expires_at > self.ctx.ids.now()) else {
            return Ok(None);
        };
        if known.fingerprint != command.meaning(&Content::given(&asked.fingerprint())) {
            return Err(FileProblem::KeyReused);
        }
        let earlier = self.attempts.attempt(&command.tenant, known.message).await?;
        Ok(earlier.map(|earlier| earlier.content))
    }
}
