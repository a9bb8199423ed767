//! Where a file can be read, for five minutes: `GET /v1/media/download/{id}` leads there, `GET /v1/media/{id}` says so.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::{
    errors::{Reader, V1Link, answered, problem, refused},
    shapes,
};
use crate::{
    api::common::{
        Failure, InputError,
        access::{Authorized, scope},
        file,
        ids::read_id,
        problem::Problem,
        request::{PathParams, path_param},
        respond,
    },
    assembly::App,
    domain::caller::Caller,
    service::{
        files::{Download, FileProblem},
        send::{Replay, SendError},
    },
};

/// When a file that is not there yet is asked for again, in seconds.
const AGAIN_AFTER: u64 = 5;

pub(super) async fn download(
    Authorized { app, caller, .. }: Authorized<scope::Read, V1Link>,
    params: PathParams,
) -> Response {
    told(&app, &caller, &params, |there| redirect(&there.url)).await
}

/// For pages in browsers: what follows a redirect to another host comes from nowhere for that host, and is refused.
pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    told(&app, &caller, &params, |there| answered(Ok(shapes::download(there)))).await
}

async fn told(
    app: &App,
    caller: &Caller,
    params: &PathParams,
    show: impl FnOnce(&Download) -> Response + Send,
) -> Response {
    let found = async {
        let id = read_id(path_param(params, "id"));
        let id = id.map_err(|error| InputError::field("id", error))?;
        Ok(app.core.download(&caller.tenant, id).await)
    };
    match found.await {
        Ok(Ok(there)) => show(&there),
        Ok(Err(FileProblem::NotYet)) => {
            let problem = Problem::new(StatusCode::CONFLICT, "media_not_there", "File not there yet");
            let mut response = refused(problem.detail("the file is not there yet; try again"));
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(AGAIN_AFTER));
            response
        }
        Ok(Err(FileProblem::Lost)) => {
            let problem = Problem::new(StatusCode::GONE, "media_lost", "File lost");
            refused(problem.detail("WhatsApp did not give the file while it had it"))
        }
        Ok(Err(FileProblem::NotFound)) => answered(Err(Failure::Send(SendError::ConversationNotFound))),
        Ok(Err(other)) => answered(Err(file::failure("id", other))),
        Err(failure) => answered(Err(failure)),
    }
}

/// Absolute, for it leads to another host; and not to be kept, for it soon leads nowhere.
pub(in crate::api::contracts) fn redirect(url: &str) -> Response {
    let Ok(place) = HeaderValue::from_str(url) else {
        let failure = Failure::Send(SendError::NoChannel);
        return respond::answer(problem(&failure).into(), Some(&failure), Replay::Original);
    };
    let headers = [(header::LOCATION, place), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::FOUND, headers, Body::empty()).into_response()
}
