//! Replaces Lambda at the table's stream on one machine: polls the embedded store's stream over HTTP, and passes the
//! records to the function in Lambda's format. A failed batch is retried.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use push::PushFunction;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinSet,
};
use ventanilla::aws::dynamodb::stream::{NewRow, new_row};

use crate::{server::TABLE, store::POSITIONS_TABLE, write_notifier::WriteNotifier};

/// The most records in one batch, which is the limit of `GetRecords`. A backlog is numbered in few transactions.
const BATCH: u32 = 1000;

/// The delay before a failed batch is retried.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// The store's timeout for one request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A signature, which the embedded store does not check.
const PLACEHOLDER_SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// The key of the follower's position.
const FOLLOWER: &str = "push";

/// The stream cannot be read; the text says why.
#[derive(Debug, thiserror::Error)]
#[error("the stream cannot be read: {0}")]
pub struct StreamError(String);

/// Reads the stream of the local table from the committed position. Records after it may be delivered again, which is
/// safe: events are numbered once.
pub struct Stream {
    http: reqwest::Client,
    endpoint: String,
    iterator: String,
}

impl Stream {
    /// Opens the stream at the committed position.
    ///
    /// # Errors
    /// When the table has no stream, or the store fails.
    pub async fn open(http: reqwest::Client, endpoint: String) -> Result<Self, StreamError> {
        let mut stream = Self { http, endpoint, iterator: String::new() };
        let listed = stream.ask_stream("ListStreams", &json!({ "TableName": TABLE })).await?;
        let arn = text(&listed, "/Streams/0/StreamArn")?;
        let described = stream.ask_stream("DescribeStream", &json!({ "StreamArn": arn })).await?;
        let shard = text(&described, "/StreamDescription/Shards/0/ShardId")?;
        let start = match stream.committed_position().await? {
            Some(place) => json!({
                "StreamArn": arn, "ShardId": shard,
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": place,
            }),
            None => json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" }),
        };
        stream.iterator = text(&stream.ask_stream("GetShardIterator", &start).await?, "/ShardIterator")?;
        Ok(stream)
    }

    /// The next batch; `None` if there are no new records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, StreamError> {
        let request = json!({ "ShardIterator": self.iterator, "Limit": BATCH });
        let answer = self.ask_stream("GetRecords", &request).await?;
        let iterator = text(&answer, "/NextShardIterator")?;
        // Lambda's event has no iterator; the parser ignores it.
        let event: Event = serde_json::from_value(answer).map_err(|error| StreamError(error.to_string()))?;
        let Some(last) = event.records.last() else { return Ok(None) };
        let sequence_number = last.change.sequence_number.clone();
        Ok(Some(RecordBatch { event, position: Position { iterator, sequence_number } }))
    }

    /// Commits a batch: it is never delivered again, and the store deletes it.
    ///
    /// # Errors
    /// When the position cannot be written: after a restart the batch would be delivered again.
    pub async fn commit(&mut self, position: Position) -> Result<(), StreamError> {
        self.iterator = position.iterator;
        let Some(sequence_number) = position.sequence_number else { return Ok(()) };
        let item = json!({ "pk": { "S": FOLLOWER }, "place": { "S": sequence_number } });
        self.ask_table("PutItem", &json!({ "TableName": POSITIONS_TABLE, "Item": item })).await.map(drop)
    }

    /// The position that was committed last, if any.
    async fn committed_position(&self) -> Result<Option<String>, StreamError> {
        let request = json!({ "TableName": POSITIONS_TABLE, "Key": { "pk": { "S": FOLLOWER } }, "ConsistentRead": true });
        let answer = self.ask_table("GetItem", &request).await?;
        if answer.get("Item").is_none() {
            return Ok(None);
        }
        text(&answer, "/Item/place/S").map(Some)
    }

    async fn ask_stream(&self, operation: &str, request: &Value) -> Result<Value, StreamError> {
        self.call(&format!("DynamoDBStreams_20120810.{operation}"), request).await
    }

    async fn ask_table(&self, operation: &str, request: &Value) -> Result<Value, StreamError> {
        self.call(&format!("DynamoDB_20120810.{operation}"), request).await
    }

    async fn call(&self, target: &str, request: &Value) -> Result<Value, StreamError> {
        let broken = |error: reqwest::Error| StreamError(error.to_string());
        let http_request = self
            .http
            .post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", target)
            .header("authorization", PLACEHOLDER_SIGNATURE)
            .header("x-amz-date", "20260101T000000Z")
            .timeout(TIMEOUT)
            .body(request.to_string())
            .build()
            .map_err(broken)?;
        let answer = self.http.execute(http_request).await.map_err(broken)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(broken)?;
        if !status.is_success() {
            return Err(StreamError(format!("{target} failed with {status}: {}", error_text(&body))));
        }
        serde_json::from_slice(&body).map_err(|error| StreamError(error.to_string()))
    }
}

/// A batch of stream records.
pub struct RecordBatch {
    /// The records in Lambda's format.
    pub event: Event,
    /// The position after the last record.
    pub position: Position,
}

/// A position in the stream, after a batch.
pub struct Position {
    /// The shard iterator of the next batch.
    iterator: String,
    /// The sequence number of the last record.
    sequence_number: Option<String>,
}

fn text(answer: &Value, place: &str) -> Result<String, StreamError> {
    let found = answer.pointer(place).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| StreamError(format!("no {place} in an answer")))
}

/// The error type and message of a failed request.
fn error_text(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("{} {}", word("__type"), word("message"))
}

/// Follows the stream until it is aborted: polls after every write of this process, and at least this often. Catch-up
/// for sockets runs in parallel, as the second event source mapping has it in the cloud.
pub async fn follow(
    function: Arc<PushFunction>,
    http: reqwest::Client,
    endpoint: String,
    notifier: WriteNotifier,
    every: Duration,
) {
    let mut stream = loop {
        match Stream::open(http.clone(), endpoint.clone()).await {
            Ok(stream) => break stream,
            Err(error) => {
                tracing::error!(%error, "the stream cannot be opened, so no events are pushed; retrying");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    };
    let (sockets, records) = unbounded_channel();
    let mut beside = JoinSet::new();
    beside.spawn(catch_up(function.clone(), records));
    loop {
        match stream.next().await {
            Ok(Some(mut batch)) => {
                let (socket_records, others) = batch.event.records.into_iter().partition(is_socket_record);
                batch.event.records = others;
                // The receiver ends together with this task.
                let _ = sockets.send(socket_records);
                while !push::handle(&function, batch.event.clone()).await.batch_item_failures.is_empty() {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                if let Err(error) = stream.commit(batch.position).await {
                    tracing::error!(%error, "the stream position was not committed; the next commit covers it");
                }
            }
            Ok(None) => notifier.wait(every).await,
            Err(error) => {
                tracing::error!(%error, "the stream cannot be read; retrying");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Runs catch-up for sockets, one batch of records after the other. Records that are lost with the process are not
/// missed, because its sockets are lost as well.
async fn catch_up(function: Arc<PushFunction>, mut records: UnboundedReceiver<Vec<EventRecord>>) {
    while let Some(mut batch) = records.recv().await {
        while let Ok(more) = records.try_recv() {
            batch.extend(more);
        }
        let mut event = Event::default();
        event.records = batch;
        while !push::handle(&function, event.clone()).await.batch_item_failures.is_empty() {
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }
}

fn is_socket_record(record: &EventRecord) -> bool {
    matches!(new_row(record.change.new_image.clone()), Ok(Some(NewRow::Socket(_))))
}
