//! The result of a request for a broadcast, and its response.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::{resource::BroadcastView, try_out::BroadcastTried};
use crate::{
    common::{Encoded, ids::broadcast_id, problem::Problem, respond},
    contracts::v1::refusal,
};
use ventanilla_core::{
    domain::{id::BroadcastId, template},
    usecases::sending::Replay,
};

/// The result of a request.
pub(super) enum Ended {
    /// The broadcast is stored and runs.
    GoesOn { id: BroadcastId, shown: Box<BroadcastView>, replay: Replay },
    /// It was a dry run.
    Tried(BroadcastTried),
    /// Its template is invalid, for everybody or with one recipient's own values.
    WrongTemplate { recipient: Option<usize>, problems: Vec<template::ValidationProblem> },
    /// It is unknown whether the broadcast exists.
    Open(BroadcastId),
}

impl Ended {
    pub(super) fn answer(self) -> Response {
        let (encoded, replay) = match self {
            Self::GoesOn { id, shown, replay } => (
                Encoded { status: StatusCode::ACCEPTED, headers: location_header(id), body: json!(shown) },
                replay,
            ),
            Self::Tried(tried) => {
                let (status, headers) = (StatusCode::OK, HeaderMap::new());
                (Encoded { status, headers, body: json!(tried) }, Replay::Original)
            }
            Self::WrongTemplate { recipient, problems } => {
                tracing::info!(problems = problems.len(), "a broadcast was rejected for its template");
                let problem = refusal::wrong_template(problems);
                let problem = match recipient {
                    Some(place) => problem.field(format!("recipients[{place}].components")),
                    None => problem,
                };
                (problem.into(), Replay::Original)
            }
            Self::Open(id) => (maybe_begun(id), Replay::Original),
        };
        respond::answer(encoded, None, replay)
    }
}

fn location_header(id: BroadcastId) -> HeaderMap {
    let place = HeaderValue::try_from(format!("/v1/broadcasts/{}", broadcast_id(id)));
    place.into_iter().map(|place| (header::LOCATION, place)).collect()
}

/// The problem when it is unknown whether the broadcast exists: the caller should look it up before a retry.
fn maybe_begun(id: BroadcastId) -> Encoded {
    let problem = Problem::new(StatusCode::BAD_GATEWAY, "outcome_unknown", "Outcome unknown")
        .detail("it is open whether the broadcast was begun; ask for it before you make it again")
        .broadcast(id);
    let mut encoded = Encoded::from(problem);
    encoded.headers.extend(location_header(id));
    encoded
}
