//! Templates to many recipients, some of whom show no number.

use http::Method;
use serde_json::{Value, json};

use super::{MANY, USER, called, done, hello, outcomes, user_writes};
use crate::harness::{IdNumber as _, Stand};

#[tokio::test]
async fn a_broadcast_reaches_customers_without_a_number() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    let list = json!([{ "userId": USER, "requestId": 7 }, { "conversationId": id }, { "userId": "GT.2" }, { "userId": "no one" }]);
    let answer = stand.api.post_with(MANY, &[("prefer", "respond-async")], &hello(&list)).await;
    assert_eq!(outcomes(&answer), ["queued", "duplicate_recipient", "queued", "invalid_request"]);
    let each = done(&stand, &answer.json()["summary"]["jobId"]).await;
    let told: Vec<(&str, &str, &str)> = each
        .iter()
        .map(|it| {
            (
                it["given"].as_str().unwrap(),
                it["user_id"].as_str().unwrap_or_default(),
                it["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    let given = id.to_string();
    assert_eq!(
        told,
        [
            (USER, USER, "accepted"),
            (given.as_str(), "", "failed"),
            ("GT.2", "GT.2", "accepted"),
            ("no one", "", "failed")
        ]
    );
    assert_eq!(each[0]["conversation_id"].id_number(), id);
    let mut to = called(&stand);
    to.sort_unstable();
    assert_eq!(to, [USER, "GT.2"]);
}

#[tokio::test]
async fn an_opt_out_holds_for_a_customer_without_a_number() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    stand.api.get("/api/whatsapp/templates").await;
    let path = format!("/v1/suppressions/{USER}");
    assert_eq!(stand.api.call(Method::PUT, &path, &[], Vec::new()).await.status, 200);
    let image = json!({ "type": "image", "image": { "link": "https://files.example/a.jpg" } });
    let promo = |named: Value| {
        json!({
            "templateName": "promo_with_image", "languageCode": "es", "recipients": [named],
            "components": [
                { "type": "header", "parameters": [image] },
                { "type": "body", "parameters": [{ "type": "text", "text": "Ana" }] },
            ],
        })
    };
    for named in [json!({ "userId": USER }), json!({ "conversationId": id })] {
        for path in [format!("{MANY}?dry_run=true"), MANY.to_owned()] {
            let answer = stand.api.post(&path, &promo(named.clone())).await;
            assert_eq!(outcomes(&answer), ["suppressed"], "{}", answer.text);
        }
    }
    assert_eq!(outcomes(&stand.api.post(MANY, &promo(json!({ "userId": "GT.2" }))).await), ["sent"]);
}

#[tokio::test]
async fn rows_of_broadcasts_from_before_are_still_read() {
    let stand = Stand::start().await;
    let list = json!([{ "phoneNumber": "+502 1234-5678" }]);
    let answer = stand.api.post_with(MANY, &[("prefer", "respond-async")], &hello(&list)).await;
    let job = answer.json()["summary"]["jobId"].clone();
    done(&stand, &job).await;
    let rows = stand.rows().await;
    let piece = rows.values().find(|row| row["row"]["S"] == "piece").unwrap();
    let entry = &piece["entries"]["L"][0]["M"];
    assert_eq!(entry["number"]["S"], "50212345678", "a number is kept where it always was: {entry}");
    for name in ["named_by", "to_user_id", "to_conversation"] {
        assert!(entry.get(name).is_none(), "{entry}");
    }
}
