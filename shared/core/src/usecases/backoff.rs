//! Trying again after somebody else was quicker.

use std::time::Duration;

use crate::{ports::store::StoreError, usecases::Context};

/// How often a decision is taken anew before giving up.
const ROUNDS: u32 = 24;
const SHORTEST: u64 = 5;
const LONGEST: u64 = 250;

/// Counts the rounds of one decision.
#[derive(Default)]
pub(crate) struct Rounds(u32);

impl Rounds {
    /// Waits a random moment, longer every time, before the next round.
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
