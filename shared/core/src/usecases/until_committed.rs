//! Optimistic locking: read, decide and commit; on a conflict, back off and start over.

use std::time::Duration;

use crate::{
    ports::store::{Commit, StoreError, Write},
    usecases::Context,
};

/// Most rounds before giving up.
const ROUNDS: u32 = 24;

/// Half of the first back-off's upper limit, in milliseconds. The limit doubles with each round.
const SHORTEST: u64 = 5;

/// The largest upper limit of a back-off, in milliseconds.
const LONGEST: u64 = 250;

/// The decision of one round of [`Context::until_committed`].
pub enum Decision<T> {
    /// Commit these writes, then return the value; a conflict starts the next round.
    Commit(Vec<Write>, T),
    /// Write nothing, and return the value.
    Done(T),
    /// Decide again after a back-off: the round wrote something itself, or its data changed meanwhile.
    Retry,
}

impl<T> Decision<T> {
    /// The same decision with another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Decision<U> {
        match self {
            Self::Commit(writes, value) => Decision::Commit(writes, change(value)),
            Self::Done(value) => Decision::Done(change(value)),
            Self::Retry => Decision::Retry,
        }
    }
}

impl Context {
    /// Reads, decides and commits until a commit has no conflict. `decide` is one round: it reads everything that
    /// it decides on, so that every round sees others' writes.
    ///
    /// # Errors
    /// The errors of `decide`. [`StoreError::Unavailable`] when the store fails, or after 24 rounds.
    pub async fn until_committed<T, E, F>(&self, mut decide: impl FnMut() -> F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<Decision<T>, E>>,
    {
        self.until_committed_from((), |_| decide()).await
    }

    /// Like [`Context::until_committed`], for a caller that has already read the data. The first round decides on
    /// the caller's data; every other round gets `None`, and reads.
    ///
    /// # Errors
    /// Those of [`Context::until_committed`].
    pub async fn until_committed_from<S, T, E, F>(
        &self,
        held: S,
        mut decide: impl FnMut(Option<S>) -> F,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<Decision<T>, E>>,
    {
        let mut held = Some(held);
        for round in 1..=ROUNDS {
            match decide(held.take()).await? {
                Decision::Done(value) => return Ok(value),
                Decision::Commit(writes, value) => {
                    if self.store.commit(writes).await? == Commit::Committed {
                        return Ok(value);
                    }
                }
                Decision::Retry => {}
            }
            if round < ROUNDS {
                self.back_off(round).await;
            }
        }
        Err(StoreError::Unavailable("too many conflicting writes".to_owned()).into())
    }

    /// Waits a random moment, longer with every round.
    async fn back_off(&self, round: u32) {
        tokio::time::sleep(Duration::from_millis(self.ids.nonce() % limit(round))).await;
    }
}

/// The upper limit of the back-off after a round, in milliseconds.
fn limit(round: u32) -> u64 {
    (SHORTEST << round).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_back_off_s_limit_doubles_up_to_a_quarter_of_a_second() {
        let limits: Vec<u64> = (1..=7).map(limit).collect();
        assert_eq!(limits, [10, 20, 40, 80, 160, 250, 250]);
        assert_eq!(limit(ROUNDS), LONGEST);
    }
}
