//! The real binaries of the functions, under the Lambda Runtime API: an event in, an answer out.

mod corpus;
mod printed;
mod runtime;
mod start;

use std::{fs, io::Read};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use ventanilla::{config::file::ConfigFile, ports::clock::Clock};

use crate::harness::{IdNumber as _, Stand, eventually, root, signed};
use runtime::{Function, JobQueue, event};

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap_or_else(|_| panic!("{answer}"))
}

/// The event with another path and, for the path's parameter, another id.
fn towards(mut event: Value, path: &str) -> Value {
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event
}

/// The event with the test's own webhook in it.
fn telling(mut event: Value, body: &Value) -> Value {
    let body = body.to_string();
    event["headers"]["x-hub-signature-256"] = json!(signed("demo-app-secret", body.as_bytes()));
    event["body"] = json!(body);
    event["isBase64Encoded"] = json!(false);
    event
}

/// The demo's own config, which the samples for Kaleyra are made for.
const DEMO: &str = include_str!("../../../ventanilla.toml");

#[tokio::test]
async fn kaleyra_s_webhooks_are_ingested_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let function = Function::start_with("webhook", &stand, DEMO).await;
    for name in [
        "webhook-kaleyra-v2-text.json",
        "webhook-kaleyra-v2-status.json",
        "webhook-kaleyra-v2-not-sent.json",
        "webhook-kaleyra-v1-text.json",
        "webhook-kaleyra-v1-status.json",
    ] {
        let answer = function.invoke(event(name)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    }
    let forged = towards(event("webhook-kaleyra-v2-text.json"), "/webhooks/kaleyra/2/wrong-callback-secret");
    assert_eq!(function.invoke(forged).await.unwrap()["statusCode"], 401);
    let place = stand.conversation_with("+50212345678").await;
    assert_eq!((&place["channel_id"], &place["unread_count"]), (&json!("ch_2"), &json!(2)));
    let mut texts: Vec<String> = stand
        .messages(place["id"].id_number())
        .await
        .iter()
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect();
    texts.sort();
    assert_eq!(texts, ["Hola, ¿están abiertos? Sí & no", "¿Dónde está mi pedido? 👍"]);
}

#[tokio::test]
async fn a_client_of_kaleyra_is_served_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let function = Function::start_with("send", &stand, DEMO).await;
    let answer = function.invoke(event("send-kaleyra.json")).await.unwrap();
    assert_eq!((&answer["statusCode"], &body(&answer)["code"]), (&json!(202), &json!("WA202")), "{answer}");
    let id = body(&answer)["data"]["message_id"].as_str().unwrap().to_owned();
    assert_eq!(stand.api.get(&format!("/v1/messages/{id}")).await.json()["channel_id"], "ch_2");
}

#[tokio::test]
async fn templates_are_sent_and_synced_under_the_runtime_api() {
    let stand = Stand::start().await;
    let sender = Function::start("send-template", &stand).await;
    let first = body(&sender.invoke(event("send-template.json")).await.unwrap());
    assert_eq!(first["summary"], json!({ "total": 2, "sent": 2, "failed": 0, "unknown": 0 }), "{first}");
    let again = body(&sender.invoke(event("send-template.json")).await.unwrap());
    assert!(again["results"].as_array().unwrap().iter().all(|result| result["replayed"] == true), "{again}");
    for number in ["+50212345678", "+50223456789"] {
        let phone = stand.api.get(&format!("/sandbox/phones/{number}")).await.json();
        assert_eq!(phone["messages"].as_array().unwrap().len(), 1, "{number}");
    }
    let syncer = Function::start("sync-templates", &stand).await;
    let listed = syncer.invoke(event("templates.json")).await.unwrap();
    assert_eq!(listed["statusCode"], 200, "{listed}");
    assert!(body(&listed)["data"].as_array().unwrap().len() > 7);
    assert_eq!(syncer.invoke(event("schedule-sync-templates.json")).await.unwrap(), Value::Null);
}

