//! Retries after a conflict: optimistic locking with random, growing waits.

use std::time::Duration;

use crate::{ports::store::StoreError, usecases::Context};

/// Most rounds of one read-decide-write loop before it fails.
const ROUNDS: u32 = 24;
const SHORTEST: u64 = 5;
const LONGEST: u64 = 250;

/// Counts the rounds of one read-decide-write loop.
#[derive(Default)]
pub(crate) struct Rounds(u32);

impl Rounds {
    /// Waits a random time, which grows every round, before the next round.
    pub(crate) async fn again(&mut self, ctx: &Context) -> Result<(), StoreError> {
        self.0 += 1;
        if self.0 >= ROUNDS {
            return Err(StoreError::Unavailable("too many conflicting writes".to_owned()));
        }
        let ceiling = (SHORTEST << self.0).min(LONGEST);
        tokio::time::sleep(Duration::from_millis(ctx.ids.nonce() % ceiling)).await;
        Ok(())
    }
}
