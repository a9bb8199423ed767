//! The copy of templates, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Table,
    item::{Row, read},
    keys,
    table::unavailable,
};
use crate::{
    domain::{
        channel::Channel,
        id::{CatalogueId, TenantId},
        template::{CallBudget, Catalogue, Template, TemplateKey},
    },
    port::{book::StoreError, catalogue::Catalogues},
};

#[async_trait]
impl Catalogues for Table {
    async fn catalogue(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Option<Catalogue>, StoreError> {
        self.get_as(keys::catalogue(tenant, id)).await
    }

    async fn templates(&self, tenant: &TenantId, id: &CatalogueId) -> Result<Vec<Template>, StoreError> {
        let query = || {
            self.query()
                .key_condition_expression("pk = :part AND begins_with(sk, :templates)")
                .expression_attribute_values(":part", AttributeValue::S(keys::templates(tenant, id)))
                .expression_attribute_values(":templates", AttributeValue::S(keys::TEMPLATES.to_owned()))
                .consistent_read(true)
        };
        let mut rows: Vec<Row> = Vec::new();
        let mut start = None;
        loop {
            let asked = query().set_exclusive_start_key(start).send().await;
            let answer = asked.map_err(|error| unavailable("Query", &error))?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return rows.into_iter().map(read).collect();
            }
        }
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
        let mut channels = Vec::new();
        let mut start = None;
        loop {
            let asked = self
                .query()
                .index_name(keys::LISTS)
                .key_condition_expression("g1pk = :list")
                .expression_attribute_values(":list", AttributeValue::S(keys::CHANNELS.to_owned()))
                .set_exclusive_start_key(start)
                .send()
                .await;
            let answer = asked.map_err(|error| unavailable("Query", &error))?;
            for row in answer.items.unwrap_or_default() {
                channels.push(read(row)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(channels);
            }
        }
    }
}
