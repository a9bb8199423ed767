//! The layers and rules of the house, held against the sources.

use std::path::PathBuf;

use crate::harness::{code, root, sources};

fn forbids(folders: &[&str], words: &[&str], except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in folders.iter().flat_map(|folder| sources(folder)) {
        if except.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        for word in words.iter().filter(|word| code(&text).contains(**word)) {
            found.push(format!("{} holds {word}", path.display()));
        }
    }
    found
}

const NONE: [String; 0] = [];

const DYNAMODB: &str = "shared/aws/src/dynamodb";

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
    let core = "shared/core/src";
    assert_eq!(
        forbids(&[&format!("{core}/domain")], &["crate::ports", "crate::usecases", "async fn"], &["mint.rs"]),
        NONE
    );
    assert_eq!(forbids(&[&format!("{core}/ports")], &["crate::usecases"], &[]), NONE);
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
fn nothing_scans() {
    assert_eq!(forbids(&["shared", "functions", "local/src"], &[".scan(", "ScanInput"], &[]), NONE);
}

#[test]
fn one_folder_spells_keys() {
    let spelled = ["\"T#", "\"R#", "#{", "#\""];
    let folders = ["shared/aws", "shared/core/src/usecases", "functions", "local/src"];
    let records = format!("{DYNAMODB}/records");
    let names =
        sources(&records).into_iter().map(|(path, _)| path.file_name().unwrap().display().to_string());
    let mut keys: Vec<String> = names.map(|name| format!("{records}/{name}")).collect();
    // What all keys are made of, and a record that only a test has.
    keys.extend(["keys.rs", "tests.rs"].map(|name| format!("{DYNAMODB}/{name}")));
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    assert_eq!(forbids(&folders, &spelled, &keys), NONE);
    // The same question finds the keys of a record that is not excepted.
    let message = format!("{records}/message.rs");
    let others: Vec<&str> = keys.iter().copied().filter(|path| *path != message).collect();
    let found = forbids(&folders, &spelled, &others);
    assert!(!found.is_empty() && found.iter().all(|it| it.contains("records/message.rs")), "{found:?}");
}

#[test]
fn a_function_s_main_only_assembles() {
    for (path, text) in sources("functions").into_iter().filter(|(path, _)| path.ends_with("main.rs")) {
        assert!(text.lines().count() <= 40, "{} is longer than 40 lines", path.display());
    }
}

#[test]
fn binaries_which_have_no_test_run_hold_no_tests() {
    let all = ["functions", "local"].into_iter().flat_map(sources);
    let binaries: Vec<(PathBuf, String)> = all.filter(|(path, _)| path.ends_with("src/main.rs")).collect();
    assert_eq!(binaries.len(), 12);
    for (path, text) in binaries {
        assert!(!text.contains("#[cfg(test)]") && !text.contains("#[test]"), "{}", path.display());
    }
}
