//! Races: many clients at once, and what is left agrees with the provider's own log.
//!
//! Every client writes down what it wanted and what it heard. A checker compares that with what the
//! provider took and with what we show; that it finds each kind of wrong is tested beside it.

mod clients;
mod first_contact;
mod history;
mod late_word;
mod one_moment;
mod own_contract;
