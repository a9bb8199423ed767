//! The list of conversations.

use axum::response::Response;
use http::Uri;

use super::{
    errors::{ListConversations, PhpBot, done},
    types::{Conversations, Flag, ListedConversation, PhpTime},
};
use crate::common::{
    Failure,
    access::{Authorized, scope},
    query::Params,
    respond,
};
use ventanilla_core::{
    domain::{
        conversation::{Conversation, Status},
        conversation_action::Handler,
        listing::Filter,
        phone::{Bsuid, Phone},
    },
    ports::inbox::SortOrder,
};

/// Most conversations in a list, which has no second page.
const MOST: u16 = 100;

type Reader = Authorized<scope::Read, PhpBot<ListConversations>>;

pub(super) async fn list_conversations(reader: Reader, uri: Uri) -> Response {
    respond::answered::<PhpBot<ListConversations>>(found(&reader, &uri).await.map(|list| done(&list)))
}

async fn found(Authorized { app, caller, .. }: &Reader, uri: &Uri) -> Result<Conversations, Failure> {
    let query = Params::read(uri);
    let status = match query.get("status").filter(|word| !word.is_empty()) {
        None => None,
        Some(word) => match Status::from_word(word) {
            Some(status) => Some(status),
            // There is no conversation with an unknown status.
            None => return Ok(Conversations { success: true, conversations: Vec::new() }),
        },
    };
    let page = app
        .inbox
        .conversations(&caller.tenant, &Filter::of_status(status), None, SortOrder::NewestFirst, MOST)
        .await?;
    Ok(Conversations { success: true, conversations: page.items.iter().map(listed).collect() })
}

fn listed(it: &Conversation) -> ListedConversation {
    // A customer without a number is shown by their user id.
    let number = it.number.as_ref().map(Phone::digits).or(it.bsuid.as_ref().map(Bsuid::as_str));
    ListedConversation {
        id: it.id,
        phone_number: number.unwrap_or_default().to_owned(),
        contact_name: it.shown_name().map(str::to_owned),
        status: it.status,
        ai_enabled: Flag(it.handled_by == Handler::Bot),
        last_message_at: it.latest.at.into(),
        last_bot_message_at: it.last_bot_at.map(PhpTime::from),
        created_at: it.created_at.into(),
        updated_at: it.latest.at.into(),
        last_message: it.latest.text(),
        last_sender_type: it.latest.sender.map(Into::into),
        last_message_created_at: it.latest.shown().map(|_| it.latest.at.into()),
    }
}
