//! The row of a tenant's settings, and the list of all tenants.

use crate::dynamodb::{
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord},
};
use ventanilla_core::domain::{caller::Tenant, id::TenantId};

/// The list of all tenants, by their ids.
pub(crate) const LIST: &str = "R#TE";

pub(crate) fn key(tenant: &TenantId) -> Key {
    Key::only(of(tenant))
}

impl StoredRecord for Tenant {
    const KIND: &'static str = "tenant";

    fn key(&self) -> Key {
        key(&self.id)
    }

    fn condition(&self) -> Condition {
        Condition::Any
    }

    fn indexes(&self) -> Indexes {
        Indexes::list(LIST.to_owned(), self.id.to_string())
    }
}
