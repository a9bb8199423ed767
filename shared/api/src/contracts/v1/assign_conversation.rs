//! `POST /v1/conversations/{id}/assign`: sets or removes the assignee.

use axum::{extract::Request, response::Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    conversation::shown,
    errors::MaySend,
    read::{answered_or_refused, number},
};
use crate::common::{
    Failure, Missing,
    access::Authorized,
    body::{self, API_LIMIT},
    json::{self, Given},
    problem::Problem,
    request::PathParams,
};
use ventanilla_core::{
    domain::{
        conversation::Conversation,
        conversation_action::{AgentId, ConversationAction},
    },
    usecases::conversations::actions::AssignedIf,
};

/// Who a conversation is to be assigned to.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(extend("required" = ["assignee"])))]
#[serde(deny_unknown_fields)]
pub(super) struct Assignment {
    /// Who looks after it from now on; null for nobody in particular.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::common::schema::AgentName>"))]
    assignee: Given<AgentId>,
    /// Only while this one looks after it; null for nobody in particular. Left out, whoever does.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::common::schema::AgentName>"))]
    if_assignee: Given<AgentId>,
}

pub(super) async fn assign(
    Authorized { app, caller, .. }: MaySend,
    params: PathParams,
    request: Request,
) -> Response {
    let done = async {
        let id = number(&params)?;
        let asked: Assignment = json::read(&body::read(request.into_body(), API_LIMIT).await?)?;
        // Left out by mistake, it must not remove the assignee.
        let to = asked.assignee.required("assignee", "null is for nobody in particular")?;
        let Given::This(expected) = asked.if_assignee else {
            let found = app.core.actions.handle(&caller.tenant, id, &ConversationAction::Assign(to)).await?;
            return Ok(shown(&app, &caller, found).await?);
        };
        let done = app.core.actions.assign_if(&caller.tenant, id, expected.as_ref(), to.as_ref()).await?;
        match done.ok_or(Failure::NotFound(Missing::Conversation))? {
            AssignedIf::Done(found) => Ok(shown(&app, &caller, Some(found)).await?),
            AssignedIf::Changed(found) => Err(assigned_by_another(&found).into()),
        }
    };
    answered_or_refused(done.await)
}

fn assigned_by_another(found: &Conversation) -> Problem {
    let detail = match &found.assignee {
        Some(agent) => format!("the conversation is assigned to {}", agent.as_str()),
        None => "the conversation is assigned to nobody".to_owned(),
    };
    let problem = Problem::new(StatusCode::CONFLICT, "assignee_changed", "Assigned by somebody else");
    problem.detail(detail).with("assignee", json!(found.assignee))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::InputError;

    fn read(body: &str) -> Result<(Given<AgentId>, Given<AgentId>), InputError> {
        json::read::<Assignment>(body.as_bytes()).map(|it| (it.assignee, it.if_assignee))
    }

    #[test]
    fn a_null_assignee_differs_from_an_absent_one() {
        let ana = || Given::This(Some(AgentId::try_from("ana".to_owned()).unwrap()));
        assert_eq!(read(r#"{"assignee":"ana"}"#), Ok((ana(), Given::Nothing)));
        assert_eq!(read(r#"{"assignee":null,"if_assignee":"ana"}"#), Ok((Given::This(None), ana())));
        assert_eq!(read(r#"{"if_assignee":null}"#), Ok((Given::Nothing, Given::This(None))));
    }

    #[test]
    fn every_mistake_names_its_field() {
        for (body, says) in [
            (r#"{"asignee":"ana"}"#, "asignee is an unknown field; did you mean `assignee`?"),
            (r#"{"assignee":"ana","assignee":"bob"}"#, "assignee is given twice"),
            (r#"{"assignee":7}"#, "assignee must be text"),
            (
                r#"{"assignee":"ana","if_assignee":""}"#,
                "if_assignee must be 1 to 128 characters without control characters",
            ),
        ] {
            assert_eq!(read(body).unwrap_err().to_string(), says, "{body}");
        }
    }
}
