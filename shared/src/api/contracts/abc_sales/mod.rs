//! ABC Sales (facts: seed-apis.md 4). Documented are the requests and the list of
//! connections; the other answers are ours in its style: `data` around what is meant, `meta.next_cursor` where a
//! list goes on, `error` where something went wrong.

mod attachments;
mod connections;
#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod errors;
mod inbox;
mod leads;
mod reply;
pub mod routes;
mod talk;

pub use attachments::not_given;
pub use connections::connections;
pub use errors::AbcSales;
pub use leads::{kept, lead_told};
pub use talk::{ReplyRequest, replied, reply_request, said};

use serde_json::{Map, Value, json};

/// An answer with `data`, and with where it goes on if it does: an absent cursor is the end.
fn enveloped(data: &Value, next: Option<String>) -> Value {
    let mut body = Map::new();
    body.insert("data".to_owned(), data.clone());
    if let Some(next) = next {
        body.insert("meta".to_owned(), json!({ "next_cursor": next }));
    }
    body.into()
}
