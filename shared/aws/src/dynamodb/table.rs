//! The table: reads, conditional writes and transactions, with retries and throttling.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, query::builders::QueryFluentBuilder,
        transact_write_items::TransactWriteItemsError,
    },
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    },
};
use serde::de::DeserializeOwned;

use super::{
    keys::{self, Key},
    record::{Condition, Op, Operation, Row, read, stamp},
};
use ventanilla_core::{
    domain::id::ID_LIMIT,
    ports::{
        clock::Entropy,
        store::{Commit, StoreError},
    },
};

/// Most tries of a write that DynamoDB throttles or cancels.
const TRIES: u32 = 5;
const FIRST_WAIT: u64 = 20;
const LONGEST_WAIT: u64 = 400;

/// DynamoDB's error codes for throttling.
const THROTTLES: [&str; 3] =
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"];

/// The table of all tenants.
#[derive(Clone)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
    entropy: Arc<dyn Entropy>,
}

/// The result of one try of a write.
enum Tried {
    Ended(Commit),
    /// Throttled, or cancelled for a concurrent transaction. The SDK does not retry these.
    Again,
}

impl Table {
    /// The table of this name, through this client.
    #[must_use]
    pub fn new(client: Client, name: String, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, name, entropy }
    }

    /// A number that marks the rows of one write.
    pub(super) fn writer(&self) -> u64 {
        self.entropy.next_u64() % ID_LIMIT
    }

    /// Reads one row with a consistent read.
    pub(super) async fn get(&self, key: Key) -> Result<Option<Row>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(keys::PK, AttributeValue::S(key.pk))
            .key(keys::SK, AttributeValue::S(key.sk))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| unavailable("GetItem", &error))?;
        Ok(answer.item)
    }

    /// Reads and decodes one row.
    pub(super) async fn get_as<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, StoreError> {
        self.get(key).await?.map(read).transpose()
    }

    /// A query with the settings that all of ours share.
    pub(super) fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(&self.name).return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Writes all rows or none, each under its condition. The rows are built for each try, which consumes
    /// them.
    pub(super) async fn write(
        &self,
        rows: impl Fn() -> Result<Vec<Operation>, StoreError>,
        mark: u64,
    ) -> Result<Commit, StoreError> {
        for round in 0..TRIES {
            let tried = match <[Operation; 1]>::try_from(rows()?) {
                Ok([single]) => self.single(single, mark).await?,
                Err(several) => Box::pin(self.transact(several, mark)).await?,
            };
            match tried {
                Tried::Ended(commit) => return Ok(commit),
                Tried::Again => self.wait(round).await,
            }
        }
        Err(StoreError::Unavailable("writes were turned away too often".to_owned()))
    }

    async fn single(&self, write: Operation, mark: u64) -> Result<Tried, StoreError> {
        match write.op {
            Op::Put(row) => self.put(row, write.condition, mark).await,
            Op::Delete(key) => self.delete(key, write.condition).await,
            // A check alone: a transaction of one.
            Op::Check(_) => self.transact(vec![write], mark).await,
        }
    }

    async fn put(&self, row: Row, condition: Condition, mark: u64) -> Result<Tried, StoreError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(row))
            .set_condition_expression(expression(condition))
            .set_expression_attribute_values(values(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(Tried::Ended(Commit::Committed)) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Tried::Ended(commit_result(failed.item(), mark)))
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(Tried::Again),
            _ => Err(unavailable("PutItem", &error)),
        }
    }

    async fn delete(&self, key: Key, condition: Condition) -> Result<Tried, StoreError> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_row(key)))
            .set_condition_expression(expression(condition))
            .set_expression_attribute_values(values(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(Tried::Ended(Commit::Committed)) };
        match error.as_service_error() {
            // A missing row was deleted before, maybe by this very call.
            Some(DeleteItemError::ConditionalCheckFailedException(failed)) => {
                let gone = if failed.item().is_none() { Commit::Committed } else { Commit::Conflict };
                Ok(Tried::Ended(gone))
            }
            Some(DeleteItemError::TransactionConflictException(_)) => Ok(Tried::Again),
            _ => Err(unavailable("DeleteItem", &error)),
        }
    }

    async fn transact(&self, writes: Vec<Operation>, mark: u64) -> Result<Tried, StoreError> {
        let items =
            writes.into_iter().map(|write| self.transaction_item(write)).collect::<Result<Vec<_>, _>>()?;
        // The SDK gives each call a token of its own, so its retries after a lost response are safe.
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let Err(error) = request.send().await else { return Ok(Tried::Ended(Commit::Committed)) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                cancellation(cancelled.cancellation_reasons(), mark)
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Tried::Again),
            _ => Err(unavailable("TransactWriteItems", &error)),
        }
    }

    fn transaction_item(&self, write: Operation) -> Result<TransactWriteItem, StoreError> {
        let item = TransactWriteItem::builder();
        let item = match write.op {
            Op::Put(row) => item.put(
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(row))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
            Op::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_row(key)))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
            Op::Check(key) => item.condition_check(
                ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_row(key)))
                    .set_condition_expression(expression(write.condition))
                    .set_expression_attribute_values(values(write.condition))
                    .build()
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            ),
        };
        Ok(item.build())
    }

    /// Full jitter: anything between nothing and a ceiling that doubles.
    pub(super) async fn wait(&self, round: u32) {
        let ceiling = (FIRST_WAIT << round.min(10)).min(LONGEST_WAIT);
        tokio::time::sleep(Duration::from_millis(self.entropy.next_u64() % ceiling)).await;
    }
}

