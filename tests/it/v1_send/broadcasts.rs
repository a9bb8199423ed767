//! Broadcasts of our own contract: `POST /v1/broadcasts`, the list, and recipients by where they stand.

use serde_json::{Value, json};
use ventanilla_sandbox::Fault;

use super::{ANA, USER, calls, refused, reminder};
use crate::harness::{Answer, OTHER_KEY, Stand, eventually};

const PATH: &str = "/v1/broadcasts";
const BOB: &str = "+50287654321";

fn hello(recipients: &Value) -> Value {
    json!({ "template": { "name": "hello_world", "language": "en_US" }, "recipients": recipients })
}

/// Begins a broadcast; gives its id.
async fn begun(stand: &Stand, body: &Value) -> String {
    let answer = stand.api.post(PATH, body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// A broadcast once it is done.
async fn done(stand: &Stand, id: &str) -> Value {
    eventually("the broadcast is done", || async {
        let told = stand.api.get(&format!("{PATH}/{id}")).await.json();
        (told["state"] != "running").then_some(told)
    })
    .await
}

async fn recipients(stand: &Stand, id: &str, query: &str) -> Vec<Value> {
    let page = stand.api.get(&format!("{PATH}/{id}/recipients{query}")).await.json();
    page["data"].as_array().unwrap_or_else(|| panic!("{page}")).clone()
}

#[tokio::test]
async fn a_recipient_gets_it_once_in_any_form_of_address() {
    let stand = Stand::start().await;
    let conversation = stand.customer_writes(ANA, "hola").await;
    stand.api.post(&format!("/sandbox/phones/{USER}/messages"), &json!({ "text": "hola" })).await;
    let all = stand.conversations().await;
    let user = all.iter().find(|it| it["contact"]["user_id"] == USER).unwrap();
    let everybody = json!([
        { "conversation_id": format!("conv_{conversation}"), "request_id": 7 },
        { "contact_id": user["contact"]["id"] },
        { "phone": BOB },
        // Three who came before.
        { "phone": ANA },
        { "user_id": USER },
        { "phone": "00502 8765-4321" },
        { "contact_id": "contact_4711" },
    ]);
    let answer = stand.api.post(PATH, &hello(&everybody)).await;
    let told = answer.json();
    assert_eq!(answer.status, 202, "{told}");
    let id = told["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("{PATH}/{id}").as_str()));
    assert!(id.starts_with("bc_"));
    assert_eq!((&told["counts"]["total"], &told["counts"]["queued"]), (&json!(7), &json!(3)), "{told}");
    let ended = done(&stand, id).await;
    assert_eq!((&ended["counts"]["accepted"], &ended["counts"]["failed"]), (&json!(3), &json!(4)), "{ended}");
    assert_eq!(calls(&stand), 3);
    for phone in [ANA, USER, BOB] {
        assert_eq!(stand.phone_got(phone).await.len(), 1, "{phone}");
    }
    let each = recipients(&stand, id, "").await;
    let codes: Vec<&Value> = each.iter().skip(3).map(|it| &it["error"]["code"]).collect();
    let again = json!("duplicate_recipient");
    assert_eq!(codes, [&again, &again, &again, &json!("invalid_request")]);
    assert_eq!(
        (&each[0]["request_id"], &each[0]["conversation_id"]),
        (&json!(7), &json!(format!("conv_{conversation}")))
    );
    assert_eq!(each[1]["given"], user["contact"]["id"]);
    let message = each[0]["message_id"].as_str().unwrap();
    let read = stand.api.get(&format!("/v1/messages/{message}")).await.json();
    assert_eq!((&read["sender"]["type"], &read["sender"]["broadcast_id"]), (&json!("broadcast"), &json!(id)));
    let failed = recipients(&stand, id, "?outcome=failed&limit=2").await;
    assert_eq!(failed, each[3..5]);
    assert_eq!(recipients(&stand, id, "?outcome=queued").await, Vec::<Value>::new());
    let wrong = stand.api.get(&format!("{PATH}/{id}/recipients?outcome=lost")).await;
    assert_eq!(refused(&wrong).2, "outcome");
}

#[tokio::test]
async fn a_filtered_list_continues_where_it_ended() {
    let stand = Stand::start().await;
    let many: Vec<Value> =
        (0..230).map(|place| json!({ "phone": format!("+5023100{:04}", place / 2) })).collect();
    let id = begun(&stand, &hello(&json!(many))).await;
    done(&stand, &id).await;
    let (mut places, mut cursor) = (0, String::new());
    loop {
        let page =
            stand.api.get(&format!("{PATH}/{id}/recipients?outcome=failed&limit=40{cursor}")).await.json();
        places += page["data"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(places, 115);
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_returns_the_expected_result() {
    let stand = Stand::start().await;
    let body = hello(&json!([{ "phone": ANA }, { "conversation_id": 7 }, { "phone": ANA }]));
    let mut dry = body.clone();
    dry["dry_run"] = json!(true);
    for answer in [stand.api.post(PATH, &dry).await, stand.api.post(&format!("{PATH}?dry_run"), &body).await]
    {
        let told = answer.json();
        assert_eq!(answer.status, 200, "{told}");
        assert_eq!(told["counts"], json!({ "total": 3, "would_be_sent": 1, "failed": 2 }), "{told}");
        let codes: Vec<&Value> =
            told["data"].as_array().unwrap().iter().map(|it| &it["error"]["code"]).collect();
        assert_eq!(codes, [&json!(null), &json!("not_found"), &json!("duplicate_recipient")]);
    }
    assert_eq!(calls(&stand), 0);
    assert_eq!(stand.api.get(PATH).await.json()["data"], json!([]));
}

#[tokio::test]
async fn under_a_key_a_broadcast_is_begun_once() {
    let stand = Stand::start().await;
    let key = [("idempotency-key", "campaign-1")];
    let body = hello(&json!([{ "phone": ANA }, { "phone": BOB }]));
    let first = stand.api.post_with(PATH, &key, &body).await.json();
    done(&stand, first["id"].as_str().unwrap()).await;
    let again = stand.api.post_with(PATH, &key, &body).await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (202, Some("true")));
    assert_eq!((&again.json()["id"], &again.json()["state"]), (&first["id"], &json!("done")));
    for other in [hello(&json!([{ "phone": ANA }])), {
        let mut other = body.clone();
        other["channel_id"] = json!("ch_1");
        other
    }] {
        let reused = stand.api.post_with(PATH, &key, &other).await;
        assert_eq!(refused(&reused).1, "idempotency_key_reused");
    }
    assert_eq!(calls(&stand), 2);
}

#[tokio::test]
async fn a_key_of_the_other_contract_is_rejected_and_each_caller_gets_only_its_own_result() {
    let stand = Stand::start().await;
    let ours = hello(&json!([{ "phone": ANA }]));
    let theirs = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    let ask_them = async |key: &str, later: bool| {
        let later: &[(&str, &str)] = if later { &[("prefer", "respond-async")] } else { &[] };
        let headers = [&[("idempotency-key", key)][..], later].concat();
        stand.api.post_with("/api/whatsapp/send-template", &headers, &theirs).await
    };
    let ask_us = async |key: &str| stand.api.post_with(PATH, &[("idempotency-key", key)], &ours).await;
    // A broadcast of theirs, what they sent in the call, and one of ours.
    let begun = ask_them("a", true).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    done(&stand, &format!("bc_{}", begun.json()["summary"]["jobId"])).await;
    assert_eq!(ask_them("b", false).await.status, 200);
    done(&stand, ask_us("c").await.json()["id"].as_str().unwrap()).await;
    let sent = calls(&stand);
    for key in ["a", "b"] {
        let answer = ask_us(key).await;
        assert_eq!(refused(&answer), (422, json!("idempotency_key_reused"), json!(null)), "{key}");
    }
    for later in [true, false] {
        let answer = ask_them("c", later).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (422, &json!("idempotency_key_reused")),
            "{}",
            answer.text
        );
    }
    assert_eq!((sent, calls(&stand)), (3, 3));
}

#[tokio::test]
async fn a_recipient_gets_their_own_values_and_references() {
    let stand = Stand::start().await;
    let mut template = reminder();
    template["components"][0]["parameters"][0]["text"] = json!("everybody");
    let own = |text: &str| {
        let text = json!({ "type": "text", "text": text });
        json!([{ "type": "body", "parameters": [text, text] }])
    };
    let body = json!({ "template": template, "recipients": [
        { "phone": ANA, "components": own("Ana"), "references": { "ref": "order 7", "ref2": "west" } },
        { "phone": BOB },
    ] });
    let key = [("idempotency-key", "campaign-2")];
    let answer = stand.api.post_with(PATH, &key, &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let ended = done(&stand, &id).await;
    assert_eq!(ended["counts"]["accepted"], 2, "{ended}");
    let mut shown = Vec::new();
    for it in recipients(&stand, &id, "").await {
        let path = format!("/v1/messages/{}", it["message_id"].as_str().unwrap());
        shown.push(stand.api.get(&path).await.json());
    }
    let texts: Vec<&str> = shown.iter().map(|it| it["text"].as_str().unwrap()).collect();
    assert!(texts[0].contains("Ana") && !texts[0].contains("everybody"), "{texts:?}");
    assert!(texts[1].contains("everybody") && !texts[1].contains("Ana"), "{texts:?}");
    assert_eq!(shown[0]["references"], json!({ "ref": "order 7", "ref2": "west" }));
    assert_eq!(shown[1]["references"], json!({}));
    // Another value is another request.
    let again = stand.api.post_with(PATH, &key, &body).await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (202, Some("true")));
    for (field, value) in [("components", own("Eva")), ("references", json!({ "ref": "order 8" }))] {
        let mut other = body.clone();
        other["recipients"][0][field] = value;
        assert_eq!(refused(&stand.api.post_with(PATH, &key, &other).await).1, "idempotency_key_reused");
    }
    assert_eq!(calls(&stand), 2);
}

#[tokio::test]
async fn values_that_do_not_fit_the_template_name_their_recipient_and_nothing_is_begun() {
    let stand = Stand::start().await;
    let mut template = reminder();
    let fits = template["components"].clone();
    let unfit = json!([{ "type": "body", "parameters": [{ "type": "text", "text": "only one" }] }]);
    let to = |template: &Value, own: &Value| json!({ "template": template, "recipients": [{ "phone": ANA, "components": fits }, { "phone": BOB, "components": own }] });
    let answer = stand.api.post(PATH, &to(&template, &unfit)).await;
    assert_eq!(
        refused(&answer),
        (400, json!("template_problem"), json!("recipients[1].components")),
        "{}",
        answer.text
    );
    assert!(!answer.json()["problems"].as_array().unwrap().is_empty());
    let dry = stand.api.post(&format!("{PATH}?dry_run"), &to(&template, &unfit)).await;
    assert_eq!(refused(&dry).1, "template_problem");
    assert_eq!(calls(&stand), 0);
    // Nobody gets what is wrong in the template itself.
    template["components"] = json!([]);
    let id = begun(&stand, &to(&template, &fits)).await;
    assert_eq!(done(&stand, &id).await["counts"]["accepted"], 2);
}

#[tokio::test]
async fn errors_are_returned_and_nothing_is_started() {
    let stand = Stand::start().await;
    let to_ana = json!([{ "phone": ANA }]);
    let with = |name: &str, value: Value| {
        let mut body = hello(&to_ana);
        body[name] = value;
        body
    };
    let asked = async |body: &Value| -> Answer { stand.api.post(PATH, body).await };
    for (body, field) in [
        (hello(&json!(["+50212345678"])), "recipients[0]"),
        (with("text", json!("x")), "text"),
        (with("image", json!({ "media_id": "media_7" })), "image"),
        (with("references", json!({})), "references"),
        (with("channel_id", json!("conv_7")), "channel_id"),
        (json!({ "template": { "name": "hello_world" }, "recipients": to_ana }), "template.language"),
    ] {
        let answer = asked(&body).await;
        assert_eq!(
            refused(&answer),
            (400, json!("invalid_request"), json!(field)),
            "{body}: {}",
            answer.text
        );
    }
    let looks = asked(&hello(&json!(["+50212345678"]))).await.json();
    assert_eq!(looks["detail"], "recipients[0] must be an object like {\"phone\":\"+50212345678\"}");
    let mut unfit = reminder();
    unfit["components"] = json!([]);
    let answer = asked(&json!({ "template": unfit, "recipients": to_ana })).await;
    assert_eq!(refused(&answer).1, "template_problem");
    assert_eq!(refused(&asked(&with("channel_id", json!(2))).await), (404, json!("no_channel"), json!(null)));
    assert_eq!(stand.api.get(PATH).await.json()["data"], json!([]));
    assert_eq!(calls(&stand), 0);
}

#[tokio::test]
async fn broadcasts_of_every_contract_are_listed_newest_first() {
    let stand = Stand::start().await;
    let first = begun(&stand, &hello(&json!([{ "phone": ANA }]))).await;
    done(&stand, &first).await;
    let body = json!({ "templateName": "hello_world", "languageCode": "en_US", "recipients": [{ "phoneNumber": ANA }] });
    let second =
        stand.api.post_with("/api/whatsapp/send-template", &[("prefer", "respond-async")], &body).await;
    let second = format!("bc_{}", second.json()["summary"]["jobId"]);
    done(&stand, &second).await;
    stand.provider_will(Fault::Refuse { code: 132_015, http_status: None, details: None });
    let third = json!({ "template": reminder(), "recipients": [{ "phone": BOB }], "channel_id": 1 });
    let third = begun(&stand, &third).await;
    done(&stand, &third).await;
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = stand.api.get(&format!("{PATH}?limit=2{cursor}")).await.json();
        listed.extend(page["data"].as_array().unwrap_or_else(|| panic!("{page}")).clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let ids: Vec<&str> = listed.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [third.as_str(), second.as_str(), first.as_str()]);
    let oldest = stand.api.get(&format!("{PATH}?order=asc&limit=1")).await.json();
    assert_eq!(oldest["data"][0]["id"], first.as_str());
    let next = format!("{PATH}?order=asc&cursor={}", oldest["next_cursor"].as_str().unwrap());
    let rest = stand.api.get(&next).await.json();
    let rest: Vec<&str> =
        rest["data"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(rest, [second.as_str(), third.as_str()]);
    let states: Vec<&Value> = listed.iter().map(|it| &it["state"]).collect();
    assert_eq!(states, [&json!("stopped"), &json!("done"), &json!("done")]);
    for (head, id) in listed.iter().zip(&ids) {
        let mut whole = stand.api.get(&format!("{PATH}/{id}")).await.json();
        whole.as_object_mut().unwrap().remove("counts");
        assert_eq!(&whole, head);
    }
    assert_eq!(
        (&listed[0]["channel_id"], &listed[0]["template"]["name"]),
        (&json!("ch_1"), &json!("appointment_reminder"))
    );
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    assert_eq!(stranger.get(PATH).await.json()["data"], json!([]));
    let answer =
        stranger.get(&format!("{PATH}?cursor={}", cursor.trim_start_matches("&cursor="))).await.json();
    assert_eq!(answer["data"], json!([]));
}

#[tokio::test]
async fn a_text_is_sent_to_customers_with_an_open_window() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let body = json!({ "text": "We are open today.", "recipients": [{ "phone": ANA }], "sent_by": { "type": "bot" } });
    let id = begun(&stand, &body).await;
    let ended = done(&stand, &id).await;
    assert_eq!(
        (&ended["type"], &ended["template"], &ended["counts"]["accepted"]),
        (&json!("text"), &json!(null), &json!(1))
    );
    assert_eq!(stand.phone_got(ANA).await, ["We are open today."]);
}
