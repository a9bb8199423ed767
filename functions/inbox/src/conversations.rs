//! Conversations: finding them, and looking after them.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, Uri};
use serde_json::{Value, json};
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT},
        paging,
        problem::answered,
        query::{Flag, Params, flag},
        request::{self, PathParams},
    },
    assembly::App,
    contract::{Failure, Fields, InputError, v1::read_id},
    domain::{
        caller::Scope,
        conversation::{Conversation, Status},
        handling::{AgentId, Handler, Handling},
        listing::{Assigned, Filter, Unread},
    },
    port::provider::Typing,
    service::send::SendError,
};

use super::{number, reader, shapes};

pub(super) async fn list(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let filter = filter(&query)?;
        let (after, limit) = (paging::mark(query.get("cursor"))?, paging::limit(query.get("limit"))?);
        let page = app.inbox.conversations(&caller.tenant, &filter, after, limit).await?;
        let now = app.clock.now();
        let items: Vec<Value> = page.items.iter().map(|it| shapes::conversation(it, now)).collect();
        Ok(json!({ "conversations": items, "next_cursor": page.next.as_ref().map(paging::cursor) }))
    };
    answered(found.await)
}

/// What a query asks for.
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

pub(super) async fn one(State(app): State<App>, params: PathParams, headers: HeaderMap) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let found = app.core.conversation(&caller.tenant, number(&params)?).await?;
        shown(&app, found)
    };
    answered(found.await)
}

pub(super) async fn assign(State(app): State<App>, params: PathParams, request: Request) -> Response {
    changed(&app, &params, request, |body| {
        let fields = Fields::read(body)?;
        match fields.value("assignee") {
            // Left out by mistake, it must not take the conversation from anybody.
            None => Err(InputError::field("assignee", "is missing; null is for nobody in particular")),
            Some(Value::Null) => Ok(Handling::Assign(None)),
            Some(_) => agent_of(fields.required_text("assignee")?).map(|agent| Handling::Assign(Some(agent))),
        }
    })
    .await
}

pub(super) async fn close(State(app): State<App>, params: PathParams, request: Request) -> Response {
    changed(&app, &params, request, |_| Ok(Handling::Close)).await
}

pub(super) async fn reopen(State(app): State<App>, params: PathParams, request: Request) -> Response {
    changed(&app, &params, request, |_| Ok(Handling::Reopen)).await
}

pub(super) async fn hand_over(State(app): State<App>, params: PathParams, request: Request) -> Response {
    changed(&app, &params, request, |body| {
        let to = match Fields::read(body)?.required_text("to")? {
            "bot" => Handler::Bot,
            "human" => Handler::Human,
            _ => return Err(InputError::field("to", "must be bot or human")),
        };
        Ok(Handling::HandOver(to))
    })
    .await
}

async fn changed(
    app: &App,
    params: &PathParams,
    request: Request,
    wanted: impl FnOnce(&[u8]) -> Result<Handling, InputError>,
) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
        let id = number(params)?;
        let wanted = wanted(&body::read(body, API_LIMIT).await?)?;
        let found = app.core.handle(&caller.tenant, id, &wanted).await?;
        shown(app, found)
    };
    answered(done.await)
}

pub(super) async fn read(State(app): State<App>, params: PathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let caller = app.caller(&parts.headers, Scope::Send, Clients::SendKeys).await?;
        let id = number(&params)?;
        let asked = typing(body).await?;
        let done = app.core.read_conversation(&caller.tenant, id, asked, deadline).await?;
        let (conversation, receipt) = done.ok_or(SendError::ConversationNotFound)?;
        let shape = shapes::conversation(&conversation, app.clock.now());
        Ok(json!({ "conversation": shape, "receipt": shapes::receipt(receipt, asked) }))
    };
    answered(done.await)
}

/// Whether the customer is to see that somebody types. A request without a body asks for nothing.
async fn typing(body: Body) -> Result<Typing, InputError> {
    let bytes = body::read(body, API_LIMIT).await?;
    if bytes.is_empty() {
        return Ok(Typing::Off);
    }
    match Fields::read(&bytes)?.optional_text("typing")? {
        None | Some("off") => Ok(Typing::Off),
        Some("on") => Ok(Typing::On),
        Some(_) => Err(InputError::field("typing", "must be on or off")),
    }
}

fn shown(app: &App, found: Option<Conversation>) -> Result<Value, Failure> {
    let found = found.ok_or(SendError::ConversationNotFound)?;
    Ok(shapes::conversation(&found, app.clock.now()))
}
