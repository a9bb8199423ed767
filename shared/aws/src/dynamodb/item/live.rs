//! The rows of sockets, of what comes over them and waits for them, and of the log.

use serde::{Deserialize, Serialize};

use super::{
    rows::KEY_MARGIN,
    shape::{Condition, Deed, Shape, Write, unchanged},
};
use crate::dynamodb::keys;
use ventanilla_core::{
    domain::{frame, id::TenantId, log, socket::Grant, waiting, window::WindowWatch},
    ports::store::{Change, StoreError},
};

pub(super) fn live_row(change: &Change, writer: u64) -> Result<Write, StoreError> {
    let gone = |key, condition| Ok(Write { deed: Deed::Delete(key), condition });
    match change {
        Change::Socket(it) => {
            let mut shape = Shape::plain(keys::socket(&it.tenant, &it.id), "connection");
            shape.ttl = Some(it.ends_at());
            let list = keys::due(it.opened_at.millis().unsigned_abs());
            shape.list = it.due_at.map(|due| (list, keys::socket_due_place(due, it)));
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::SocketRoute(it) => {
            let mut shape = Shape::plain(keys::socket_route(&it.id), "connection_route");
            shape.ttl = Some(it.ends_at());
            let route = SocketRoute { tenant: it.tenant.clone(), grant: Some(it.grant()) };
            shape.write(&route, Condition::Absent, writer)
        }
        Change::SocketGone(it) => gone(keys::socket(&it.tenant, &it.id), Condition::Rev(it.rev)),
        Change::SocketRouteGone(it) => gone(keys::socket_route(&it.id), Condition::Any),
        Change::WindowWatch(it) => {
            let mut shape = Shape::plain(keys::window_watch(&it.tenant, it.conversation), "window_watch");
            shape.list = Some((keys::due(it.conversation.get()), keys::window_due_place(it)));
            if it.rev == 0 {
                // Over one that was left behind: a customer's message never fails for it.
                return shape.write(&WindowWatch { rev: 1, ..it.clone() }, Condition::Any, writer);
            }
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::WindowWatchGone(it) => {
            gone(keys::window_watch(&it.tenant, it.conversation), Condition::Rev(it.rev))
        }
        Change::Frame(it) => {
            let mut shape = Shape::plain(keys::frame(it), "frame");
            shape.ttl = Some(it.came_at.plus(frame::KEPT));
            shape.list =
                Some((keys::due(it.came_at.millis().unsigned_abs()), keys::frame_due_place(it.due_at(), it)));
            shape.write(it, Condition::Absent, writer)
        }
        Change::FrameGone(it) => gone(keys::frame(it), Condition::Any),
        Change::Lane(it) => {
            let mut shape = Shape::plain(keys::lane(&it.tenant, &it.socket), "lane");
            shape.ttl = Some(it.expires_at);
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::Ticket(it) => {
            let mut shape = Shape::plain(keys::ticket(&it.hash), "ticket");
            shape.ttl = Some(it.expires_at.plus(KEY_MARGIN));
            shape.write(it, unchanged(it.rev), writer)
        }
        Change::Waiting(it) => {
            let mut shape = Shape::plain(keys::waiting(it), "waiting");
            shape.ttl = Some(it.told.event.at.plus(waiting::LONGEST));
            shape.write(it, Condition::Absent, writer)
        }
        Change::WaitingGone(it) => gone(keys::waiting(it), Condition::Present),
        Change::Delivered(it) => gone(keys::waiting(it), Condition::Any),
        Change::WaitingRoom(it) => {
            Shape::plain(keys::waiting_room(&it.tenant), "waiting_room").write(it, unchanged(it.rev), writer)
        }
        Change::LogEntry(it) => {
            let mut shape = Shape::plain(keys::log_entry(&it.event.tenant, it.cursor), "log");
            shape.ttl = Some(it.event.at.plus(log::KEPT));
            shape.write(it, Condition::Absent, writer)
        }
        Change::SameLogHead(it) => {
            Ok(Write { deed: Deed::Check(keys::log_head(&it.tenant)), condition: unchanged(it.rev) })
        }
        Change::LogHead(it) => {
            Shape::plain(keys::log_head(&it.tenant), "log_head").write(it, unchanged(it.rev), writer)
        }
        _ => Err(StoreError::Corrupt("a change that is of no socket".to_owned())),
    }
}

/// What leads from the name of a connection to its tenant. It outlives the socket: what the gateway had by then is
/// carried out as its grant lets it.
#[derive(Serialize, Deserialize)]
pub(in crate::dynamodb) struct SocketRoute {
    pub(in crate::dynamodb) tenant: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::dynamodb) grant: Option<Grant>,
}
