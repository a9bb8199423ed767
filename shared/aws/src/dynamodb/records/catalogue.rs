//! The state of a template cache, beside the templates.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash, of},
    record::{Condition, Record},
};
use ventanilla_core::{
    domain::{
        id::{CatalogueId, TenantId},
        template::Catalogue,
    },
    ports::{catalogue::CatalogueReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: &CatalogueId) -> Key {
    Key::only(format!("{}P#{}", of(tenant), hash(&[id.as_str()])))
}

impl Record for Catalogue {
    const KIND: &'static str = "catalogue";

    fn key(&self) -> Key {
        key(&self.tenant, &self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl CatalogueReads for Table {
    async fn catalogue(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Option<Catalogue>, StoreError> {
        self.get_as(key(tenant, id)).await
    }
}
