//! A customer's choice about marketing, for one address.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;

use super::address;
use crate::dynamodb::{
    Table,
    keys::{self, Key, of},
    record::{Condition, StoredRecord, readable},
    table::{key_row, unavailable},
};
use ventanilla_core::{
    domain::{contact::Address, id::TenantId, opt_out::OptOut},
    ports::{inbox::Page, opt_out::OptOutRecords, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, address: &Address) -> Key {
    Key { pk: partition(tenant), sk: address::hash_of(address) }
}

/// The partition of the choices of a tenant's customers.
fn partition(tenant: &TenantId) -> String {
    format!("{}S", of(tenant))
}

impl StoredRecord for OptOut {
    const KIND: &'static str = "suppression";

    fn key(&self) -> Key {
        key(&self.tenant, &self.address)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl OptOutRecords for Table {
    async fn opt_out(&self, tenant: &TenantId, address: &Address) -> Result<Option<OptOut>, StoreError> {
        self.get_as(key(tenant, address)).await
    }

    async fn suppressions(
        &self,
        tenant: &TenantId,
        after: Option<String>,
        limit: u16,
    ) -> Result<Page<OptOut, String>, StoreError> {
        let pk = partition(tenant);
        let start = after.map(|sk| key_row(Key { pk: pk.clone(), sk }));
        let asked = self
            .query()
            .key_condition_expression("pk = :part")
            .expression_attribute_values(":part", AttributeValue::S(pk))
            .set_exclusive_start_key(start)
            .limit(i32::from(limit))
            .send()
            .await;
        let answer = asked.map_err(|error| unavailable("Query", &error))?;
        let last = answer.last_evaluated_key.as_ref().and_then(|key| key.get(keys::SK)?.as_s().ok());
        let next = last.cloned();
        Ok(Page { items: readable(answer.items), next })
    }
}
