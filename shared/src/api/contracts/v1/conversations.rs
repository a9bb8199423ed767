//! A conversation, and looking after it.

use std::borrow::Cow;

use axum::{extract::Request, response::Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    conversation::conversation,
    errors::{MaySend, Reader, answered, refused},
    read::{look, number},
};
use crate::{
    api::common::{
        Failure, Fields, InputError,
        access::Authorized,
        body::{self, API_LIMIT},
        problem::Problem,
        request::{self, PathParams},
    },
    assembly::App,
    domain::{
        caller::Caller,
        conversation::Conversation,
        handling::{AgentId, Handler, Handling},
        rejection::Rejection,
    },
    port::provider::ThreadAction,
    service::{
        handling::AssignedIf,
        handover::{HandOff, HandOffError},
        send::SendError,
    },
};

pub(super) async fn one(Authorized { app, caller, .. }: Reader, params: PathParams) -> Response {
    let found = async {
        let found = app.core.conversation(&caller.tenant, number(&params)?).await?;
        shown(&app, &caller, found).await
    };
    answered(found.await)
}

pub(super) async fn assign(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let done = async {
        let id = number(&params)?;
        let fields = Fields::read(&body::read(request.into_body(), API_LIMIT).await?)?;
        // Left out by mistake, it must not take the conversation from anybody.
        let missing = || InputError::field("assignee", "is missing; null is for nobody in particular");
        let Named::Agent(to) = agent_field(&fields, "assignee")? else { return Err(missing().into()) };
        match agent_field(&fields, "if_assignee")? {
            Named::Nothing => {
                let found = app.core.handle(&caller.tenant, id, &Handling::Assign(to)).await?;
                shown(&app, &caller, found).await.map(Ok)
            }
            Named::Agent(expected) => {
                let done = app.core.assign_if(&caller.tenant, id, expected.as_ref(), to.as_ref()).await?;
                match done.ok_or(SendError::ConversationNotFound)? {
                    AssignedIf::Done(found) => shown(&app, &caller, Some(found)).await.map(Ok),
                    AssignedIf::Changed(found) => Ok(Err(found)),
                }
            }
        }
    };
    match done.await {
        Ok(Ok(body)) => answered(Ok(body)),
        Ok(Err(found)) => somebody_was_faster(&found),
        Err(failure) => answered(Err(failure)),
    }
}

/// What a field says of who looks after a conversation.
enum Named {
    /// Nothing: it was left out.
    Nothing,
    /// This agent; null is nobody in particular.
    Agent(Option<AgentId>),
}

fn agent_field(fields: &Fields, name: &'static str) -> Result<Named, InputError> {
    match fields.value(name) {
        None => Ok(Named::Nothing),
        Some(Value::Null) => Ok(Named::Agent(None)),
        Some(_) => {
            let agent = AgentId::try_from(fields.required_text(name)?.to_owned());
            agent.map(|agent| Named::Agent(Some(agent))).map_err(|error| InputError::field(name, error))
        }
    }
}

fn somebody_was_faster(found: &Conversation) -> Response {
    let detail = match &found.assignee {
        Some(agent) => format!("the conversation is assigned to {}", agent.as_str()),
        None => "the conversation is assigned to nobody".to_owned(),
    };
    let problem = Problem::new(StatusCode::CONFLICT, "assignee_changed", "Assigned by somebody else");
    refused(problem.detail(detail).with("assignee", json!(found.assignee)))
}

pub(super) async fn close(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let done = async {
        let id = number(&params)?;
        let policy = app.core.closing_policy(&caller.tenant).await?;
        let wanted = Handling::Close { policy, at: app.clock.now() };
        shown(&app, &caller, app.core.handle(&caller.tenant, id, &wanted).await?).await
    };
    answered(done.await)
}

