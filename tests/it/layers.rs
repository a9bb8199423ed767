//! The layers and rules of the house, held against the sources.

use std::path::PathBuf;

use crate::harness::{code, sources};

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

#[test]
fn rules_and_ports_know_no_adapter() {
    let adapters = [
        "aws_",
        "axum",
        "reqwest",
        "lambda_",
        "http::",
        "crate::store",
        "crate::provider",
        "crate::callback",
        "crate::api",
        "crate::secrets",
        "crate::config",
        "crate::assembly",
    ];
    assert_eq!(
        forbids(&["shared/src/domain", "shared/src/port", "shared/src/service"], &adapters, &[]),
        NONE
    );
    assert_eq!(forbids(&["shared/src/domain"], &["crate::service", "async fn"], &[]), NONE);
    assert_eq!(forbids(&["shared/src/port"], &["crate::service"], &[]), NONE);
}

#[test]
fn adapters_do_not_know_each_other() {
    assert_eq!(forbids(&["shared/src/store"], &["crate::provider", "crate::api", "axum"], &[]), NONE);
    assert_eq!(
        forbids(
            &["shared/src/provider", "shared/src/callback"],
            &["crate::store", "crate::api", "axum", "aws_"],
            &[]
        ),
        NONE
    );
    assert_eq!(forbids(&["shared/src/api"], &["crate::store", "crate::provider", "aws_"], &[]), NONE);
}

#[test]
fn nothing_scans() {
    assert_eq!(forbids(&["shared/src", "functions", "local/src"], &[".scan(", "ScanInput"], &[]), NONE);
}

#[test]
fn one_folder_spells_keys() {
    let spelled = ["\"T#", "\"R#", "#{", "#\""];
    let keys = ["mod", "archive", "live", "people", "sending", "setup", "talks", "tests"];
    let keys = keys.map(|name| format!("store/keys/{name}.rs"));
    let found = forbids(
        &["shared/src/store", "shared/src/service", "functions", "local/src"],
        &spelled,
        &keys.each_ref().map(String::as_str),
    );
    assert_eq!(found, NONE);
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
