//! One customer in a list is one recipient, however they are named.

use http::Method;
use serde_json::{Value, json};

use super::{MANY, USER, called, done, hello, outcomes};
use crate::{
    harness::{Carrier, IdNumber as _, Stand},
    identity::{contacts, hear, only_conversation, text, with},
};

#[tokio::test]
async fn two_spellings_in_a_list_are_one_customer_whether_known_or_not() {
    for known in [true, false] {
        for (one, two) in [
            ("+5531977771111", "+553177771111"),
            ("+525512345678", "+5215512345678"),
            ("+5491123456789", "+541123456789"),
        ] {
            let stand = Stand::start().await;
            if known {
                let from = one.trim_start_matches('+');
                hear(
                    &stand,
                    Carrier::Meta,
                    &[with(text("wamid.1", "hola"), &json!({ "from": from }))],
                    json!([]),
                )
                .await;
            }
            let list =
                json!([{ "phoneNumber": one }, { "phoneNumber": two }, { "phoneNumber": "+50212345678" }]);
            let dry = stand.api.post(&format!("{MANY}?dry_run=true"), &hello(&list)).await;
            assert_eq!(outcomes(&dry), ["would be sent", "duplicate_recipient", "would be sent"]);
            let answer = stand.api.post(MANY, &hello(&list)).await;
            assert_eq!(outcomes(&answer), ["sent", "duplicate_recipient", "sent"], "{}", answer.text);
            assert_eq!(answer.json()["results"][1]["phoneNumber"], two);
            // The number that is dialled is the one that was named.
            let mut to = called(&stand);
            to.sort_unstable();
            assert_eq!(to, ["50212345678", one.trim_start_matches('+')]);
        }
    }
}

#[tokio::test]
async fn a_message_to_either_spelling_is_in_one_conversation_and_sent_to_the_named_number() {
    for heard in [true, false] {
        let stand = Stand::start().await;
        if heard {
            let message = with(text("wamid.1", "hola"), &json!({ "from": "553177771111" }));
            hear(&stand, Carrier::Meta, &[message], json!([])).await;
        }
        let numbers = ["5531977771111", "553177771111", "5531977771111"];
        for number in numbers {
            let list = json!([{ "phoneNumber": format!("+{number}") }]);
            let answer = stand.api.post(MANY, &hello(&list)).await;
            let place = answer.json()["results"][0]["data"]["conversation_id"].clone();
            assert_eq!(place, only_conversation(&stand).await["id"].id_number(), "{}", answer.text);
        }
        assert_eq!(called(&stand), numbers);
        assert_eq!(contacts(&stand).await.len(), 1);
    }
}

#[tokio::test]
async fn one_contact_named_in_several_ways_gets_one_message() {
    let stand = Stand::start().await;
    let both = json!({ "from": "50212345678", "from_user_id": USER, "from_parent_user_id": "GT.ENT.7" });
    hear(&stand, Carrier::Meta, &[with(text("wamid.1", "hola"), &both)], json!([])).await;
    let conversation = only_conversation(&stand).await["id"].id_number();
    let ways = [
        json!({ "phoneNumber": "+502 1234-5678" }),
        json!({ "userId": USER }),
        json!({ "conversationId": conversation }),
        json!({ "conversationId": format!("conv_{conversation}") }),
        json!({ "userId": "GT.ENT.7" }),
    ];
    let mut sent = 0;
    for first in &ways {
        let mut list = vec![first.clone()];
        list.extend(ways.iter().filter(|way| *way != first).cloned());
        let answer = stand.api.post(MANY, &hello(&json!(list))).await;
        let expected = [
            "sent",
            "duplicate_recipient",
            "duplicate_recipient",
            "duplicate_recipient",
            "duplicate_recipient",
        ];
        assert_eq!(outcomes(&answer), expected, "{}", answer.text);
        sent += 1;
        assert_eq!(called(&stand).len(), sent);
        for (told, given) in answer.json()["results"].as_array().unwrap().iter().zip(&list) {
            let (name, value) = given.as_object().unwrap().iter().next().unwrap();
            assert_eq!(&told[name.as_str()], value, "what names the customer is repeated: {told}");
        }
    }
    // The same when it continues in the background.
    let answer = stand.api.post_with(MANY, &[("prefer", "respond-async")], &hello(&json!(ways))).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let each = done(&stand, &answer.json()["summary"]["jobId"]).await;
    let told: Vec<(&Value, &Value)> = each.iter().map(|it| (&it["outcome"], &it["error"]["code"])).collect();
    assert_eq!(told[0], (&json!("accepted"), &Value::Null));
    assert!(told[1..].iter().all(|it| *it == (&json!("failed"), &json!("duplicate_recipient"))), "{told:?}");
    assert_eq!((&each[1]["user_id"], &each[1]["phone_number"]), (&json!(USER), &Value::Null));
    assert_eq!(each[2]["conversation_id"].id_number(), conversation);
    assert_eq!(called(&stand).len(), sent + 1);
    assert_eq!(contacts(&stand).await.len(), 1);
}

#[tokio::test]
async fn a_repeat_returns_the_first_result_after_two_contacts_were_merged() {
    let stand = Stand::start().await;
    for (id, fields) in
        [("wamid.1", json!({ "from": "50212345678" })), ("wamid.2", json!({ "from_user_id": USER }))]
    {
        hear(&stand, Carrier::Meta, &[with(text(id, id), &fields)], json!([])).await;
    }
    // The phone would tell another user id.
    let silent = json!({ "reach": "none" }).to_string();
    let path = "/sandbox/phones/+50212345678";
    assert_eq!(stand.api.call(Method::PUT, path, &[], silent.into()).await.status, 200);
    let list = hello(&json!([{ "phoneNumber": "+50212345678" }, { "userId": USER }]));
    let key = [("idempotency-key", "campaign-9")];
    let first = stand.api.post_with(MANY, &key, &list).await;
    assert_eq!(outcomes(&first), ["sent", "sent"]);
    let both = json!({ "from": "50212345678", "from_user_id": USER });
    hear(&stand, Carrier::Meta, &[with(text("wamid.3", "soy yo"), &both)], json!([])).await;
    let again = stand.api.post_with(MANY, &key, &list).await;
    assert_eq!(outcomes(&again), ["sent", "sent"], "{}", again.text);
    assert_eq!(outcomes(&stand.api.post(MANY, &list).await), ["sent", "duplicate_recipient"]);
}
