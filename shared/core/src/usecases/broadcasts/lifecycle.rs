//! Cancelling a broadcast, and resuming one that no worker finished.

use std::time::Duration;

use crate::{
    domain::{
        broadcast::{Batch, Broadcast, Course},
        event::EventKind,
        id::{BroadcastId, TenantId},
        rejection::Rejection,
    },
    ports::{
        queue::Job,
        store::{Commit, Record, StoreError, Write},
    },
    usecases::{Broadcasts, requeue::RequeueError, until_committed::Decision},
};

/// The time limit for the queue where the sweep would do as well.
const WORTH_PUTTING: Duration = Duration::from_secs(5);

impl Broadcasts {
    /// Cancels a broadcast: nothing is sent to recipients who were not tried. Returns it is then;
    /// `None` where the tenant has no broadcast with that id. A broadcast that is over stays as it is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cancel_broadcast(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
    ) -> Result<Option<Broadcast>, StoreError> {
        let (found, batches) =
            tokio::join!(self.kept_broadcast(tenant, id), self.broadcast_records.pieces(tenant, id));
        let (found, batches) = (found?, batches?);
        if found.is_none() || batches.iter().all(Batch::is_done) {
            return Ok(found);
        }
        let course = Course::Cancelled { at: self.ctx.ids.now() };
        let ended = self.end_broadcast(tenant, id, &course).await?;
        // A worker drops the recipients who were not tried: only it knows who was.
        self.enqueue_batches(&batches, WORTH_PUTTING).await;
        Ok(ended)
    }

    /// Stops a broadcast because every other recipient would be rejected for the same reason.
    pub(crate) async fn stop_broadcast(
        &self,
        broadcast: &Broadcast,
        rejection: &Rejection,
    ) -> Result<Option<Broadcast>, StoreError> {
        tracing::error!(metric = "broadcast_stopped", tenant = %broadcast.tenant, broadcast = %broadcast.id,
            code = rejection.reason.code(),
            provider_code = rejection.provider_code.as_ref().map(tracing::field::display),
            "a broadcast was stopped: every other recipient would be rejected for the same reason");
        // The part that concerns only this recipient stays with their entry.
        let rejection = Rejection { detail: None, ..rejection.clone() };
        self.end_broadcast(&broadcast.tenant, broadcast.id, &Course::Stopped { rejection }).await
    }

    async fn end_broadcast(
        &self,
        tenant: &TenantId,
        id: BroadcastId,
        course: &Course,
    ) -> Result<Option<Broadcast>, StoreError> {
        self.ctx
            .until_committed(|| async {
                let Some(mut found) = self.broadcast_records.broadcast(tenant, id).await? else {
                    return Ok(Decision::Done(None));
                };
                if found.expired_outcome(self.ctx.ids.now()).is_some() {
                    return Ok(Decision::Done(Some(found)));
                }
                found.course = course.clone();
                let event = self.ctx.event(tenant, EventKind::BroadcastProgressed { broadcast: id });
                let changes =
                    vec![Write::Put(Record::Broadcast(found.clone())), Write::Put(Record::Event(event))];
                Ok(Decision::Commit(changes, Some(found)))
            })
            .await
    }

    /// Enqueues a due batch again; returns whether it was due.
    pub(crate) async fn requeue_broadcast(&self, listed: &Batch) -> Result<bool, RequeueError> {
        let now = self.ctx.ids.now();
        let found = self.broadcast_records.batch(&listed.id).await?;
        let Some(mut batch) = found.filter(|found| found.due_at.is_some_and(|due| due <= now)) else {
            return Ok(false);
        };
        batch.queued_again(now);
        if self.ctx.store.commit(vec![Write::Put(Record::Batch(batch))]).await? == Commit::Conflict {
            // A worker has just processed it.
            return Ok(false);
        }
        let again = [Job::BroadcastBatch(listed.id.clone())];
        self.queue.put(&again).await?;
        Ok(true)
    }
}
