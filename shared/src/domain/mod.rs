//! The rules of the house: types that cannot be wrong and pure functions over them. No I/O.

pub mod attempt;
pub mod broadcast;
pub mod caller;
pub mod channel;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod delivery;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod inbound;
pub mod message;
pub mod mint;
pub mod phone;
pub mod pointer;
pub mod raw;
pub mod reference;
pub mod rejection;
pub mod settings;
pub mod suppression;
pub mod template;
pub mod time;
pub mod window;
