//! `openapi.yaml` is what the code writes, and whole in itself.

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use ventanilla::api::document;

use crate::harness::root;

/// Every `$ref` within a document.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| references(it, found)),
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|it| references(it, found));
        }
        _ => {}
    }
}

/// Fails where the document that is committed at the root is not what `ventanilla COMMAND` writes.
pub(crate) fn assert_committed(command: &str, document: &Value) {
    let name = format!("{command}.yaml");
    let committed = fs::read_to_string(root().join(&name)).unwrap();
    let written = document::to_yaml(document).unwrap();
    let differing = written.lines().zip(committed.lines()).position(|(ours, theirs)| ours != theirs);
    let place = differing.map(|line| line + 1);
    assert!(written == committed, "run `ventanilla {command} > {name}`; first difference at {place:?}");
    assert_eq!(yaml_serde::from_str::<Value>(&written).unwrap(), *document);
}

/// Fails where a reference leads nowhere, or nothing refers to a component of these kinds. Gives how many there are.
pub(crate) fn assert_whole(document: &Value, kinds: &[&str]) -> usize {
    let mut used = BTreeSet::new();
    references(document, &mut used);
    for reference in &used {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in kinds {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(reference.as_str()), "nothing refers to {reference}");
        }
    }
    used.len()
}

#[test]
fn the_committed_document_is_the_one_that_the_code_writes() {
    assert_committed("openapi", &document::openapi().unwrap());
}

#[test]
fn every_reference_resolves_and_every_component_is_used() {
    let kinds = ["parameters", "headers", "requestBodies", "responses", "schemas"];
    assert!(assert_whole(&document::openapi().unwrap(), &kinds) > 200);
}
