//! Edits, revocations and reactions: what a message changes of another one.

use super::{Core, status::PARKED_FOR};
use crate::{
    domain::{channel::Channel, event::EventKind, message::Message, pointer::Pointer, update::MessageUpdate},
    port::book::{Change, StoreError},
};

/// Updates that wait for one message: a bound that no customer reaches.
const MOST_PARKED: usize = 100;

impl Core {
    /// Finds the message that this one refers to, and notes its id here. What this one changes of it is written with
    /// it; where it is not known, it waits.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn changed_by(
        &self,
        channel: &Channel,
        message: &mut Message,
    ) -> Result<Vec<Change>, StoreError> {
        let Some(wamid) = message.refers_to.clone() else { return Ok(Vec::new()) };
        let pointer = self.book.pointer(&channel.line(), &wamid).await?;
        let target = pointer.as_ref().and_then(|pointer| pointer.message);
        message.refers_to_message = target.map(|target| target.id);
        let Some(update) = message.as_update() else { return Ok(Vec::new()) };
        let Some(target) = target else {
            let unseen = Pointer {
                expires_at: Some(self.mint.now().plus(PARKED_FOR)),
                ..Pointer::unseen(channel, &wamid)
            };
            return Ok(parked(pointer.unwrap_or(unseen), update));
        };
        let Some(mut target) = self.book.message(&channel.tenant, target).await? else {
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
        Ok(vec![Change::Event(self.event(&channel.tenant, event)), Change::Message(target)])
    }
}

fn parked(mut pointer: Pointer, update: MessageUpdate) -> Vec<Change> {
    if pointer.parked_updates.len() >= MOST_PARKED {
        tracing::warn!(tenant = %pointer.tenant, channel = %pointer.channel,
            "too many updates wait for one message that is not known");
        return Vec::new();
    }
    pointer.parked_updates.push(update);
    vec![Change::Pointer(pointer)]
}