#[tokio::test]
async fn a_broadcast_is_handed_from_the_sender_to_the_worker_under_the_runtime_api() {
    let stand = Stand::start().await;
    let queue = JobQueue::start().await;
    let sender = Function::start_at(&queue, "send-template", &stand).await;
    let mut wish = event("send-template.json");
    wish["headers"]["prefer"] = json!("respond-async");
    let answer = sender.invoke(wish).await.unwrap();
    let id = body(&answer)["summary"]["jobId"].clone();
    let place = json!(format!("/v1/broadcasts/{id}"));
    assert_eq!((&answer["statusCode"], &answer["headers"]["location"]), (&json!(202), &place), "{answer}");
    let put = queue.take();
    let groups: Vec<&Value> = put.iter().map(|entry| &entry["MessageGroupId"]).collect();
    assert_eq!(groups, ["demo"]);
    let worker = Function::start_at(&queue, "worker", &stand).await;
    let mut piece = event("worker-piece.json");
    piece["Records"][0]["body"] = put[0]["MessageBody"].clone();
    let all_done = json!({ "batchItemFailures": [] });
    // SQS may give a job twice.
    for _ in 0..2 {
        assert_eq!(worker.invoke(piece.clone()).await.unwrap(), all_done);
    }
    for number in ["+50212345678", "+50223456789"] {
        assert_eq!(stand.phone_got(number).await.len(), 1, "{number}");
    }
    let overview = stand.api.get(place.as_str().unwrap()).await.json();
    assert_eq!(
        (&overview["state"], &overview["counts"]["accepted"]),
        (&json!("done"), &json!(2)),
        "{overview}"
    );
    assert!(queue.take().is_empty());
}

#[tokio::test]
async fn a_broadcast_of_our_own_contract_is_begun_and_listed_under_the_runtime_api() {
    let stand = Stand::start().await;
    let queue = JobQueue::start().await;
    let sender = Function::start_at(&queue, "send-template", &stand).await;
    let answer = sender.invoke(event("broadcast.json")).await.unwrap();
    let id = body(&answer)["id"].clone();
    let place = json!(format!("/v1/broadcasts/{}", id.as_str().unwrap()));
    assert_eq!((&answer["statusCode"], &answer["headers"]["location"]), (&json!(202), &place), "{answer}");
    assert_eq!(queue.take().len(), 1);
    let again = sender.invoke(event("broadcast.json")).await.unwrap();
    assert_eq!(
        (&body(&again)["id"], &again["headers"]["idempotent-replayed"]),
        (&id, &json!("true")),
        "{again}"
    );
    let listed = sender.invoke(event("broadcasts.json")).await.unwrap();
    assert_eq!(
        (&body(&listed)["data"][0]["id"], &body(&listed)["data"][0]["state"]),
        (&id, &json!("running"))
    );
}

#[tokio::test]
async fn the_worker_reports_unreadable_messages_under_the_runtime_api() {
    let stand = Stand::start().await;
    let worker = Function::start("worker", &stand).await;
    // Of a broadcast that is no longer there nothing is left to do.
    let sound = event("worker-piece.json");
    assert_eq!(worker.invoke(sound.clone()).await.unwrap(), json!({ "batchItemFailures": [] }));
    let mut batch = sound.clone();
    let mut broken = sound["Records"][0].clone();
    broken["messageId"] = json!("00000000-0000-4000-8000-000000000021");
    broken["body"] = json!(r#"{"job":"another"}"#);
    batch["Records"].as_array_mut().unwrap().push(broken.clone());
    let failed = json!([{ "itemIdentifier": broken["messageId"] }]);
    assert_eq!(worker.invoke(batch).await.unwrap(), json!({ "batchItemFailures": failed }));
}

#[tokio::test]
async fn files_are_put_in_asked_for_and_fetched_under_the_runtime_api() {
    let stand = Stand::start().await;
    let sender = Function::start("send", &stand).await;
    let opened = sender.invoke(event("send-upload.json")).await.unwrap();
    assert_eq!(opened["statusCode"], 201, "{opened}");
    let url = body(&opened)["upload_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("https://a-bucket.s3.eu-west-1.amazonaws.com/T/demo/"), "{url}");
    assert!(
        url.contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"),
        "{url}"
    );
    let inbox = Function::start("inbox", &stand).await;
    let missing = inbox.invoke(event("inbox-download.json")).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(404), &json!("not_found")));
    let fetcher = Function::start("fetch", &stand).await;
    // Of a file that is not there any more nothing is left to do.
    let sound = event("fetch-file.json");
    assert_eq!(fetcher.invoke(sound.clone()).await.unwrap(), json!({ "batchItemFailures": [] }));
    let mut broken = sound;
    broken["Records"][0]["body"] = json!("{}");
    let failed = json!([{ "itemIdentifier": broken["Records"][0]["messageId"] }]);
    assert_eq!(fetcher.invoke(broken).await.unwrap(), json!({ "batchItemFailures": failed }));
}

