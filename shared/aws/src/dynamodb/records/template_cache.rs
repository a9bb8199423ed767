//! The state of a template cache, beside the templates.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash, of},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{
        id::{TemplateAccountId, TenantId},
        template::TemplateCache,
    },
    ports::{store::StoreError, template_cache::TemplateCacheReads},
};

pub(crate) fn key(tenant: &TenantId, id: &TemplateAccountId) -> Key {
    Key::only(format!("{}P#{}", of(tenant), hash(&[id.as_str()])))
}

impl StoredRecord for TemplateCache {
    const KIND: &'static str = "catalogue";

    fn key(&self) -> Key {
        key(&self.tenant, &self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl TemplateCacheReads for Table {
    async fn template_cache(
        &self,
        tenant: &TenantId,
        id: &TemplateAccountId,
    ) -> Result<Option<TemplateCache>, StoreError> {
        self.get_as(key(tenant, id)).await
    }
}
