//! Conditional writes and transactions, with retries.

use aws_sdk_dynamodb::{
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError,
    },
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    },
};

use super::{
    Table,
    keys::Key,
    record::{Condition, Op, Operation, Row, stamp},
    table::{key_row, throttled, unavailable},
};
use ventanilla_core::{
    domain::id::ID_LIMIT,
    ports::store::{Commit, StoreError},
};

/// Most tries of a write that DynamoDB throttles or cancels.
const TRIES: u32 = 5;

/// The result of one try of a write.
enum WriteAttempt {
    Ended(Commit),
    /// Throttled, or cancelled for a concurrent transaction. The SDK does not retry these.
    Again,
}

/// One atomic write. Its rows carry a mark, so that a retry recognizes its own work.
pub(super) struct Transaction<'a> {
    table: &'a Table,
    /// Random number that is stored in its rows.
    pub(super) mark: u64,
}

impl<'a> Transaction<'a> {
    /// Begins a transaction with a mark of its own.
    pub(super) fn new(table: &'a Table) -> Self {
        Self { table, mark: table.entropy.next_u64() % ID_LIMIT }
    }

    /// Writes all rows or none, each under its condition. The rows are built for each try, which consumes
    /// them.
    ///
    /// # Errors
    /// When the store fails, or throttles or cancels every try.
    pub(super) async fn commit(
        &self,
        rows: impl Fn() -> Result<Vec<Operation>, StoreError>,
    ) -> Result<Commit, StoreError> {
        for round in 0..TRIES {
            let tried = match <[Operation; 1]>::try_from(rows()?) {
                Ok([single]) => self.single(single).await?,
                Err(several) => Box::pin(self.transact(several)).await?,
            };
            match tried {
                WriteAttempt::Ended(commit) => return Ok(commit),
                WriteAttempt::Again => self.table.wait(round).await,
            }
        }
        Err(StoreError::Unavailable("writes were turned away too often".to_owned()))
    }

    async fn single(&self, write: Operation) -> Result<WriteAttempt, StoreError> {
        match write.op {
            Op::Put(row) => self.put(row, write.condition).await,
            Op::Delete(key) => self.delete(key, write.condition).await,
            // A check alone: a transaction of one.
            Op::Check(_) => self.transact(vec![write]).await,
        }
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<WriteAttempt, StoreError> {
        let request = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(row))
            .set_condition_expression(expression(condition))
            .set_expression_attribute_values(values(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(WriteAttempt::Ended(Commit::Committed)) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(WriteAttempt::Ended(compare_marks(failed.item(), self.mark)))
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(WriteAttempt::Again),
            _ => Err(unavailable("PutItem", &error)),
        }
    }

    async fn delete(&self, key: Key, condition: Condition) -> Result<WriteAttempt, StoreError> {
        let request = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(key_row(key)))
            .set_condition_expression(expression(condition))
            .set_expression_attribute_values(values(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(WriteAttempt::Ended(Commit::Committed)) };
        match error.as_service_error() {
            // A missing row was deleted before, maybe by this very call.
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                let gone = if failed.item().is_none() { Commit::Committed } else { Commit::Conflict };
                Ok(WriteAttempt::Ended(gone))
            }
            Some(DeleteItemError::TransactionConflictException(_)) => Ok(WriteAttempt::Again),
            _ => Err(unavailable("DeleteItem", &error)),
        }
    }

    async fn transact(&self, writes: Vec<Operation>) -> Result<WriteAttempt, StoreError> {
        let items = writes.into_iter().map(|write| self.item(write)).collect::<Result<Vec<_>, _>>()?;
        // The SDK gives each call a token of its own, so its retries after a lost response are safe.
        let request = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(WriteAttempt::Ended(Commit::Committed)) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancellation(cancelled.cancellation_reasons(), self.mark)
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(WriteAttempt::Again),
            _ => Err(unavailable("TransactWriteItems", &error)),
        }
    }

    /// The item of an operation in DynamoDB's request.
    fn item(&self, write: Operation) -> Result<TransactWriteItem, StoreError> {
        let item = TransactWriteItem::builder();
        let item = match write.op {
            Op::Put(row) => item.put(
                Put::builder()
                    .table_name(&self.table.name)
                    .set_item(Some(row))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
            Op::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(&self.table.name)
                    .set_key(Some(key_row(key)))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
            Op::Check(key) => item.condition_check(
                ConditionCheck::builder()
                    .table_name(&self.table.name)
                    .set_key(Some(key_row(key)))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
        };
        Ok(item.build())
    }
}

fn expression(condition: Condition) -> Option<String> {
    match condition {
        Condition::Any => None,
        Condition::Absent => Some("attribute_not_exists(pk)".to_owned()),
        Condition::Present => Some("attribute_exists(pk)".to_owned()),
        Condition::Unnumbered => Some("attribute_not_exists(seq)".to_owned()),
        Condition::Rev(_) => Some("rev = :rev".to_owned()),
        Condition::LeadsTo(_) => Some("channel = :channel".to_owned()),
    }
}

fn values(condition: Condition) -> Option<Row> {
    match condition {
        Condition::Rev(rev) => Some([(":rev".to_owned(), AttributeValue::N(rev.to_string()))].into()),
        Condition::LeadsTo(channel) => {
            Some([(":channel".to_owned(), AttributeValue::N(channel.get().to_string()))].into())
        }
        Condition::Any | Condition::Absent | Condition::Present | Condition::Unnumbered => None,
    }
}

/// The result of a failed condition. When the stored row carries our own mark, the write was applied and
/// only its response was lost: the SDK retried it and met its own work.
fn compare_marks(found: Option<&Row>, mark: u64) -> Commit {
    let ours = found.and_then(stamp).is_some_and(|stamp| stamp.writer == mark);
    if ours { Commit::Committed } else { Commit::Conflict }
}

fn cancellation(reasons: &[CancellationReason], mark: u64) -> Result<WriteAttempt, StoreError> {
    let mut again = false;
    for reason in reasons {
        match reason.code() {
            None | Some("None") => {}
            // One row with our mark means that all were written: a transaction is atomic.
            Some("ConditionalCheckFailed") => {
                return Ok(WriteAttempt::Ended(compare_marks(reason.item(), mark)));
            }
            Some("TransactionConflict") => again = true,
            Some("ThrottlingError" | "ProvisionedThroughputExceeded") => {
                throttled("TransactWriteItems");
                again = true;
            }
            Some(other) => return Err(StoreError::Unavailable(format!("transaction rejected: {other}"))),
        }
    }
    if again {
        Ok(WriteAttempt::Again)
    } else {
        Err(StoreError::Unavailable("transaction rejected".to_owned()))
    }
}
