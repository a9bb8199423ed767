//! Finding contacts, conversations and events.

use serde_json::{Value, json};

use crate::harness::{Client, OTHER_KEY, Stand};

const ANA: &str = "+50212345678";
const BOB: &str = "+50287654321";

async fn named(stand: &Stand, number: &str, name: &str) {
    let path = format!("/sandbox/phones/{number}");
    let put = stand.api.call(http::Method::PUT, &path, &[], json!({ "name": name }).to_string().into()).await;
    assert!(put.status.is_success(), "{}", put.text);
    stand.customer_writes(number, "hola").await;
}

/// A field of each entry of a list.
async fn column(api: &Client, path: &str, field: &str) -> Vec<Value> {
    let page = api.get(path).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.json()["data"].as_array().unwrap().iter().map(|it| it[field].clone()).collect()
}

#[tokio::test]
async fn a_contact_is_found_by_number_user_id_and_the_beginning_of_a_name() {
    let stand = Stand::start().await;
    named(&stand, ANA, "Ana Muñoz").await;
    named(&stand, BOB, "Bob").await;
    let names = async |query: &str| column(&stand.api, &format!("/v1/contacts?{query}"), "name").await;
    let ana = json!("Ana Muñoz");
    for query in
        ["phone=%2B50212345678", "phone=50212345678", "phone=502+1234-5678", "q=ana", "q=munoz", "q=MU%C3%91"]
    {
        assert_eq!(names(query).await, std::slice::from_ref(&ana), "{query}");
    }
    let whole = stand.api.get("/v1/contacts?q=ana").await.json();
    let user =
        whole["data"][0]["addresses"].as_array().unwrap().iter().find(|it| it["type"] == "user_id").unwrap();
    assert_eq!(names(&format!("user_id={}", user["user_id"].as_str().unwrap())).await, [ana]);
    for nobody in ["phone=50211111111", "user_id=GT.none", "q=na", "q=noz"] {
        assert_eq!(names(nobody).await, Vec::<Value>::new(), "{nobody}");
    }
    // The company's own name for a contact counts as well.
    let id = whole["data"][0]["id"].as_str().unwrap().to_owned();
    let (path, name) = (format!("/v1/contacts/{id}"), json!({ "name": "Vecina" }));
    let renamed = stand.api.call(http::Method::PATCH, &path, &[], name.to_string().into_bytes()).await;
    assert_eq!(renamed.status, 200);
    assert_eq!(names("q=vec").await, ["Vecina"]);
    assert_eq!(names("q=munoz").await, ["Vecina"], "by the name of their profile");
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    for query in ["phone=50212345678", "q=ana"] {
        assert_eq!(column(&stranger, &format!("/v1/contacts?{query}"), "id").await, Vec::<Value>::new());
    }
    for (query, field) in [("phone=me", "phone"), ("q=", "q"), ("q=a&phone=50212345678", "q")] {
        let wrong = stand.api.get(&format!("/v1/contacts?{query}")).await;
        assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_search_by_name_continues_page_by_page() {
    let stand = Stand::start().await;
    for number in 0..5 {
        named(&stand, &format!("+5021234000{number}"), if number % 2 == 0 { "Ana" } else { "Bob" }).await;
    }
    let (mut found, mut cursor) = (0, String::new());
    loop {
        let page = stand.api.get(&format!("/v1/contacts?q=an&limit=1{cursor}")).await.json();
        assert!(page["data"].as_array().unwrap().iter().all(|it| it["name"] == "Ana"), "{page}");
        found += page["data"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(found, 3);
}

#[tokio::test]
async fn conversations_are_found_by_the_number_of_their_customer() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    stand.customer_writes(BOB, "hola").await;
    let ids = async |query: &str| column(&stand.api, &format!("/v1/conversations?{query}"), "id").await;
    let expected = [json!(format!("conv_{ana}"))];
    for query in [
        "phone=%2B50212345678",
        "phone=50212345678&status=active",
        "phone=50212345678&channel_id=ch_1&unread",
    ] {
        assert_eq!(ids(query).await, expected, "{query}");
    }
    for query in ["phone=50211111111", "phone=50212345678&status=closed", "phone=50212345678&channel_id=2"] {
        assert_eq!(ids(query).await, Vec::<Value>::new(), "{query}");
    }
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    assert_eq!(column(&stranger, "/v1/conversations?phone=50212345678", "id").await, Vec::<Value>::new());
    let wrong = stand.api.get("/v1/conversations?phone=ana").await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("phone")));
}

/// The events of a query, page by page from the beginning, and the last cursor.
async fn events(stand: &Stand, query: &str) -> (Vec<Value>, String) {
    let (mut found, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let page = stand.api.get(&format!("/v1/events?cursor={after}&limit=2{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        let page = page.json();
        found.extend(page["data"].as_array().unwrap().clone());
        after = page["next_cursor"].as_str().unwrap().to_owned();
        if page["next_cursor"] == page["log_end"] {
            return (found, after);
        }
    }
}

#[tokio::test]
async fn events_are_filtered_and_the_cursor_moves_past_the_others() {
    let stand = Stand::start().await;
    let ana = stand.customer_writes(ANA, "hola").await;
    for number in 0..10 {
        stand.customer_writes(&format!("+5021234000{number}"), "hola").await;
    }
    assert_eq!(stand.reply(ana, "claro").await.status, 200);
    stand.running.sandbox.until_idle().await;
    stand.follow().await;
    let (all, end) = events(&stand, "").await;
    for (query, fits) in [
        (
            "&type=message.received",
            &(|it: &Value| it["type"] == "message.received") as &dyn Fn(&Value) -> bool,
        ),
        (&format!("&conversation_id=conv_{ana}"), &|it| {
            it["data"]["conversation"]["id"] == format!("conv_{ana}")
        }),
        (&format!("&conversation_id={ana}&type=message.status"), &|it| it["type"] == "message.status"),
        ("&type=broadcast.progressed", &|_| false),
    ] {
        let expected: Vec<Value> = all.iter().filter(|it| fits(it)).cloned().collect();
        assert_eq!(events(&stand, query).await, (expected, end.clone()), "{query}");
    }
    assert!(all.len() > 20, "{}", all.len());
    // From the end on there is nothing yet, whatever is asked for.
    let begin = stand.api.get("/v1/events?type=message.received").await.json();
    assert_eq!((&begin["data"], &begin["next_cursor"]), (&json!([]), &json!(end)));
    let wrong = stand.api.get("/v1/events?cursor=0&type=message.recieved").await.json();
    assert_eq!(wrong["detail"], "type is no type of event; did you mean `message.received`?");
    let absent = stand.api.get("/v1/events?cursor=0&conversation_id=7").await;
    assert_eq!((absent.status.as_u16(), &absent.json()["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn every_event_of_the_log_is_of_a_type_that_can_be_asked_for() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    assert_eq!(stand.reply(id, "claro").await.status, 200);
    let assigned =
        stand.api.post(&format!("/v1/conversations/{id}/assign"), &json!({ "assignee": "ana" })).await;
    assert_eq!(assigned.status, 200);
    stand.customer_writes(ANA, "STOP").await;
    stand.running.sandbox.until_idle().await;
    stand.follow().await;
    for event in events(&stand, "").await.0 {
        let kind = event["type"].as_str().unwrap();
        let answer = stand.api.get(&format!("/v1/events?cursor=0&type={kind}")).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text);
    }
}

/// A field of each entry of a list that is read a page of one at a time.
async fn paged(api: &Client, path: &str, field: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api.get(&format!("{path}&limit=1{cursor}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let page = page.json();
        found.extend(page["data"].as_array().unwrap().iter().map(|it| it[field].clone()));
        let Some(next) = page["next_cursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn lists_go_back_in_time_or_forth() {
    let stand = Stand::start().await;
    for (number, name) in [(ANA, "Ana"), (BOB, "Bob"), ("+50233334444", "Carla")] {
        named(&stand, number, name).await;
        stand.clock.advance(std::time::Duration::from_secs(2));
    }
    let names = async |list: &str| paged(&stand.api, &format!("/v1/contacts?{list}"), "name").await;
    assert_eq!(names("order=asc").await, ["Ana", "Bob", "Carla"]);
    assert_eq!(names("order=desc").await, ["Carla", "Bob", "Ana"]);
    assert_eq!(names("q=b&order=asc").await, ["Bob"]);
    let talks = async |list: &str| {
        let all = paged(&stand.api, &format!("/v1/conversations?{list}"), "contact").await;
        all.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for list in ["", "status=active&", "unread=true&", "channel_id=1&"] {
        assert_eq!(talks(&format!("{list}order=asc")).await, ["Ana", "Bob", "Carla"], "{list}");
        assert_eq!(talks(&format!("{list}order=desc")).await, ["Carla", "Bob", "Ana"], "{list}");
    }
    for path in ["/v1/contacts", "/v1/conversations", "/v1/broadcasts"] {
        let wrong = stand.api.get(&format!("{path}?order=up")).await;
        assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("order")), "{path}");
    }
}
