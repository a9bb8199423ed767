//! `asyncapi.yaml` is what the code writes, and whole in itself.

use serde_json::Value;
use ventanilla::api::document;

use crate::openapi::{assert_committed, assert_whole};

#[test]
fn the_committed_document_is_the_one_that_the_code_writes() {
    assert_committed("asyncapi", &document::asyncapi().unwrap());
}

#[test]
fn every_reference_resolves_and_every_component_is_used() {
    assert!(assert_whole(&document::asyncapi().unwrap(), &["messages", "schemas"]) > 60);
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
