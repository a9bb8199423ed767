//! Configuration: the environment, read once at start, and the config file.

pub mod aws;
pub mod channel;
pub mod env;
pub mod file;
mod secret;
