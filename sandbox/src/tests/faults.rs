//! Every scripted fault as the caller, the phone and the log see it.

use http::Method;
use serde_json::{Value, json};

use super::{
    TestResult, at,
    bench::{Bench, PHONE},
};
use crate::{Fault, FaultRule, LogEntry};

/// Injects a fault over HTTP and sends a text.
async fn send_with_fault(bench: &Bench, fault: Value) -> Result<Option<reqwest::Response>, reqwest::Error> {
    let rule = json!({"to": PHONE, "phone_number_id": "1001", "fault": fault});
    let added = bench.control(Method::POST, "faults", &rule).await;
    assert!(matches!(&added, Ok((201, _))), "{added:?}");
    match bench.send_text("hola").await {
        Ok(response) => Ok(Some(response)),
        Err(error) if error.is_request() => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many messages are on the phone.
async fn arrived(bench: &Bench) -> Result<usize, Box<dyn std::error::Error>> {
    Ok(at(&bench.phone(PHONE).await?, "/messages").as_array().map_or(0, Vec::len))
}

/// The only call in the log, with its outcome and the fault that applied.
fn logged_call(bench: &Bench) -> Option<Value> {
    bench.sandbox.log().into_iter().find_map(|entry| match entry {
        LogEntry::Call(call) => serde_json::to_value(call).ok(),
        LogEntry::Read(_) | LogEntry::List(_) | LogEntry::Control(_) | LogEntry::Webhook(_) => None,
    })
}

#[tokio::test]
async fn a_graph_error_accepts_nothing() -> TestResult {
    let refuse = |code: u32| json!({"kind": "refuse", "code": code});
    let cases = [
        (refuse(4), 400, 4),
        (refuse(80007), 400, 80007),
        (refuse(131_056), 400, 131_056),
        (json!({"kind": "refuse", "code": 368, "http_status": 418, "details": "no"}), 418, 368),
        (json!({"kind": "rate_limit"}), 429, 130_429),
        (json!({"kind": "expired_token"}), 401, 190),
        (json!({"kind": "server_error", "status": 500}), 500, 131_000),
        (json!({"kind": "server_error", "status": 503, "body": "json"}), 503, 2),
        (json!({"kind": "hang", "ms": 1}), 503, 2),
    ];
    for (fault, status, code) in cases {
        let bench = Bench::with_customer().await?;
        let response = send_with_fault(&bench, fault.clone()).await?.ok_or("no answer")?;
        assert_eq!(response.status(), status, "{fault}");
        let error: Value = response.json().await?;
        assert_eq!(at(&error, "/error/code"), &json!(code), "{fault}");
        assert_eq!(arrived(&bench).await?, 0, "{fault}");
        let call = logged_call(&bench).ok_or("no call")?;
        assert_eq!(at(&call, "/verdict/refused/code"), &json!(code));
        assert_eq!(at(&call, "/fault"), at(&fault, "/kind"));
        assert_eq!(bench.send_text("again").await?.status(), 200, "a fault applies once");
        assert_eq!(bench.statuses().await?.len(), 3);
    }
    Ok(())
}

#[tokio::test]
async fn a_rate_limit_can_say_when_to_come_back() -> TestResult {
    let bench = Bench::with_customer().await?;
    let response = send_with_fault(&bench, json!({"kind": "rate_limit", "retry_after": 7})).await?;
    let response = response.ok_or("no answer")?;
    assert_eq!(response.headers().get("retry-after").map(http::HeaderValue::as_bytes), Some(&b"7"[..]));
    Ok(())
}

#[tokio::test]
async fn an_unclear_response_leaves_the_message_accepted_or_not_as_scripted() -> TestResult {
    for accepted in [true, false] {
        for fault in [
            json!({"kind": "cut", "accepted": accepted}),
            json!({"kind": "unreadable", "accepted": accepted}),
            json!({"kind": "server_error", "status": 502, "body": "html", "accepted": accepted}),
            json!({"kind": "server_error", "status": 504, "body": "empty", "accepted": accepted}),
        ] {
            let bench = Bench::with_customer().await?;
            let response = send_with_fault(&bench, fault.clone()).await?;
            let is_cut = at(&fault, "/kind") == "cut";
            assert_eq!(response.is_none(), is_cut, "{fault}");
            if let Some(response) = response {
                let scripted = at(&fault, "/status").as_u64().unwrap_or(200);
                assert_eq!(u64::from(response.status().as_u16()), scripted, "{fault}");
                let body = response.bytes().await?;
                assert!(serde_json::from_slice::<Value>(&body).is_err(), "{fault}");
            }
            assert_eq!(bench.statuses().await?.len(), if accepted { 3 } else { 0 }, "{fault}");
            assert_eq!(arrived(&bench).await?, usize::from(accepted), "{fault}");
            let call = logged_call(&bench).ok_or("no call")?;
            let accepted_message = at(&call, "/verdict/accepted/wamid").is_string();
            assert_eq!((accepted_message, at(&call, "/verdict") == "lost"), (accepted, !accepted), "{fault}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_server_error_can_hide_that_the_message_was_accepted() -> TestResult {
    let bench = Bench::with_customer().await?;
    let fault = json!({"kind": "server_error", "status": 500, "accepted": true});
    let response = send_with_fault(&bench, fault).await?.ok_or("no answer")?;
    assert_eq!(response.status(), 500);
    assert_eq!(bench.statuses().await?, ["sent", "delivered", "read"]);
    assert_eq!(arrived(&bench).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_hanging_call_is_accepted_before_its_caller_times_out() -> TestResult {
    let bench = Bench::with_customer().await?;
    bench.sandbox.inject(FaultRule::new(Fault::Hang { ms: 60_000, accepted: true }));
    let call = bench.send_text("hola");
    // The webhooks prove that the message was accepted while the call still hangs.
    let body = async {
        while bench.received().len() < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        answer = call => return Err(format!("the call was answered: {answer:?}").into()),
        () = body => {}
    }
    assert_eq!(arrived(&bench).await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_answer_can_lack_the_message_id() -> TestResult {
    let bench = Bench::with_customer().await?;
    let response = send_with_fault(&bench, json!({"kind": "no_id"})).await?.ok_or("no answer")?;
    assert_eq!(response.status(), 200);
    let receipt: Value = response.json().await?;
    assert_eq!(at(&receipt, "/messaging_product"), "whatsapp");
    assert_eq!(at(&receipt, "/messages/0/id"), &Value::Null);
    assert_eq!(bench.statuses().await?.len(), 3);
    assert_eq!(arrived(&bench).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_message_can_fail_later() -> TestResult {
    for (after_sent, statuses) in [(false, vec!["failed"]), (true, vec!["sent", "failed"])] {
        let bench = Bench::with_customer().await?;
        let fault = json!({"kind": "fail_later", "code": 131_026, "after_sent": after_sent});
        let response = send_with_fault(&bench, fault).await?.ok_or("no answer")?;
        assert_eq!(response.status(), 200);
        assert_eq!(bench.statuses().await?, statuses);
        let webhooks = bench.webhooks().await;
        let last = webhooks.last().ok_or("no webhook")?.value()?;
        assert_eq!(at(&last, "/statuses/0/errors/0/code"), &json!(131_026));
        assert_eq!(at(&last, "/statuses/0/biz_opaque_callback_data"), "our-key");
        assert_eq!(arrived(&bench).await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn webhooks_take_the_scripted_shape() -> TestResult {
    let bench = Bench::with_customer().await?;
    let fault = json!({"kind": "callbacks", "order": ["read", "delivered", "sent"],
        "drop": ["delivered"], "duplicate": 1, "before_answer": true, "delay_ms": 1});
    send_with_fault(&bench, fault).await?;
    // Not after `settled`: they have come before the answer.
    assert_eq!(bench.received().len(), 4);
    assert_eq!(bench.statuses().await?, ["read", "read", "sent", "sent"]);
    let phone = bench.phone(PHONE).await?;
    let truth = json!(["read", "delivered", "sent"]);
    assert_eq!(at(&phone, "/messages/0/statuses"), &truth, "a dropped status still happened");
    Ok(())
}

#[tokio::test]
async fn rules_are_listed_until_used_up_or_cleared() -> TestResult {
    let bench = Bench::with_customer().await?;
    bench.sandbox.inject(FaultRule::new(Fault::NoId).to("34600000000").times(2));
    bench.sandbox.inject(FaultRule::new(Fault::ExpiredToken).to(PHONE).skip(1));
    assert_eq!(bench.send_text("passes").await?.status(), 200);
    let (_, list) = bench.control(Method::GET, "faults", &Value::Null).await?;
    assert_eq!(at(&list, "/faults/0/times"), &json!(2));
    assert_eq!(at(&list, "/faults/1/skip"), &json!(0));
    assert_eq!(bench.send_text("struck").await?.status(), 401);
    let (_, list) = bench.control(Method::GET, "faults", &Value::Null).await?;
    assert_eq!(at(&list, "/faults").as_array().map(Vec::len), Some(1));
    let (status, _) = bench.control(Method::DELETE, "faults", &Value::Null).await?;
    assert_eq!(status, 204);
    let (_, list) = bench.control(Method::GET, "faults", &Value::Null).await?;
    assert_eq!(list, json!({"faults": []}));
    Ok(())
}
