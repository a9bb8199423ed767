//! `POST /v1/conversations/{id}/close` and `reopen`: closes a conversation until one side writes; opens it
//! again.

use axum::response::Response;

use super::{
    conversation::shown,
    errors::{MaySend, answered},
    read::number,
};
use crate::common::{access::Authorized, request::PathParams};
use ventanilla_core::domain::conversation_action::ConversationAction;

pub(super) async fn close(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let done = async {
        let id = number(&params)?;
        let policy = app.core.actions.closing_policy(&caller.tenant).await?;
        let action = ConversationAction::Close { policy, at: app.clock.now() };
        shown(&app, &caller, app.core.actions.handle(&caller.tenant, id, &action).await?).await
    };
    answered(done.await)
}

pub(super) async fn reopen(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let done = async {
        let found =
            app.core.actions.handle(&caller.tenant, number(&params)?, &ConversationAction::Reopen).await?;
        shown(&app, &caller, found).await
    };
    answered(done.await)
}
