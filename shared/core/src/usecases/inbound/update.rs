//! Edits, revocations and reactions: messages that change another one.

use std::sync::Arc;

use crate::{
    domain::{
        channel::Channel,
        event::EventKind,
        message::{Message, MessageAddress},
        message_lookup::MessageLookup,
        update::UpdateKind,
    },
    ports::{
        directory::Directory,
        store::{Record, StoreError, Write},
    },
    usecases::{Context, Ports, inbound::status::PARKED_FOR},
};

/// Most updates that are parked for one message. They are committed in one transaction with it, which
/// DynamoDB limits to 100 rows.
const MOST_PARKED: usize = 40;

/// Edits, revocations and reactions: a message that changes another one.
#[derive(Clone)]
pub struct Updates {
    pub(crate) ctx: Arc<Context>,
    pub(crate) directory: Arc<dyn Directory>,
}

impl Updates {
    /// Builds it from these ports.
    #[must_use]
    pub fn new(ports: &Ports) -> Self {
        Self { ctx: Arc::clone(&ports.ctx), directory: Arc::clone(&ports.directory) }
    }
}

impl Updates {
    /// Finds the message that this one refers to, and sets its id here. The change of that message is
    /// committed with this one; where it is unknown, the change is parked.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn changed_by(
        &self,
        channel: &Channel,
        message: &mut Message,
    ) -> Result<Vec<Write>, StoreError> {
        // A message that refers to itself changes nothing.
        let about = message.refers_to.clone().filter(|about| message.wamid.as_ref() != Some(about));
        let Some(wamid) = about else { return Ok(Vec::new()) };
        let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), &wamid).await?;
        let target = lookup.as_ref().and_then(|lookup| lookup.message);
        message.refers_to_message = target.map(|target| target.id);
        let Some(update) = message.as_update() else { return Ok(Vec::new()) };
        let Some(target) = target else {
            let unseen = MessageLookup {
                expires_at: Some(self.ctx.ids.now().plus(PARKED_FOR)),
                ..MessageLookup::unseen(channel, &wamid)
            };
            return Ok(parked(lookup.unwrap_or(unseen), message.address));
        };
        let Some(mut target) = self.ctx.store.message(&channel.tenant, target).await? else {
            return Ok(Vec::new());
        };
        target.update(&update);
        let address = target.address;
        let event = EventKind::MessageUpdated {
            conversation: address.conversation,
            message: address.id,
            message_at: address.at,
            change: update.change.kind(),
            by: update.by,
        };
        Ok(vec![
            Write::Put(Record::Event(self.ctx.event(&channel.tenant, event))),
            Write::Put(Record::Message(target)),
        ])
    }

    /// Applies the updates that were parked for this message. Each update then refers to it by our id: the
    /// writes are theirs.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn apply_waiting(
        &self,
        message: &mut Message,
        waiting: &[MessageAddress],
    ) -> Result<Vec<Write>, StoreError> {
        let mut changes = Vec::with_capacity(waiting.len());
        for at in waiting {
            let found = self.ctx.store.message(&message.tenant, *at).await?;
            // Two that refer to each other: the other one is changed by this one already.
            let mutual = |it: &Message| it.wamid.is_some() && it.wamid == message.refers_to;
            let Some(mut waited) = found.filter(|it| !mutual(it)) else { continue };
            if let Some(update) = waited.as_update() {
                message.update(&update);
            }
            waited.refers_to_message = Some(message.address.id);
            changes.push(Write::Put(Record::Message(waited)));
        }
        Ok(changes)
    }

    /// The message that shows the file of this edit; `None` for other messages, and where a later edit is
    /// shown.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn edited_by(&self, edit: &Message) -> Result<Option<Message>, StoreError> {
        let is_edit = edit.as_update().is_some_and(|update| update.change.kind() == UpdateKind::Edited);
        let Some(wamid) = edit.refers_to.as_ref().filter(|_| is_edit) else { return Ok(None) };
        let Some(channel) = self.directory.channel(&edit.tenant, edit.channel).await? else {
            return Ok(None);
        };
        let lookup = self.ctx.store.message_lookup(&channel.inbound_address(), wamid).await?;
        let Some(at) = lookup.and_then(|lookup| lookup.message) else { return Ok(None) };
        let target = self.ctx.store.message(&edit.tenant, at).await?;
        Ok(target.filter(|it| it.edited.is_some_and(|shown| shown.by == edit.address.id)))
    }
}

fn parked(mut lookup: MessageLookup, update: MessageAddress) -> Vec<Write> {
    if lookup.updates.len() >= MOST_PARKED {
        tracing::warn!(tenant = %lookup.tenant, channel = %lookup.channel,
            "too many updates are parked for one unknown message");
        return Vec::new();
    }
    lookup.updates.push(update);
    vec![Write::Put(Record::MessageLookup(lookup))]
}
