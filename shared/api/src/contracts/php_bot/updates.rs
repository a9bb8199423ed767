//! What both routes for polling share.

use std::collections::BTreeSet;

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

/// The conversations that changed, each once, in the order of the events; for a merged one, that which it was merged into.
pub(super) async fn conversations(
    app: &App,
    tenant: &TenantId,
    events: &Happenings,
) -> Result<Vec<Conversation>, Failure> {
    let ids = updates::changed(events);
    let found = app.inbox.several(tenant, &ids).await?;
    let mut seen = BTreeSet::new();
    let each = ids.iter().filter_map(|id| found.get(id)).filter(|it| seen.insert(it.id));
    Ok(each.cloned().collect())
}
