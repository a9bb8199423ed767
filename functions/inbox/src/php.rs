//! What the browser client of system 0 reads, and its switch of the bot, under both spellings of each route.

use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{HeaderMap, Uri};
use serde_json::Value;
use ventanilla::{
    api::{
        auth::Clients,
        body::{self, API_LIMIT},
        method,
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
        conversation::{Conversation, Status},
        handling::Handling,
        id::{ConversationId, TenantId},
        listing::Filter,
    },
    port::inbox::Happenings,
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
        None => method::of_php().await,
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
        let Some(whole) = app.core.whole_conversation(&caller.tenant, id).await? else {
            return Ok(reads::messages(&[], 0, slice, now));
        };
        let inbox = app.inbox.as_ref();
        let found = whole.newest_messages(inbox, slice.offset, slice.limit).await?;
        Ok(reads::messages(&found, whole.count(inbox).await?, slice, now))
    };
    answer(Route::Messages, &found.await)
}

pub(super) async fn toggle_ai(State(app): State<App>, params: PathParams, request: Request) -> Response {
    match path_id(&params) {
        Some(id) => toggle(&app, id, request).await,
        None => method::of_php().await,
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
            let changed = standing(&app, &caller.tenant, &told).await?;
            let ids: Vec<ConversationId> = changed.iter().map(|it| it.id).collect();
            return Ok(reads::news_of_all(&ids, known));
        };
        let id: ConversationId =
            asked.parse().map_err(|error| InputError::field("conversation_id", error))?;
        let ids = known_as(&app, &caller.tenant, id, &told).await?;
        Ok(reads::news_of_one(news::news_of(&told, &ids), asked, known))
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
        let mut changed = standing(&app, &caller.tenant, &told).await?;
        changed.sort_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
        Ok(reads::news_of_list(&changed, known))
    };
    answer(Route::Updates, &found.await)
}

/// The conversations that changed, those that go on in place of others.
async fn standing(app: &App, tenant: &TenantId, told: &Happenings) -> Result<Vec<Conversation>, Failure> {
    let changed = news::changed(told);
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    Ok(app.core.standing(app.inbox.several(tenant, &changed).await?).await?)
}

/// The ids that a conversation's news may go by. Only where there are any that are not its own, others than the one
/// that it was asked for by are looked for: this is asked again and again.
async fn known_as(
    app: &App,
    tenant: &TenantId,
    id: ConversationId,
    told: &Happenings,
) -> Result<Vec<ConversationId>, Failure> {
    let changed = news::changed(told);
    if changed.is_empty() || changed.contains(&id) {
        return Ok(vec![id]);
    }
    let whole = app.core.whole_conversation(tenant, id).await?;
    Ok(whole.map_or_else(|| vec![id], |whole| whole.ids().to_vec()))
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
