//! The table: reads of rows, and the back-off of retries.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, ReturnConsumedCapacity},
};
use serde::de::DeserializeOwned;

use super::{
    keys::{self, Key},
    record::{Row, read},
};
use ventanilla_core::ports::{clock::Entropy, store::StoreError};

/// Ceilings of the wait before a retry, in milliseconds: the first and the highest.
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
    pub(super) entropy: Arc<dyn Entropy>,
}

impl Table {
    /// The table of this name, through this client.
    #[must_use]
    pub fn new(client: Client, name: String, entropy: Arc<dyn Entropy>) -> Self {
        Self { client, name, entropy }
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

    /// Waits before a retry. Full jitter: anything between nothing and a ceiling that doubles.
    pub(super) async fn wait(&self, round: u32) {
        let ceiling = (FIRST_WAIT << round.min(10)).min(LONGEST_WAIT);
        tokio::time::sleep(Duration::from_millis(self.entropy.next_u64() % ceiling)).await;
    }
}

pub(super) fn key_row(key: Key) -> Row {
    let (pk, sk) = (AttributeValue::S(key.pk), AttributeValue::S(key.sk));
    Row::from([(keys::PK.to_owned(), pk), (keys::SK.to_owned(), sk)])
}

/// Logs that the table throttles us, or reports that our limit is reached. The SDK has retried by then.
pub(super) fn throttled(operation: &str) {
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
