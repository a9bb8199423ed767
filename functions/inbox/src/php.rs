//! What the browser client of system 0 reads, and its switch of the bot, under both spellings of each route.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::Value;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT},
        query::Params,
        request::{PathParams, path_param},
        respond,
    },
    assembly::App,
    contract::{
        Failure, InputError,
        php::{
            self,
            reads::{self, Route},
        },
    },
    domain::{
        caller::{Caller, Scope},
        conversation::Status,
        handling::Handling,
        id::ConversationId,
        listing::Filter,
    },
    service::{news, send::Replay},
};

/// Most conversations on a list, which has no second page.
const MOST: u16 = 100;

pub(super) async fn conversations(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let status = match query.get("status").filter(|word| !word.is_empty()) {
            None => None,
            Some(word) => match Status::from_word(word) {
                Some(status) => Some(status),
                // There is none of a status that does not exist.
                None => return Ok(reads::conversations(&[])),
            },
        };
        let page = app.inbox.conversations(&caller.tenant, &Filter::of_status(status), None, MOST).await?;
        Ok(reads::conversations(&page.items))
    };
    answer(Route::Conversations, &found.await)
}

pub(super) async fn messages(
    State(app): State<App>,
    params: PathParams,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    match path_id(&params) {
        Some(id) => messages_of(&app, id, &headers, &uri).await,
        None => unknown_path(),
    }
}

pub(super) async fn messages_by_query(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let query = Params::read(&uri);
    messages_of(&app, query.get("id").unwrap_or_default(), &headers, &uri).await
}

async fn messages_of(app: &App, id: &str, headers: &HeaderMap, uri: &Uri) -> Response {
    let found = async {
        let caller = reader(app, headers).await?;
        let query = Params::read(uri);
        let id = php::conversation(id)?;
        let slice = reads::slice(query.get("offset"), query.get("limit"));
        let now = app.clock.now();
        // Of a conversation that there is not, there are no messages.
        let Some(place) = app.core.book.conversation(&caller.tenant, id).await? else {
            return Ok(reads::messages(&[], 0, slice, now));
        };
        let found = app.inbox.newest_messages(&caller.tenant, id, slice.offset, slice.limit).await?;
        Ok(reads::messages(&found, place.messages, slice, now))
    };
    answer(Route::Messages, &found.await)
}

pub(super) async fn toggle_ai(State(app): State<App>, params: PathParams, request: Request) -> Response {
    match path_id(&params) {
        Some(id) => toggle(&app, id, request).await,
        None => unknown_path(),
    }
}

pub(super) async fn toggle_ai_by_query(State(app): State<App>, request: Request) -> Response {
    let query = Params::read(request.uri());
    let id = query.get("id").unwrap_or_default().to_owned();
    toggle(&app, &id, request).await
}

async fn toggle(app: &App, id: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let caller = app.caller(&parts.headers, Scope::Send, Clients::SendNone).await?;
        let id = php::conversation(id)?;
        let to = reads::toggle(&body::read(body, API_LIMIT).await?)?;
        // Its contract: a conversation that there is not is switched like any other.
        app.core.handle(&caller.tenant, id, &Handling::HandOver(to)).await?;
        Ok(reads::toggled())
    };
    answer(Route::ToggleAi, &done.await)
}

pub(super) async fn check_updates(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let known = app.core.settled_until();
        let Some(since) = query.get("last_check").filter(|text| !text.is_empty()) else {
            return Ok(reads::clock(known));
        };
        let since = reads::last_check(since)?;
        let told = app.inbox.happened_since(&caller.tenant, since, news::LOOKED_THROUGH).await?;
        let known = news::told_until(&told, since, known);
        let Some(asked) = query.get("conversation_id").filter(|text| !text.is_empty()) else {
            return Ok(reads::news_of_all(&news::changed(&told), known));
        };
        let id: ConversationId =
            asked.parse().map_err(|error| InputError::field("conversation_id", error))?;
        Ok(reads::news_of_one(news::news_of(&told, id), asked, known))
    };
    answer(Route::Updates, &found.await)
}

pub(super) async fn check_conversation_updates(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let found = async {
        let caller = reader(&app, &headers).await?;
        let query = Params::read(&uri);
        let known = app.core.settled_until();
        let since = reads::last_check(query.get("last_check").unwrap_or_default())?;
        let told = app.inbox.happened_since(&caller.tenant, since, news::LOOKED_THROUGH).await?;
        let known = news::told_until(&told, since, known);
        let mut changed = app.inbox.several(&caller.tenant, &news::changed(&told)).await?;
        changed.sort_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
        Ok(reads::news_of_list(&changed, known))
    };
    answer(Route::Updates, &found.await)
}

async fn reader(app: &App, headers: &HeaderMap) -> Result<Caller, Failure> {
    app.caller(headers, Scope::Read, Clients::SendNone).await
}

/// The id in a path: digits, or there is no such path.
fn path_id(params: &PathParams) -> Option<&str> {
    let id = path_param(params, "id");
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

fn answer(route: Route, outcome: &Result<Value, Failure>) -> Response {
    if let Err(failure) = outcome {
        respond::log(failure);
    }
    respond::answer(reads::answered(route, outcome), outcome.as_ref().err(), Replay::Original)
}

fn unknown_path() -> Response {
    let html = [(header::CONTENT_TYPE, "text/html; charset=UTF-8")];
    (StatusCode::NOT_FOUND, html, php::NOT_FOUND).into_response()
}
