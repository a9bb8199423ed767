//! The routes of the code, of the template and of the OpenAPI file are the same.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

use crate::template;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Paths with their parameters unnamed: `/a/{}`.
fn unnamed(path: &str) -> String {
    let mut out = String::new();
    let mut within = false;
    for character in path.chars() {
        match character {
            '{' => {
                within = true;
                out.push_str("{}");
            }
            '}' => within = false,
            other if !within => out.push(other),
            _ => {}
        }
    }
    out
}

fn of_template() -> BTreeSet<String> {
    let routes = template::api::routes(&template::load().unwrap());
    routes.iter().map(|route| unnamed(route.split_once(' ').unwrap().1)).collect()
}

fn of_openapi() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("openapi.yaml")).unwrap();
    let spec: Value = yaml_serde::from_str(&text).unwrap();
    spec["paths"].as_object().unwrap().keys().map(|path| unnamed(path)).collect()
}

/// What the functions' `router` says, read from the sources: the routers themselves cannot be asked.
fn of_code() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root().join("functions")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path().join("src/lib.rs")).unwrap();
        for part in text.split(".route(").skip(1) {
            found.insert(unnamed(part.split('"').nth(1).unwrap()));
        }
    }
    found
}

#[test]
fn template_openapi_and_code_have_the_same_routes() {
    assert_eq!(of_template(), of_code());
    assert_eq!(of_openapi(), of_code());
    assert!(of_code().len() >= 20);
}
