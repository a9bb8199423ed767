//! AmbioSys (facts: seed-apis.md 2).

mod conversations;
#[cfg(feature = "schema")]
pub(in crate::api) mod document;
mod list_templates;
mod many;
mod near_misses;
pub mod reads;
mod recipient;
mod results;
pub mod routes;
mod send;
mod send_template;
mod send_text;
mod templates;

pub use many::{
    Outcome, TemplateRequest, Told, goes_on, maybe_begun, sent_to_many, template_request, wrong_template,
};
pub use send::{
    AmbioSys, SendRequest, conversation, message_request, send_request, sent_in_conversation, sent_to_number,
};
pub use templates::{Listed, listed};
