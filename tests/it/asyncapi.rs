//! `asyncapi.yaml` is what the code writes, and whole in itself.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use ventanilla::api::document;

use crate::openapi::references;

#[test]
fn the_committed_document_is_the_one_that_the_code_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("asyncapi.yaml");
    let written = document::to_yaml(&document::asyncapi().unwrap()).unwrap();
    let committed = fs::read_to_string(path).unwrap();
    let differing = written.lines().zip(committed.lines()).position(|(ours, theirs)| ours != theirs);
    let place = differing.map(|line| line + 1);
    assert!(written == committed, "run `ventanilla asyncapi > asyncapi.yaml`; first difference at {place:?}");
}

#[test]
fn every_reference_resolves_and_every_component_is_used() {
    let document = document::asyncapi().unwrap();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    for reference in &used {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    for kind in ["messages", "schemas"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(used.contains(reference.as_str()), "nothing refers to {reference}");
        }
    }
    assert!(used.len() > 60);
}

/// The payload of a message, where it is no other's.
fn payload<'a>(document: &'a Value, message: &'a Value) -> &'a Value {
    match message["payload"]["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => &message["payload"],
    }
}

#[test]
fn every_message_is_of_the_type_that_it_is_named_for_and_so_are_its_examples() {
    let document = document::asyncapi().unwrap();
    for message in document["components"]["messages"].as_object().unwrap().values() {
        let name = &message["name"];
        let payload = payload(&document, message);
        assert_eq!(&payload["properties"]["type"]["const"], name);
        for example in message["examples"].as_array().into_iter().flatten() {
            assert_eq!(&example["payload"]["type"], name);
        }
    }
}
