//! Keeping callbacks as they came.

use std::collections::BTreeMap;

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    domain::{
        channel::Origin,
        inbound::Item,
        raw::{RawItem, RawOwner, packed},
    },
    ports::store::{Record, StoreError, Write},
    usecases::Inbound,
};

impl Inbound {
    /// The items of one callback as they came, by their owners.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn by_owner(
        &self,
        origin: &Origin,
        items: &[Item],
    ) -> Result<BTreeMap<RawOwner, Vec<String>>, StoreError> {
        let mut sorted: BTreeMap<RawOwner, Vec<String>> = BTreeMap::new();
        for item in items {
            let owner = match self.channel_of(origin, item).await {
                Ok(Some(channel)) => RawOwner::Tenant(channel.tenant),
                Ok(None) | Err(StoreError::Corrupt(_)) => RawOwner::Sender(origin.clone()),
                Err(error) => return Err(error),
            };
            sorted.entry(owner).or_default().push(item.raw.clone());
        }
        Ok(sorted)
    }

    /// Keeps items as they came, each with its owner. The same callback told again within the hour is not
    /// kept twice.
    ///
    /// # Errors
    /// When the store fails; keeping them again is safe.
    pub(crate) async fn keep_raw(
        &self,
        origin: &Origin,
        sorted: BTreeMap<RawOwner, Vec<String>>,
    ) -> Result<(), StoreError> {
        let at = self.ctx.ids.now();
        let mut writing = JoinSet::new();
        for (owner, texts) in sorted {
            let raw = |body| {
                let (owner, origin, expires_at) =
                    (owner.clone(), origin.clone(), at.plus(self.ctx.settings.raw_kept));
                RawItem { owner, origin, at, expires_at, body }
            };
            for piece in
                packed(texts.iter().map(String::as_str)).into_iter().flat_map(|body| raw(body).pieces())
            {
                let store = self.ctx.store.clone();
                // Whether it is written now or was before is the same.
                let write = async move { store.commit(vec![Write::Put(Record::Raw(piece))]).await.map(drop) };
                writing.spawn(write.in_current_span());
            }
        }
        let mut failure = None;
        while let Some(written) = writing.join_next().await {
            let broken = || Err(StoreError::Unavailable("a write broke off".to_owned()));
            failure = failure.or(written.unwrap_or_else(|_| broken()).err());
        }
        failure.map_or(Ok(()), Err)
    }
}
