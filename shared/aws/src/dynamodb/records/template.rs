//! The record of a cached template: one row for each name and language of an account.

use async_trait::async_trait;

use super::template_cache;
use crate::dynamodb::{
    Table,
    keys::Key,
    record::{Condition, StoredRecord, read},
};
use ventanilla_core::{
    domain::{
        id::{TemplateAccountId, TenantId},
        template::{Template, TemplateKey},
    },
    ports::{store::StoreError, template_cache::TemplateReads},
};

/// The prefix of the sort keys of templates.
const TEMPLATES: &str = "P#";

pub(crate) fn key(tenant: &TenantId, id: &TemplateAccountId, key: &TemplateKey) -> Key {
    Key { sk: format!("{TEMPLATES}{}#{}", key.name, key.language), ..template_cache::key(tenant, id) }
}

impl StoredRecord for Template {
    const KIND: &'static str = "template";

    fn key(&self) -> Key {
        key(&self.tenant, &self.account, &self.key)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl TemplateReads for Table {
    async fn templates(
        &self,
        tenant: &TenantId,
        id: &TemplateAccountId,
    ) -> Result<Vec<Template>, StoreError> {
        let question = self.partition(template_cache::key(tenant, id).pk, TEMPLATES);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }

    async fn template(
        &self,
        tenant: &TenantId,
        id: &TemplateAccountId,
        wanted: &TemplateKey,
    ) -> Result<Option<Template>, StoreError> {
        self.get_as(key(tenant, id, wanted)).await
    }
}
