//! The template cache of an account, by `/v1`.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use crate::{
    harness::{OTHER_KEY, Stand},
    templates::{change, lists},
};

async fn languages(stand: &Stand, name: &str) -> Vec<(String, String)> {
    let found = stand.api.get(&format!("/v1/templates/{name}")).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let body = found.json();
    assert_eq!((&body["name"], &body["channel_id"]), (&json!(name), &json!("ch_1")));
    let text = |it: &Value, field: &str| it[field].as_str().unwrap().to_owned();
    body["languages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (text(it, "language"), text(it, "status")))
        .collect()
}

#[tokio::test]
async fn a_template_is_found_by_its_name_in_all_its_languages() {
    let stand = Stand::start().await;
    let body = json!({ "status": "PAUSED" });
    change(&stand, "appointment_reminder", "en_US", &body).await;
    let pair = |language: &str, status: &str| (language.to_owned(), status.to_owned());
    assert_eq!(
        languages(&stand, "appointment_reminder").await,
        [pair("en_US", "PAUSED"), pair("es", "APPROVED")]
    );
    let absent = stand.api.get("/v1/templates/no_such_template").await;
    assert_eq!((absent.status.as_u16(), &absent.json()["code"]), (404, &json!("not_found")));
    // Nobody sees another company's account by its channel.
    for channel in ["ch_1", "99"] {
        let path = format!("/v1/templates?channel_id={channel}");
        let foreign = stand.api.with_key(Some(OTHER_KEY)).get(&path).await;
        assert_eq!(
            (foreign.status.as_u16(), &foreign.json()["code"]),
            (404, &json!("not_found")),
            "{channel}"
        );
    }
    let wrong = stand.api.get("/v1/templates?channel_id=x").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("channel_id")));
}

#[tokio::test]
async fn the_list_comes_page_by_page_and_is_refreshed_after_a_minute() {
    let stand = Stand::start().await;
    let whole = stand.api.get("/v1/templates?channel_id=1").await;
    assert_eq!((whole.status.as_u16(), whole.header("age")), (200, Some("0")));
    let all = whole.json()["data"].as_array().unwrap().clone();
    assert!(all.len() > 3, "{}", whole.text);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = stand.api.get(&format!("/v1/templates?limit=3{cursor}")).await.json();
        seen.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, all);
    let statuses: BTreeSet<&str> = all.iter().map(|it| it["status"].as_str().unwrap()).collect();
    assert!(statuses.len() > 1, "all of them, whatever their status: {statuses:?}");
    let approved = stand.api.get("/v1/templates?status=approved").await.json();
    assert!(approved["data"].as_array().unwrap().iter().all(|it| it["status"] == "APPROVED"), "{approved}");
    assert_eq!(lists(&stand), 1, "the provider was asked once");
    stand.clock.advance(Duration::from_secs(61));
    assert_eq!(stand.api.get("/v1/templates").await.status, 200);
    assert_eq!(lists(&stand), 2);
}
