//! The handler of conversations: no bot is shown where the company has none.

use serde_json::{Value, json};
use ventanilla::config::file::ConfigFile;

use crate::harness::{CONFIG, Stand};

const ANA: &str = "+50212345678";

/// The conversation with Ana, and what the log says of who answers in it.
async fn shown(stand: &Stand) -> (Value, Vec<Value>) {
    let listed = stand.conversation_with(ANA).await;
    let one = stand.api.get(&format!("/v1/conversations/{}", listed["id"].as_str().unwrap())).await.json();
    assert_eq!(one["handled_by"], listed["handled_by"]);
    stand.follow().await;
    let all = stand.api.get("/v1/events?cursor=0&limit=100").await.json();
    let events = all["data"].as_array().unwrap().iter();
    let handed = events.clone().filter(|it| it["data"]["change"] == "handed_over");
    let mut told: Vec<Value> = handed.map(|it| it["data"]["handled_by"].clone()).collect();
    let last = events.last().unwrap();
    assert_eq!(last["data"]["conversation"]["handled_by"], one["handled_by"]);
    told.sort_by_key(Value::to_string);
    (one["handled_by"].clone(), told)
}

async fn handed_to(stand: &Stand, to: &str) {
    let id = stand.conversation_with(ANA).await["id"].as_str().unwrap().to_owned();
    let done = stand.api.post(&format!("/v1/conversations/{id}/handoff"), &json!({ "to": to })).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

#[tokio::test]
async fn without_a_bot_the_customer_waits_until_a_person_answers() {
    let config = CONFIG.replacen("bot = true\n", "", 1);
    let stand = Stand::start_with(ConfigFile::parse(&config).unwrap()).await;
    stand.customer_writes(ANA, "hola").await;
    assert_eq!(shown(&stand).await, (Value::Null, vec![]));
    handed_to(&stand, "human").await;
    assert_eq!(shown(&stand).await, (json!("human"), vec![json!("human")]));
    handed_to(&stand, "bot").await;
    assert_eq!(shown(&stand).await, (Value::Null, vec![json!("human"), Value::Null]));
}

#[tokio::test]
async fn a_setting_or_a_key_of_a_bot_s_says_that_there_is_one() {
    let key = "\n[[tenants.keys]]\nname = \"bot\"\nkey = \"vk_Ym90LWtleS1mb3ItdGhpcy1tYWNoaW5lLW9ubHkhISE\"\nscopes = [\"send\"]\nkind = \"bot\"\n";
    let by_key = CONFIG.replacen("bot = true\n", "", 1).replacen(
        "\n[[tenants.keys]]",
        &format!("{key}\n[[tenants.keys]]"),
        1,
    );
    for config in [CONFIG.to_owned(), by_key] {
        let stand = Stand::start_with(ConfigFile::parse(&config).unwrap()).await;
        stand.customer_writes(ANA, "hola").await;
        assert_eq!(shown(&stand).await, (json!("bot"), vec![]));
    }
}
