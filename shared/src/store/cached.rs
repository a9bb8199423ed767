//! A directory that remembers for a minute, which is also how long a revoked key may go on working.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use crate::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::Channel,
        id::{ChannelId, LineId, TenantId},
        phone::Phone,
        time::Timestamp,
    },
    port::{book::StoreError, clock::Clock, credentials::Freshness, directory::Directory},
};

/// How long an answer is remembered. Absence is never remembered.
const REMEMBERED: Duration = Duration::from_mins(1);

/// Entries after which a memory starts over: a bound, not a working size.
const MOST: usize = 10_000;

type Memory<K, V> = Mutex<HashMap<K, (Timestamp, V)>>;

/// A directory in front of a slower one.
pub struct CachedDirectory<D> {
    inner: D,
    clock: Arc<dyn Clock>,
    keys: Memory<KeyHash, ApiKey>,
    tenants: Memory<TenantId, Tenant>,
    channels: Memory<(TenantId, ChannelId), Channel>,
    numbers: Memory<(TenantId, Phone), Channel>,
    lines: Memory<LineId, Channel>,
}

impl<D: Directory> CachedDirectory<D> {
    /// A directory that asks `inner` at most once a minute for the same thing.
    pub fn new(inner: D, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            clock,
            keys: Memory::default(),
            tenants: Memory::default(),
            channels: Memory::default(),
            numbers: Memory::default(),
            lines: Memory::default(),
        }
    }

    async fn remember<K, V, F>(&self, memory: &Memory<K, V>, key: K, ask: F) -> Result<Option<V>, StoreError>
    where
        K: Eq + Hash,
        V: Clone,
        F: Future<Output = Result<Option<V>, StoreError>>,
    {
        let now = self.clock.now();
        let known = memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .filter(|(at, _)| at.until(now) < REMEMBERED)
            .map(|(_, value)| value.clone());
        if known.is_some() {
            return Ok(known);
        }
        let found = ask.await?;
        if let Some(value) = &found {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            if memory.len() >= MOST {
                memory.clear();
            }
            memory.insert(key, (now, value.clone()));
        }
        Ok(found)
    }
}

#[async_trait]
impl<D: Directory> Directory for CachedDirectory<D> {
    async fn api_key(&self, hash: &KeyHash, how: Freshness) -> Result<Option<ApiKey>, StoreError> {
        if how == Freshness::Refreshed {
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        }
        self.remember(&self.keys, hash.clone(), self.inner.api_key(hash, how)).await
    }

    async fn tenant(&self, id: &TenantId) -> Result<Option<Tenant>, StoreError> {
        self.remember(&self.tenants, id.clone(), self.inner.tenant(id)).await
    }

    async fn channel(&self, tenant: &TenantId, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        self.remember(&self.channels, (tenant.clone(), id), self.inner.channel(tenant, id)).await
    }

    async fn channels_of(&self, tenant: &TenantId) -> Result<Vec<Channel>, StoreError> {
        self.inner.channels_of(tenant).await
    }

    async fn channel_with_number(
        &self,
        tenant: &TenantId,
        number: &Phone,
    ) -> Result<Option<Channel>, StoreError> {
        let key = (tenant.clone(), number.clone());
        self.remember(&self.numbers, key, self.inner.channel_with_number(tenant, number)).await
    }

    async fn channel_of_line(&self, line: &LineId) -> Result<Option<Channel>, StoreError> {
        self.remember(&self.lines, line.clone(), self.inner.channel_of_line(line)).await
    }
}
