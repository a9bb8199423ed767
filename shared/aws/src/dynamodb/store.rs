//! The book in the table.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{
    Table,
    item::{read, write},
    keys,
};
use ventanilla_core::{
    domain::{
        contact::{Address, AddressEntry, Contact},
        conversation::Conversation,
        id::{ContactId, ConversationId, LineId, TenantId, Wamid},
        message::{Message, MessageAddress},
        message_lookup::Pointer,
        window::WindowWatch,
    },
    ports::store::{Applied, Book, Change, StoreError},
};

/// Most rows in one transaction.
const TRANSACTION_LIMIT: usize = 100;

#[async_trait]
impl Book for Table {
    async fn apply(&self, changes: Vec<Change>) -> Result<Applied, StoreError> {
        let writer = self.writer();
        if changes.len() > TRANSACTION_LIMIT {
            return Err(StoreError::Corrupt(format!(
                "{} rows do not fit into one transaction",
                changes.len()
            )));
        }
        let rows = || changes.iter().map(|change| write(change, writer)).collect();
        self.write(rows, writer).await
    }

    async fn conversation(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.get_as(keys::conversation(tenant, id)).await
    }

    async fn window_watch(
        &self,
        tenant: &TenantId,
        id: ConversationId,
    ) -> Result<Option<WindowWatch>, StoreError> {
        self.get_as(keys::window_watch(tenant, id)).await
    }

    async fn message(&self, tenant: &TenantId, at: MessageAddress) -> Result<Option<Message>, StoreError> {
        self.get_as(keys::message(tenant, at)).await
    }

    async fn contact(&self, tenant: &TenantId, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.get_as(keys::contact(tenant, id)).await
    }

    async fn addresses(
        &self,
        tenant: &TenantId,
        addresses: &[Address],
    ) -> Result<Vec<Option<AddressEntry>>, StoreError> {
        if let [single] = addresses {
            return Ok(vec![self.get_as(keys::address(tenant, single)).await?]);
        }
        let wanted = addresses.iter().map(|address| keys::address(tenant, address)).collect();
        let mut entries: HashMap<Address, AddressEntry> = HashMap::with_capacity(addresses.len());
        for row in self.get_several(wanted, &[]).await? {
            let entry: AddressEntry = read(row)?;
            entries.insert(entry.address.clone(), entry);
        }
        Ok(addresses.iter().map(|wanted| entries.get(wanted).cloned()).collect())
    }

    async fn pointer(&self, line: &LineId, wamid: &Wamid) -> Result<Option<Pointer>, StoreError> {
        self.get_as(keys::pointer(line, wamid)).await
    }
}
