//! `openapi.yaml` is what the code writes, and whole in itself.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use ventanilla::api::document;

/// Every `$ref` within.
pub(crate) fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(all) => all.iter().for_each(|it| references(it, found)),
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str));
            map.values().for_each(|it| references(it, found));
        }
        _ => {}
    }
}

#[test]
fn the_committed_document_is_the_one_that_the_code_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("openapi.yaml");
    let written = document::to_yaml(&document::openapi().unwrap()).unwrap();
    let committed = fs::read_to_string(path).unwrap();
    let differing = written.lines().zip(committed.lines()).position(|(ours, theirs)| ours != theirs);
    let place = differing.map(|line| line + 1);
    assert!(written == committed, "run `ventanilla openapi > openapi.yaml`; first difference at {place:?}");
    assert_eq!(yaml_serde::from_str::<Value>(&written).unwrap(), document::openapi().unwrap());
}

#[test]
fn every_reference_resolves_and_every_component_is_used() {
    let document = document::openapi().unwrap();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for reference in &used {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in ["parameters", "headers", "requestBodies", "responses", "schemas"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(reference.as_str()), "nothing refers to {reference}");
        }
    }
    assert!(used.len() > 200);
}
