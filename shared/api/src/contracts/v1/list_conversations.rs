//! `GET /v1/conversations`: all conversations, those that match a filter, or those with a number.

use axum::response::Response;
use http::Uri;

use super::{
    conversation::conversation,
    errors::{Reader, answered},
    list_contacts::phone_number,
    read::{self, List, order},
};
use crate::common::{
    InputError,
    access::Authorized,
    ids::read_id,
    paging,
    query::{Flag, Params, flag},
};
use ventanilla_core::{
    domain::{
        conversation::Status,
        conversation_action::AgentId,
        listing::{Assigned, Filter, Unread},
    },
    ports::inbox::{Page, SortOrder},
};

pub(super) async fn list(Authorized { app, caller, .. }: Reader, uri: Uri) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let filter = filter(&query)?;
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let order = order(&query)?;
        let page = match query.get("phone").map(phone_number).transpose()? {
            None => app.inbox.conversations(&caller.tenant, &filter, after, order, limit).await?,
            // At most one per channel, so they fit on one page.
            Some(address) => {
                let inbox = app.inbox.as_ref();
                let mut items = app.core.contacts.conversations_at(inbox, &caller.tenant, &address).await?;
                items.retain(|it| filter.fits(it));
                if order == SortOrder::OldestFirst {
                    items.reverse();
                }
                Page { items, next: None }
            }
        };
        let look = read::look(&app, &caller.tenant).await?;
        Ok(List::new(page.items.iter().map(|it| conversation(it, look)).collect(), page.next.as_ref()))
    };
    answered(found.await)
}

/// The filter of a query.
fn filter(query: &Params) -> Result<Filter, InputError> {
    let status = query.get("status").map(|word| {
        let problem = || InputError::field("status", "must be active, pending_human or closed");
        Status::from_word(word).ok_or_else(problem)
    });
    let channel = query.get("channel_id").map(read_id).transpose();
    let assigned = match (query.get("assignee"), flag(query, "unassigned")?) {
        (None, Flag::Off) => Assigned::ToAnyone,
        (None, Flag::On) => Assigned::ToNobody,
        (Some(agent), Flag::Off) => Assigned::To(agent_of(agent)?),
        (Some(_), Flag::On) => {
            return Err(InputError::field("unassigned", "cannot be asked for together with an assignee"));
        }
    };
    Ok(Filter {
        status: status.transpose()?,
        channel: channel.map_err(|error| InputError::field("channel_id", error))?,
        assigned,
        unread: if flag(query, "unread")? == Flag::On { Unread::Only } else { Unread::OrNot },
    })
}

fn agent_of(text: &str) -> Result<AgentId, InputError> {
    AgentId::try_from(text.to_owned()).map_err(|error| InputError::field("assignee", error))
}
