//! A table of an earlier version, from before messages had parts: this version reads its rows and continues
//! with them.
//!
//! `tests/fixtures/old-table.json` has the rows, one a line, as that version wrote them on a local server:
//! conversations with messages of every kind, a finished broadcast, leads, files, opt-outs, the log. It was
//! killed while it sent, so some attempts, the batch of another broadcast and a frame of a socket are still
//! under way.

mod going_on;
mod reading;

use serde_json::Value;
use ventanilla::domain::time::Timestamp;

use crate::harness::{IdNumber as _, Stand};

const ROWS: &str = include_str!("../../fixtures/old-table.json");

/// When the earlier version was killed, in milliseconds since 1970.
const KILLED_AT: i64 = 1_796_045_003_912;

const ANA: &str = "+50212345678";
const LUZ: &str = "+525512345678";

/// This version on that table, a second after it was left.
async fn stand() -> Stand {
    Stand::start_on(ROWS, Timestamp::from_millis(KILLED_AT + 1000)).await
}

/// The id of the conversation with a number.
async fn with(stand: &Stand, number: &str) -> u64 {
    stand.conversation_with(number).await["id"].id_number()
}

/// The message of Ana's conversation with this text.
async fn of_ana(stand: &Stand, text: &str) -> Value {
    let messages = stand.messages(with(stand, ANA).await).await;
    messages.into_iter().find(|it| it["text"] == text).unwrap_or_else(|| panic!("no message {text}"))
}

/// All events of the log.
async fn log(stand: &Stand) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = stand.api.get(&format!("/v1/events?cursor={after}&limit=100")).await.json();
        let events = page["data"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
        if events.is_empty() {
            return all;
        }
        after += events.len();
        all.extend(events);
    }
}
