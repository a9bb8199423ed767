//! ABC Sales (facts: seed-apis.md 4). The vendor documents the requests and the list of connections; the
//! other responses are ours in its style: `data` around the result, `meta.next_cursor` where a list
//! continues, `error` for a failure.

#[cfg(feature = "schema")]
pub(crate) mod document;
mod download_attachment;
mod errors;
mod list_connections;
mod list_messages;
mod reply;
pub mod routes;
mod show_company;
mod types;
mod upsert_lead;

pub use errors::AbcSales;
pub use reply::{ReplyRequest, reply_request};
pub use upsert_lead::lead_details;