pub(super) fn key_row(key: Key) -> Row {
    let (pk, sk) = (AttributeValue::S(key.pk), AttributeValue::S(key.sk));
    Row::from([(keys::PK.to_owned(), pk), (keys::SK.to_owned(), sk)])
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
fn commit_result(found: Option<&Row>, mark: u64) -> Commit {
    let ours = found.and_then(stamp).is_some_and(|stamp| stamp.writer == mark);
    if ours { Commit::Committed } else { Commit::Conflict }
}

fn cancellation(reasons: &[CancellationReason], mark: u64) -> Result<Tried, StoreError> {
    let mut again = false;
    for reason in reasons {
        match reason.code() {
            None | Some("None") => {}
            // One row with our mark means that all were written: a transaction is atomic.
            Some("ConditionalCheckFailed") => return Ok(Tried::Ended(commit_result(reason.item(), mark))),
            Some("TransactionConflict") => again = true,
            Some("ThrottlingError" | "ProvisionedThroughputExceeded") => {
                throttled("TransactWriteItems");
                again = true;
            }
            Some(other) => return Err(StoreError::Unavailable(format!("transaction rejected: {other}"))),
        }
    }
    if again { Ok(Tried::Again) } else { Err(StoreError::Unavailable("transaction rejected".to_owned())) }
}

/// Logs that the table throttles us, or reports that our limit is reached. The SDK has retried by then.
fn throttled(operation: &str) {
    tracing::warn!(metric = "store_throttled", operation, "the table throttles calls for lack of capacity");
}

/// The error of a failed call: never its content.
pub(super) fn unavailable<E, R>(operation: &str, error: &SdkError<E, R>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
    R: std::fmt::Debug,
{
    if error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .is_some_and(|code| THROTTLES.contains(&code))
    {
        throttled(operation);
    }
    let what = match error {
        SdkError::TimeoutError(_) => "timed out".to_owned(),
        SdkError::DispatchFailure(_) => "could not be reached".to_owned(),
        SdkError::ResponseError(_) => "answered with something unreadable".to_owned(),
        SdkError::ServiceError(service) => {
            format!("answered {}", service.err().code().unwrap_or("with an error"))
        }
        _ => "could not be called".to_owned(),
    };
    StoreError::Unavailable(format!("{operation} {what}"))
}
