//! The switch between bot and person in a conversation.

use axum::{extract::Request, response::Response};

use super::{
    conversation,
    errors::{PhpBot, ToggleAi, done},
    types::{Flag, ToggleAiBody, Toggled},
};
use crate::common::{
    Failure, Fields, InputError,
    access::{Authorized, scope},
    body::{self, API_LIMIT},
    query::{Params, refuse_dry_run},
    request::{PathParams, path_param},
    respond,
};
use ventanilla_core::domain::conversation_action::{ConversationAction, Handler};

type MaySwitch = Authorized<scope::Send, PhpBot<ToggleAi>>;

pub(super) async fn by_path(caller: MaySwitch, params: PathParams, request: Request) -> Response {
    toggle_ai(&caller, path_param(&params, "id"), request).await
}

pub(super) async fn by_query(caller: MaySwitch, request: Request) -> Response {
    let query = Params::read(request.uri());
    toggle_ai(&caller, query.get("id").unwrap_or_default(), request).await
}

async fn toggle_ai(caller: &MaySwitch, id: &str, request: Request) -> Response {
    respond::answered::<PhpBot<ToggleAi>>(switched(caller, id, request).await.map(|toggled| done(&toggled)))
}

async fn switched(
    Authorized { app, caller, .. }: &MaySwitch,
    id: &str,
    request: Request,
) -> Result<Toggled, Failure> {
    let id = conversation(id)?;
    refuse_dry_run(request.uri())?;
    let to = read(&body::read(request.into_body(), API_LIMIT).await?)?;
    // The vendor's contract: an unknown conversation is switched like any other.
    app.core.actions.handle(&caller.tenant, id, &ConversationAction::HandOver(to)).await?;
    Ok(Toggled::DONE)
}

/// Reads the new handler of the conversation.
fn read(body: &[u8]) -> Result<Handler, InputError> {
    match Fields::read_to_send(body)?.typed::<ToggleAiBody>()?.ai_enabled {
        None => Err(InputError::field("ai_enabled", "is missing")),
        Some(Flag(true)) => Ok(Handler::Bot),
        Some(Flag(false)) => Ok(Handler::Human),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_on_or_off() {
        assert_eq!(read(br#"{"ai_enabled":true}"#), Ok(Handler::Bot));
        assert_eq!(read(br#"{"ai_enabled":0}"#), Ok(Handler::Human));
        for (body, problem) in [
            (&b"{}"[..], "ai_enabled is missing"),
            (br#"{"ai_enabled":null}"#, "ai_enabled is missing"),
            (br#"{"ai_enabled":"on"}"#, "ai_enabled must be true or false"),
            (br#"{"ai_enabled":2}"#, "ai_enabled must be true or false"),
        ] {
            assert_eq!(read(body).unwrap_err().to_string(), problem);
        }
    }
}
