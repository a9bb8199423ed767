//! The rate limit of an account's template list calls, shared by its tenants.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash},
    record::{Condition, Record},
};
use ventanilla_core::{
    domain::{id::CatalogueId, template::CallBudget},
    ports::{catalogue::CallBudgetReads, store::StoreError},
};

pub(crate) fn key(account: &CatalogueId) -> Key {
    Key::only(format!("R#B#{}", hash(&[account.as_str()])))
}

impl Record for CallBudget {
    const KIND: &'static str = "call_budget";

    fn key(&self) -> Key {
        key(&self.account)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }
}

#[async_trait]
impl CallBudgetReads for Table {
    async fn call_budget(&self, account: &CatalogueId) -> Result<Option<CallBudget>, StoreError> {
        self.get_as(key(account)).await
    }
}
