//! Meta: the WhatsApp Cloud API, or any host that speaks it.

mod answer;
pub mod errors;
mod health;
mod media;
mod send;
pub mod webhook;

pub use send::Meta;
