//! Configuration: the environment, read once at start, and the configuration file.

pub mod aws;
pub mod channel;
pub mod env;
pub mod file;
mod secret;
