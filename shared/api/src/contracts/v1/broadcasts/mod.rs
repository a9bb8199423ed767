//! Broadcasts: one message to many, and its progress.

mod body;
mod cancel;
mod create;
mod ended;
mod get;
mod list;
mod list_recipients;
mod recipient;
mod resource;
mod try_out;

use std::sync::Arc;

use self::resource::BroadcastView;
use super::errors::{MaySend, Reader};
use crate::app::BroadcastUseCases;
use crate::common::{Failure, Missing};
use ventanilla_core::{
    domain::{caller::Caller, id::BroadcastId},
    usecases::Broadcasts,
};

pub(super) use self::{
    cancel::cancel, create::create, get::get, list::list, list_recipients::list_recipients,
};

/// A caller who may read, before the function of broadcasts.
type Viewer = Reader<Arc<BroadcastUseCases>>;

/// A caller who may send, before the function of broadcasts.
type Sender = MaySend<Arc<BroadcastUseCases>>;

/// Adds their schemas to the document.
#[cfg(feature = "schema")]
pub(super) fn describe(all: &mut crate::document::Schemas) {
    all.request::<body::NewBroadcast>();
    all.answer::<try_out::BroadcastTried>();
    all.answer::<BroadcastView>();
    all.answer::<super::read::List<resource::BroadcastHead>>();
    all.answer::<super::read::List<recipient::RecipientView>>();
}

fn not_found() -> Failure {
    Failure::NotFound(Missing::Broadcast)
}

/// A broadcast with its current progress.
async fn shown(broadcasts: &Broadcasts, caller: &Caller, id: BroadcastId) -> Result<BroadcastView, Failure> {
    let found = broadcasts.broadcast_overview(&caller.tenant, id).await?.ok_or_else(not_found)?;
    Ok(BroadcastView::of(&found))
}
