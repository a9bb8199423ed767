//! What a list costs when there is much: the same as when there is little.

use std::ops::Range;

use serde_json::{Value, json};

use ventanilla_local::server::TABLE;

use super::ANA;
use crate::{
    budget::{begin, costs},
    harness::Stand,
};

/// Most rows that the store accepts in one call.
const AT_ONCE: usize = 25;

/// Lists that each have an index of their own, or a partition.
const OWN: [&str; 9] = [
    "/v1/conversations?limit=20",
    "/v1/conversations?limit=20&status=active",
    "/v1/conversations?limit=20&unread=true",
    "/v1/conversations?limit=20&assignee=ana",
    "/v1/contacts?limit=20",
    "/v1/conversations/{id}/messages?limit=20",
    "/api/conversations?status=active",
    "/api/whatsapp/conversations?status=active&limit=50",
    "/api/check-conversation-updates?last_check=2099-01-01%2000:00:00",
];

/// Lists to be looked through, in which nothing fits.
const LOOKED_THROUGH: [&str; 2] =
    ["/v1/conversations?channel_id=2", "/v1/conversations?status=active&unassigned=true"];

/// One conversation with one customer, whose rows all others are made after.
struct Archetype {
    conversation: Value,
    contact: Value,
    message: Value,
    id: u64,
}

async fn archetype(stand: &Stand) -> Archetype {
    let id = stand.customer_writes(ANA, "hola").await;
    let path = format!("/v1/conversations/{id}/assign");
    assert_eq!(stand.api.post(&path, &json!({ "assignee": "ana" })).await.status, 200);
    let rows = stand.rows().await;
    let row = |kind: &str| rows.values().find(|row| row["row"]["S"] == kind).unwrap().clone();
    Archetype { conversation: row("conversation"), contact: row("contact"), message: row("message"), id }
}

impl Archetype {
    /// Rows that differ in their id and time only: of one more conversation, customer and message.
    fn one_more(&self, number: u64) -> [Value; 3] {
        let at: u64 = self.conversation["last_message_at"]["N"].as_str().unwrap().parse().unwrap();
        let at = at + 1000 * (number + 1);
        let (mut conversation, mut contact, mut message) =
            (self.conversation.clone(), self.contact.clone(), self.message.clone());
        for row in [&mut conversation, &mut contact, &mut message] {
            row["id"]["N"] = json!(number.to_string());
        }
        conversation["pk"]["S"] = json!(format!("T#demo#C#{number:016}"));
        conversation["last_message_at"]["N"] = json!(at.to_string());
        conversation["g1sk"]["S"] = json!(format!("{at:015}#{number:016}"));
        contact["pk"]["S"] = json!(format!("T#demo#K#{number:016}"));
        contact["g1sk"]["S"] = json!(format!("{number:016}"));
        message["sk"]["S"] = json!(format!("M#{at:015}#{number:016}"));
        message["at"]["N"] = json!(at.to_string());
        [conversation, contact, message]
    }

    async fn add(&self, stand: &Stand, numbers: Range<u64>) {
        let mut rows = numbers.flat_map(|number| self.one_more(number)).peekable();
        while rows.peek().is_some() {
            let some: Vec<Value> = rows.by_ref().take(AT_ONCE).collect();
            stand.put_rows(&some).await;
        }
    }

    fn path(&self, query: &str) -> String {
        query.replace("{id}", &self.id.to_string())
    }
}

/// The calls and units of a list.
async fn spent(stand: &Stand, path: &str) -> (String, f64) {
    begin(stand);
    let answer = stand.api.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    costs(&stand.tap)
}

async fn all_spent(stand: &Stand, one: &Archetype, queries: &[&str]) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    for query in queries {
        all.push(spent(stand, &one.path(query)).await);
    }
    all
}

#[tokio::test]
async fn a_list_costs_the_same_however_many_conversations_there_are() {
    let stand = Stand::start().await;
    let one = archetype(&stand).await;
    one.add(&stand, 1..120).await;
    let few = all_spent(&stand, &one, &OWN).await;
    one.add(&stand, 120..600).await;
    let some = all_spent(&stand, &one, &LOOKED_THROUGH).await;
    one.add(&stand, 600..2_000).await;
    let many = all_spent(&stand, &one, &OWN).await;
    for ((query, (calls, units)), (fewer_calls, fewer)) in OWN.iter().zip(many).zip(few) {
        assert_eq!(calls, fewer_calls, "{query}");
        // Rows of newer conversations have a digit more here and there: half a unit, which is 4 KB.
        assert!((units - fewer).abs() <= 0.5, "{query}: {fewer} and {units} units");
        assert!(["Query 1", "GetItem 1, Query 1"].contains(&calls.as_str()), "{query}: {calls}");
    }
    let again = all_spent(&stand, &one, &LOOKED_THROUGH).await;
    for ((query, (calls, units)), (more_calls, more)) in LOOKED_THROUGH.iter().zip(some).zip(again) {
        assert_eq!((more_calls.as_str(), calls.as_str()), ("Query 4", "Query 4"), "{query}");
        // Rows of newer conversations have a digit more here and there.
        assert!((more - units).abs() <= 4.0, "{query}: {units} and {more} units");
        let page = stand.api.get(query).await.json();
        assert!(page["next_cursor"].is_string() && page["data"] == json!([]), "{page}");
    }
}

/// `just bench-lists`; bench/README.md has what it printed.
#[tokio::test]
#[ignore = "a bench of minutes"]
#[expect(clippy::print_stdout, reason = "its result")]
async fn lists_at_100_and_at_100_000() {
    let folder = std::env::temp_dir().join(format!("ventanilla-lists-{}", std::process::id()));
    let stand = Stand::start_in(folder.clone()).await;
    let one = archetype(&stand).await;
    let queries: Vec<&str> = OWN.into_iter().chain(LOOKED_THROUGH).collect();
    one.add(&stand, 1..100).await;
    let few = all_spent(&stand, &one, &queries).await;
    // Past the server as well: a hundred thousand calls would take their time.
    let database = dynoxide::Database::new(folder.join("data.sqlite").to_str().unwrap()).unwrap();
    for thousand in 0..100_u64 {
        let numbers = (thousand * 1000).max(100)..(thousand + 1) * 1000;
        let rows = numbers.flat_map(|number| one.one_more(number));
        let rows = rows.map(|row| serde_json::from_value(row).unwrap()).collect();
        database.import_items(TABLE, rows, dynoxide::ImportOptions::default()).unwrap();
    }
    println!("| list | at 100: calls; units | at 100,000 |");
    for (query, (calls, units)) in queries.iter().zip(few) {
        let (more_calls, more) = spent(&stand, &one.path(query)).await;
        println!("| `{query}` | {calls}; {units} | {more_calls}; {more} |");
    }
    drop(stand);
    std::fs::remove_dir_all(&folder).unwrap();
}
