//! The repository's own sources, for tests that hold them to something.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::root;

/// Folders with files that are not the repository's own.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", ".ventanilla"];

/// The text of every file whose name ends in one of `kinds`, by its path below the root.
pub(crate) fn files(kinds: &[&str]) -> BTreeMap<String, String> {
    files_below("", kinds)
}

/// All Rust sources below a folder, with their text.
pub(crate) fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let found = files_below(folder, &["rs"]);
    assert!(!found.is_empty(), "{folder} has no sources");
    found.into_iter().map(|(path, text)| (root().join(path), text)).collect()
}

fn files_below(folder: &str, kinds: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if entry.file_type().unwrap().is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    open.push(path);
                }
            } else if Path::new(&name).extension().is_some_and(|kind| kinds.iter().any(|it| kind == *it)) {
                // A kept input of the fuzz targets may be no text.
                let bytes = fs::read(entry.path()).unwrap();
                found.insert(path, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }
    found
}

/// The part of a file before its tests.
pub(crate) fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}
