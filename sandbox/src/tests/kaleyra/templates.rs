//! Templates at Kaleyra: listed on both APIs, and reported late if something is wrong with them.

use http::Method;
use serde_json::{Value, json};

use super::{arrived, log, script, send_v1, send_v2, statuses, text_v1};
use crate::{
    KALEYRA_MOUNT,
    KaleyraApi::{V1, V2},
    tests::{
        TestResult, at,
        bench::{API_KEY, Bench, PHONE, SID},
    },
};

async fn get(bench: &Bench, key: &str, path: &str) -> Result<(u16, Value), Box<dyn std::error::Error>> {
    let url = format!("{}{KALEYRA_MOUNT}/{path}", bench.base);
    let response = bench.client.get(url).header("api-key", key).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// A template for [`PHONE`] as V2 wants it.
fn template_v2(name: &str, components: &Value) -> Value {
    let template = json!({"name": name, "language": {"code": "es"}, "components": components});
    let message = json!({"messaging_product": "whatsapp", "to": format!("+{PHONE}"), "type": "template",
        "template": template});
    json!({"messaging_object": message, "extra_info": {"ref": "our-key"}})
}

/// A template for [`PHONE`] as V1 wants it.
fn template_v1<'a>(name: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut changes = vec![("template_name", name), ("lang_code", "es")];
    changes.extend(fields);
    text_v1(&changes)
}

#[tokio::test]
async fn v2_lists_an_account_on_one_page() -> TestResult {
    let bench = Bench::start().await?;
    let path = format!("v2/{SID}/whatsapp/2003/message_templates");
    let (status, list) = get(&bench, API_KEY, &path).await?;
    assert_eq!((status, at(&list, "/code"), at(&list, "/error")), (200, &json!("WA200"), &json!({})));
    assert_eq!(at(&list, "/message"), "Request Processed Successfully");
    assert_eq!(at(&list, "/data").as_array().map(Vec::len), Some(10));
    let first = at(&list, "/data/0");
    assert_eq!([at(first, "/name"), at(first, "/language")], ["hello_world", "en_US"]);
    assert_eq!([at(first, "/status"), at(first, "/category")], ["APPROVED", "UTILITY"]);
    assert_eq!(at(first, "/components/0/text"), "Hello World");

    script(&bench, &json!({"kind": "template_list", "code": 131_000})).await?;
    let cases = [
        (path.clone(), "wrong", 401, "RBC001"),
        (path.replace("2003", "2001"), API_KEY, 401, "WA401"),
        (path.replace("2003", "2004"), API_KEY, 401, "WA-401"),
        (path, API_KEY, 500, "WA500"),
    ];
    for (path, key, status, code) in cases {
        let (body, error) = get(&bench, key, &path).await?;
        assert_eq!((body, at(&error, "/code")), (status, &json!(code)), "{path}");
    }
    let log = log(&bench).await?;
    let body: Vec<_> = log.iter().map(|entry| (at(entry, "/account"), at(entry, "/http_status"))).collect();
    let (account, opened, closed) = (json!("2003"), json!(200), json!(500));
    assert_eq!((body.first(), body.last()), (Some(&(&account, &opened)), Some(&(&account, &closed))));
    assert_eq!(body.len(), 5);
    Ok(())
}

