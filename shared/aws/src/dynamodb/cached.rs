//! A directory with a cache of one minute. A revoked key may work for as long.

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;

use ventanilla_core::{
    domain::{
        caller::{ApiKey, KeyHash, Tenant},
        channel::{Channel, ProviderApp},
        id::{ChannelId, InboundAddress, TenantId},
        phone::Phone,
        time::Timestamp,
    },
    ports::{clock::Clock, credentials::Freshness, directory::Directory, store::StoreError},
};

/// How long an answer is cached. Absence is not, except for keys and apps, which any caller may name.
const REMEMBERED: Duration = Duration::from_mins(1);

/// How long the absence of a key or app is cached: a new one may be rejected for as long.
const ABSENT: Duration = Duration::from_secs(5);

/// Entries at which a cache is emptied: a bound, not a working size.
const MOST: usize = 10_000;

type Memory<K, V> = Mutex<HashMap<K, (Timestamp, V)>>;

/// A cache in front of another directory.
pub struct CachedDirectory<D> {
    inner: D,
    clock: Arc<dyn Clock>,
    keys: Memory<KeyHash, ApiKey>,
    absent_keys: Memory<KeyHash, ()>,
    apps: Memory<(), BTreeSet<ProviderApp>>,
    /// Set when the list was read for a name that it lacked.
    apps_refreshed: Memory<(), ()>,
    tenants: Memory<TenantId, Tenant>,
    channels: Memory<(TenantId, ChannelId), Channel>,
    numbers: Memory<(TenantId, Phone), Channel>,
    lines: Memory<InboundAddress, Channel>,
}

impl<D: Directory> CachedDirectory<D> {
    /// A directory that asks `inner` at most once a minute for the same entry.
    pub fn new(inner: D, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner,
            clock,
            keys: Memory::default(),
            absent_keys: Memory::default(),
            apps: Memory::default(),
            apps_refreshed: Memory::default(),
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
        if let Some(known) = self.known(memory, &key, REMEMBERED) {
            return Ok(Some(known));
        }
        let found = ask.await?;
        if let Some(value) = &found {
            self.store(memory, key, value.clone());
        }
        Ok(found)
    }

    /// The cached value, if it is younger than `age`.
    fn known<K: Eq + Hash, V: Clone>(&self, memory: &Memory<K, V>, key: &K, age: Duration) -> Option<V> {
        let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = memory.get(key)?;
        (at.until(self.clock.now()) < age).then(|| value.clone())
    }

    fn store<K: Eq + Hash, V>(&self, memory: &Memory<K, V>, key: K, value: V) {
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.len() >= MOST {
            memory.clear();
        }
        memory.insert(key, (self.clock.now(), value));
    }
}

#[async_trait]
impl<D: Directory> Directory for CachedDirectory<D> {
    async fn api_key(&self, hash: &KeyHash, how: Freshness) -> Result<Option<ApiKey>, StoreError> {
        if how == Freshness::Refreshed {
            self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        } else if self.known(&self.absent_keys, hash, ABSENT).is_some() {
            return Ok(None);
        }
        let found = self.remember(&self.keys, hash.clone(), self.inner.api_key(hash, how)).await?;
        if found.is_none() {
            self.store(&self.absent_keys, hash.clone(), ());
        }
        Ok(found)
    }

    /// One list for all names: invented names cause one read every few seconds at most, however many they
    /// are.
    async fn apps(&self, how: Freshness) -> Result<BTreeSet<ProviderApp>, StoreError> {
        let is_fresh = how == Freshness::Cached || self.known(&self.apps_refreshed, &(), ABSENT).is_some();
        if let Some(known) = self.known(&self.apps, &(), REMEMBERED).filter(|_| is_fresh) {
            return Ok(known);
        }
        let found = self.inner.apps(how).await?;
        self.store(&self.apps, (), found.clone());
        if how == Freshness::Refreshed {
            self.store(&self.apps_refreshed, (), ());
        }
        Ok(found)
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

    async fn channel_of_inbound_address(
        &self,
        inbound_address: &InboundAddress,
    ) -> Result<Option<Channel>, StoreError> {
        self.remember(
            &self.lines,
            inbound_address.clone(),
            self.inner.channel_of_inbound_address(inbound_address),
        )
        .await
    }
}
