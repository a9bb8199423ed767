//! What both routes for polling share.

use super::errors::{CheckUpdates, PhpBot};
use crate::app::App;
use crate::common::{
    Failure,
    access::{Authorized, scope},
};
use ventanilla_core::{
    domain::{conversation::Conversation, id::TenantId},
    ports::inbox::Happenings,
    usecases::conversations::updates,
};

pub(super) type Reader = Authorized<scope::Read, PhpBot<CheckUpdates>>;

/// The conversations with updates; for a merged one, the one it was merged into.
pub(super) async fn conversations(
    app: &App,
    tenant: &TenantId,
    events: &Happenings,
) -> Result<Vec<Conversation>, Failure> {
    let changed = updates::changed(events);
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.core.ports.ctx.standing(app.inbox.several(tenant, &changed).await?).await?)
}
