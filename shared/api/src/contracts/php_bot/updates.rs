//! What both routes for polling share.

use std::collections::BTreeMap;

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

/// The conversations that changed, each once; for a merged one, that which it was merged into.
pub(super) async fn conversations(
    app: &App,
    tenant: &TenantId,
    events: &Happenings,
) -> Result<Vec<Conversation>, Failure> {
    let found = app.inbox.several(tenant, &updates::changed(events)).await?;
    let each: BTreeMap<_, _> = found.into_values().map(|it| (it.id, it)).collect();
    Ok(each.into_values().collect())
}
