//! Checks for updates, in one conversation or in all.

use axum::response::Response;
use http::Uri;

use super::{
    errors::{CheckUpdates, PhpBot, done},
    types::{PhpTime, UpdateCheck},
    updates::{Reader, conversations},
};
use crate::app::App;
use crate::common::{Failure, InputError, access::Authorized, query::Params, respond};
use ventanilla_core::{
    domain::id::{ConversationId, TenantId},
    ports::inbox::Happenings,
    usecases::conversations::updates::{self, HasUpdates},
};

pub(super) async fn check_updates(reader: Reader, uri: Uri) -> Response {
    respond::answered::<PhpBot<CheckUpdates>>(found(&reader, &uri).await.map(|updates| done(&updates)))
}

async fn found(Authorized { app, caller, .. }: &Reader, uri: &Uri) -> Result<UpdateCheck, Failure> {
    let query = Params::read(uri);
    let known = app.core.conversations.settled_until();
    let Some(since) = query.get("last_check").filter(|text| !text.is_empty()) else {
        // The time from which a client starts to poll.
        return Ok(UpdateCheck {
            has_update: Some(false),
            has_updates: Some(false),
            ..UpdateCheck::at(known)
        });
    };
    let since = PhpTime::read(since)?;
    let events = app.inbox.happened_since(&caller.tenant, since, updates::LOOKED_THROUGH).await?;
    let updates = UpdateCheck::at(updates::complete_until(&events, since, known));
    let Some(asked) = query.get("conversation_id").filter(|text| !text.is_empty()) else {
        let changed = conversations(app, &caller.tenant, &events).await?;
        let ids: Vec<ConversationId> = changed.iter().map(|it| it.id).collect();
        return Ok(UpdateCheck {
            has_updates: Some(!ids.is_empty()),
            updated_conversations: Some(ids),
            ..updates
        });
    };
    let id: ConversationId = asked.parse().map_err(|error| InputError::field("conversation_id", error))?;
    let ids = ids_of(app, &caller.tenant, id, &events).await?;
    let has_update = updates::updates_of(&events, &ids) == HasUpdates::Some;
    Ok(UpdateCheck { has_update: Some(has_update), conversation_id: Some(asked.to_owned()), ..updates })
}

/// The ids that a conversation's events may have. Other ids are looked up only where some event has a
/// foreign one: this route is polled.
async fn ids_of(
    app: &App,
    tenant: &TenantId,
    id: ConversationId,
    events: &Happenings,
) -> Result<Vec<ConversationId>, Failure> {
    let changed = updates::changed(events);
    if changed.is_empty() || changed.contains(&id) {
        return Ok(vec![id]);
    }
    let whole = app.core.ports.ctx.store.whole_conversation(tenant, id).await?;
    Ok(whole.map_or_else(|| vec![id], |whole| whole.ids().to_vec()))
}
