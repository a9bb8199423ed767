//! The same key several times in one moment, in our own contract.

use http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use super::clients::{
    MANY, Route, SOME, Wish, assert_sound, at_once, calls, carry_out, digits, number, taken,
};
use crate::harness::{Stand, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_with_one_key_are_one_message_into_a_conversation_and_one_to_a_new_customer() {
    let stand = Stand::start().await;
    let mut history = Vec::new();
    for round in 0..SOME {
        let number = number(round);
        let id = stand.customer_writes(&number, "hola").await;
        for (place, route) in [Route::V1InConversation(id), Route::V1ToNumber].into_iter().enumerate() {
            let wish = Wish::new(route, &number, &format!("once {place}")).under(format!("key {round}"));
            let heard = at_once(&stand, vec![wish.clone(); MANY]).await;
            let (call, first) = carry_out(stand.api.clone(), wish).await;
            assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (201, Some("true")));
            for (_, answer) in &heard {
                let told = answer.json();
                if answer.status == StatusCode::CREATED {
                    assert_eq!(told["id"], first.json()["id"], "round {round}");
                } else {
                    assert_eq!((answer.status.as_u16(), &told["code"]), (409, &json!("request_in_progress")));
                }
            }
            assert!(heard.iter().any(|(_, answer)| answer.status == StatusCode::CREATED), "round {round}");
            assert_eq!(taken(&stand, &number), place + 1, "round {round}");
            history.extend(calls(heard));
            history.push(call);
        }
    }
    assert_sound(&stand, &history).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_with_one_key_are_one_broadcast() {
    let stand = Stand::start().await;
    for round in 0..SOME {
        let numbers = [number(2 * round), number(2 * round + 1)];
        let recipients: Vec<_> = numbers.iter().map(|number| json!({ "phone": number })).collect();
        let template = json!({ "name": "hello_world", "language": "en_US" });
        let body = json!({ "template": template, "recipients": recipients });
        let mut running = JoinSet::new();
        for _ in 0..MANY {
            let (api, body, key) = (stand.api.clone(), body.clone(), format!("key {round}"));
            running.spawn(async move {
                api.post_with("/v1/broadcasts", &[("idempotency-key", key.as_str())], &body).await
            });
        }
        let heard = running.join_all().await;
        let first = heard[0].json()["id"].clone();
        for answer in &heard {
            assert_eq!((answer.status.as_u16(), &answer.json()["id"]), (202, &first), "{}", answer.text);
        }
        let path = format!("/v1/broadcasts/{}", first.as_str().unwrap());
        eventually("the broadcast is done", || async {
            (stand.api.get(&path).await.json()["state"] == "done").then_some(())
        })
        .await;
        for number in &numbers {
            assert_eq!(taken(&stand, number), 1, "{}", digits(number));
        }
    }
    let listed = stand.api.get("/v1/broadcasts").await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), SOME);
}
