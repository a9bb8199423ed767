//! Kaleyra, its API V1 and V2.

mod answer;
mod form;
mod health;
mod send;
pub mod webhook;

pub use send::Kaleyra;
