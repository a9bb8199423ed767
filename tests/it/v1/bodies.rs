//! Bodies: a misspelled field is rejected, on every operation that has a body, and nothing is done.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{IdNumber as _, Stand};

const ANA: &str = "+50212345678";

#[tokio::test]
async fn an_unknown_or_repeated_field_is_named_and_nothing_is_done() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    let before = stand.conversation_with(ANA).await;
    let contact = before["contact"]["id"].id_number();
    let conversation = |what: &str| format!("/v1/conversations/{id}/{what}");
    let cases = [
        (Method::POST, conversation("assign"), r#""assignee":"ana""#, "asignee", "assignee"),
        (Method::POST, conversation("handoff"), r#""to":"human""#, "acton", "action"),
        (Method::POST, conversation("read"), r#""receipt":false"#, "messageId", "message_id"),
        (Method::PATCH, format!("/v1/contacts/{contact}"), r#""name":"Ana""#, "nmae", "name"),
        (Method::POST, "/v1/media".to_owned(), r#""size":5"#, "mime", "mime_type"),
    ];
    for (method, path, good, misspelt, meant) in cases {
        let said = async |body: String| -> (u16, Value, Value) {
            let answer = stand.api.call(method.clone(), &path, &[], body.into_bytes()).await;
            let problem = answer.json();
            (answer.status.as_u16(), problem["field"].clone(), problem["detail"].clone())
        };
        let detail = format!("{misspelt} is an unknown field; did you mean `{meant}`?");
        let unknown = said(format!("{{{good},\"{misspelt}\":1}}")).await;
        assert_eq!(unknown, (400, json!(misspelt), json!(detail)), "{path}");
        let name = good.split('"').nth(1).unwrap();
        let twice = said(format!("{{{good},{good}}}")).await;
        assert_eq!(twice, (400, json!(name), json!(format!("{name} is given twice"))), "{path}");
    }
    assert_eq!(stand.conversation_with(ANA).await, before);
}

#[tokio::test]
async fn an_operation_without_a_body_does_not_read_one() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    for path in [format!("/v1/conversations/{id}/close"), format!("/v1/conversations/{id}/reopen")] {
        assert_eq!(stand.api.post(&path, &json!({ "nonsense": 1 })).await.status, 200, "{path}");
    }
    assert_eq!(stand.api.post("/v1/socket/tickets", &json!({ "nonsense": 1 })).await.status, 200);
}
