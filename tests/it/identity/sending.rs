//! Whom a message goes to, however the customer is named.

use http::Method;
use serde_json::{Value, json};
use ventanilla_sandbox::LogEntry;

use super::{contacts, hear, only_conversation, tell, text, with};
use crate::harness::{Answer, Carrier, DEMO_KEY, OTHER_KEY, Socket, Stand, eventually};

const SEND: &str = "/api/whatsapp/send";
const MANY: &str = "/api/whatsapp/send-template";
const PASSTHROUGH: &str = "/v1/messages/passthrough";
const KALEYRA: &str = "/v2/demo/whatsapp/+15550100001/messages";

/// A customer who shows no number.
const USER: &str = "GT.13491208655302741918";

/// How often the provider was called for a message, and for whom.
fn called(stand: &Stand) -> Vec<String> {
    let log = stand.running.sandbox.log().into_iter();
    log.filter_map(|entry| match entry {
        LogEntry::Call(call) => call.to,
        _ => None,
    })
    .collect()
}

/// The customer without a number writes; gives the id of their conversation.
async fn user_writes(stand: &Stand) -> u64 {
    let path = format!("/sandbox/phones/{USER}/messages");
    assert_eq!(stand.api.post(&path, &json!({ "text": "hola" })).await.status, 200);
    only_conversation(stand).await["id"].as_u64().unwrap()
}

/// A template without places to these recipients.
fn hello(recipients: &Value) -> Value {
    json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": recipients })
}

/// A login code to these recipients.
fn login_code(recipients: &Value) -> Value {
    let code = json!([{ "type": "text", "text": "482911" }]);
    json!({
        "templateName": "login_code", "languageCode": "es", "recipients": recipients,
        "components": [
            { "type": "body", "parameters": code },
            { "type": "button", "sub_type": "url", "index": "0", "parameters": code },
        ],
    })
}

/// The outcome of each recipient: `sent`, `queued`, or the code of the failure.
fn outcomes(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let results = body["results"].as_array().unwrap_or_else(|| panic!("{body}"));
    let outcome = |it: &Value| match (it["code"].as_str(), it["queued"] == true, it["dry_run"] == true) {
        (Some(code), ..) => code.to_owned(),
        (None, true, _) => "queued".to_owned(),
        (None, _, true) => "would be sent".to_owned(),
        _ => "sent".to_owned(),
    };
    results.iter().map(outcome).collect()
}

/// What became of each recipient of a broadcast that is done.
async fn done(stand: &Stand, job: &Value) -> Vec<Value> {
    eventually("the broadcast is done", || async {
        let told = stand.api.get(&format!("/v1/broadcasts/{job}")).await.json();
        (told["state"] == "done").then_some(())
    })
    .await;
    let page = stand.api.get(&format!("/v1/broadcasts/{job}/recipients")).await.json();
    page["recipients"].as_array().unwrap().clone()
}

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
async fn a_message_to_either_spelling_goes_into_the_one_conversation_and_to_the_number_that_was_named() {
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
            assert_eq!(place, only_conversation(&stand).await["id"], "{}", answer.text);
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
    let conversation = only_conversation(&stand).await["id"].clone();
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
    // The same when it goes on after the answer.
    let answer = stand.api.post_with(MANY, &[("prefer", "respond-async")], &hello(&json!(ways))).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let each = done(&stand, &answer.json()["summary"]["jobId"]).await;
    let told: Vec<(&Value, &Value)> = each.iter().map(|it| (&it["outcome"], &it["error"]["code"])).collect();
    assert_eq!(told[0], (&json!("sent"), &Value::Null));
    assert!(told[1..].iter().all(|it| *it == (&json!("failed"), &json!("duplicate_recipient"))), "{told:?}");
    assert_eq!((&each[1]["user_id"], &each[1]["phone_number"]), (&json!(USER), &Value::Null));
    assert_eq!(each[2]["conversation_id"], conversation);
    assert_eq!(called(&stand).len(), sent + 1);
    assert_eq!(contacts(&stand).await.len(), 1);
}