pub(super) async fn reopen(Authorized { app, caller, .. }: MaySend, params: PathParams) -> Response {
    let done = async {
        let found = app.core.handle(&caller.tenant, number(&params)?, &Handling::Reopen).await?;
        shown(&app, &caller, found).await
    };
    answered(done.await)
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
        let wanted = hand_off(&body::read(body, API_LIMIT).await?)?;
        match app.core.hand_off(&caller.tenant, id, &wanted, deadline).await {
            Ok(found) => shown(&app, &caller, found).await.map(Ok),
            Err(HandOffError::Store(error)) => Err(error.into()),
            Err(HandOffError::NoThreadControl) => Err(no_thread_control(&wanted).into()),
            Err(HandOffError::WrongAction) => Err(wrong_action().into()),
            Err(HandOffError::Refused(rejection)) => Ok(Err(Some(rejection))),
            Err(HandOffError::NoAnswer) => Ok(Err(None)),
        }
    };
    match done.await {
        Ok(Ok(body)) => answered(Ok(body)),
        Ok(Err(rejection)) => not_handed_over(rejection.as_ref()),
        Err(failure) => answered(Err(failure)),
    }
}

/// Longest text that is left to who has the conversation next, in characters.
const LONGEST_METADATA: usize = 2_000;

fn hand_off(body: &[u8]) -> Result<HandOff, InputError> {
    let fields = Fields::read(body)?;
    let to = match fields.required_text("to")? {
        "bot" => Handler::Bot,
        "human" => Handler::Human,
        "meta_agent" => Handler::MetaAgent,
        _ => return Err(InputError::field("to", "must be bot, human or meta_agent")),
    };
    let action = match fields.optional_text("action")? {
        None => None,
        Some("pass") => Some(ThreadAction::Pass),
        Some("release") => Some(ThreadAction::Release),
        Some("take") => Some(ThreadAction::Take),
        Some(_) => return Err(InputError::field("action", "must be pass, release or take")),
    };
    let metadata = fields.optional_text("metadata")?;
    if metadata.is_some_and(|text| text.chars().count() > LONGEST_METADATA) {
        return Err(InputError::field("metadata", format!("must be at most {LONGEST_METADATA} characters")));
    }
    Ok(HandOff { to, action, metadata: metadata.map(str::to_owned) })
}

fn no_thread_control(wanted: &HandOff) -> InputError {
    let field = if wanted.to == Handler::MetaAgent { "to" } else { "action" };
    InputError::field(field, "cannot be asked of this channel: thread_control is off for it")
}

fn wrong_action() -> InputError {
    InputError::field("action", "must be pass or release when handing to meta_agent, else take")
}

/// The provider's refusal of `take` by who is not the escalation partner (facts: onboarding.md 4).
const NOT_ESCALATION_PARTNER: i64 = 2_494_191;

/// The conversation stays with who has it, at the provider and here.
fn not_handed_over(rejection: Option<&Rejection>) -> Response {
    let code = rejection.and_then(|it| it.provider_code.as_ref());
    let problem = match rejection {
        None => Problem::new(StatusCode::BAD_GATEWAY, "provider_down", "Provider unavailable")
            .detail("WhatsApp did not answer in time; if it was handed over, an event tells"),
        Some(rejection) => {
            Problem::new(StatusCode::CONFLICT, "thread_control_refused", "Conversation not handed over")
                .detail(refusal(rejection))
        }
    };
    let provider = rejection.map(|it| json!({ "code": code, "title": it.detail }));
    refused(problem.with("provider", json!(provider)))
}

fn refusal(rejection: &Rejection) -> Cow<'static, str> {
    if rejection.provider_code == Some(NOT_ESCALATION_PARTNER.into()) {
        return "only the escalation partner can take a conversation from who has it; this app is not the escalation partner of the number".into();
    }
    let detail = rejection.detail.as_deref().unwrap_or_else(|| rejection.reason.code());
    format!("WhatsApp refused to hand the conversation over: {detail}").into()
}

async fn shown(app: &App, caller: &Caller, found: Option<Conversation>) -> Result<Value, Failure> {
    let found = found.ok_or(SendError::ConversationNotFound)?;
    Ok(json!(conversation(&found, look(app, &caller.tenant).await?)))
}
