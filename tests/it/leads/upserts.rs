//! Upserts of leads from a company's own system.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{ANA, BOB, contact, reply, told};
use crate::harness::{OTHER_KEY, Stand};

const READ_ONLY: &str = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";

/// How many rows of a kind there are.
async fn count(stand: &Stand, kind: &str) -> usize {
    stand.rows().await.values().filter(|row| row["row"]["S"] == kind).count()
}

/// The kinds of the events so far that are about leads.
async fn events(stand: &Stand) -> Vec<(Value, Value)> {
    stand.follow().await;
    let log = stand.api.get("/v1/events?after=0").await.json();
    let all = log["data"].as_array().unwrap().iter();
    let of_leads = all
        .filter(|event| event["data"]["change"].as_str().is_some_and(|change| change.starts_with("lead_")));
    of_leads.map(|event| (event["data"]["change"].clone(), event["data"]["contact_id"].clone())).collect()
}

#[tokio::test]
async fn a_lead_is_stored_as_given_and_later_data_under_the_same_id_is_of_the_same_lead() {
    let stand = Stand::start().await;
    let whole = json!({
        "id": "crm-7", "name": "Ana Ruiz", "email": "ana@example.com", "phone": "+502 1234-5678",
        "naver_line_id": "U1", "source": "fair", "tags": ["vip"], "timezone": "America/Guatemala", "locale": "es-GT",
        "currency": "GTQ", "custom_fields": { "meter": { "no": 7, "read": [1.5, null] } },
        "automations": { "subscribe": [1] }, "user_assignments": [2],
    });
    let (status, lead) = told(&stand, &whole).await;
    let expected = json!({
        "id": lead["id"].as_u64().unwrap(), "external_id": "crm-7", "name": "Ana Ruiz", "email": "ana@example.com",
        "phone": ANA, "naver_line_id": "U1", "source": "fair", "tags": ["vip"],
        "timezone": "America/Guatemala", "locale": "es-GT", "currency": "GTQ",
        "custom_fields": { "meter": { "no": 7, "read": [1.5, null] } },
        "created_at": lead["created_at"].as_str().unwrap(), "updated_at": lead["created_at"],
    });
    assert_eq!((status, &lead), (201, &expected));
    let (status, again) = told(&stand, &whole).await;
    assert_eq!((status, &again), (200, &lead), "no news");
    stand.clock.advance(std::time::Duration::from_secs(5));
    let (status, changed) = told(&stand, &json!({ "id": "crm-7", "name": "Ana", "tags": [] })).await;
    let mut expected = expected;
    (expected["name"], expected["tags"]) = (json!("Ana"), json!([]));
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!((status, &changed), (200, &expected));
    assert_ne!(changed["updated_at"], changed["created_at"]);
    let of = json!(format!("contact_{}", lead["id"]));
    assert_eq!(events(&stand).await, [(json!("lead_created"), of.clone()), (json!("lead_updated"), of)]);
}

#[tokio::test]
async fn without_an_id_the_number_says_which_lead_it_is() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let (first, lead) = told(&stand, &json!({ "name": "Ana", "phone": ANA })).await;
    let (again, same) = told(&stand, &json!({ "name": "Ana", "phone": ANA, "email": "a@example.com" })).await;
    assert_eq!((first, again, &same["id"]), (201, 200, &lead["id"]));
    assert_eq!(lead["id"], contact(&stand, ANA).await);
    // The company's id for it may come later.
    let (status, named) = told(&stand, &json!({ "id": "crm-7", "name": "Ana", "phone": ANA })).await;
    assert_eq!((status, &named["id"], &named["email"]), (200, &lead["id"], &json!("a@example.com")));
    assert_eq!(told(&stand, &json!({ "id": "crm-7", "name": "Ana" })).await.1["id"], lead["id"]);
    // Two leads of the company's with one number are two leads, and one customer.
    let (status, second) = told(&stand, &json!({ "id": "crm-8", "name": "Ana's shop", "phone": ANA })).await;
    assert_eq!(status, 201);
    assert_ne!(second["id"], lead["id"]);
    for name in ["crm-7", "crm-8"] {
        assert_eq!(reply(&stand.api, name, 1, name).await.status, 200);
    }
    assert_eq!(stand.phone_got(ANA).await, ["crm-7", "crm-8"]);
    // With neither there is nothing to know them by.
    let nameless = json!({ "name": "Somebody", "email": "a@example.com" });
    assert_ne!(told(&stand, &nameless).await.1["id"], told(&stand, &nameless).await.1["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_simultaneous_upserts_one_creates_the_lead() {
    let stand = Stand::start().await;
    for round in 0..4 {
        let id = format!("crm-{round}");
        let number = format!("+5023000000{round}");
        let mut telling = JoinSet::new();
        for place in 0..12 {
            let (api, body) =
                (stand.api.clone(), json!({ "id": id, "name": format!("name {place}"), "phone": number }));
            telling.spawn(async move {
                let answer = api.post("/v1/webhooks/leads", &body).await;
                (answer.status.as_u16(), answer.json()["data"]["lead"]["id"].clone())
            });
        }
        // The customer writes meanwhile.
        stand.customer_writes(&number, "hola").await;
        let all = telling.join_all().await;
        let created = all.iter().filter(|(status, _)| *status == 201).count();
        let others = all.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!((created, others), (1, 11), "{all:?}");
        assert!(all.iter().all(|(_, lead)| *lead == contact_of(&all)), "{all:?}");
        assert_eq!(contact_of(&all), contact(&stand, &number).await, "the customer is the lead");
    }
    assert_eq!((count(&stand, "lead").await, count(&stand, "lead_pointer").await), (4, 4));
    assert_eq!(count(&stand, "contact").await, 4);
}

fn contact_of(all: &[(u16, Value)]) -> Value {
    all[0].1.clone()
}

#[tokio::test]
async fn an_id_of_two_companies_is_two_leads() {
    let stand = Stand::start().await;
    let (_, ours) = told(&stand, &json!({ "id": "crm-7", "name": "Ana", "phone": ANA })).await;
    let stranger = stand.api.with_key(Some(OTHER_KEY));
    assert_eq!(stranger.get("/v1/leads/crm-7/conversations").await.status, 404);
    let body = json!({ "id": "crm-7", "name": "Bob", "phone": BOB });
    let theirs = stranger.post("/v1/webhooks/leads", &body).await;
    assert_eq!(theirs.status, 201);
    assert_ne!(theirs.json()["data"]["lead"]["id"], ours["id"]);
    assert_eq!(told(&stand, &json!({ "id": "crm-7", "name": "Ana" })).await.1["phone"], ANA);
}

#[tokio::test]
async fn a_key_that_may_only_read_can_neither_upsert_nor_reply() {
    let stand = Stand::start().await;
    stand.customer_writes(ANA, "hola").await;
    let lead = contact(&stand, ANA).await.to_string();
    let reader = stand.api.with_key(Some(READ_ONLY));
    assert_eq!(reader.get(&format!("/v1/leads/{lead}/conversations")).await.status, 200);
    assert_eq!(reader.post("/v1/webhooks/leads", &json!({ "name": "Ana" })).await.status, 403);
    assert_eq!(reply(&reader, &lead, 1, "x").await.status, 403);
    assert_eq!(count(&stand, "lead").await, 0);
}
