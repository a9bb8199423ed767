//! Messages of the business: read, checked, taken and answered for, whichever API they came by.

mod accept;
mod content;
mod mark_read;
mod message;
mod meta_error;
mod plan;
mod response;

pub(crate) use self::{
    accept::{play, refuse, speak},
    content::check,
    mark_read::mark_read,
    message::{Outgoing, recipient},
    meta_error::Complaint,
    response::{Dialect, ErrorAnswer, Refusal},
};
