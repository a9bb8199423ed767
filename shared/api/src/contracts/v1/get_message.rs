//! `GET /v1/messages/{id}`: a message, with its attempt if it is ours.

use axum::response::Response;
use http::Uri;

use super::{
    errors::{Reader, answered},
    list_messages::include,
    message::Include,
    message_detail::detail,
};
use crate::app::App;
use crate::common::{
    Failure, InputError, Missing,
    access::Authorized,
    ids::read_id,
    query::Params,
    request::{PathParams, path_param},
};
use ventanilla_core::domain::{
    caller::Caller,
    id::{MessageId, Wamid},
};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams, uri: Uri) -> Response {
    let found = async {
        let include = include(&Params::read(&uri))?;
        let id = named(&app, &caller, path_param(&params, "id")).await?.ok_or_else(missing)?;
        let sources = include == Include::Raw;
        let found =
            app.core.conversations.message_detail(app.inbox.as_ref(), &caller.tenant, id, sources).await?;
        found.map(|it| detail(&it, include)).ok_or_else(missing)
    };
    answered(found.await)
}

/// Our id of a message that is named by ours, or by the provider's.
async fn named(app: &App, caller: &Caller, id: &str) -> Result<Option<MessageId>, Failure> {
    match read_id(id) {
        Ok(id) => Ok(Some(id)),
        Err(error) => {
            let theirs = Wamid::try_from(id.to_owned()).map_err(|_| InputError::field("id", error))?;
            Ok(app.core.conversations.message_by_provider_id(&caller.tenant, &theirs).await?)
        }
    }
}

fn missing() -> Failure {
    Failure::NotFound(Missing::Message)
}