#[tokio::test]
async fn push_numbers_the_events_of_the_stream_under_the_runtime_api() {
    let stand = Stand::start().await;
    let push = Function::start("push", &stand).await;
    let mut batch = event("push-stream.json");
    // The log keeps what happened of late.
    let now = ventanilla::system::SystemClock.now().millis().to_string();
    batch["Records"][0]["dynamodb"]["NewImage"]["at"]["N"] = json!(now);
    let mut broken = batch["Records"][0].clone();
    broken["dynamodb"]["NewImage"]["kind"]["S"] = json!("another");
    broken["dynamodb"]["SequenceNumber"] = json!("100000000000000000021");
    batch["Records"].as_array_mut().unwrap().insert(0, broken);
    // Lambda may deliver a batch twice; an unreadable record blocks no other.
    for _ in 0..2 {
        assert_eq!(push.invoke(batch.clone()).await.unwrap(), json!({ "batchItemFailures": [] }));
    }
    let log = stand.api.get("/v1/events?after=0").await.json();
    let told: Vec<Value> = log["data"].as_array().unwrap().iter().map(|event| event["id"].clone()).collect();
    let name = batch["Records"][1]["dynamodb"]["NewImage"]["id"]["S"].as_str().unwrap();
    assert_eq!(told, [json!(format!("evt_{name}"))], "{log}");
}

#[tokio::test]
async fn a_socket_is_opened_used_and_closed_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let socket = Function::start("socket", &stand).await;
    let status = |answer: &Value| answer["statusCode"].as_u64();
    let connect = event("socket-connect.json");
    let mut stranger = connect.clone();
    stranger["queryStringParameters"]["apiKey"] = json!("vk_wrong");
    stranger["multiValueQueryStringParameters"]["apiKey"] = json!(["vk_wrong"]);
    assert_eq!(status(&socket.invoke(stranger).await.unwrap()), Some(401));
    assert_eq!(status(&socket.invoke(connect).await.unwrap()), Some(200));
    let mut said = event("socket-message.json");
    let text = said["body"].as_str().unwrap().replace("244015432183825", &id.to_string());
    said["body"] = json!(text);
    said["requestContext"]["requestTimeEpoch"] = json!(ventanilla::system::SystemClock.now().millis());
    // The same frame twice is one message.
    for _ in 0..2 {
        assert_eq!(status(&socket.invoke(said.clone()).await.unwrap()), Some(200));
    }
    assert_eq!(stand.phone_got("+50212345678").await, ["Sí, abrimos a las 8"]);
    assert_eq!(status(&socket.invoke(event("socket-disconnect.json")).await.unwrap()), Some(200));
    let rows = stand.rows().await;
    assert!(rows.values().all(|row| row["row"]["S"] != "connection"));
}

#[tokio::test]
async fn a_preference_is_ingested_and_listed_under_the_runtime_api() {
    let stand = Stand::start_with(ConfigFile::parse(DEMO).unwrap()).await;
    let hook = Function::start_with("webhook", &stand, DEMO).await;
    let heard = hook.invoke(event("webhook-meta-preferences.json")).await.unwrap();
    assert_eq!(heard["statusCode"], 200, "{heard}");
    let sender = Function::start_with("send-template", &stand, DEMO).await;
    let listed = body(&sender.invoke(event("suppressions.json")).await.unwrap());
    let mut all: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|entry| entry["address"].as_str().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, ["+50212345678", "GT.13556113191870295143"]);
}

#[tokio::test]
async fn reply_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start("reply", &stand).await;
    let answer = function
        .invoke(towards(event("reply.json"), &format!("/api/conversations/{id}/reply")))
        .await
        .unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(body(&answer), json!({ "success": true, "message": "Reply sent successfully" }));
    let missing = function.invoke(event("reply-php.json")).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(500), &json!("not_found")));
    assert_eq!(stand.phone_got("+50212345678").await.len(), 1);
}

