//! Configuration: the environment, read once at start, and the config file.

pub mod aws;
pub mod env;
pub mod file;
