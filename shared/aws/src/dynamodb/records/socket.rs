//! An open socket, and the tenant of a connection id.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::dynamodb::{
    Table,
    keys::{Key, of},
    record::{Condition, Indexes, StoredRecord, readable},
};
use ventanilla_core::{
    domain::{
        id::TenantId,
        socket::{Grant, KnownSocket, Socket, SocketId},
        time::Timestamp,
    },
    ports::{sockets::SocketReads, store::StoreError},
};

pub(crate) fn key(tenant: &TenantId, id: &SocketId) -> Key {
    Key { pk: partition(tenant), sk: id.as_str().to_owned() }
}

fn partition(tenant: &TenantId) -> String {
    format!("{}W", of(tenant))
}

pub(crate) fn route_key(id: &SocketId) -> Key {
    Key::only(format!("R#S#{}", id.as_str()))
}

impl StoredRecord for Socket {
    const KIND: &'static str = "connection";

    fn key(&self) -> Key {
        key(&self.tenant, &self.id)
    }

    fn condition(&self) -> Condition {
        Condition::unchanged(self.rev)
    }

    fn delete_condition(&self) -> Condition {
        Condition::Rev(self.rev)
    }

    fn indexes(&self) -> Indexes {
        let name = format!("{}#{}", self.tenant, self.id.as_str());
        Indexes::due(self.opened_at.millis().unsigned_abs(), self.due_at, &name)
    }

    fn ttl(&self) -> Option<Timestamp> {
        Some(self.ends_at())
    }
}

/// The tenant of a connection id. It outlives the socket: frames that the gateway had received are processed
/// with its permissions.
#[derive(Serialize)]
pub(crate) struct SocketRoute<'a> {
    #[serde(skip)]
    socket: &'a Socket,
    #[serde(flatten)]
    leads_to: RouteTarget,
}

#[derive(Serialize, Deserialize)]
struct RouteTarget {
    tenant: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant: Option<Grant>,
}

impl<'a> SocketRoute<'a> {
    pub(crate) fn to(socket: &'a Socket) -> Self {
        let leads_to = RouteTarget { tenant: socket.tenant.clone(), grant: Some(socket.grant()) };
        Self { socket, leads_to }
    }
}

impl StoredRecord for SocketRoute<'_> {
    const KIND: &'static str = "connection_route";

    fn key(&self) -> Key {
        route_key(&self.socket.id)
    }

    fn condition(&self) -> Condition {
        Condition::Absent
    }

    fn ttl(&self) -> Option<Timestamp> {
        self.socket.ttl()
    }
}

#[async_trait]
impl SocketReads for Table {
    async fn opened(&self, id: &SocketId) -> Result<Option<KnownSocket>, StoreError> {
        let Some(route) = self.get_as::<RouteTarget>(route_key(id)).await? else { return Ok(None) };
        let RouteTarget { tenant, grant } = route;
        let socket = self.get_as(key(&tenant, id)).await?;
        Ok(Some(KnownSocket { tenant, grant, socket }))
    }

    async fn current(&self, it: &Socket) -> Result<Option<Socket>, StoreError> {
        self.get_as(it.key()).await
    }

    async fn sockets(&self, tenant: &TenantId) -> Result<Vec<Socket>, StoreError> {
        let rows = self.all_pages(self.partition(partition(tenant), "")).await?;
        Ok(readable(Some(rows)))
    }
}
