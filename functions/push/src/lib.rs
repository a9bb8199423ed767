//! Follows the table's stream: numbers new events, pushes them to sockets, and lets sockets catch up.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_lambda_events::{
    dynamodb::{Event as StreamEvent, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use tokio::task::JoinSet;
use tracing::Instrument;
use ventanilla::{
    api::contracts::pipes::Frames,
    aws::dynamodb::stream::{NewRow, new_row},
    domain::{
        caller::KeyHash,
        event::Event,
        id::TenantId,
        socket::{Socket, SocketId},
    },
    ports::{sockets::Connections, store::StoreError},
    usecases::{CatchUp, Disconnect, EventLog, Ports, Push},
};

/// The use cases of this function.
#[derive(Clone)]
pub struct PushFunction {
    events: EventLog,
    push: Push,
    catch_up: CatchUp,
    disconnect: Disconnect,
}

impl PushFunction {
    /// Builds them of these ports.
    #[must_use]
    pub fn new(ports: &Ports, connections: &Arc<dyn Connections>) -> Self {
        Self {
            events: EventLog::new(ports),
            push: Push::new(ports, connections),
            catch_up: CatchUp::new(ports, connections),
            disconnect: Disconnect::new(ports, connections),
        }
    }
}

/// The records of one tenant in a batch.
#[derive(Default)]
struct News {
    /// The sequence number of the first record, from which the stream is read again if this fails.
    first: Option<String>,
    events: Vec<Event>,
    /// The latest record of each socket.
    sockets: BTreeMap<SocketId, Socket>,
    revoked: Vec<KeyHash>,
}

/// Processes a batch of the stream, all tenants concurrently. A failed record is read again, with all that
/// follow it: the response names the first one.
pub async fn handle(function: &PushFunction, batch: StreamEvent) -> DynamoDbEventResponse {
    let mut working = JoinSet::new();
    let mut places = Vec::new();
    for (place, (tenant, news)) in by_tenant(batch).into_iter().enumerate() {
        places.push(news.first.clone());
        let function = function.clone();
        let work = async move {
            let ended = tell(&function, &tenant, news).await;
            if let Err(error) = &ended {
                tracing::error!(metric = "push_failed", %tenant, %error, "not all events could be pushed; the batch is retried");
            }
            ended.is_ok().then_some(place)
        };
        working.spawn(work.in_current_span());
    }
    let mut failed: BTreeSet<usize> = (0..places.len()).collect();
    while let Some(ended) = working.join_next().await {
        // A panic counts as a failure.
        if let Ok(Some(done)) = ended {
            failed.remove(&done);
        }
    }
    let mut response = DynamoDbEventResponse::default();
    // The stream continues at the first one named.
    response.batch_item_failures.extend(failed.first().map(|first| failure(places.swap_remove(*first))));
    response
}

/// The records of each tenant in a batch, in the order of their first ones.
fn by_tenant(batch: StreamEvent) -> Vec<(TenantId, News)> {
    let mut all: Vec<(TenantId, News)> = Vec::new();
    for record in batch.records {
        let Some((row, place)) = new(record) else { continue };
        let tenant = match &row {
            NewRow::Event(event) => &event.tenant,
            NewRow::Socket(socket) => &socket.tenant,
            NewRow::Revoked(tenant, _) => tenant,
        };
        let known = all.iter().position(|(known, _)| known == tenant).unwrap_or_else(|| {
            all.push((tenant.clone(), News { first: place, ..News::default() }));
            all.len() - 1
        });
        let Some((_, news)) = all.get_mut(known) else { continue };
        match row {
            NewRow::Event(event) => news.events.push(event),
            NewRow::Socket(socket) => drop(news.sockets.insert(socket.id.clone(), socket)),
            NewRow::Revoked(_, key) => news.revoked.push(key),
        }
    }
    all
}

/// Numbers the new events of a tenant and pushes them to the live sockets; each of the others catches up by
/// a slice. Sockets with a revoked key get nothing.
async fn tell(function: &PushFunction, tenant: &TenantId, news: News) -> Result<(), StoreError> {
    for key in &news.revoked {
        function.disconnect.close_revoked(tenant, key).await?;
    }
    let mut catching_up = JoinSet::new();
    let mut all = match function.events.number(tenant, &news.events).await? {
        Some(numbered) => function.push.push_entries(numbered, &Frames).await,
        None => Ok(()),
    };
    for socket in news.sockets.into_values() {
        let catch_up = function.catch_up.clone();
        catching_up.spawn(async move { catch_up.catch_up(&socket, &Frames).await }.in_current_span());
    }
    // Each runs to its end, whatever happens to the others.
    while let Some(ended) = catching_up.join_next().await {
        let broke_off = |_| Err(StoreError::Unavailable("a socket's catch-up broke off".to_owned()));
        all = all.and(ended.unwrap_or_else(broke_off));
    }
    all
}

/// The row of a record, if there is work for it, with its sequence number.
fn new(record: EventRecord) -> Option<(NewRow, Option<String>)> {
    let inserted = record.event_name == "INSERT";
    match new_row(record.change.new_image) {
        // An event is written again when it gets its number, and a socket when it goes live.
        Ok(Some(NewRow::Event(_))) if !inserted => None,
        Ok(Some(NewRow::Socket(socket))) if !socket.has_work() => None,
        Ok(row) => row.map(|row| (row, record.change.sequence_number)),
        Err(error) => {
            tracing::error!(metric = "push_failed", %error, "a record cannot be decoded; it is not pushed");
            None
        }
    }
}

fn failure(place: Option<String>) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = place;
    failure
}
