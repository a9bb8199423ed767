//! Follows the table's stream: new events get their numbers and are delivered, and sockets catch up.

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
    ports::{sockets::Posts, store::StoreError},
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
    pub fn new(ports: &Ports, connections: &Arc<dyn Posts>) -> Self {
        Self {
            events: EventLog::new(ports),
            push: Push::new(ports, connections),
            catch_up: CatchUp::new(ports, connections),
            disconnect: Disconnect::new(ports, connections),
        }
    }
}

/// What a batch has to say of one tenant.
#[derive(Default)]
struct News {
    /// Where the first record is in the stream: from there on it comes again, should this fail.
    first: Option<String>,
    events: Vec<Event>,
    /// The latest record of each socket.
    sockets: BTreeMap<SocketId, Socket>,
    revoked: Vec<KeyHash>,
}

/// Takes a batch of the stream in, of all tenants side by side. What fails comes again, with all that follows it: the
/// answer names the first record that has to.
pub async fn handle(function: &PushFunction, batch: StreamEvent) -> DynamoDbEventResponse {
    let mut working = JoinSet::new();
    let mut places = Vec::new();
    for (place, (tenant, news)) in by_tenant(batch).into_iter().enumerate() {
        places.push(news.first.clone());
        let function = function.clone();
        let work = async move {
            let ended = tell(&function, &tenant, news).await;
            if let Err(error) = &ended {
                tracing::error!(metric = "push_failed", %tenant, %error, "not all could be told; the batch comes again");
            }
            ended.is_ok().then_some(place)
        };
        working.spawn(work.in_current_span());
    }
    let mut failed: BTreeSet<usize> = (0..places.len()).collect();
    while let Some(ended) = working.join_next().await {
        // One that broke off has failed.
        if let Ok(Some(done)) = ended {
            failed.remove(&done);
        }
    }
    let mut response = DynamoDbEventResponse::default();
    // The stream goes on from the first one named.
    response.batch_item_failures.extend(failed.first().map(|first| failure(places.swap_remove(*first))));
    response
}

/// What a batch says of each tenant, in the order of their first records.
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

/// Numbers what is new of a tenant and delivers it to the sockets that are up to date; each of the others catches up
/// by a slice. Who may not listen any more hears nothing of it.
async fn tell(function: &PushFunction, tenant: &TenantId, news: News) -> Result<(), StoreError> {
    for key in &news.revoked {
        function.disconnect.close_revoked(tenant, key).await?;
    }
    let mut catching_up = JoinSet::new();
    let mut all = match function.events.number(tenant, &news.events).await? {
        Some(numbered) => function.push.tell(numbered, &Frames).await,
        None => Ok(()),
    };
    for socket in news.sockets.into_values() {
        let catch_up = function.catch_up.clone();
        catching_up.spawn(async move { catch_up.catch_up(&socket, &Frames).await }.in_current_span());
    }
    // Each is seen through, whatever becomes of the others.
    while let Some(ended) = catching_up.join_next().await {
        let broke_off = |_| Err(StoreError::Unavailable("a socket's catch-up broke off".to_owned()));
        all = all.and(ended.unwrap_or_else(broke_off));
    }
    all
}

/// What a record tells of, if there is anything to do, and where it is in the stream.
fn new(record: EventRecord) -> Option<(NewRow, Option<String>)> {
    let inserted = record.event_name == "INSERT";
    match new_row(record.change.new_image) {
        // An event is written again when it gets its number, and a socket when it goes live.
        Ok(Some(NewRow::Event(_))) if !inserted => None,
        Ok(Some(NewRow::Socket(socket))) if !socket.has_work() => None,
        Ok(row) => row.map(|row| (row, record.change.sequence_number)),
        Err(error) => {
            tracing::error!(metric = "push_failed", %error, "a record cannot be read; nobody will be told of it");
            None
        }
    }
}

fn failure(place: Option<String>) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = place;
    failure
}
