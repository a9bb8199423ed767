//! Commits: writes become one operation or one transaction.

use async_trait::async_trait;

use super::{Table, records::operation, transaction::Transaction};
use ventanilla_core::ports::store::{Commit, Store, StoreError, Write};

/// Most rows in one transaction.
const TRANSACTION_LIMIT: usize = 100;

#[async_trait]
impl Store for Table {
    async fn commit(&self, writes: Vec<Write>) -> Result<Commit, StoreError> {
        let transaction = Transaction::new(self);
        if writes.len() > TRANSACTION_LIMIT {
            return Err(StoreError::Corrupt(format!(
                "{} rows do not fit into one transaction",
                writes.len()
            )));
        }
        let operations = || writes.iter().map(|write| operation(write, transaction.mark)).collect();
        transaction.commit(operations).await
    }
}
