//! System 2, AmbioSys (seed 002; facts: seed-apis.md 2).

mod many;
pub mod reads;
mod recipient;
mod send;
mod templates;

pub use many::{
    Outcome, TemplateRequest, Told, goes_on, maybe_begun, sent_to_many, template_request, wrong_template,
};
pub use send::{
    SendRequest, conversation, message_request, send_request, sent_in_conversation, sent_to_number,
};
pub use templates::{Listed, listed, no_list, unlisted};
