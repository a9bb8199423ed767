//! Lists: what fits, in either direction of time, and contacts.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ANA, BOB, done, listed};
use crate::harness::{IdNumber as _, Stand};

#[tokio::test]
async fn each_parameter_narrows_the_list_and_all_of_them_together() {
    let stand = Stand::start().await;
    let mut all = Vec::new();
    for number in 0..4 {
        all.push(stand.customer_writes(&format!("+5029000000{number}"), "hola").await);
        stand.clock.advance(Duration::from_secs(2));
    }
    let [unread, ours, waiting, over] = all[..] else { panic!() };
    done(&stand, ours, "assign", json!({ "assignee": "ana" })).await;
    done(&stand, ours, "read", json!({})).await;
    done(&stand, waiting, "handoff", json!({ "to": "human" })).await;
    done(&stand, waiting, "assign", json!({ "assignee": "ana" })).await;
    done(&stand, over, "close", json!(null)).await;
    for (query, expected) in [
        ("status=active", vec![unread, ours]),
        ("status=pending_human", vec![waiting]),
        ("status=closed", vec![over]),
        ("unread=true", vec![unread, waiting]),
        ("unread=false", vec![unread, ours, waiting, over]),
        ("assignee=ana", vec![ours, waiting]),
        ("assignee=bob", vec![]),
        ("unassigned=true", vec![unread, over]),
        ("assignee=ana&status=active", vec![ours]),
        // Closing reads what was unread.
        ("unread=true&status=closed", vec![]),
        ("unread=true&status=pending_human", vec![waiting]),
        ("unread=true&assignee=ana", vec![waiting]),
        ("channel_id=1&status=active", vec![unread, ours]),
        ("channel_id=2", vec![]),
    ] {
        let mut found = listed(&stand, query).await;
        found.sort_unstable();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    for (query, field) in [
        ("status=open", "status"),
        ("channel_id=x", "channel_id"),
        ("unread=1", "unread"),
        ("assignee=", "assignee"),
        ("assignee=a%00", "assignee"),
        ("assignee=a&unassigned=true", "unassigned"),
    ] {
        let answer = stand.api.get(&format!("/v1/conversations?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (400, &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_filtered_list_continues_where_its_page_ended() {
    let stand = Stand::start().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let id = stand.customer_writes(&format!("+5029000000{number}"), "hola").await;
        if number % 2 == 0 {
            done(&stand, id, "close", json!(null)).await;
            expected.push(id);
        }
        stand.clock.advance(Duration::from_secs(2));
    }
    expected.sort_unstable();
    for query in ["status=closed", "status=closed&channel_id=1", "unassigned=true&status=closed"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = stand.api.get(&format!("/v1/conversations?{query}&limit=1{cursor}")).await.json();
            let items = page["data"].as_array().unwrap();
            seen.extend(items.iter().map(|it| it["id"].id_number()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        seen.sort_unstable();
        assert_eq!(seen, expected, "{query}");
    }
}

/// The texts of a page of messages.
fn texts(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn messages_can_be_read_back_in_time_and_forth_and_polled_for_newer_ones() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    for number in 0..4 {
        assert_eq!(stand.reply(id, &format!("no. {number}")).await.status, 200);
    }
    let path = format!("/v1/conversations/{id}/messages");
    let page = async |query: &str| stand.api.get(&format!("{path}?{query}")).await.json();
    let newest = page("limit=2").await;
    assert_eq!(texts(&newest), ["no. 3", "no. 2"]);
    let older = page(&format!("limit=2&cursor={}", newest["next_cursor"].as_str().unwrap())).await;
    assert_eq!(texts(&older), ["no. 1", "no. 0"]);
    let first = page("order=asc&limit=2").await;
    assert_eq!(texts(&first), ["hola", "no. 0"]);
    let rest = page(&format!("order=asc&limit=10&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((texts(&rest), &rest["next_cursor"]), (vec!["no. 1", "no. 2", "no. 3"], &json!(null)));
    // From where the newest page began there is nothing yet, and then there is.
    let cursor = newest["newest_cursor"].as_str().unwrap();
    assert_eq!(rest["newest_cursor"], cursor);
    let nothing = page(&format!("order=asc&cursor={cursor}")).await;
    assert_eq!((texts(&nothing).len(), &nothing["newest_cursor"]), (0, &json!(cursor)));
    assert_eq!(stand.reply(id, "no. 4").await.status, 200);
    assert_eq!(texts(&page(&format!("order=asc&cursor={cursor}")).await), ["no. 4"]);
    let wrong = stand.api.get(&format!("{path}?order=up")).await;
    assert_eq!((wrong.status.as_u16(), &wrong.json()["field"]), (400, &json!("order")));
}

/// When the message with this text lies, in milliseconds.
async fn place(stand: &Stand, text: &str) -> i64 {
    let rows = stand.rows().await;
    let row = rows.values().find(|row| row["row"]["S"] == "message" && row["text"]["S"] == text).unwrap();
    row["at"]["N"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn within_a_second_the_order_of_arrival_is_kept() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    stand.clock.advance(Duration::from_secs(2));
    assert_eq!(stand.reply(id, "uno").await.status, 200);
    let reply = place(&stand, "uno").await;
    let newest = stand.api.get(&format!("/v1/conversations/{id}/messages")).await.json();
    // The provider reports whole seconds: that of our reply, which is older.
    let path = format!("/sandbox/phones/{ANA}/messages");
    let answer = json!({ "text": "dos", "timestamp": reply / 1000 });
    assert_eq!(stand.api.post(&path, &answer).await.status, 200);
    let customers = place(&stand, "dos").await;
    assert!(reply <= customers && customers / 1000 == reply / 1000, "{reply} {customers}");
    let cursor = newest["newest_cursor"].as_str().unwrap();
    let path = format!("/v1/conversations/{id}/messages?order=asc&cursor={cursor}");
    assert_eq!(texts(&stand.api.get(&path).await.json()), ["dos"]);
}

#[tokio::test]
async fn a_message_shows_its_price_as_the_provider_reported_it() {
    let stand = Stand::start().await;
    let id = stand.customer_writes(ANA, "hola").await;
    assert_eq!(stand.reply(id, "sí").await.status, 200);
    stand.running.sandbox.until_idle().await;
    let reply = stand.messages(id).await.pop().unwrap();
    let detail = stand.api.get(&format!("/v1/messages/{}", reply["id"].as_str().unwrap())).await.json();
    for (field, value) in reply.as_object().unwrap() {
        assert_eq!(&detail[field], value, "{field}");
    }
    assert_eq!(detail["attempt"]["history"][0]["outcome"], "accepted");
    let price = &reply["pricing"];
    assert_eq!((&price["category"], &price["model"]), (&json!("service"), &json!("PMP")), "{reply}");
    assert!(price["type"].is_string() && price["amount"].is_null(), "{price}");
}

#[tokio::test]
async fn contacts_have_all_their_addresses_and_a_merged_one_leads_to_the_other() {
    let stand = Stand::start().await;
    stand.window_opens(ANA).await;
    let path = format!("/sandbox/phones/{ANA}/messages");
    // Once by number only, once by user id only: two contacts, until both come together.
    let sent = stand.api.post("/api/whatsapp/send", &json!({ "phoneNumber": ANA, "content": "hola" })).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    stand.running.sandbox.until_idle().await;
    let bob = stand.customer_writes(BOB, "hola").await;
    assert_eq!(stand.api.post(&path, &json!({ "text": "soy yo" })).await.status, 200);
    let page = stand.api.get("/v1/contacts").await.json();
    let all = page["data"].as_array().unwrap();
    assert_eq!((all.len(), &page["next_cursor"]), (2, &json!(null)), "{page}");
    let ana = all.iter().find(|it| it["addresses"][0]["phone_number"] == ANA).unwrap();
    assert!(ana["addresses"].as_array().unwrap().iter().any(|it| it["type"] == "user_id"), "{ana}");
    let place = stand.conversation_with(ANA).await;
    assert_eq!(ana["conversations"], json!([{ "channel_id": "ch_1", "conversation_id": place["id"] }]));
    let one = stand.api.get(&format!("/v1/contacts/{}", ana["id"].id_number())).await.json();
    assert_eq!(&one, ana);
    let contact_of_bob = stand.conversation_with(BOB).await["contact"]["id"].clone();
    assert_ne!(contact_of_bob, ana["id"]);
    assert_ne!(place["id"].id_number(), bob);
    // Page by page.
    let first = stand.api.get("/v1/contacts?limit=1").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = stand.api.get(&format!("/v1/contacts?limit=1&cursor={cursor}")).await.json();
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    assert_eq!(stand.api.get("/v1/contacts/9007199254740991").await.status, 404);
    assert_eq!(stand.api.get("/v1/contacts/0").await.json()["field"], "id");
}

/// A webhook with one message of a customer with these names.
fn from(id: &str, names: &Value, at: i64) -> Value {
    let mut message =
        json!({ "id": id, "timestamp": at.to_string(), "type": "text", "text": { "body": id } });
    message.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
    json!({ "entry": [{ "changes": [{ "field": "messages", "value": {
        "metadata": { "phone_number_id": "1001" }, "messages": [message],
    } }] }] })
}

#[tokio::test]
async fn of_two_that_turn_out_to_be_one_both_ids_lead_to_the_one() {
    let stand = Stand::start().await;
    let now = ventanilla::ports::clock::Clock::now(stand.clock.as_ref()).seconds();
    let by_number = json!({ "from": "50212345678" });
    let by_id = json!({ "from_user_id": "GT.ana" });
    let by_both = json!({ "from": "50212345678", "from_user_id": "GT.ana" });
    for (id, names) in [("wamid.1", &by_number), ("wamid.2", &by_id)] {
        let told = stand.callback("demo", "demo-app-secret", &from(id, names, now)).await;
        assert_eq!(told.status, 200, "{}", told.text);
    }
    let two = stand.conversations().await;
    assert_eq!(two.len(), 2, "{two:?}");
    let told = stand.callback("demo", "demo-app-secret", &from("wamid.3", &by_both, now)).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let page = stand.api.get("/v1/contacts").await.json();
    let [kept] = page["data"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert_eq!(kept["addresses"].as_array().unwrap().len(), 2, "{kept}");
    let mut places = Vec::new();
    for place in &two {
        let contact =
            stand.api.get(&format!("/v1/contacts/{}", place["contact"]["id"].id_number())).await.json();
        assert_eq!(&contact, kept);
        let found = stand.api.get(&format!("/v1/conversations/{}", place["id"].id_number())).await.json();
        places.push(found["id"].clone());
    }
    assert_eq!(places[0], places[1]);
    // The merged one is on no narrowed list.
    assert_eq!(super::listed(&stand, "status=active").await, [places[0].id_number()]);
}
