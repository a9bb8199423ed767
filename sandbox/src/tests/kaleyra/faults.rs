//! Every scripted fault at Kaleyra, on both APIs.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::{arrived, log, script, send_text, statuses};
use crate::{
    KaleyraApi::{self, V1, V2},
    tests::{
        TestResult, at,
        bench::{Bench, PHONE},
    },
};

/// Injects a fault and sends a text; `None` when the connection is cut.
async fn send_with_fault(
    bench: &Bench,
    api: KaleyraApi,
    fault: &Value,
) -> Result<Option<reqwest::Response>, Box<dyn std::error::Error>> {
    script(bench, fault).await?;
    match send_text(bench, api).await {
        Ok(response) => Ok(Some(response)),
        Err(error) if error.is_request() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[tokio::test]
async fn a_rejection_accepts_nothing_and_has_the_format_of_the_api() -> TestResult {
    let refuse = json!({"kind": "refuse", "code": 131_056});
    let strange = json!({"kind": "refuse", "code": 368, "http_status": 418, "details": "why not"});
    let cases = [
        (V2, &refuse, 400, "/error/payload", "131056"),
        (V1, &refuse, 400, "/error/to", "131056"),
        (V2, &strange, 418, "/error/payload", "why not"),
        (V1, &strange, 418, "/error/to", "why not"),
    ];
    let both = [
        (json!({"kind": "rate_limit", "retry_after": 7}), 429, "WA429"),
        (json!({"kind": "expired_token"}), 401, "RBC001"),
        (json!({"kind": "server_error", "status": 503}), 503, "WA500"),
        (json!({"kind": "hang", "ms": 1}), 503, "WA500"),
        (json!({"kind": "kaleyra", "code": "E110"}), 400, "E110"),
        (json!({"kind": "kaleyra", "code": "WAV2101"}), 400, "WAV2101"),
    ];
    let both = both
        .iter()
        .flat_map(|(fault, status, code)| [V2, V1].map(|api| (api, fault, *status, "/code", *code)));
    for (api, fault, status, pointer, part) in cases.into_iter().chain(both) {
        let bench = Bench::with_customer().await?;
        let response = send_with_fault(&bench, api, fault).await?.ok_or("no answer")?;
        assert_eq!(response.status(), status, "{api:?} {fault}");
        let later = response.headers().get("retry-after").map(HeaderValue::as_bytes);
        assert_eq!(later, (status == 429).then_some(&b"7"[..]), "{api:?} {fault}");
        let error: Value = response.json().await?;
        let body = at(&error, pointer).as_str().unwrap_or_default();
        assert!(body.contains(part), "{api:?} {fault}: {error}");
        assert_eq!(arrived(&bench).await?, 0, "{api:?} {fault}");
        let log = log(&bench).await?;
        let call = log.first().ok_or("no call")?;
        assert!(at(call, "/verdict/declined/code").is_string(), "{call}");
        assert_eq!(at(call, "/fault"), at(fault, "/kind"));
        assert_eq!(at(call, "/answered"), &Value::Null);
        assert_eq!(send_text(&bench, api).await?.status(), 202, "a fault applies once");
    }
    Ok(())
}

fn page(status: u16, body: &str, accepted: bool) -> Value {
    json!({"kind": "server_error", "status": status, "body": body, "accepted": accepted})
}

#[tokio::test]
async fn an_unclear_response_leaves_the_message_accepted_or_not_as_scripted() -> TestResult {
    for api in [V2, V1] {
        for accepted in [true, false] {
            for (fault, status) in [
                (json!({"kind": "cut", "accepted": accepted}), None),
                (json!({"kind": "unreadable", "accepted": accepted}), Some(202)),
                (page(502, "html", accepted), Some(502)),
                (page(504, "empty", accepted), Some(504)),
            ] {
                let bench = Bench::with_customer().await?;
                let response = send_with_fault(&bench, api, &fault).await?;
                assert_eq!(response.as_ref().map(|response| response.status().as_u16()), status, "{fault}");
                if let Some(response) = response {
                    let body = response.bytes().await?;
                    assert!(serde_json::from_slice::<Value>(&body).is_err(), "{fault}");
                }
                assert_eq!(statuses(&bench, api).await?.len(), if accepted { 3 } else { 0 }, "{fault}");
                assert_eq!(arrived(&bench).await?, usize::from(accepted), "{fault}");
                let log = log(&bench).await?;
                let call = log.first().ok_or("no call")?;
                assert_eq!(at(call, "/answered").is_string(), accepted, "{fault}");
                assert_eq!(at(call, "/verdict") == "lost", !accepted, "{fault}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_can_lack_the_message_id() -> TestResult {
    for api in [V2, V1] {
        let bench = Bench::with_customer().await?;
        let response = send_with_fault(&bench, api, &json!({"kind": "no_id"})).await?.ok_or("no answer")?;
        assert_eq!(response.status(), 202);
        let answer: Value = response.json().await?;
        match api {
            V2 => assert_eq!((at(&answer, "/code"), at(&answer, "/data")), (&json!("WA202"), &json!({}))),
            V1 => {
                assert_eq!(at(&answer, "/id"), &Value::Null);
                assert_eq!(at(&answer, "/data"), &json!([{"recipient": PHONE}]));
            }
        }
        assert_eq!(statuses(&bench, api).await?.len(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn a_message_can_fail_later() -> TestResult {
    let fault = json!({"kind": "fail_later", "code": 131_026, "after_sent": true});
    for (api, words) in [(V2, ["sent", "failed"]), (V1, ["sent", "0"])] {
        let bench = Bench::with_customer().await?;
        assert!(send_with_fault(&bench, api, &fault).await?.is_some_and(|response| response.status() == 202));
        assert_eq!(statuses(&bench, api).await?, words);
        assert_eq!(arrived(&bench).await?, 0);
        if api == V2 {
            let webhooks = bench.webhooks().await;
            let last: Value = serde_json::from_slice(&webhooks.last().ok_or("no webhook")?.bytes)?;
            let error = at(&last, "/meta_object/value/statuses/0/errors/0/code");
            assert_eq!(error, &json!(131_026));
        }
    }
    Ok(())
}

#[tokio::test]
async fn free_text_to_a_stranger_is_accepted_and_fails_with_meta_s_code() -> TestResult {
    for (api, word) in [(V2, "failed"), (V1, "0")] {
        let bench = Bench::start().await?;
        assert_eq!(send_text(&bench, api).await?.status(), 202);
        assert_eq!(statuses(&bench, api).await?, [word]);
        assert_eq!(arrived(&bench).await?, 0);
        if api == V2 {
            let webhooks = bench.webhooks().await;
            let body: Value = serde_json::from_slice(&webhooks.first().ok_or("no webhook")?.bytes)?;
            let error = at(&body, "/meta_object/value/statuses/0/errors/0/code");
            assert_eq!(error, &json!(131_047));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_message_may_never_be_passed_to_meta() -> TestResult {
    let reason = "Account daily limit reached";
    let fault = json!({"kind": "not_sent", "code": "WAV2101", "reason": reason});
    for (api, word) in [(V2, "not sent"), (V1, "not-sent")] {
        let bench = Bench::with_customer().await?;
        assert!(send_with_fault(&bench, api, &fault).await?.is_some_and(|response| response.status() == 202));
        assert_eq!(statuses(&bench, api).await?, [word]);
        assert_eq!(arrived(&bench).await?, 0);
        let webhooks = bench.webhooks().await;
        let webhook = webhooks.first().ok_or("no webhook")?;
        if api == V2 {
            let body: Value = serde_json::from_slice(&webhook.bytes)?;
            let refs = json!({"ref": "our-key", "ref1": "", "ref2": ""});
            let expected = json!({"code": "WAV2101", "status": "not sent", "reason": reason,
                "message_id": at(&body, "/message_id"), "extra_info": refs});
            assert_eq!(body, expected);
        } else {
            assert_eq!(webhook.field("echo"), "our-key");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_status_can_come_without_our_data() -> TestResult {
    let fault = json!({"kind": "callbacks", "bare": ["sent", "read"]});
    let bench = Bench::with_customer().await?;
    send_with_fault(&bench, V2, &fault).await?;
    let mut given = Vec::new();
    for webhook in bench.webhooks().await {
        let body: Value = serde_json::from_slice(&webhook.bytes)?;
        given.push(at(&body, "/extra_info/ref").as_str().unwrap_or("none").to_owned());
        assert_eq!(at(&body, "/extra_info/waba_id"), "2003");
    }
    assert_eq!(given, ["none", "our-key", "none"]);

    let bench = Bench::with_customer().await?;
    send_with_fault(&bench, V1, &fault).await?;
    let webhooks = bench.webhooks().await;
    let given: Vec<String> = webhooks.iter().map(|webhook| webhook.field("echo")).collect();
    assert_eq!(given, ["", "our-key", ""]);

    let bench = Bench::with_customer().await?;
    script(&bench, &fault).await?;
    bench.send_text("hola").await?;
    let mut given = Vec::new();
    for webhook in bench.webhooks().await {
        given.push(at(&webhook.value()?, "/statuses/0/biz_opaque_callback_data").is_string());
    }
    assert_eq!(given, [false, true, false]);
    Ok(())
}

#[tokio::test]
async fn what_only_kaleyra_does_wrong_passes_a_number_of_metas_by() -> TestResult {
    let bench = Bench::with_customer().await?;
    script(&bench, &json!({"kind": "kaleyra", "code": "E110"})).await?;
    script(&bench, &json!({"kind": "not_sent", "code": "WAV2101", "reason": "x"})).await?;
    assert_eq!(bench.send_text("hola").await?.status(), 200);
    assert_eq!(bench.statuses().await?, ["sent", "delivered", "read"]);
    assert_eq!(send_text(&bench, V2).await?.status(), 400);
    assert_eq!(send_text(&bench, V1).await?.status(), 202);
    assert_eq!(bench.webhooks().await.last().map(|last| last.field("status")).as_deref(), Some("not-sent"));
    Ok(())
}

#[tokio::test]
async fn a_webhook_of_kaleyras_is_retried_until_it_is_accepted() -> TestResult {
    let bench = Bench::with_customer().await?;
    bench.answer_with([StatusCode::INTERNAL_SERVER_ERROR]);
    send_text(&bench, V2).await?;
    let body = statuses(&bench, V2).await?;
    assert_eq!(body.iter().filter(|word| *word == "sent").count(), 2, "{body:?}");
    Ok(())
}
