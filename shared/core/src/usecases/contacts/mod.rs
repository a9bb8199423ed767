//! Contacts: found by what they are reached by, and renamed.

mod profile;
mod search;
