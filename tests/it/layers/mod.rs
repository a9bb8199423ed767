//! The layers and rules of the house, held against the parsed sources.
//!
//! Crates hold most of it ([`manifests`]); the rest is read from the sources with syn. Every rule has a control beside it: a
//! source that breaks it is found.

mod async_code;
mod binaries;
mod imports;
mod keys;
mod manifests;
mod scans;
mod tokens;

use std::sync::LazyLock;

use house::{Names, Tree};

use crate::harness::root;

const NONE: [String; 0] = [];

/// The sources of some folders as plain text, which several tests share: syn's types stay in one thread.
static SOURCES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let tree = Tree::read(&root(), &["shared", "functions", "local/src"]).unwrap();
    assert!(tree.files.len() > 300, "{} sources", tree.files.len());
    tree.files.into_iter().map(|source| (source.path, source.text)).collect()
});

/// The sources of the house below these folders.
fn house(folders: &[&str]) -> Tree {
    let sources = SOURCES.iter().filter(|(path, _)| folders.iter().any(|folder| path.starts_with(folder)));
    let files: Vec<(&str, &str)> = sources.map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert!(folders.iter().all(|folder| files.iter().any(|(path, _)| path.starts_with(folder))));
    Tree::of(&files).unwrap()
}

/// A rule, and whether it finds something in a source at this path, beside the crates' roots and what they hold.
fn finds(path: &str, text: &str, rule: impl Fn(&Tree, &Names) -> Vec<String>) -> bool {
    let beside = [
        (
            "shared/src/lib.rs",
            "pub use ventanilla_api as api; pub use ventanilla_aws as aws; pub use ventanilla_core::{domain, ports, usecases}; pub use ventanilla_whatsapp as whatsapp;",
        ),
        ("shared/api/src/lib.rs", "pub mod common; pub mod contracts;"),
        ("shared/api/src/contracts/mod.rs", "pub mod php_bot; pub mod v1;"),
        ("shared/api/src/contracts/v1/mod.rs", "pub struct V1; pub fn view() {}"),
        ("shared/aws/src/lib.rs", "pub mod dynamodb; pub mod sqs;"),
        ("shared/core/src/lib.rs", "pub mod domain; pub mod ports; pub mod usecases;"),
        ("shared/core/src/domain/mod.rs", ""),
        ("shared/core/src/ports/mod.rs", "pub mod clock { pub trait Clock {} }"),
        ("shared/core/src/usecases/mod.rs", "pub struct Sending; pub fn send() {}"),
        ("shared/whatsapp/src/lib.rs", "pub mod provider;"),
    ];
    let others = beside.into_iter().filter(|(other, _)| *other != path);
    let tree = Tree::of(&others.chain([(path, text)]).collect::<Vec<_>>()).unwrap();
    !rule(&tree, &Names::of(&tree)).is_empty()
}
