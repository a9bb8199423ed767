//! Lists the conversations with updates, with their list entries.

use std::cmp::Reverse;

use axum::response::Response;
use http::Uri;

use super::{
    errors::{CheckUpdates, PhpBot, done},
    types::{ConversationUpdates, PhpTime, UpdatedConversation},
    updates::{Reader, conversations},
};
use crate::common::{Failure, access::Authorized, query::Params, respond};
use ventanilla_core::{domain::conversation::Conversation, usecases::conversations::updates};

pub(super) async fn check_conversation_updates(reader: Reader, uri: Uri) -> Response {
    respond::answered::<PhpBot<CheckUpdates>>(found(&reader, &uri).await.map(|updates| done(&updates)))
}

async fn found(Authorized { app, caller, .. }: &Reader, uri: &Uri) -> Result<ConversationUpdates, Failure> {
    let query = Params::read(uri);
    let known = app.core.conversations.settled_until();
    let since = PhpTime::read(query.get("last_check").unwrap_or_default())?;
    let events = app.inbox.happened_since(&caller.tenant, since, updates::LOOKED_THROUGH).await?;
    let mut changed = conversations(app, &caller.tenant, &events).await?;
    changed.sort_by_key(|it| Reverse((it.latest.at, it.id)));
    Ok(ConversationUpdates {
        success: true,
        has_updates: !changed.is_empty(),
        updated_conversations: changed.iter().map(updated).collect(),
        server_time: updates::complete_until(&events, since, known).into(),
    })
}

fn updated(it: &Conversation) -> UpdatedConversation {
    UpdatedConversation { id: it.id, last_message_at: it.latest.at.into(), status: it.status }
}