#[tokio::test]
async fn send_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let function = Function::start("send", &stand).await;
    stand.window_opens("+50212345678").await;
    let answer = function.invoke(event("send.json")).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let id = body(&answer)["data"]["conversation"]["conversation_id"].as_u64().unwrap();
    let path = format!("/api/whatsapp/conversations/{id}/messages");
    let second = function.invoke(towards(event("send-in-conversation.json"), &path)).await.unwrap();
    assert_eq!(second["statusCode"], 200, "{second}");
    assert_eq!(body(&second)["data"]["conversation_id"], id);
    stand.running.sandbox.until_idle().await;
    let states: Vec<Value> =
        stand.messages(id).await.iter().map(|message| message["status"].clone()).collect();
    assert_eq!(states, [json!("read"), json!("read")]);
    // Without time for a call and its commit, no call is begun.
    let mut late = towards(event("send-in-conversation.json"), &path);
    late["headers"].as_object_mut().unwrap().remove("idempotency-key");
    let late = function.invoke_within(late, 5_000).await.unwrap();
    assert_eq!((&late["statusCode"], &body(&late)["code"]), (&json!(502), &json!("provider_down")));
    assert_eq!(stand.messages(id).await.len(), 2);
}

#[tokio::test]
async fn a_message_of_our_own_contract_is_sent_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start("send", &stand).await;
    let path = format!("/v1/conversations/conv_{id}/messages");
    for event in [towards(event("send-v1-conversation.json"), &path), event("send-v1-message.json")] {
        let first = function.invoke(event.clone()).await.unwrap();
        let place = format!("/v1/messages/{}", body(&first)["id"].as_str().unwrap());
        assert_eq!(
            (&first["statusCode"], &first["headers"]["location"]),
            (&json!(201), &json!(place)),
            "{first}"
        );
        let again = function.invoke(event).await.unwrap();
        assert_eq!(
            (&again["statusCode"], &body(&again)["id"]),
            (&json!(201), &body(&first)["id"]),
            "{again}"
        );
        assert_eq!(again["headers"]["idempotent-replayed"], "true");
    }
    assert_eq!(stand.phone_got("+50212345678").await.len(), 2);
}

#[tokio::test]
async fn a_client_of_pipes_bot_is_served_under_the_runtime_api() {
    let stand = Stand::start().await;
    let function = Function::start("send", &stand).await;
    stand.window_opens("+50212345678").await;
    for name in ["send-passthrough.json", "send-from-pool-number.json"] {
        let answer = function.invoke(event(name)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
        assert_eq!(body(&answer)["contacts"][0]["wa_id"], "50212345678", "{answer}");
    }
    let mut reply = event("send-by-conversation-id.json");
    let missing = function.invoke(reply.clone()).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(404), &json!("NOT_FOUND")));
    let id = format!("conv_{}", stand.conversation_with("+50212345678").await["id"].id_number());
    reply["body"] = json!(reply["body"].as_str().unwrap().replace("conv_244015432889264", &id));
    reply["headers"]["idempotency-key"] = json!("another message");
    let answer = function.invoke(reply).await.unwrap();
    assert_eq!(
        (&answer["statusCode"], &body(&answer)["conversationId"]),
        (&json!(200), &json!(id)),
        "{answer}"
    );
    assert_eq!(stand.phone_got("+50212345678").await.len(), 3);
}

#[tokio::test]
async fn webhook_answers_under_the_runtime_api() {
    let stand = Stand::start().await;
    let function = Function::start("webhook", &stand).await;
    let verified = function.invoke(event("webhook-meta-verify.json")).await.unwrap();
    assert_eq!(verified["statusCode"], 200, "{verified}");
    let query = event("webhook-meta-verify.json")["rawQueryString"].as_str().unwrap().to_owned();
    assert!(query.contains(&format!("hub.challenge={}", verified["body"].as_str().unwrap())));
    // The samples are signed as they lie there; one of them is Base64, as the gateway sends binaries.
    for name in ["webhook-meta-text.json", "webhook-meta-batch.json"] {
        let answer = function.invoke(event(name)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
    }
    let mut forged = event("webhook-meta-text.json");
    forged["body"] = json!(format!("{} ", forged["body"].as_str().unwrap()));
    assert_eq!(function.invoke(forged).await.unwrap()["statusCode"], 401);
    let told = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" },
        "messages": [{ "id": "wamid.1", "from": "50212345678", "timestamp": "1", "type": "text", "text": { "body": "ä 👋" } }],
    } }] }] });
    let answer = function.invoke(telling(event("webhook-meta-text.json"), &told)).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let id = stand.conversation_with("+50212345678").await["id"].id_number();
    assert_eq!(stand.messages(id).await[0]["text"], "ä 👋");
}

