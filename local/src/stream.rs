//! What stands in for Lambda at the table's stream on one machine: the embedded store's own stream, read over
//! HTTP and given to the function in the very form that Lambda gives it. A batch that fails comes again.

use std::time::Duration;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinSet,
};
use ventanilla::{
    assembly::App,
    store::stream::{NewRow, new_row},
};

use crate::{server::TABLE, store::POSITIONS_TABLE, write_notifier::WriteNotifier};

/// Records in one batch: as many as a call for records gives at most. A backlog is numbered in few transactions.
const BATCH: u32 = 1000;

/// How long to wait before a batch that failed comes again.
const RETRY_DELAY: Duration = Duration::from_millis(500);

/// How long the store may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A signature that the embedded store does not check.
const PLACEHOLDER_SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// The name under which the follower keeps its place.
const FOLLOWER: &str = "push";

/// The stream cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the stream cannot be read: {0}")]
pub struct StreamError(String);

/// Reads the stream of the local table from where it was followed to before. (What was read but not said to be done
/// comes again: numbers are given once, so that does no harm.)
pub struct Stream {
    http: reqwest::Client,
    endpoint: String,
    iterator: String,
}

impl Stream {
    /// Opens it.
    ///
    /// # Errors
    /// When the store has none.
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

    /// The next batch; none while there is nothing new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Batch>, StreamError> {
        let request = json!({ "ShardIterator": self.iterator, "Limit": BATCH });
        let answer = self.ask_stream("GetRecords", &request).await?;
        let iterator = text(&answer, "/NextShardIterator")?;
        // As Lambda has it, beside which the iterator is passed over.
        let event: Event = serde_json::from_value(answer).map_err(|error| StreamError(error.to_string()))?;
        let Some(last) = event.records.last() else { return Ok(None) };
        let sequence_number = last.change.sequence_number.clone();
        Ok(Some(Batch { event, position: Position { iterator, sequence_number } }))
    }

    /// Notes that a batch is done with: it never comes again, and the store forgets it.
    ///
    /// # Errors
    /// When the place cannot be kept: after a new start the batch would come again.
    pub async fn commit(&mut self, position: Position) -> Result<(), StreamError> {
        self.iterator = position.iterator;
        let Some(sequence_number) = position.sequence_number else { return Ok(()) };
        let item = json!({ "pk": { "S": FOLLOWER }, "place": { "S": sequence_number } });
        self.ask_table("PutItem", &json!({ "TableName": POSITIONS_TABLE, "Item": item })).await.map(drop)
    }

    /// How far the stream was followed before, if it ever was.
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
            return Err(StreamError(format!("{target} was answered {status}: {}", error_text(&body))));
        }
        serde_json::from_slice(&body).map_err(|error| StreamError(error.to_string()))
    }
}

/// Records of the stream.
pub struct Batch {
    /// As Lambda gives them.
    pub event: Event,
    /// Where they end.
    pub position: Position,
}

/// Where a batch ends.
pub struct Position {
    /// What asks for the next one.
    iterator: String,
    /// The number of the last record.
    sequence_number: Option<String>,
}

fn text(answer: &Value, place: &str) -> Result<String, StreamError> {
    let found = answer.pointer(place).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| StreamError(format!("no {place} in an answer")))
}

/// What the store says of a call that it refuses.
fn error_text(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    format!("{} {}", word("__type"), word("message"))
}

/// Follows the stream until it is aborted: looks when the bell rings, and this often at least. Sockets catch up beside
/// it, as the second mapping of the stream has them do in the cloud.
pub async fn follow(
    app: App,
    http: reqwest::Client,
    endpoint: String,
    notifier: WriteNotifier,
    every: Duration,
) {
    let mut stream = loop {
        match Stream::open(http.clone(), endpoint.clone()).await {
            Ok(stream) => break stream,
            Err(error) => {
                tracing::error!(%error, "nobody is told of what happens until the stream can be read");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    };
    let (sockets, records) = unbounded_channel();
    let mut beside = JoinSet::new();
    beside.spawn(catch_up(app.clone(), records));
    loop {
        match stream.next().await {
            Ok(Some(mut batch)) => {
                let (socket_records, others) = batch.event.records.into_iter().partition(is_socket_record);
                batch.event.records = others;
                // The other end ends with this one.
                let _ = sockets.send(socket_records);
                while !push::handle(&app, batch.event.clone()).await.batch_item_failures.is_empty() {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                if let Err(error) = stream.commit(batch.position).await {
                    tracing::error!(%error, "the place in the stream is not kept; the next one will be");
                }
            }
            Ok(None) => notifier.wait(every).await,
            Err(error) => {
                tracing::error!(%error, "the stream cannot be read; the next look tries again");
                tokio::time::sleep(RETRY_DELAY).await;
            }
        }
    }
}

/// Has sockets catch up, one batch of records after the other. What is lost with the process is not missed: its sockets
/// are lost with it.
async fn catch_up(app: App, mut records: UnboundedReceiver<Vec<EventRecord>>) {
    while let Some(mut batch) = records.recv().await {
        while let Ok(more) = records.try_recv() {
            batch.extend(more);
        }
        let mut event = Event::default();
        event.records = batch;
        while !push::handle(&app, event.clone()).await.batch_item_failures.is_empty() {
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }
}

fn is_socket_record(record: &EventRecord) -> bool {
    matches!(new_row(record.change.new_image.clone()), Ok(Some(NewRow::Socket(_))))
}
