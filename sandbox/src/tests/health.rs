//! What the Graph API reports about a token, a number, an account and an app.

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, SECRET, TOKEN},
};
use crate::{GRAPH_MOUNT, app_id};

async fn ask(bench: &Bench, path: &str, token: &str) -> Result<(u16, Value), reqwest::Error> {
    let url = format!("{}{GRAPH_MOUNT}/v25.0/{path}", bench.base);
    let response = bench.client.get(url).bearer_auth(token).send().await?;
    let status = response.status().as_u16();
    Ok((status, response.json().await?))
}

async fn set(bench: &Bench, health: &Value) -> TestResult {
    let (status, answer) = bench.control(Method::PUT, "numbers/1001/standing", health).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(())
}

#[tokio::test]
async fn all_is_as_it_should_be_until_it_is_set_otherwise() -> TestResult {
    let bench = Bench::start().await?;
    let app = app_id(SECRET);
    let (status, body) = ask(&bench, &format!("debug_token?input_token={TOKEN}"), TOKEN).await?;
    assert_eq!((status, at(&body, "/data/app_id")), (200, &json!(app)));
    let fields = "display_phone_number,status,webhook_configuration";
    let (_, body) = ask(&bench, &format!("1001?fields={fields}"), TOKEN).await?;
    let expected = json!({ "display_phone_number": "+5 215500000001", "status": "CONNECTED",
        "webhook_configuration": { "application": bench.hook }, "id": "1001" });
    assert_eq!(body, expected);
    let (_, body) = ask(&bench, "2001/subscribed_apps", TOKEN).await?;
    assert_eq!(at(&body, "/data/0/whatsapp_business_api_data/id"), &json!(app));
    let (_, body) = ask(&bench, &format!("{app}/subscriptions"), &format!("{app}|{SECRET}")).await?;
    assert_eq!(at(&body, "/data/0/fields/0/name"), "messages");
    Ok(())
}

#[tokio::test]
async fn a_number_has_the_health_that_is_set() -> TestResult {
    let bench = Bench::start().await?;
    set(
        &bench,
        &json!({ "status": "RESTRICTED", "subscribed_apps": [], "fields": null,
        "refuse": { "debug_token": 3 } }),
    )
    .await?;
    assert_eq!(ask(&bench, &format!("debug_token?input_token={TOKEN}"), TOKEN).await?.0, 500);
    let (_, body) = ask(&bench, "1001?fields=status,webhook_configuration", TOKEN).await?;
    assert_eq!(body, json!({ "status": "RESTRICTED", "webhook_configuration": {}, "id": "1001" }));
    assert_eq!(ask(&bench, "2001/subscribed_apps", TOKEN).await?.1, json!({ "data": [] }));
    let url = format!("{}{GRAPH_MOUNT}/v25.0/2001/subscribed_apps", bench.base);
    assert_eq!(bench.client.post(url).bearer_auth(TOKEN).send().await?.status(), 200);
    let (_, body) = ask(&bench, "2001/subscribed_apps", TOKEN).await?;
    assert_eq!(at(&body, "/data/0/whatsapp_business_api_data/id"), &json!(app_id(SECRET)));
    set(&bench, &json!({ "token_expires_at": 1 })).await?;
    assert_eq!(ask(&bench, "1001", TOKEN).await?.0, 401);
    let (status, _) =
        bench.control(Method::PUT, "numbers/1001/standing", &json!({ "qualty": "RED" })).await?;
    assert_eq!(status, 400);
    Ok(())
}

#[tokio::test]
async fn an_app_is_opened_by_its_own_secret_only() -> TestResult {
    let bench = Bench::start().await?;
    let app = app_id(SECRET);
    for token in [format!("{app}|wrong"), TOKEN.to_owned(), format!("1|{SECRET}")] {
        assert_eq!(ask(&bench, &format!("{app}/subscriptions"), &token).await?.0, 401, "{token}");
    }
    Ok(())
}
