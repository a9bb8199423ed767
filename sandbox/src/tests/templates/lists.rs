//! Templates as the Graph API lists, makes and removes them.

use std::{collections::HashSet, error::Error, time::Duration};

use http::Method;
use serde_json::{Value, json};

use super::{answer, filled, home, list};
use crate::{
    GRAPH_MOUNT, LogEntry,
    tests::{
        TestResult, at,
        bench::{Bench, PHONE},
    },
};

/// Account, page and status of every call for a list.
fn calls(bench: &Bench) -> Vec<(String, u32, u16)> {
    let call = |entry| match entry {
        LogEntry::List(list) => Some((list.account, list.page, list.http_status)),
        _ => None,
    };
    bench.sandbox.log().into_iter().filter_map(call).collect()
}

fn data(page: &Value) -> Vec<Value> {
    at(page, "/data").as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_list_comes_in_pages_of_which_each_leads_to_the_next() -> TestResult {
    let bench = Bench::start().await?;
    let mut url = format!("{}?limit=4", home(&bench));
    let (mut sizes, mut ids, mut cursor) = (Vec::new(), HashSet::new(), Value::Null);
    loop {
        let (status, page) = answer(bench.client.get(&url)).await?;
        assert_eq!(status, 200, "{page}");
        assert!(at(&page, "/paging/cursors/before").is_string(), "{page}");
        sizes.push(data(&page).len());
        ids.extend(data(&page).iter().map(|template| at(template, "/id").to_string()));
        if sizes.len() == 1 {
            cursor = at(&page, "/paging/cursors/after").clone();
        }
        match at(&page, "/paging/next").as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((sizes, ids.len()), (vec![4, 4, 2], 10));
    assert!(url.starts_with(&home(&bench)), "{url}");
    let pages = [0, 1, 2].map(|page| ("2001".to_owned(), page, 200));
    assert_eq!(calls(&bench), pages);

    let cursor = cursor.as_str().ok_or("no cursor")?;
    let (_, rest) = list(&bench, &format!("?after={cursor}")).await?;
    assert_eq!((data(&rest).len(), at(&rest, "/paging/next")), (6, &Value::Null));
    let (_, all) = list(&bench, "").await?;
    assert_eq!((data(&all).len(), at(&all, "/paging/next")), (10, &Value::Null));
    for wrong in ["?limit=0", "?limit=x", "?after=x"] {
        let (status, error) = list(&bench, wrong).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn a_list_can_be_narrowed_down() -> TestResult {
    let bench = Bench::start().await?;
    let cases = [
        ("?status=APPROVED", 7),
        ("?status=PAUSED", 1),
        ("?language=en_US", 2),
        ("?name=coupon", 1),
        ("?name=coupon&language=es&status=APPROVED", 1),
        ("?name=coupon&language=en_US", 0),
        ("?status=approved", 0),
    ];
    for (query, count) in cases {
        let (_, page) = list(&bench, query).await?;
        assert_eq!(data(&page).len(), count, "{query}");
        assert_eq!(at(&page, "/paging").is_null(), count == 0, "{query}");
    }
    let (_, page) = list(&bench, "?name=spring_sale&fields=name,quality_score,rejected_reason").await?;
    let shown = at(&page, "/data/0");
    assert_eq!(at(shown, "/quality_score/score"), "RED");
    assert!(at(shown, "/quality_score/date").is_i64());
    assert_eq!([at(shown, "/rejected_reason"), at(shown, "/name")], ["NONE", "spring_sale"]);
    assert_eq!((at(shown, "/id").is_string(), at(shown, "/status")), (true, &Value::Null));
    let (_, page) = list(&bench, "?name=spring_sale").await?;
    let shown = at(&page, "/data/0");
    assert_eq!([at(shown, "/status"), at(shown, "/parameter_format")], ["PAUSED", "POSITIONAL"]);
    assert_eq!(at(shown, "/quality_score"), &Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_list_leads_back_and_counts() -> TestResult {
    let bench = Bench::start().await?;
    let (_, first) = list(&bench, "?limit=4").await?;
    assert_eq!(at(&first, "/paging/previous"), &Value::Null);
    let next = at(&first, "/paging/next").as_str().ok_or("no next page")?;
    let (_, second) = answer(bench.client.get(next)).await?;
    let previous = at(&second, "/paging/previous").as_str().ok_or("no previous page")?;
    let (_, again) = answer(bench.client.get(previous)).await?;
    assert_eq!(at(&again, "/data"), at(&first, "/data"));
    assert_eq!(at(&again, "/paging/previous"), &Value::Null);
    let (_, page) =
        list(&bench, "?limit=1&status=PAUSED,REJECTED&summary=total_count,message_template_count").await?;
    assert_eq!(at(&page, "/summary"), &json!({"total_count": 2, "message_template_count": 10}));
    for (query, count) in [("?name_or_content=Servicio", 1), ("?quality_score=RED,UNKNOWN", 3)] {
        assert_eq!(data(&list(&bench, query).await?.1).len(), count, "{query}");
    }
    for wrong in ["?fields=name,colour", "?summary=colour", "?before=x"] {
        let (status, error) = list(&bench, wrong).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{wrong}");
    }
    Ok(())
}

#[tokio::test]
async fn a_new_template_waits_for_its_approval_and_is_removed_by_name() -> TestResult {
    let bench = Bench::start().await?;
    bench.control(Method::PUT, "settings", &json!({"template_review": "by_hand"})).await?;
    let body = json!({"type": "body", "text": "Hola {{1}}.", "example": {"body_text": [["Ana"]]}});
    let visit = |language: &str| {
        let parts = [&body];
        json!({"name": "visit", "language": language, "category": "UTILITY", "components": parts})
    };
    for language in ["es", "es_MX"] {
        let (status, made) = answer(bench.client.post(home(&bench)).json(&visit(language))).await?;
        assert_eq!(status, 200, "{made}");
        assert!(at(&made, "/id").as_str().is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!([at(&made, "/status"), at(&made, "/category")], ["PENDING", "UTILITY"]);
    }
    let (status, error) = answer(bench.client.post(home(&bench)).json(&visit("es"))).await?;
    let codes = (at(&error, "/error/code"), at(&error, "/error/error_subcode"));
    assert_eq!((status, codes), (400, (&json!(100), &json!(2_388_024))));
    assert!(at(&error, "/error/error_user_msg").as_str().is_some_and(|text| text.contains("visit")));

    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(at(&page, "/data/0/components/0/type"), "BODY");
    let parameters = json!([{"type": "body", "parameters": super::texts(&["Ana"])}]);
    let message = filled("visit", "es", &parameters);
    assert_eq!(bench.send(&message).await?.status(), 404);
    let path = "templates/2001/visit/es";
    bench.control(Method::PUT, path, &json!({"status": "APPROVED"})).await?;
    assert_eq!(bench.send(&message).await?.status(), 200);

    let gone = || bench.client.delete(format!("{}?name=visit", home(&bench)));
    assert_eq!(answer(gone()).await?, (200, json!({"success": true})));
    let (_, page) = list(&bench, "?name=visit").await?;
    assert_eq!(page, json!({"data": []}));
    assert_eq!(answer(gone()).await?.0, 400);
    assert_eq!(answer(bench.client.delete(home(&bench))).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn one_language_is_removed_by_its_id() -> TestResult {
    let bench = Bench::start().await?;
    let path = "templates/2001/hello_world/es";
    let (_, made) = bench.control(Method::PUT, path, &json!({})).await?;
    let id = at(&made, "/template/id").as_str().ok_or("no id")?;
    let url = format!("{}?name=hello_world&hsm_id={id}", home(&bench));
    assert_eq!(answer(bench.client.delete(url)).await?.0, 200);
    let (_, page) = list(&bench, "?name=hello_world").await?;
    assert_eq!((at(&page, "/data/0/language"), data(&page).len()), (&json!("en_US"), 1));
    Ok(())
}

#[tokio::test]
async fn an_invalid_definition_or_account_is_rejected() -> TestResult {
    let bench = Bench::start().await?;
    let good = json!({"name": "visit", "language": "es", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hola."}]});
    for (field, wrong) in [
        ("name", json!("Visit")),
        ("name", Value::Null),
        ("language", Value::Null),
        ("category", json!("FUN")),
        ("components", json!([])),
        ("parameter_format", json!("BOTH")),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        let (status, error) = answer(bench.client.post(home(&bench)).json(&body)).await?;
        assert_eq!((status, at(&error, "/error/code")), (400, &json!(100)), "{body}");
    }
    let foreign = format!("{}{GRAPH_MOUNT}/v25.0/2002/message_templates", bench.base);
    for call in [bench.client.get(&foreign), bench.client.post(&foreign).json(&good)] {
        let (status, error) = answer(call).await?;
        assert_eq!((status, at(&error, "/error/error_subcode")), (400, &json!(33)));
    }
    assert_eq!(bench.client.get(home(&bench)).send().await?.status(), 401);
    assert_eq!(calls(&bench), [("2002".to_owned(), 0, 400), ("2001".to_owned(), 0, 401)]);
    Ok(())
}

#[tokio::test]
async fn a_page_of_the_next_list_can_go_wrong() -> TestResult {
    let bench = Bench::start().await?;
    let fault = json!({"kind": "template_list", "page": 1, "code": 80007});
    let rule = json!({"phone_number_id": "1001", "fault": fault});
    assert_eq!(bench.control(Method::POST, "faults", &rule).await?.0, 201);
    assert_eq!(bench.send_text("hola").await?.status(), 200, "a send passes by");
    let (_, first) = list(&bench, "?limit=5").await?;
    let next = at(&first, "/paging/next").as_str().ok_or("no next page")?;
    let (status, error) = answer(bench.client.get(next)).await?;
    assert_eq!((status, at(&error, "/error/code")), (400, &json!(80007)));
    let (_, second) = answer(bench.client.get(next)).await?;
    assert_eq!(data(&second).len(), 5, "a fault applies once");
    let body: Vec<_> = calls(&bench).into_iter().map(|(_, page, status)| (page, status)).collect();
    assert_eq!(body, [(0, 200), (1, 400), (1, 200)]);

    let (_, log) = bench.control(Method::GET, "log", &Value::Null).await?;
    let entries = log.as_array().cloned().unwrap_or_default();
    let listed = entries.iter().find(|entry| at(entry, "/entry") == "list").ok_or("no entry")?;
    assert_eq!((at(listed, "/account"), at(listed, "/page")), (&json!("2001"), &json!(0)));
    let rule = json!({"to": PHONE, "fault": fault});
    let (status, answer) = bench.control(Method::POST, "faults", &rule).await?;
    assert_eq!(status, 400);
    assert!(at(&answer, "/error").as_str().is_some_and(|error| error.contains("`to`")));
    Ok(())
}

#[tokio::test]
async fn a_list_that_is_held_back_says_how_things_were_when_it_was_called_for() -> TestResult {
    let bench = Bench::start().await?;
    let delay = bench.sandbox.delay_list();
    let query = "?name=hello_world";
    let (earlier, later) = tokio::join!(list(&bench, query), async {
        tokio::time::timeout(Duration::from_secs(10), async {
            while calls(&bench).is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await?;
        let path = "templates/2001/hello_world/en_US";
        bench.control(Method::PUT, path, &json!({"status": "PAUSED"})).await?;
        let later = list(&bench, query).await?;
        delay.release();
        Ok::<_, Box<dyn Error>>(later)
    });
    assert_eq!(at(&earlier?.1, "/data/0/status"), "APPROVED");
    assert_eq!(at(&later?.1, "/data/0/status"), "PAUSED");
    Ok(())
}
