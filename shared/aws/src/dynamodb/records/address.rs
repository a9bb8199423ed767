//! The contact of an address.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash, of},
    record::{Condition, StoredRecord, read},
};
use ventanilla_core::{
    domain::{
        contact::{Address, AddressEntry},
        id::TenantId,
    },
    ports::{contacts::AddressReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, address: &Address) -> Key {
    Key::only(format!("{}D#{}", of(tenant), hash_of(address)))
}

/// The hash of an address, for keys.
pub(super) fn hash_of(address: &Address) -> String {
    match address {
        Address::Number(number) => hash(&["number", number.digits()]),
        Address::Bsuid(id) => hash(&["bsuid", id.as_str()]),
        Address::Parent(id) => hash(&["parent", id.as_str()]),
    }
}

impl StoredRecord for AddressEntry {
    const KIND: &'static str = "address";

    fn key(&self) -> Key {
        key(&self.tenant, &self.address)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl AddressReads for Table {
    async fn addresses(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<Vec<Option<AddressEntry>>, StoreError> {
        if let [single] = addresses {
            return Ok(vec![self.get_as(key(tenant, single)).await?]);
        }
        let wanted = addresses.iter().map(|address| key(tenant, address)).collect();
        let mut entries: HashMap<Address, AddressEntry> = HashMap::with_capacity(addresses.len());
        for row in self.get_several(wanted, &[]).await? {
            let entry: AddressEntry = read(row)?;
            entries.insert(entry.address.clone(), entry);
        }
        Ok(addresses.iter().map(|wanted| entries.get(wanted).cloned()).collect())
    }
}
