//! Follows the table's stream: new events get their numbers and are told.

use std::collections::BTreeMap;

use aws_lambda_events::{
    dynamodb::{Event as StreamEvent, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use tokio::task::JoinSet;
use tracing::Instrument;
use ventanilla::{
    assembly::App,
    contract::pipes::Frames,
    domain::{caller::KeyHash, event::Event, id::TenantId, socket::Socket},
    port::book::StoreError,
    store::stream::{NewRow, new_row},
};

/// What a batch has to say of one tenant.
#[derive(Default)]
struct News {
    /// Where the first record is in the stream: from there on it comes again, should this fail.
    first: Option<String>,
    events: Vec<Event>,
    sockets: Vec<Socket>,
    revoked: Vec<KeyHash>,
}

/// Takes a batch of the stream in. What fails comes again, with all that follows it: the answer names the first
/// record that has to.
pub async fn handle(app: &App, batch: StreamEvent) -> DynamoDbEventResponse {
    let mut by_tenant: BTreeMap<TenantId, News> = BTreeMap::new();
    let mut order: Vec<TenantId> = Vec::new();
    for record in batch.records {
        let Some((row, place)) = new(record) else { continue };
        let tenant = match &row {
            NewRow::Event(event) => event.tenant.clone(),
            NewRow::Socket(socket) => socket.tenant.clone(),
            NewRow::Revoked(tenant, _) => tenant.clone(),
        };
        let news = by_tenant.entry(tenant.clone()).or_insert_with(|| {
            order.push(tenant);
            News { first: place, ..News::default() }
        });
        match row {
            NewRow::Event(event) => news.events.push(event),
            NewRow::Socket(socket) => news.sockets.push(socket),
            NewRow::Revoked(_, key) => news.revoked.push(key),
        }
    }
    let mut response = DynamoDbEventResponse::default();
    for tenant in order {
        let Some(news) = by_tenant.remove(&tenant) else { continue };
        if let Err(error) = tell(app, &tenant, &news).await {
            tracing::error!(metric = "push_failed", %tenant, %error, "not all could be told; the batch comes again");
            // The stream goes on from the first one named.
            response.batch_item_failures.push(failed(news.first));
            break;
        }
    }
    response
}

/// Numbers what is new of a tenant, brings up to date who came, and tells who is there. Who may not listen any
/// more hears nothing of it.
async fn tell(app: &App, tenant: &TenantId, news: &News) -> Result<(), StoreError> {
    for key in &news.revoked {
        app.core.close_revoked(tenant, key).await?;
    }
    let numbered = app.core.number(tenant, &news.events).await?;
    let mut opening = JoinSet::new();
    for socket in &news.sockets {
        let (core, socket) = (app.core.clone(), socket.clone());
        let work = async move { core.bring_up_to_date(&socket, &Frames).await };
        opening.spawn(work.in_current_span());
    }
    let mut all = app.core.tell(tenant, &numbered, app.inbox.as_ref(), &Frames).await;
    // Each is seen through, whatever becomes of the others.
    while let Some(ended) = opening.join_next().await {
        let broke_off = |_| Err(StoreError::Unavailable("a socket's opening broke off".to_owned()));
        all = all.and(ended.unwrap_or_else(broke_off));
    }
    all
}

/// What a record tells of, if it is of something new, and where it is in the stream.
fn new(record: EventRecord) -> Option<(NewRow, Option<String>)> {
    let inserted = record.event_name == "INSERT";
    match new_row(record.change.new_image) {
        // Events and sockets are written again when they get their numbers or go live: only their first is news.
        Ok(Some(NewRow::Event(_) | NewRow::Socket(_))) if !inserted => None,
        Ok(row) => row.map(|row| (row, record.change.sequence_number)),
        Err(error) => {
            tracing::error!(metric = "push_failed", %error, "a record cannot be read; nobody will be told of it");
            None
        }
    }
}

fn failed(place: Option<String>) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = place;
    failure
}
