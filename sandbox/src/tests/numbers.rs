//! Numbers of an account and their profiles (facts: meta.md 8.7).

use std::error::Error;

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, TOKEN},
};
use crate::GRAPH_MOUNT;

async fn call(
    bench: &Bench,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<(u16, Value), Box<dyn Error>> {
    let url = format!("{}{GRAPH_MOUNT}/v25.0/{path}", bench.base);
    let call = bench.client.request(method, url).bearer_auth(TOKEN);
    let call = if body.is_null() { call } else { call.json(body) };
    let response = call.send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

async fn get(bench: &Bench, path: &str) -> Result<(u16, Value), Box<dyn Error>> {
    call(bench, Method::GET, path, &Value::Null).await
}

#[tokio::test]
async fn the_numbers_of_an_account_are_listed() -> TestResult {
    let bench = Bench::start().await?;
    let (status, page) = get(&bench, "2001/phone_numbers").await?;
    assert_eq!((status, at(&page, "/data/0/id")), (200, &json!("1001")), "{page}");
    assert_eq!(at(&page, "/data/0/platform_type"), "CLOUD_API");
    assert_eq!(at(&page, "/data/1"), &Value::Null);
    let after = at(&page, "/paging/cursors/after").as_str().ok_or("no cursor")?;
    let (_, rest) = get(&bench, &format!("2001/phone_numbers?after={after}")).await?;
    assert_eq!(rest, json!({"data": []}));
    let (_, page) = get(&bench, "2001/phone_numbers?fields=name_status").await?;
    assert_eq!(at(&page, "/data/0"), &json!({"name_status": "APPROVED", "id": "1001"}));
    for wrong in
        ["2001/phone_numbers?fields=colour", "2001/phone_numbers?limit=0", "2001/phone_numbers?after=x"]
    {
        let (status, error) = get(&bench, wrong).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{wrong}");
    }
    assert_eq!(at(&get(&bench, "2002/phone_numbers").await?.1, "/error/error_subcode"), &json!(33));
    Ok(())
}

#[tokio::test]
async fn a_number_has_the_documented_fields_and_no_others() -> TestResult {
    let bench = Bench::start().await?;
    let (_, number) = get(&bench, "1001?fields=name_status,is_on_biz_app,health_status").await?;
    assert_eq!(at(&number, "/is_on_biz_app"), &json!(false));
    assert_eq!(at(&number, "/health_status/can_send_message"), "AVAILABLE");
    bench.control(Method::PUT, "numbers/1001/standing", &json!({"status": "RESTRICTED"})).await?;
    let (_, number) = get(&bench, "1001?fields=health_status").await?;
    assert_eq!(at(&number, "/health_status/entities/0/can_send_message"), "LIMITED");
    let (status, error) = get(&bench, "1001?fields=colour").await?;
    assert_eq!(status, 400);
    let message = at(&error, "/error/message").as_str().unwrap_or_default();
    assert!(message.contains("nonexisting field (colour)"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_profile_is_changed_field_by_field() -> TestResult {
    let bench = Bench::start().await?;
    let path = "1001/whatsapp_business_profile";
    let change =
        json!({"messaging_product": "whatsapp", "about": "Flores", "websites": ["https://x.example"]});
    assert_eq!(call(&bench, Method::POST, path, &change).await?, (200, json!({"success": true})));
    let change = json!({"messaging_product": "whatsapp", "about": "Flores y más", "vertical": "RETAIL"});
    call(&bench, Method::POST, path, &change).await?;
    let (_, shown) = get(&bench, &format!("{path}?fields=about,websites,vertical,email")).await?;
    let expected = json!({"about": "Flores y más", "websites": ["https://x.example"], "vertical": "RETAIL",
        "messaging_product": "whatsapp"});
    assert_eq!(shown, json!({"data": [expected]}));
    for wrong in [
        json!({"about": "Flores"}),
        json!({"messaging_product": "whatsapp", "about": ""}),
        json!({"messaging_product": "whatsapp", "vertical": "SHOPS"}),
    ] {
        assert_eq!(call(&bench, Method::POST, path, &wrong).await?.0, 400, "{wrong}");
    }
    assert_eq!(get(&bench, &format!("{path}?fields=colour")).await?.0, 400);
    assert_eq!(get(&bench, "1002/whatsapp_business_profile").await?.0, 400, "another company's number");
    Ok(())
}