#[tokio::test]
async fn a_repeat_tells_what_was_done_though_two_turned_out_to_be_one() {
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

#[tokio::test]
async fn a_customer_without_a_number_is_sent_to_on_every_route() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    let mut expected = vec!["hola".to_owned()];
    for (body, place) in [
        (
            json!({ "userId": USER, "content": "uno" }),
            json!({ "conversation_id": id, "phone_number": null, "request_id": null, "user_id": USER }),
        ),
        (
            json!({ "conversationId": id, "content": "dos" }),
            json!({ "conversation_id": id, "phone_number": null, "request_id": null, "user_id": USER }),
        ),
    ] {
        let answer = stand.api.post(SEND, &body).await;
        let told = answer.json();
        assert_eq!((answer.status.as_u16(), &told["data"]["conversation"]), (200, &place), "{told}");
        expected.push(body["content"].as_str().unwrap().to_owned());
    }
    for (name, text) in [("to", "tres"), ("recipient", "cuatro")] {
        let object =
            json!({ "messaging_product": "whatsapp", name: USER, "type": "text", "text": { "body": text } });
        let kaleyra = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await;
        assert_eq!(
            (kaleyra.status.as_u16(), &kaleyra.json()["data"]["user_id"]),
            (202, &json!(USER)),
            "{}",
            kaleyra.text
        );
        let passed = stand.api.post(PASSTHROUGH, &with(object, &json!({ "poolNumberId": "pn_1" }))).await;
        assert_eq!(passed.status, 200, "{}", passed.text);
        assert_eq!(passed.json()["contacts"], json!([{ "input": USER, "user_id": USER }]));
        expected.extend([text.to_owned(), text.to_owned()]);
    }
    for name in ["toNumber", "recipient"] {
        let body = json!({ "poolNumberId": "pn_1", name: USER, "text": "cinco" });
        let answer = stand.api.post("/v1/messages/app/send", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["contacts"], json!([{ "input": USER, "user_id": USER }]));
        expected.push("cinco".to_owned());
    }
    let lead = only_conversation(&stand).await["contact"]["id"].clone();
    let reply = json!({ "content": "seis", "messaging_channel_connection_id": 1 });
    let answer = stand.api.post(&format!("/v1/leads/{lead}/conversations/reply"), &reply).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["data"]["conversation"]["lead_id"]), (200, &lead));
    assert_eq!(stand.reply(id, "siete").await.status, 200);
    let within = json!({ "conversationId": format!("conv_{id}"), "text": "ocho" });
    assert_eq!(stand.api.post("/v1/messages/send", &within).await.status, 200);
    expected.extend(["seis", "siete", "ocho"].map(str::to_owned));
    stand.running.sandbox.settled().await;
    let mut got = super::texts(&stand, &only_conversation(&stand).await).await;
    got.sort_unstable();
    expected.sort_unstable();
    assert_eq!(got, expected, "all of it is in the one conversation");
    assert!(called(&stand).iter().all(|to| to == USER));
    assert_eq!(contacts(&stand).await.len(), 1);
}

#[tokio::test]
async fn a_socket_replies_to_a_customer_without_a_number() {
    let stand = Stand::start_live().await;
    let id = user_writes(&stand).await;
    let mut socket = Socket::open(&stand.base(), &format!("apiKey={DEMO_KEY}"), &[]).await.unwrap();
    let told = socket.next_of("whatsapp_message").await;
    assert_eq!(told["data"]["fromUserId"], USER, "{told}");
    let data = json!({ "conversationId": format!("conv_{id}"), "text": "¡sí!" });
    socket.send(&json!({ "type": "whatsapp_reply", "data": data })).await;
    let status = socket.next_of("reply_status").await;
    assert_eq!(status["data"]["success"], true, "{status}");
    assert_eq!(stand.phone_got(USER).await, ["¡sí!"]);
}

