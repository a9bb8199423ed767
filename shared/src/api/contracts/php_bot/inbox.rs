//! What the PHP bot's browser client reads, and its switch of the bot, under both spellings of each route.

use axum::{extract::Request, response::Response};
use http::Uri;
use serde_json::Value;

use super::{
    conversation,
    errors::{Conversations, Messages, PhpBot, Route, ToggleAi, Updates},
    reads,
};
use crate::{
    api::common::{
        Failure, InputError,
        access::{Authorized, scope},
        body::{self, API_LIMIT},
        query::{Params, refuse_dry_run},
        request::{PathParams, path_param},
        respond,
    },
    assembly::App,
    domain::{
        conversation::{Conversation, Status},
        handling::Handling,
        id::{ConversationId, TenantId},
        listing::Filter,
    },
    port::inbox::Happenings,
    service::news,
};

/// A caller who may read, at a route.
type Reader<R> = Authorized<scope::Read, PhpBot<R>>;

/// A caller who may switch the bot.
type MaySwitch = Authorized<scope::Send, PhpBot<ToggleAi>>;

/// Most conversations on a list, which has no second page.
const MOST: u16 = 100;

pub(super) async fn conversations(
    Authorized { app, caller, .. }: Reader<Conversations>,
    uri: Uri,
) -> Response {
    let found = async {
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
    answer::<Conversations>(found.await)
}

pub(super) async fn messages(reader: Reader<Messages>, params: PathParams, uri: Uri) -> Response {
    messages_of(&reader, path_param(&params, "id"), &Params::read(&uri)).await
}

pub(super) async fn messages_by_query(reader: Reader<Messages>, uri: Uri) -> Response {
    let query = Params::read(&uri);
    messages_of(&reader, query.get("id").unwrap_or_default(), &query).await
}

async fn messages_of(
    Authorized { app, caller, .. }: &Reader<Messages>,
    id: &str,
    query: &Params,
) -> Response {
    let found = async {
        let id = conversation(id)?;
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
    answer::<Messages>(found.await)
}

pub(super) async fn toggle_ai(caller: MaySwitch, params: PathParams, request: Request) -> Response {
    toggle(&caller, path_param(&params, "id"), request).await
}

pub(super) async fn toggle_ai_by_query(caller: MaySwitch, request: Request) -> Response {
    let query = Params::read(request.uri());
    toggle(&caller, query.get("id").unwrap_or_default(), request).await
}

async fn toggle(Authorized { app, caller, .. }: &MaySwitch, id: &str, request: Request) -> Response {
    let done = async {
        let id = conversation(id)?;
        refuse_dry_run(request.uri())?;
        let to = reads::toggle(&body::read(request.into_body(), API_LIMIT).await?)?;
        // Its contract: a conversation that there is not is switched like any other.
        app.core.handle(&caller.tenant, id, &Handling::HandOver(to)).await?;
        Ok(reads::toggled())
    };
    answer::<ToggleAi>(done.await)
}

pub(super) async fn check_updates(Authorized { app, caller, .. }: Reader<Updates>, uri: Uri) -> Response {
    let found = async {
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
    answer::<Updates>(found.await)
}

pub(super) async fn check_conversation_updates(
    Authorized { app, caller, .. }: Reader<Updates>,
    uri: Uri,
) -> Response {
    let found = async {
        let query = Params::read(&uri);
        let known = app.core.settled_until();
        let since = reads::last_check(query.get("last_check").unwrap_or_default())?;
        let told = app.inbox.happened_since(&caller.tenant, since, news::LOOKED_THROUGH).await?;
        let known = news::told_until(&told, since, known);
        let mut changed = standing(&app, &caller.tenant, &told).await?;
        changed.sort_by_key(|it| std::cmp::Reverse((it.last_message_at, it.id)));
        Ok(reads::news_of_list(&changed, known))
    };
    answer::<Updates>(found.await)
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

fn answer<R: Route>(found: Result<Value, Failure>) -> Response {
    respond::answered::<PhpBot<R>>(found.map(reads::answer))
}
