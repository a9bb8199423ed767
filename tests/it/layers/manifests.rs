//! What each crate depends on: most walls are crates.

use super::NONE;
use crate::harness::root;

/// What a crate depends on, tests aside.
fn dependencies(manifest: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(manifest)).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

/// Those dependencies of a crate whose names begin like one of `words`.
fn known(manifest: &str, words: &[&str]) -> Vec<String> {
    let mut names = dependencies(manifest);
    names.retain(|name| words.iter().any(|word| name.starts_with(word)));
    names
}

#[test]
fn the_core_knows_no_adapter() {
    let adapters = ["aws", "axum", "reqwest", "hyper", "http", "lambda", "tower", "ventanilla"];
    assert_eq!(known("shared/core/Cargo.toml", &adapters), NONE);
    // The same question finds what is there.
    assert_eq!(
        known("shared/whatsapp/Cargo.toml", &["reqwest", "ventanilla"]),
        ["reqwest", "ventanilla-core"]
    );
}

#[test]
fn adapters_do_not_know_each_other() {
    let ours = |name: &str| known(&format!("shared/{name}/Cargo.toml"), &["ventanilla"]);
    assert_eq!(ours("whatsapp"), ["ventanilla-core"]);
    assert_eq!(ours("aws"), ["ventanilla-core"]);
    assert_eq!(ours("api"), ["ventanilla-core", "ventanilla-whatsapp"]);
    assert_eq!(known("shared/api/Cargo.toml", &["aws"]), NONE);
    assert_eq!(known("shared/whatsapp/Cargo.toml", &["aws", "axum", "lambda"]), NONE);
    assert_eq!(known("shared/aws/Cargo.toml", &["axum", "lambda"]), NONE);
}

#[test]
fn no_function_depends_on_the_benchmarks() {
    for entry in std::fs::read_dir(root().join("functions")).unwrap() {
        let manifest = entry.unwrap().path().join("Cargo.toml");
        assert_eq!(known(manifest.to_str().unwrap(), &["house", "syn", "proc-macro2", "quote"]), NONE);
    }
    assert_eq!(known("tests/Cargo.toml", &["house"]), ["house"]);
}
