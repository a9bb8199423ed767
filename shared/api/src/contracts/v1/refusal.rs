//! Rejections of messages as problem details: the provider's error, and what can be sent instead.

use http::StatusCode;

use crate::common::problem::{ClosedWindow, Problem, ProviderAnswer, TemplateProblem};
use ventanilla_core::domain::{
    rejection::{Reason, Rejection},
    template,
    time::Timestamp,
};

/// The status and the title of a rejection.
pub(super) fn title(reason: Reason) -> (StatusCode, &'static str) {
    match reason {
        Reason::InvalidInput => (StatusCode::BAD_REQUEST, "The provider finds fault with the message"),
        Reason::TemplateProblem => (StatusCode::BAD_REQUEST, "The template cannot be sent like this"),
        Reason::WindowClosed => (StatusCode::CONFLICT, "The 24-hour window is closed"),
        Reason::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Reason::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Too many messages"),
        Reason::RecipientUnreachable => (StatusCode::UNPROCESSABLE_ENTITY, "The recipient cannot be reached"),
        Reason::Unsupported => {
            (StatusCode::UNPROCESSABLE_ENTITY, "The channel's provider cannot send this message")
        }
        Reason::Suppressed => (StatusCode::FORBIDDEN, "The recipient wants no marketing"),
        Reason::ChannelDisabled => (StatusCode::FORBIDDEN, "The channel is disabled"),
        Reason::ProviderAuth => (StatusCode::BAD_GATEWAY, "The provider does not accept our credentials"),
        Reason::AccountBlocked => (StatusCode::BAD_GATEWAY, "The account at the provider is restricted"),
        Reason::LowBalance => (StatusCode::BAD_GATEWAY, "The account at the provider has no money left"),
        Reason::ProviderDown => (StatusCode::BAD_GATEWAY, "The provider could not be reached"),
        Reason::ProviderFault => (StatusCode::BAD_GATEWAY, "The provider failed"),
        Reason::ProviderRejected => (StatusCode::BAD_GATEWAY, "The provider refused the message"),
    }
}

/// Adds the provider's error, and what can be sent instead.
pub(super) fn explained(mut problem: Problem, it: &Rejection) -> Problem {
    if let Some(detail) = &it.detail {
        problem = problem.detail(detail.clone());
    }
    if let Some(code) = it.provider_code.clone() {
        problem = problem.provider(ProviderAnswer { code: Some(code), title: it.detail.clone() });
    }
    if it.reason == Reason::WindowClosed {
        let closed_at = it.window_closed_since.map(Timestamp::iso_millis);
        problem = problem.window(ClosedWindow { closed_at, templates: it.templates.clone() });
    }
    problem
}

/// The problem with all faults of a template: nothing was sent.
pub(super) fn wrong_template(problems: Vec<template::ValidationProblem>) -> Problem {
    let (status, title) = title(Reason::TemplateProblem);
    let shown =
        problems.into_iter().map(|it| TemplateProblem { component: it.component, problem: it.problem });
    Problem::new(status, Reason::TemplateProblem.code(), title)
        .detail("the template does not fit; `problems` has all that is wrong")
        .field("template")
        .problems(shown.collect())
}