#[tokio::test]
async fn a_customer_is_named_by_exactly_one_field() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    for (named, field) in [
        (json!({}), "phoneNumber"),
        (json!({ "phoneNumber": "+50212345678", "userId": USER }), "userId"),
        (json!({ "userId": USER, "conversationId": id }), "conversationId"),
        (json!({ "userId": "+50212345678" }), "userId"),
        (json!({ "conversationId": "x" }), "conversationId"),
    ] {
        let answer = stand.api.post(SEND, &with(named.clone(), &json!({ "content": "hola" }))).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), &body["details"][0]["field"]), (400, &json!(field)), "{body}");
        let many = stand.api.post(MANY, &hello(&json!([named, { "userId": USER }]))).await;
        assert_eq!(outcomes(&many), ["invalid_request", "sent"], "{}", many.text);
        assert_eq!(many.json()["results"][0]["details"][0]["field"], field);
    }
    let named = stand.api.post(SEND, &json!({ "content": "hola" })).await.json();
    for field in ["phoneNumber", "userId", "conversationId"] {
        assert!(named["error"].as_str().unwrap().contains(field), "{named}");
    }
}

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
            (USER, USER, "sent"),
            (given.as_str(), "", "failed"),
            ("GT.2", "GT.2", "sent"),
            ("no one", "", "failed")
        ]
    );
    assert_eq!(each[0]["conversation_id"], id);
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
async fn a_login_code_needs_a_number_and_goes_to_the_one_that_is_known() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    stand.api.get("/api/whatsapp/templates").await;
    for named in [json!({ "userId": USER }), json!({ "conversationId": id }), json!({ "userId": "GT.2" })] {
        let list = login_code(&json!([named, { "phoneNumber": "+50287654321" }]));
        for path in [format!("{MANY}?dry_run=true"), MANY.to_owned()] {
            let answer = stand.api.post(&path, &list).await;
            assert_eq!(outcomes(&answer)[0], "unsupported", "{}", answer.text);
            let detail = answer.json()["results"][0]["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("authentication template"), "{detail}");
        }
    }
    let template = json!({ "name": "login_code", "language": { "code": "es" }, "components": login_code(&json!([]))["components"] });
    let object = json!({ "messaging_product": "whatsapp", "recipient": USER, "type": "template", "template": template });
    let kaleyra = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await.json();
    assert_eq!(kaleyra["reason"], "unsupported", "{kaleyra}");
    assert!(
        called(&stand).iter().all(|to| to == "50287654321"),
        "refused before sending: {:?}",
        called(&stand)
    );
    // As soon as the number is known, whoever names them otherwise means it.
    let both = json!({ "from": "50212345678", "from_user_id": USER });
    hear(&stand, Carrier::Meta, &[with(text("wamid.9", "mi número"), &both)], json!([])).await;
    for named in [json!({ "userId": USER }), json!({ "conversationId": id })] {
        assert_eq!(outcomes(&stand.api.post(MANY, &login_code(&json!([named]))).await), ["sent"]);
        assert_eq!(called(&stand).last().map(String::as_str), Some("50212345678"));
    }
}

#[tokio::test]
async fn what_our_copy_does_not_know_the_provider_refuses_with_its_own_code() {
    let stand = Stand::start().await;
    user_writes(&stand).await;
    // Nobody looked at the templates yet, and the look that precedes a send is not of the kind that waits.
    let object = json!({
        "messaging_product": "whatsapp", "recipient": USER, "type": "template",
        "template": { "name": "login_code", "language": { "code": "es" }, "components": login_code(&json!([]))["components"] },
    });
    let answer = stand.api.post(KALEYRA, &json!({ "messaging_object": object })).await.json();
    assert_eq!(answer["reason"], "recipient_unreachable", "{answer}");
}

#[tokio::test]
async fn at_kaleyra_a_customer_without_a_number_is_refused_by_name_and_one_with_a_number_reached() {
    for carrier in [Carrier::KaleyraV2, Carrier::KaleyraV1] {
        let stand = Stand::start_with(carrier.config()).await;
        let id = user_writes(&stand).await;
        let refused = [
            stand.api.post(SEND, &json!({ "userId": USER, "content": "hola" })).await,
            stand.api.post(SEND, &json!({ "conversationId": id, "content": "hola" })).await,
            stand
                .api
                .post(&format!("/api/whatsapp/conversations/{id}/messages"), &json!({ "content": "hola" }))
                .await,
        ];
        for answer in refused {
            let body = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &body["code"]),
                (422, &json!("unsupported")),
                "{carrier:?} {body}"
            );
            assert!(body["detail"].as_str().unwrap().contains("Kaleyra"), "{body}");
        }
        let many = stand
            .api
            .post(MANY, &hello(&json!([{ "userId": USER }, { "phoneNumber": "+50287654321" }])))
            .await;
        assert_eq!(outcomes(&many), ["unsupported", "sent"], "{}", many.text);
        assert_eq!(called(&stand), ["50287654321"]);
        if carrier == Carrier::KaleyraV1 {
            continue;
        }
        let both = json!({ "from": "50212345678", "from_user_id": USER });
        hear(&stand, carrier, &[with(text("wamid.9", "mi número"), &both)], json!([])).await;
        for named in [json!({ "userId": USER }), json!({ "conversationId": id })] {
            let answer = stand.api.post(SEND, &with(named, &json!({ "content": "hola" }))).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(called(&stand).last().map(String::as_str), Some("50212345678"));
        }
    }
}

