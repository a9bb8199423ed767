//! Items with more about a stored message: the file of a placeholder, the other end of a call.

use crate::{
    domain::{
        channel::Channel,
        conversation::Happening,
        event::{EventKind, Telling},
        file::MediaFile,
        inbound::{InboundMessage, MessageOrigin},
        message::{Message, MessageAddress},
        source::{SourceKind, chunks},
    },
    ports::store::{Record, StoreError, Write},
    usecases::{
        Inbound, inbound::receive::Ingested, sending::outcome::call_changed, until_committed::Decision,
    },
};

/// Meta's kind for a placeholder of an old file; the file follows for the last 14 days (facts: onboarding.md
/// 5).
const PLACEHOLDER: &str = "media_placeholder";

impl Inbound {
    /// Completes a stored message with an item's details. Most repeated items add nothing, and are not compared
    /// with it.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn complete_message(
        &self,
        channel: &Channel,
        item: &InboundMessage,
        raw: &str,
        at: MessageAddress,
    ) -> Result<Decision<Ingested>, StoreError> {
        let is_file = item.origin == MessageOrigin::History && item.file.is_some();
        if !is_file && item.parts.call.is_none() {
            return Ok(Decision::Done(Ingested::Duplicate));
        }
        match self.ctx.store.message(&channel.tenant, at).await? {
            Some(message) if is_file && message.kind == PLACEHOLDER => {
                self.replace_placeholder(channel, message, item, raw).await
            }
            Some(message) if item.parts.call.is_some() && message.parts.call.is_some() => {
                Ok(self.join_call(message, item, raw))
            }
            Some(_) | None => Ok(Decision::Done(Ingested::Duplicate)),
        }
    }

    async fn replace_placeholder(
        &self,
        channel: &Channel,
        mut message: Message,
        item: &InboundMessage,
        raw: &str,
    ) -> Result<Decision<Ingested>, StoreError> {
        message.kind.clone_from(&item.kind);
        message.text.clone_from(&item.text);
        message.parts.clone_from(&item.parts);
        message.raw = Some(raw.to_owned());
        item.note_history_status(&mut message);
        let file = self.media_requests.received_file(channel, item, message.address);
        message.media = file.as_ref().map(|file| Box::new(file.attachment()));
        let mut changes: Vec<Write> =
            message.split_off_chunks().into_iter().map(Record::Source).map(Write::Put).collect();
        if let Some(mut conversation) =
            self.ctx.conversation(&message.tenant, message.address.conversation).await?
            && conversation.latest.message.as_ref().is_some_and(|last| last.id == message.address.id)
        {
            conversation.apply(&Happening::Updated(&message));
            changes.push(Write::Put(Record::Conversation(conversation)));
        }
        if let Some(file) = &file {
            changes.push(Write::Put(Record::File(file.clone())));
            changes.push(self.has_file(&message, file));
        }
        changes.push(Write::Put(Record::Message(message)));
        Ok(Decision::Commit(changes, Ingested::Completed(file)))
    }

    fn has_file(&self, message: &Message, file: &MediaFile) -> Write {
        let kind = EventKind::MessageMedia {
            conversation: message.address.conversation,
            message: message.address.id,
            message_at: message.address.at,
            file: file.address.id,
            telling: Telling::Further,
        };
        Write::Put(Record::Event(self.ctx.event(&message.tenant, kind)))
    }

    fn join_call(&self, mut message: Message, item: &InboundMessage, raw: &str) -> Decision<Ingested> {
        let known = message.parts.call.clone().unwrap_or_default();
        let joined = known.clone().joined(item.parts.call.clone().unwrap_or_default());
        if joined == known {
            return Decision::Done(Ingested::Duplicate);
        }
        message.parts.call = Some(joined);
        let sources = chunks(&message.tenant, message.address.id, SourceKind::Status, raw);
        let mut changes: Vec<Write> = sources.into_iter().map(Record::Source).map(Write::Put).collect();
        changes.push(Write::Put(Record::Event(self.ctx.event(&message.tenant, call_changed(&message)))));
        changes.push(Write::Put(Record::Message(message)));
        Decision::Commit(changes, Ingested::Completed(None))
    }
}
