//! Replies into a conversation, in the contracts of the PHP bot and of ABC Salesbot, and what the latter's clients
//! tell of their leads.

mod leads;

use axum::{
    Router,
    extract::{Request, State},
    middleware,
    response::Response,
    routing::{any, post},
};
use http::Method;
use ventanilla::{
    api::{
        auth::Clients,
        method,
        policy::Choice,
        query::Params,
        request::{PathParams, named, path_param},
        respond,
        send::Wish,
    },
    assembly::App,
    contract::php,
    service::send::Recipient,
};

/// The routes of this function.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/conversations/{id}/reply", any(by_path))
        .route("/api/reply-conversation.php", any(by_query))
        .route("/v1/leads/{leadID}/conversations/reply", post(leads::reply))
        .route("/v1/webhooks/leads", post(leads::upsert))
        .method_not_allowed_fallback(method::of_salesbot)
        .layer(middleware::from_fn(named))
        .with_state(app)
}

async fn by_path(State(app): State<App>, params: PathParams, request: Request) -> Response {
    let id = path_param(&params, "id");
    // The path's pattern there is digits and POST; anything else is an unknown path.
    if request.method() != Method::POST || id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
        return method::of_php().await;
    }
    reply(&app, id, request).await
}

/// The script itself, which looks at no method.
async fn by_query(State(app): State<App>, request: Request) -> Response {
    let params = Params::read(request.uri());
    reply(&app, params.get("id").unwrap_or_default(), request).await
}

async fn reply(app: &App, id: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let outcome = app
        .carry_out(&parts, body, Clients::SendNone, |body| {
            let recipient = Recipient::Conversation(php::conversation(id)?);
            let content = php::reply(body)?;
            Ok(Wish { choice: Choice::Free, ..Wish::new("reply", recipient, content) })
        })
        .await;
    respond::answer(php::replied(&outcome.result), outcome.result.as_ref().err(), outcome.replay)
}
