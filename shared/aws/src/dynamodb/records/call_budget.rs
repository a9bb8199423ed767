//! The rate limit of an account's template list calls, shared by its tenants.

use async_trait::async_trait;

use crate::dynamodb::{
    Table,
    keys::{Key, hash},
    record::{Condition, StoredRecord},
};
use ventanilla_core::{
    domain::{id::TemplateAccountId, template::CallBudget},
    ports::{store::StoreError, template_cache::CallBudgetReads},
};

pub(crate) fn key(account: &TemplateAccountId) -> Key {
    Key::only(format!("R#B#{}", hash(&[account.as_str()])))
}

impl StoredRecord for CallBudget {
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
    async fn call_budget(&self, account: &TemplateAccountId) -> Result<Option<CallBudget>, StoreError> {
        self.get_as(key(account)).await
    }
}
