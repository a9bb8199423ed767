//! The copy of templates, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Table, item::read, keys};
use ventanilla_core::{
    domain::{
        channel::Channel,
        id::{CatalogueId, TenantId},
        template::{CallBudget, Catalogue, Template, TemplateKey},
    },
    ports::{catalogue::Catalogues, store::StoreError},
};

#[async_trait]
impl Catalogues for Table {
    async fn catalogue(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Option<Catalogue>, StoreError> {
        self.get_as(keys::catalogue(tenant, id)).await
    }

    async fn templates(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Vec<Template>, StoreError> {
        let question = self
            .query()
            .key_condition_expression("pk = :part AND begins_with(sk, :templates)")
            .expression_attribute_values(":part", AttributeValue::S(keys::templates(tenant, id)))
            .expression_attribute_values(":templates", AttributeValue::S(keys::TEMPLATES.to_owned()))
            .consistent_read(true);
        self.all_pages(question).await?.into_iter().map(read).collect()
    }

    async fn template(
        &self,
        tenant: &TenantId,
        id: &CatalogueId,
        key: &TemplateKey,
    ) -> Result<Option<Template>, StoreError> {
        self.get_as(keys::template(tenant, id, key)).await
    }

    async fn call_budget(&self, account: &CatalogueId) -> Result<Option<CallBudget>, StoreError> {
        self.get_as(keys::call_budget(account)).await
    }

    async fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        self.all_listed(keys::CHANNELS.to_owned()).await?.into_iter().map(read).collect()
    }
}
