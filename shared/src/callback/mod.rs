//! Incoming calls: one folder per provider, pure functions that check and translate.

pub mod meta;
