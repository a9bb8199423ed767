//! The sweep: attempts that nobody finished become visible, and doubts that nobody settled too.

use super::{Core, settle::Case};
use crate::{
    domain::{
        attempt::{Attempt, State},
        channel::Channel,
        rejection::{Reason, Rejection},
    },
    port::{book::StoreError, clock::Deadline},
};

/// Attempts looked at in one read.
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
            if found < usize::from(BATCH) || swept.abandoned + swept.unresolved == before {
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
                    let channel = self.channel_of_attempt(&attempt).await?;
                    let case = Case { attempt, conversation: None };
                    match channel {
                        Some(channel) => self.doubt(&channel, case).await.map(drop)?,
                        // Without a conversation there was nobody to send it to.
                        None => self.refuse(None, case, &Rejection::of(Reason::InvalidInput)).await?,
                    }
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
                tracing::error!(%tenant, message = %id, %error, "a due attempt could not be dealt with");
                swept.failed += 1;
            }
        }
    }

    /// The channel of an attempt whose sender may not have lived to write it down.
    async fn channel_of_attempt(&self, attempt: &Attempt) -> Result<Option<Channel>, StoreError> {
        let id = match attempt.channel {
            Some(id) => id,
            None => match self.conversation(&attempt.tenant, attempt.address.conversation).await? {
                Some(place) => place.channel,
                None => return Ok(None),
            },
        };
        self.directory.channel(&attempt.tenant, id).await
    }
}

enum Due {
    Abandoned,
    Unresolved,
}
