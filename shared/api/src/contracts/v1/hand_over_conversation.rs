//! `POST /v1/conversations/{id}/handoff`: a person, the bot or Meta's Business Agent answers from now on.

use std::borrow::Cow;

use axum::{extract::Request, response::Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    conversation::shown,
    errors::{MaySend, RouteError},
    read::{answered_or_refused, number},
};
use crate::common::{
    InputError,
    access::Authorized,
    body::{self, API_LIMIT},
    json,
    problem::Problem,
    request::{self, PathParams},
};
use ventanilla_core::{
    domain::{
        conversation_action::Handler,
        rejection::{ProviderCode, Rejection},
    },
    ports::provider::ThreadAction,
    usecases::conversations::handover::{HandOff, HandOffError},
};

/// Longest text for the next owner, in characters.
const LONGEST_METADATA: usize = 2_000;

/// The provider's error for a `take` by an app that is not the escalation partner (facts: onboarding.md 4).
const NOT_ESCALATION_PARTNER: i64 = 2_494_191;

/// Who is to answer.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct HandOver {
    /// Who answers from now on; `meta_agent` where the channel has thread control.
    to: Handler,
    /// What is asked of the provider, where the channel has thread control: `pass` (to Meta's Business Agent) or
    /// `release` (whoever is first in line gets the next message) to `meta_agent`, else `take`. Left out, what fits.
    action: Option<Action>,
    /// What is left to who has the conversation next at the provider.
    #[cfg_attr(feature = "schema", schemars(length(max = 2_000)))]
    metadata: Option<String>,
}

/// What is asked of the provider.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
#[serde(rename_all = "snake_case")]
enum Action {
    Pass,
    Release,
    Take,
}

/// The provider's error in a problem.
#[derive(Debug, Serialize)]
struct ProviderRefusal<'a> {
    code: Option<&'a ProviderCode>,
    title: Option<&'a str>,
}

pub(super) async fn hand_over(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let done = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let id = number(&params)?;
        let requested = hand_off(&body::read(body, API_LIMIT).await?)?;
        match app.core.actions.hand_off(&caller.tenant, id, &requested, deadline).await {
            Ok(found) => Ok(shown(&app, &caller, found).await?),
            Err(error) => Err(not_handed_over(error, &requested)),
        }
    };
    answered_or_refused(done.await)
}

fn hand_off(body: &[u8]) -> Result<HandOff, InputError> {
    let HandOver { to, action, metadata } = json::read(body)?;
    if metadata.as_ref().is_some_and(|text| text.chars().count() > LONGEST_METADATA) {
        return Err(InputError::field("metadata", format!("must be at most {LONGEST_METADATA} characters")));
    }
    let action = action.map(|action| match action {
        Action::Pass => ThreadAction::Pass,
        Action::Release => ThreadAction::Release,
        Action::Take => ThreadAction::Take,
    });
    Ok(HandOff { to, action, metadata })
}

/// Why the conversation was not handed off: the request's fault, or the provider's error.
fn not_handed_over(error: HandOffError, hand_off: &HandOff) -> RouteError {
    match error {
        HandOffError::Store(error) => error.into(),
        HandOffError::NoThreadControl => no_thread_control(hand_off).into(),
        HandOffError::WrongAction => wrong_action().into(),
        HandOffError::Refused(rejection) => refused_by_provider(&rejection).into(),
        HandOffError::NoAnswer => {
            let problem = Problem::new(StatusCode::BAD_GATEWAY, "provider_down", "Provider unavailable")
                .detail("WhatsApp did not answer in time; if it was handed over, an event tells");
            problem.with("provider", json!(None::<ProviderRefusal<'_>>)).into()
        }
    }
}

fn no_thread_control(hand_off: &HandOff) -> InputError {
    let field = if hand_off.to == Handler::MetaAgent { "to" } else { "action" };
    InputError::field(field, "cannot be asked of this channel: thread_control is off for it")
}

fn wrong_action() -> InputError {
    InputError::field("action", "must be pass or release when handing to meta_agent, else take")
}

fn refused_by_provider(rejection: &Rejection) -> Problem {
    let provider =
        ProviderRefusal { code: rejection.provider_code.as_ref(), title: rejection.detail.as_deref() };
    Problem::new(StatusCode::CONFLICT, "thread_control_refused", "Conversation not handed over")
        .detail(explanation(rejection))
        .with("provider", json!(provider))
}

fn explanation(rejection: &Rejection) -> Cow<'static, str> {
    if rejection.provider_code == Some(NOT_ESCALATION_PARTNER.into()) {
        return "only the escalation partner can take a conversation from who has it; this app is not the escalation partner of the number".into();
    }
    let detail = rejection.detail.as_deref().unwrap_or_else(|| rejection.reason.code());
    format!("WhatsApp refused to hand the conversation over: {detail}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mistake_names_its_field() {
        for (body, says) in [
            (r#"{"To":"human"}"#, "To is an unknown field; did you mean `to`?"),
            (r#"{"to":"human","meta_data":"x"}"#, "meta_data is an unknown field; did you mean `metadata`?"),
            (r#"{"to":"human","to":"bot"}"#, "to is given twice"),
            ("{}", "to is missing"),
            (r#"{"to":"me"}"#, "to must be bot, meta_agent or human"),
            (r#"{"to":"human","action":"give"}"#, "action must be pass, release or take"),
            (r#"{"to":"human","metadata":7}"#, "metadata must be text"),
        ] {
            assert_eq!(hand_off(body.as_bytes()).unwrap_err().to_string(), says, "{body}");
        }
        let long = json!({ "to": "bot", "metadata": "á".repeat(2_001) }).to_string();
        assert_eq!(hand_off(long.as_bytes()).unwrap_err().place(), "metadata");
    }

    #[test]
    fn what_is_left_out_is_left_to_the_provider() {
        let read = |body: &str| hand_off(body.as_bytes()).unwrap();
        let plain = HandOff { to: Handler::Human, action: None, metadata: None };
        assert_eq!(read(r#"{"to":"human","action":null}"#), plain);
        let full = read(r#"{"to":"meta_agent","action":"release","metadata":"refund"}"#);
        assert_eq!((full.action, full.metadata.as_deref()), (Some(ThreadAction::Release), Some("refund")));
    }
}
