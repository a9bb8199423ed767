//! Finds the config file.

use std::path::Path;

use ventanilla::config::file::{ConfigError, ConfigFile};

/// The demo, used without a config file.
const DEMO: &str = include_str!("../../ventanilla.toml");

/// The default file, in the working directory.
const USUAL: &str = "ventanilla.toml";

/// Loads the given config file, else the one in the working directory, else the demo.
///
/// # Errors
/// When the file is missing or invalid.
pub fn load(named: Option<&Path>) -> Result<ConfigFile, ConfigError> {
    match named {
        Some(path) => ConfigFile::load(path),
        None if Path::new(USUAL).exists() => ConfigFile::load(Path::new(USUAL)),
        None => ConfigFile::parse(DEMO),
    }
}