#[tokio::test]
async fn v1_lists_all_accounts_of_its_sid() -> TestResult {
    let bench = Bench::start().await?;
    let path = format!("v1/{SID}/whatsapp/templates/status");
    let (status, list) = get(&bench, API_KEY, &path).await?;
    assert_eq!((status, at(&list, "/error")), (200, &json!({})));
    assert_eq!(at(&list, "/data").as_array().map(Vec::len), Some(20), "of 2004 and 2005");
    let words: Vec<_> = [0, 7, 8, 9].map(|index| at(&list, &format!("/data/{index}/status"))).to_vec();
    assert_eq!(words, ["Approved", "Paused", "Rejected", "Pending"]);
    let (_, list) = get(&bench, API_KEY, &format!("{path}?name=service_confirmation")).await?;
    assert_eq!(at(&list, "/data").as_array().map(Vec::len), Some(2));
    let shown = at(&list, "/data/0");
    assert_eq!([at(shown, "/template_name"), at(shown, "/lang_code")], ["service_confirmation", "es"]);
    assert_eq!(at(shown, "/header"), "Servicio {{1}} confirmado");
    assert!(at(shown, "/body").as_str().is_some_and(|body| body.contains("{{3}}")), "{shown}");
    assert_eq!((at(shown, "/buttons/0/type"), at(shown, "/footer").is_string()), (&json!("URL"), true));
    let (_, list) = get(&bench, API_KEY, &format!("{path}?name=promo_with_image")).await?;
    assert_eq!(at(&list, "/data/0/header"), "IMAGE");
    let (_, list) = get(&bench, API_KEY, &format!("{path}?name=none")).await?;
    assert_eq!(list, json!({"data": [], "error": {}}));

    let (status, error) = get(&bench, "wrong", &path).await?;
    assert_eq!((status, at(&error, "/code")), (401, &json!("RBC001")));
    script(&bench, &json!({"kind": "template_list", "code": 4})).await?;
    let (status, error) = get(&bench, API_KEY, &path).await?;
    assert_eq!((status, at(&error, "/code")), (500, &json!("WA500")));
    let log = log(&bench).await?;
    let accounts: Vec<_> = log.iter().map(|entry| at(entry, "/account")).collect();
    assert_eq!(accounts, [SID; 6]);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_reported_after_v2_has_taken_it() -> TestResult {
    let one = json!([{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]);
    let cases = [
        ("nothing_like_it", json!([]), 132_001),
        ("spring_sale", json!([]), 132_015),
        ("appointment_reminder", one.clone(), 132_000),
        ("promo_with_image", one, 132_012),
        ("coupon", Value::Null, 131_008),
    ];
    for (name, components, code) in cases {
        let bench = Bench::start().await?;
        assert_eq!(send_v2(&bench, &template_v2(name, &components)).await?.status(), 202, "{name}");
        assert_eq!(statuses(&bench, V2).await?, ["failed"], "{name}");
        let body: Value = serde_json::from_slice(&bench.webhooks().await.first().ok_or("none")?.bytes)?;
        let errors = "/meta_object/value/statuses/0/errors/0/code";
        assert_eq!(at(&body, errors), &json!(code), "{name}");
        assert_eq!(at(&body, "/extra_info/ref"), "our-key");
        assert_eq!(arrived(&bench).await?, 0, "{name}");
        assert!(at(log(&bench).await?.first().ok_or("no call")?, "/verdict/accepted").is_object());
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_a_nought_on_v1() -> TestResult {
    let three = r#""Ana","aceite","lunes""#;
    let cases = [
        template_v1("nothing_like_it", &[("type", "template")]),
        template_v1("appointment_reminder", &[("type", "template"), ("params", r#""Ana""#)]),
        template_v1("appointment_reminder", &[("type", "template"), ("params", "Ana,lunes")]),
        template_v1("service_confirmation", &[("type", "template"), ("params", three)]),
        template_v1(
            "service_confirmation",
            &[("type", "mediatemplate"), ("params", three), ("param_header", "A-1")],
        ),
    ];
    for form in cases {
        let bench = Bench::start().await?;
        assert_eq!(send_v1(&bench, &form).await?.status(), 202, "{form:?}");
        assert_eq!(statuses(&bench, V1).await?, ["0"], "{form:?}");
        assert_eq!(arrived(&bench).await?, 0, "{form:?}");
    }
    let bench = Bench::start().await?;
    let fields =
        [("type", "mediatemplate"), ("params", three), ("param_header", "A-1"), ("param_url", "A-1")];
    let form = template_v1("service_confirmation", &fields);
    assert_eq!(send_v1(&bench, &form).await?.status(), 202);
    assert_eq!(statuses(&bench, V1).await?, ["sent", "delivered", "read"]);
    assert_eq!(arrived(&bench).await?, 1);
    Ok(())
}

#[tokio::test]
async fn marketing_that_the_customer_has_stopped_fails_here_too() -> TestResult {
    let bench = Bench::start().await?;
    let stop = json!({"category": "marketing_messages", "value": "stop", "to": "1003"});
    bench.control(Method::POST, &format!("phones/{PHONE}/preferences"), &stop).await?;
    let code = json!({"type": "coupon_code", "coupon_code": "SUMMER"});
    let button = json!({"type": "button", "sub_type": "copy_code", "index": 0, "parameters": [code]});
    assert_eq!(send_v2(&bench, &template_v2("coupon", &json!([button]))).await?.status(), 202);
    assert_eq!(statuses(&bench, V2).await?, ["failed"]);
    let body: Value = serde_json::from_slice(&bench.webhooks().await.first().ok_or("none")?.bytes)?;
    assert_eq!(at(&body, "/meta_object/value/statuses/0/errors/0/code"), &json!(131_050));
    Ok(())
}
