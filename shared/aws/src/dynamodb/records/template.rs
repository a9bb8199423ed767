//! A cached template.

use async_trait::async_trait;

use super::catalogue;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, Record, read},
};
use ventanilla_core::{
    domain::{
        id::{CatalogueId, TenantId},
        template::{Template, TemplateKey},
    },
    ports::{catalogue::TemplateReads, store::StoreError},
};

/// The prefix of the sort keys of templates.
const TEMPLATES: &str = "P#";

pub(crate) fn key(tenant: &TenantId, id: &CatalogueId, key: &TemplateKey) -> Key {
    Key { sk: format!("{TEMPLATES}{}#{}", key.name, key.language), ..catalogue::key(tenant, id) }
}

impl Record for Template {
    const KIND: &'static str = "template";

    fn key(&self) -> Key {
        key(&self.tenant, &self.catalogue, &self.key)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl TemplateReads for Table {
    async fn templates(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Vec<Template>, StoreError> {
        let question = self.partition(catalogue::key(tenant, id).pk, TEMPLATES);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }

    async fn template(
        &self,
        tenant: &TenantId,
        id: &CatalogueId,
        wanted: &TemplateKey,
    ) -> Result<Option<Template>, StoreError> {
        self.get_as(key(tenant, id, wanted)).await
    }
}
