//! Races: many concurrent clients, and the result agrees with the provider's own log.
//!
//! Every client records its requests and responses. A checker compares these with the messages that the
//! provider accepted and with what we show; that it finds each kind of violation is tested beside it.

mod clients;
mod first_contact;
mod history;
mod late_word;
mod one_moment;
mod own_contract;
