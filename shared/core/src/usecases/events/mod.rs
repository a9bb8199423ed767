//! Events: numbered in a log without gaps, and read with the resources that they are about.

pub mod context;
pub mod log;
