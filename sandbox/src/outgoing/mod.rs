//! Messages of the business: read, checked, taken and answered for, whichever API they came by.

mod answer;
mod complaint;
mod content;
mod message;
mod plan;
mod read;
mod take;

pub(crate) use self::{
    answer::{Dialect, ErrorAnswer, Refusal},
    complaint::Complaint,
    content::check,
    message::{Outgoing, recipient},
    read::mark_read,
    take::{play, refuse, speak},
};
