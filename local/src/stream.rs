//! What stands in for Lambda at the table's stream on one machine: the embedded store's own stream, read over
//! HTTP and given to the function in the very form that Lambda gives it. A batch that fails comes again.

use std::time::Duration;

use aws_lambda_events::dynamodb::Event;
use serde_json::{Value, json};
use ventanilla::assembly::App;

use crate::server::TABLE;

/// Records in one batch.
const BATCH: u32 = 100;

/// How long to wait before a batch that failed comes again.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// How long the store may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A signature that the embedded store does not check.
const UNCHECKED: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// The stream cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the stream cannot be read: {0}")]
pub struct StreamError(String);

/// Reads the stream of the local table from its beginning. (Numbers are given once, so what is read again does
/// no harm.)
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
        let listed = stream.call("ListStreams", &json!({ "TableName": TABLE })).await?;
        let arn = text(&listed, "/Streams/0/StreamArn")?;
        let described = stream.call("DescribeStream", &json!({ "StreamArn": arn })).await?;
        let shard = text(&described, "/StreamDescription/Shards/0/ShardId")?;
        let start = json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        stream.iterator = text(&stream.call("GetShardIterator", &start).await?, "/ShardIterator")?;
        Ok(stream)
    }

    /// The next batch, and what comes after it; none while there is nothing new.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Batch>, StreamError> {
        let asked = json!({ "ShardIterator": self.iterator, "Limit": BATCH });
        let answer = self.call("GetRecords", &asked).await?;
        let next = text(&answer, "/NextShardIterator")?;
        // As Lambda has it, beside which the place is passed over.
        let event: Event = serde_json::from_value(answer).map_err(|error| StreamError(error.to_string()))?;
        Ok((!event.records.is_empty()).then_some(Batch { event, next }))
    }

    /// Notes that a batch is done with.
    pub fn done(&mut self, next: String) {
        self.iterator = next;
    }

    async fn call(&self, operation: &str, asked: &Value) -> Result<Value, StreamError> {
        let broken = |error: reqwest::Error| StreamError(error.to_string());
        let request = self
            .http
            .post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDBStreams_20120810.{operation}"))
            .header("authorization", UNCHECKED)
            .header("x-amz-date", "20260101T000000Z")
            .timeout(PATIENCE)
            .body(asked.to_string())
            .build()
            .map_err(broken)?;
        let answer = self.http.execute(request).await.map_err(broken)?;
        let body = answer.bytes().await.map_err(broken)?;
        serde_json::from_slice(&body).map_err(|error| StreamError(error.to_string()))
    }
}

/// Records of the stream.
pub struct Batch {
    /// As Lambda gives them.
    pub event: Event,
    /// What comes after them.
    pub next: String,
}

fn text(answer: &Value, place: &str) -> Result<String, StreamError> {
    let found = answer.pointer(place).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| StreamError(format!("no {place} in an answer")))
}

/// Follows the stream until it is aborted.
pub async fn follow(app: App, http: reqwest::Client, endpoint: String, every: Duration) {
    let mut stream = loop {
        match Stream::open(http.clone(), endpoint.clone()).await {
            Ok(stream) => break stream,
            Err(error) => {
                tracing::error!(%error, "nobody is told of what happens until the stream can be read");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    };
    loop {
        match stream.next().await {
            Ok(Some(batch)) => {
                let response = push::handle(&app, batch.event).await;
                if response.batch_item_failures.is_empty() {
                    stream.done(batch.next);
                    continue;
                }
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            Ok(None) => tokio::time::sleep(every).await,
            Err(error) => {
                tracing::error!(%error, "the stream cannot be read; the next look tries again");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}
