//! Reading what was said.

use serde_json::{Value, json};
use ventanilla::ports::clock::Clock;

use super::{ANA, reply, said};
use crate::harness::{IdNumber as _, OTHER_KEY, Stand};

#[tokio::test]
async fn the_messages_of_all_channels_are_one_list_with_any_page_size() {
    let stand = Stand::start().await;
    let other = stand.api.with_key(Some(OTHER_KEY));
    let now = stand.clock.now().seconds();
    let path = format!("/sandbox/phones/{ANA}/messages");
    let mut expected: Vec<Value> = Vec::new();
    // In turns on both channels; now and then two in the same second.
    for (place, channel) in ["1002", "1003", "1003", "1002", "1003", "1002", "1002"].into_iter().enumerate() {
        let text = format!("message {place}");
        let at = now - 100 + i64::try_from(place / 2).unwrap();
        let body = json!({ "text": text, "to": channel, "timestamp": at });
        assert_eq!(stand.api.post(&path, &body).await.status, 200);
        expected.push(text.into());
    }
    let listed = other.get("/v1/conversations").await.json();
    let lead = listed["data"][0]["contact"]["id"].id_number().to_string();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    expected.reverse();
    for limit in [1, 2, 3, 5, 100] {
        let talk = said(&other, &lead, limit).await;
        let mut texts: Vec<Value> = talk.iter().map(|it| it["content"].clone()).collect();
        let times: Vec<&str> = talk.iter().map(|it| it["created_at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
        texts.sort_by_key(|text| std::cmp::Reverse(text.as_str().unwrap().to_owned()));
        assert_eq!(texts, expected, "pages of {limit}");
    }
    // Each channel has its own conversation to reply in.
    for channel in [2, 3] {
        assert_eq!(reply(&other, &lead, channel, &format!("on {channel}")).await.status, 200);
    }
    let talk = said(&other, &lead, 100).await;
    let mut channels: Vec<(&Value, &Value)> = talk
        .iter()
        .filter(|it| it["direction"] == "outbound")
        .map(|it| (&it["messaging_channel_connection_id"], &it["content"]))
        .collect();
    channels.sort_by_key(|(channel, _)| channel.as_u64());
    assert_eq!(channels, [(&json!(2), &json!("on 2")), (&json!(3), &json!("on 3"))]);
}

#[tokio::test]
async fn a_wrong_cursor_or_limit_is_named() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let lead = super::contact(&stand, ANA).await;
    for (query, field) in
        [("cursor=%21", "cursor"), ("cursor=e30", "cursor"), ("limit=0", "limit"), ("limit=x", "limit")]
    {
        let answer = stand.api.get(&format!("/v1/leads/{lead}/conversations?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["field"]),
            (422, &json!(field)),
            "{query}"
        );
    }
}
