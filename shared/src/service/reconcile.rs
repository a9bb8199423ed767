//! The sweep: attempts that nobody finished become visible, and doubts that nobody settled too.

use super::{Core, settle::Case};
use crate::{
    domain::{
        attempt::{Attempt, State},
        rejection::{Reason, Rejection},
    },
    port::{book::StoreError, clock::Deadline},
};

/// Attempts looked at in one read, of each part of the list.
const BATCH: u16 = 50;

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Attempts whose sender never came back: now in doubt, or settled by a status that had come.
    pub abandoned: usize,
    /// Attempts in doubt for longer than the grace time.
    pub unresolved: usize,
    /// Attempts that could not be dealt with; the next sweep tries again.
    pub failed: usize,
}

impl Core {
    /// Deals with everything that is due, as far as the deadline lets it.
    ///
    /// # Errors
    /// When the list of due work cannot be read.
    pub async fn sweep(&self, deadline: Deadline) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        loop {
            let due = self.attempts.due(self.mint.now(), BATCH).await?;
            let (found, before) = (due.len(), swept.abandoned + swept.unresolved);
            for attempt in due {
                if self.mint.now() >= deadline.0 {
                    return Ok(swept);
                }
                self.sweep_one(attempt, &mut swept).await;
            }
            // The index lags: without progress the same entries would come again at once.
            if found == 0 || swept.abandoned + swept.unresolved == before {
                return Ok(swept);
            }
        }
    }

    async fn sweep_one(&self, listed: Attempt, swept: &mut Swept) {
        let (tenant, id) = (listed.tenant.clone(), listed.address.id);
        let done = async {
            let Some(attempt) = self.attempts.attempt(&tenant, id).await? else { return Ok(None) };
            if attempt.due_at().is_none_or(|due| due > self.mint.now()) {
                return Ok(None);
            }
            match attempt.state {
                State::Sending { .. } => {
                    Box::pin(self.abandoned(attempt)).await?;
                    Ok(Some(Due::Abandoned))
                }
                State::Unknown { .. } => self.give_up(attempt).await.map(|()| Some(Due::Unresolved)),
                _ => Ok(None),
            }
        };
        match done.await {
            Ok(Some(Due::Abandoned)) => swept.abandoned += 1,
            Ok(Some(Due::Unresolved)) => swept.unresolved += 1,
            Ok(None) => {}
            Err(error) => {
                let error: StoreError = error;
                tracing::error!(%tenant, message_id = %id, %error, "a due attempt could not be dealt with");
                swept.failed += 1;
            }
        }
    }

    /// An attempt whose sender never came back. It may not have lived to write the channel down.
    async fn abandoned(&self, attempt: Attempt) -> Result<(), StoreError> {
        let id = if let Some(id) = attempt.channel {
            id
        } else {
            let place = self.conversation(&attempt.tenant, attempt.address.conversation).await?;
            let Some(place) = place else {
                // Without a conversation there was nobody to send it to.
                let case = Case { attempt, conversation: None };
                return self.refuse(None, case, &Rejection::of(Reason::NotFound)).await.map(drop);
            };
            place.channel
        };
        match self.directory.channel(&attempt.tenant, id).await? {
            Some(channel) => self.doubt(&channel, Case { attempt, conversation: None }).await.map(drop),
            // No callback can settle it any more.
            None => self.give_up(attempt).await,
        }
    }
}

enum Due {
    Abandoned,
    Unresolved,
}
