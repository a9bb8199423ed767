//! The fields of a lead, beside its contact; and the lead of a company's own id.

use async_trait::async_trait;

use super::contact;
use crate::dynamodb::{
    Table,
    keys::{Key, hash, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{
        id::{ContactId, TenantId},
        lead::{ExternalLeadId, Lead, LeadLookup},
    },
    ports::{leads::LeadRecords, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: ContactId) -> Key {
    Key { sk: "L".to_owned(), ..contact::key(tenant, id) }
}

pub(crate) fn lookup_key(tenant: &TenantId, external: &ExternalLeadId) -> Key {
    Key::only(format!("{}X#{}", of(tenant), hash(&[external.as_str()])))
}

impl StoredRecord for Lead {
    const KIND: &'static str = "lead";

    fn key(&self) -> Key {
        key(&self.tenant, self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

impl StoredRecord for LeadLookup {
    const KIND: &'static str = "lead_pointer";

    fn key(&self) -> Key {
        lookup_key(&self.tenant, &self.external)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }
}

#[async_trait]
impl LeadRecords for Table {
    async fn lead(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Lead>, StoreError> {
        self.get_as(key(tenant, id)).await
    }

    async fn lead_called(
        &self,
        tenant: &TenantId,
        external: &ExternalLeadId,
    ) -> Result<Option<ContactId>, StoreError> {
        let known: Option<LeadLookup> = self.get_as(lookup_key(tenant, external)).await?;
        Ok(known.map(|known| known.lead))
    }
}
