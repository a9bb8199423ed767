//! Sockets, tickets and what waits for somebody to come, in the table.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

use super::{
    Table,
    inbox::readable,
    item::{Row, SocketRoute, read},
    keys,
    table::unavailable,
};
use ventanilla_core::{
    domain::{
        frame::{Frame, Lane},
        id::{ContactId, TenantId},
        socket::{Opened, Socket, SocketId, Ticket, TicketHash},
        waiting::{Waiting, WaitingRoom},
    },
    ports::{sockets::Sockets, store::StoreError},
};

#[async_trait]
impl Sockets for Table {
    async fn opened(&self, id: &SocketId) -> Result<Option<Opened>, StoreError> {
        let Some(route) = self.get_as::<SocketRoute>(keys::socket_route(id)).await? else { return Ok(None) };
        let SocketRoute { tenant, grant } = route;
        let socket = self.get_as(keys::socket(&tenant, id)).await?;
        Ok(Some(Opened { tenant, grant, socket }))
    }

    async fn current(&self, it: &Socket) -> Result<Option<Socket>, StoreError> {
        self.get_as(keys::socket(&it.tenant, &it.id)).await
    }

    async fn sockets(&self, tenant: &TenantId) -> Result<Vec<Socket>, StoreError> {
        self.whole(keys::sockets(tenant), "").await
    }

    async fn ticket(&self, hash: &TicketHash) -> Result<Option<Ticket>, StoreError> {
        self.get_as(keys::ticket(hash)).await
    }

    async fn first_frame(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Frame>, StoreError> {
        let answer = self
            .query()
            .key_condition_expression("pk = :lane AND begins_with(sk, :frames)")
            .expression_attribute_values(":lane", AttributeValue::S(keys::lane(tenant, socket).pk))
            .expression_attribute_values(":frames", AttributeValue::S(keys::FRAMES.to_owned()))
            .consistent_read(true)
            .limit(1)
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        answer.items.and_then(|rows| rows.into_iter().next()).map(read).transpose()
    }

    async fn frame(&self, it: &Frame) -> Result<Option<Frame>, StoreError> {
        self.get_as(keys::frame(it)).await
    }

    async fn lane(&self, tenant: &TenantId, socket: &SocketId) -> Result<Option<Lane>, StoreError> {
        self.get_as(keys::lane(tenant, socket)).await
    }

    async fn waiting_room(&self, tenant: &TenantId) -> Result<Option<WaitingRoom>, StoreError> {
        self.get_as(keys::waiting_room(tenant)).await
    }

    async fn waiting_of(&self, tenant: &TenantId, sender: ContactId) -> Result<Vec<Waiting>, StoreError> {
        self.whole(keys::waiting_room(tenant).pk, &keys::waiting_of(sender)).await
    }

    async fn waiting(&self, tenant: &TenantId) -> Result<Vec<Waiting>, StoreError> {
        self.whole(keys::waiting_room(tenant).pk, keys::WAITING).await
    }
}

impl Table {
    /// All rows of a partition whose sort keys begin like this, as they are now. One that cannot be read holds up
    /// none of the others.
    async fn whole<T: DeserializeOwned>(&self, partition: String, begin: &str) -> Result<Vec<T>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut start = None;
        loop {
            let mut asked = self
                .query()
                .key_condition_expression("pk = :partition")
                .expression_attribute_values(":partition", AttributeValue::S(partition.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(start);
            if !begin.is_empty() {
                asked = asked
                    .key_condition_expression("pk = :partition AND begins_with(sk, :begin)")
                    .expression_attribute_values(":begin", AttributeValue::S(begin.to_owned()));
            }
            let answer = asked.send().await.map_err(|error| unavailable("Query", &error))?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(readable(Some(rows)));
            }
        }
    }
}
