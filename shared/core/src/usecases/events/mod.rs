//! Events: numbered in a log without gaps, and read with what they are about.

pub mod context;
pub mod log;