#[tokio::test]
async fn a_file_is_wanted_in_the_name_of_its_tenant_under_the_runtime_api() {
    let stand = Stand::start().await;
    let queue = JobQueue::start().await;
    let hook = Function::start_wanting(&queue, "webhook", &stand).await;
    let told = json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" },
        "messages": [{ "id": "wamid.1", "from": "50212345678", "timestamp": "1", "type": "image",
            "image": { "id": "77", "mime_type": "image/png" } }],
    } }] }] });
    let answer = hook.invoke(telling(event("webhook-meta-text.json"), &told)).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let wanted = queue.take();
    let groups: Vec<&Value> = wanted.iter().map(|entry| &entry["MessageGroupId"]).collect();
    assert_eq!(groups, ["demo"]);
}

#[tokio::test]
async fn inbox_looks_after_conversations_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let inbox = Function::start("inbox", &stand).await;
    let of = |name: &str, what: &str| towards(event(name), &format!("/v1/conversations/{id}/{what}"));
    let assigned = body(&inbox.invoke(of("inbox-assign.json", "assign")).await.unwrap());
    assert_eq!(assigned["assignee"], "ana@example.com", "{assigned}");
    let toggle = towards(event("inbox-php-toggle.json"), &format!("/api/conversations/{id}/toggle-ai"));
    let switched = inbox.invoke(toggle).await.unwrap();
    assert_eq!(switched["statusCode"], 200, "{switched}");
    let found = body(&inbox.invoke(event("inbox-filtered.json")).await.unwrap());
    assert_eq!(found["data"][0]["id"].id_number(), id, "{found}");
    let read = body(&inbox.invoke(of("inbox-read.json", "read")).await.unwrap());
    assert_eq!(read["receipt"]["state"], "told", "{read}");
    assert_eq!(body(&inbox.invoke(event("inbox-filtered.json")).await.unwrap())["data"], json!([]));
    let contacts = body(&inbox.invoke(event("inbox-contacts.json")).await.unwrap());
    assert_eq!(contacts["data"][0]["conversations"][0]["conversation_id"].id_number(), id, "{contacts}");
    for name in ["inbox-php-conversations.json", "inbox-whatsapp-conversations.json"] {
        let answer = inbox.invoke(event(name)).await.unwrap();
        assert_eq!(
            (&answer["statusCode"], &body(&answer)["success"]),
            (&json!(200), &json!(true)),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn inbox_and_reconcile_answer_under_the_runtime_api() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", "hola").await;
    let function = Function::start("inbox", &stand).await;
    let listed = function.invoke(event("inbox-conversations.json")).await.unwrap();
    assert_eq!(body(&listed)["data"][0]["id"].id_number(), id, "{listed}");
    let messages = towards(event("inbox-messages.json"), &format!("/v1/conversations/{id}/messages"));
    assert_eq!(body(&function.invoke(messages).await.unwrap())["data"][0]["text"], "hola");
    let missing = function.invoke(event("inbox-message.json")).await.unwrap();
    assert_eq!((&missing["statusCode"], &body(&missing)["code"]), (&json!(404), &json!("not_found")));
    let reconcile = Function::start("reconcile", &stand).await;
    assert_eq!(reconcile.invoke(event("reconcile-schedule.json")).await, Ok(Value::Null));
}

#[tokio::test]
async fn a_long_response_is_compressed_under_the_runtime_api_for_clients_that_accept_it() {
    let stand = Stand::start().await;
    let id = stand.customer_writes("+50212345678", &"¿están abiertos? ".repeat(200)).await;
    let function = Function::start("inbox", &stand).await;
    let path = format!("/v1/conversations/{id}/messages");
    let plain = function.invoke(towards(event("inbox-messages.json"), &path)).await.unwrap();
    assert_eq!(
        (&plain["isBase64Encoded"], &plain["headers"]["content-encoding"]),
        (&json!(false), &Value::Null)
    );
    let mut wanted = towards(event("inbox-messages.json"), &path);
    wanted["headers"]["accept-encoding"] = json!("gzip, deflate, br");
    let packed = function.invoke(wanted).await.unwrap();
    assert_eq!(packed["headers"]["content-encoding"], "gzip", "{packed}");
    assert_eq!((&packed["statusCode"], &packed["isBase64Encoded"]), (&json!(200), &json!(true)));
    let bytes = STANDARD.decode(packed["body"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain["body"].as_str().unwrap());
    assert!(bytes.len() * 2 < text.len());
    // A short one goes out as it is.
    let mut short = event("inbox-message.json");
    short["headers"]["accept-encoding"] = json!("gzip");
    let short = function.invoke(short).await.unwrap();
    assert_eq!((&short["isBase64Encoded"], &short["statusCode"]), (&json!(false), &json!(404)), "{short}");
}

#[tokio::test]
async fn a_client_of_abc_sales_is_served_under_the_runtime_api() {
    let stand = Stand::start().await;
    stand.customer_writes("+50212345678", "hola").await;
    let inbox = Function::start("inbox", &stand).await;
    let listed = inbox.invoke(event("inbox-connections.json")).await.unwrap();
    assert_eq!(body(&listed)["data"]["messaging_channel_connections"][0]["id"], 1, "{listed}");
    let reply = Function::start("reply", &stand).await;
    let missing = reply.invoke(event("reply-lead.json")).await.unwrap();
    assert_eq!(
        (&missing["statusCode"], &body(&missing)["error"]["code"]),
        (&json!(404), &json!("not_found"))
    );
    let told = reply.invoke(event("reply-lead-told.json")).await.unwrap();
    assert_eq!(
        (&told["statusCode"], &body(&told)["data"]["lead"]["external_id"]),
        (&json!(201), &json!("crm-7"))
    );
    let answer = reply.invoke(event("reply-lead.json")).await.unwrap();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let said = body(&inbox.invoke(event("inbox-lead-conversations.json")).await.unwrap());
    assert_eq!(said["data"]["conversations"][0]["id"], body(&answer)["data"]["conversation"]["id"], "{said}");
    assert_eq!(stand.phone_got("+50212345678").await, ["Thanks for reaching out! How can we help?"]);
}

#[test]
fn every_event_is_used_by_a_test() {
    let source = include_str!("mod.rs");
    for entry in fs::read_dir(root().join("events")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "{name} is read by no test");
    }
}

/// The event of a caller who reads the log from its beginning and would wait so many seconds for an entry.
fn waiting(seconds: u64) -> Value {
    let mut asked = towards(event("inbox-contacts.json"), "/v1/events");
    asked["rawQueryString"] = json!(format!("after=0&wait={seconds}"));
    asked
}

#[tokio::test]
async fn callers_wait_for_events_no_longer_than_the_environment_allows() {
    let stand = Stand::start().await;
    for (allowed, longest, too_long) in [
        (0, 0, "must be 0: this installation answers at once"),
        (1, 1, "must be a number of seconds from 0 to 1"),
    ] {
        let function = Function::start_waiting("inbox", &stand, allowed).await;
        let answer = function.invoke(waiting(longest)).await.unwrap();
        assert_eq!(answer["statusCode"], 200, "{allowed}: {answer}");
        let refused = function.invoke(waiting(longest + 1)).await.unwrap();
        assert_eq!(refused["statusCode"], 400, "{allowed}: {refused}");
        let detail = body(&refused)["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(too_long), "{allowed}: {detail}");
    }
}

#[tokio::test]
async fn a_caller_who_may_wait_is_answered_once_something_happens() {
    let stand = Stand::start().await;
    let function = Function::start_waiting("inbox", &stand, 20).await;
    let happens = async {
        eventually("it looks at the log", async || stand.tap.touched().contains("T#demo#G").then_some(()))
            .await;
        stand.customer_writes("+50212345678", "hola").await;
        stand.follow().await;
    };
    let (answer, ()) = tokio::join!(function.invoke(waiting(20)), happens);
    let answer = answer.unwrap();
    let kinds: Vec<Value> = body(&answer)["data"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"))
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert!(kinds.contains(&json!("message.received")), "{answer}");
}