#[tokio::test]
async fn a_parent_id_leads_to_the_customer_and_nothing_is_sent_to_it() {
    let stand = Stand::start().await;
    let parent = "GT.ENT.7";
    let unknown = stand.api.post(SEND, &json!({ "userId": parent, "content": "hola" })).await.json();
    assert_eq!(unknown["code"], "recipient_unreachable", "{unknown}");
    let known = json!({ "from_user_id": USER, "from_parent_user_id": parent });
    hear(&stand, Carrier::Meta, &[with(text("wamid.1", "hola"), &known)], json!([])).await;
    let sent = stand.api.post(SEND, &json!({ "userId": parent, "content": "hola" })).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    // Nobody knows yet how to reach who is known by nothing else.
    hear(&stand, Carrier::Meta, &[with(text("wamid.2", "hola"), &json!({ "from": "GT.ENT.8" }))], json!([]))
        .await;
    let place =
        stand.conversations().await.into_iter().find(|it| it["contact"]["user_id"].is_null()).unwrap();
    let refused = stand.reply(place["id"].as_u64().unwrap(), "hola").await;
    assert_eq!(refused.status, 500, "{}", refused.text);
    assert_eq!(called(&stand), [USER]);
}

#[tokio::test]
async fn another_tenant_s_conversation_is_not_found_like_one_that_exists_nowhere() {
    let stand = Stand::start().await;
    let id = user_writes(&stand).await;
    stand.tap.touched();
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    for path in [SEND.to_owned(), MANY.to_owned(), format!("{MANY}?dry_run=true")] {
        let ask = |id: u64| {
            let named = json!({ "conversationId": id });
            let body = if path == SEND {
                with(named, &json!({ "content": "hola" }))
            } else {
                hello(&json!([named, { "phoneNumber": "+50287654321" }]))
            };
            let (stranger, path) = (stranger.clone(), path.clone());
            async move {
                let answer = stranger.post(&path, &body).await;
                let mut told = answer.json();
                if let Some(result) = told.pointer_mut("/results/0").map(Value::take) {
                    told = result;
                }
                told.as_object_mut().unwrap().remove("conversationId");
                (answer.status.as_u16(), told)
            }
        };
        let nowhere = ask(9_007_199_254_740_000).await;
        assert_eq!(nowhere.1["code"], "not_found", "{path}: {}", nowhere.1);
        assert_eq!(ask(id).await, nowhere, "{path}");
    }
    let foreign: Vec<String> =
        stand.tap.touched().into_iter().filter(|key| key.starts_with("T#demo#")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(called(&stand).iter().all(|to| to == "50287654321"));
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

#[tokio::test]
async fn a_status_of_a_message_to_a_user_id_finds_it() {
    let stand = Stand::start().await;
    let sent = stand.api.post(SEND, &json!({ "userId": "GT.3", "content": "hola" })).await.json();
    stand.running.sandbox.settled().await;
    let id = sent["data"]["message"]["message_id"].clone();
    let message = stand.api.get(&format!("/v1/messages/{id}")).await.json()["message"].clone();
    let report = json!({ "id": message["provider_message_id"], "status": "read", "timestamp": "1795263680", "recipient_id": "GT.3" });
    tell(&stand, Carrier::Meta, json!({ "statuses": [report] })).await;
    assert_eq!(only_conversation(&stand).await["contact"]["user_id"], "GT.3");
}
