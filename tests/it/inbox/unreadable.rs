//! Lists with rows that cannot be read: what is behind them is still reached.

use serde_json::{Value, json};

use super::{ANA, BOB};
use crate::harness::{IdNumber as _, Stand};

/// Makes rows unreadable that hold this text at this field.
async fn spoil(stand: &Stand, kind: &str, field: &str, texts: &[&str]) {
    let mut spoilt = 0;
    for mut row in stand.rows().await.into_values() {
        let hit = row[field]["S"].as_str().is_some_and(|text| texts.contains(&text));
        if row["row"]["S"] == kind && hit {
            row["rev"] = json!({ "S": "of a later version" });
            stand.put_row(&row).await;
            spoilt += 1;
        }
    }
    assert_eq!(spoilt, texts.len());
}

/// All entries of a list, by pages of two.
async fn walk(stand: &Stand, path: &str) -> Vec<Value> {
    let (mut all, mut more) = (Vec::new(), String::new());
    for _ in 0..9 {
        let answer = stand.api.get(&format!("{path}limit=2{more}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let page = answer.json();
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => more = format!("&cursor={cursor}"),
            None => return all,
        }
    }
    panic!("{path} does not end");
}

#[tokio::test]
async fn messages_behind_a_page_that_cannot_be_read_are_reached() {
    let stand = Stand::start().await;
    let mut id = 0;
    for text in ["one", "two", "three", "four", "five"] {
        id = stand.customer_writes(ANA, text).await;
    }
    let texts = async |query: &str| -> Vec<String> {
        let all = walk(&stand, &format!("/v1/conversations/{id}/messages?{query}")).await;
        all.iter().map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    };
    spoil(&stand, "message", "text", &["four", "five"]).await;
    assert_eq!(texts("").await, ["three", "two", "one"]);
    assert_eq!(texts("order=asc&").await, ["one", "two", "three"]);
    spoil(&stand, "message", "text", &["one", "two"]).await;
    assert_eq!(texts("").await, ["three"]);
    assert_eq!(texts("order=asc&").await, ["three"]);
}

#[tokio::test]
async fn contacts_behind_a_page_that_cannot_be_read_are_reached() {
    let stand = Stand::start().await;
    for number in [ANA, BOB, "+50255550003", "+50255550004"] {
        stand.customer_writes(number, "hola").await;
    }
    let all = walk(&stand, "/v1/contacts?").await;
    assert_eq!(all.len(), 4);
    // The first page of two.
    for it in &all[..2] {
        let key = format!("\"T#demo#K#{:016}\" \"A\"", it["id"].id_number());
        let mut row = stand.rows().await[&key].clone();
        row["rev"] = json!({ "S": "of a later version" });
        stand.put_row(&row).await;
    }
    assert_eq!(walk(&stand, "/v1/contacts?").await, all[2..]);
}
