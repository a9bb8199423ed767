//! The routes of the code, of the template and of the OpenAPI file are the same.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;
use ventanilla::api::common::route::Route;

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

/// What a table says of a route: its function, its method, its path.
type Row = (String, String, String);

fn of_tables() -> BTreeSet<Row> {
    let row = |it: &Route| (it.function.to_owned(), it.method.to_uppercase(), it.path.to_owned());
    ventanilla::api::routes().map(row).collect()
}

/// The events of the template's functions.
fn of_template() -> BTreeSet<Row> {
    let document = template::load().unwrap();
    let mut found = BTreeSet::new();
    for resource in document["Resources"].as_object().unwrap().values() {
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str();
        let events = resource["Properties"]["Events"].as_object();
        for event in events.into_iter().flat_map(|events| events.values()) {
            if event["Type"] == "HttpApi" {
                let text = |name: &str| event["Properties"][name].as_str().unwrap().to_owned();
                found.insert((binary.unwrap().to_owned(), text("Method"), text("Path")));
            }
        }
    }
    found
}

fn document() -> Value {
    yaml_serde::from_str(&fs::read_to_string(root().join("openapi.yaml")).unwrap()).unwrap()
}

/// The operations of the OpenAPI document: method, path, id and summary.
fn of_openapi() -> BTreeSet<(String, String, String)> {
    let spec = document();
    let mut found = BTreeSet::new();
    for (path, item) in spec["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                let summary = operation["summary"].as_str().unwrap();
                found.insert((format!("{method} {}", unnamed(path)), id.to_owned(), summary.to_owned()));
            }
        }
    }
    found
}

/// The names of the query parameters that the document has for a route.
fn documented_parameters(spec: &Value, route: &Route) -> BTreeSet<String> {
    let item = &spec["paths"][route.path];
    let lists =
        [&item["parameters"], &item[route.method]["parameters"]].into_iter().filter_map(Value::as_array);
    let resolved = lists.flatten().map(|it| match it["$ref"].as_str() {
        Some(reference) => spec.pointer(reference.trim_start_matches('#')).unwrap(),
        None => it,
    });
    let of_query = resolved.filter(|it| it["in"] == "query");
    of_query.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_query_parameters_of_our_own_contract_are_those_of_the_document() {
    let spec = document();
    for route in ventanilla::api::contracts::v1::routes::ROUTES {
        let known: BTreeSet<String> = route.parameters.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(known, documented_parameters(&spec, route), "{route:?}");
        assert!(route.parameters.is_sorted(), "{route:?}");
    }
}

#[test]
fn the_template_sends_each_route_to_the_function_of_its_table() {
    assert_eq!(of_template(), of_tables());
    assert!(of_tables().len() >= 50);
}

#[test]
fn the_document_has_each_route_under_the_name_of_its_table() {
    let documented = of_openapi();
    for route in ventanilla::api::routes() {
        let methods = if route.method == "any" { ["get", "post"].as_slice() } else { &[route.method] };
        let entries = methods.iter().map(|method| format!("{method} {}", unnamed(route.path)));
        let known: Vec<_> =
            documented.iter().filter(|it| entries.clone().any(|entry| it.0 == entry)).collect();
        let named = known.iter().any(|it| it.1 == route.operation && it.2 == route.summary);
        assert!(known.len() == methods.len() && named, "{route:?}: {known:?}");
    }
    let rows: usize = ventanilla::api::routes().map(|it| if it.method == "any" { 2 } else { 1 }).sum();
    assert_eq!(documented.len(), rows);
}
