//! Archives webhooks as received.

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
    /// The items of one webhook as received, by owner.
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

    /// Archives items as received, by owner. The same webhook delivered again within the hour is stored
    /// once.
    ///
    /// # Errors
    /// When the store fails; archiving them again is safe.
    pub(crate) async fn archive_raw(
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
            for chunk in
                packed(texts.iter().map(String::as_str)).into_iter().flat_map(|body| raw(body).chunks())
            {
                let store = self.ctx.store.clone();
                // A conflict means that it was written before, which is the same.
                let write = async move { store.commit(vec![Write::Put(Record::Raw(chunk))]).await.map(drop) };
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
