//! Which config file counts.

use std::path::Path;

use ventanilla::config::file::{ConfigError, ConfigFile};

/// The demo, for when there is no file.
const DEMO: &str = include_str!("../../ventanilla.toml");

/// The file that is looked for when none is named.
const USUAL: &str = "ventanilla.toml";

/// The config file that is named, else the one in this folder, else the demo.
///
/// # Errors
/// When the file that counts cannot be used.
pub fn load(named: Option<&Path>) -> Result<ConfigFile, ConfigError> {
    match named {
        Some(path) => ConfigFile::load(path),
        None if Path::new(USUAL).exists() => ConfigFile::load(Path::new(USUAL)),
        None => ConfigFile::parse(DEMO),
    }
}
