//! The routes of the code, of the template, of the OpenAPI document and of the samples in `events/` are the same.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};
use ventanilla::api::common::route::Route;

use crate::template;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
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
fn the_events_of_the_template_are_those_that_the_command_writes() {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let routes: Vec<_> = ventanilla::api::routes().collect();
    let written = ventanilla_local::template_routes::write_routes(&template, &routes).unwrap();
    assert!(written == template, "`cargo run -- template > new && mv new template.yaml` writes them");
}

/// The samples in `events/` of what API Gateway hands to a function for an HTTP request.
fn samples() -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join("events")).unwrap().map(|file| file.unwrap().path());
    let sample = |path: PathBuf| {
        let event: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path.file_name().unwrap().to_string_lossy().into_owned(), event)
    };
    files
        .map(sample)
        .filter(|(_, event)| event["routeKey"].as_str().is_some_and(|key| key.contains(" /")))
        .collect()
}

/// The values of a path's parameters, by the pattern of its route; none if it is not of this pattern.
fn parameters_of(pattern: &str, path: &str) -> Option<Map<String, Value>> {
    let (of_pattern, of_path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let mut found = Map::new();
    for (part, value) in of_pattern.iter().zip(&of_path) {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => found.extend([(name.to_owned(), json!(value))]),
            None if part == value => {}
            None => return None,
        }
    }
    (of_pattern.len() == of_path.len()).then_some(found)
}

#[test]
fn every_sample_of_a_request_is_of_a_route_that_a_table_has() {
    let mut answering = BTreeSet::new();
    for (name, event) in samples() {
        let key = event["routeKey"].as_str().unwrap();
        let row = ventanilla::api::routes()
            .find(|row| format!("{} {}", row.method.to_uppercase(), row.path) == key)
            .unwrap_or_else(|| panic!("{name}: no table has {key}"));
        let http = &event["requestContext"]["http"];
        assert_eq!(event["requestContext"]["routeKey"], *key, "{name}");
        assert!(row.method == "any" || http["method"] == row.method.to_uppercase(), "{name}");
        let expected = parameters_of(row.path, event["rawPath"].as_str().unwrap());
        let expected = expected.unwrap_or_else(|| panic!("{name}: its path is not of {key}"));
        let given = event["pathParameters"].as_object().cloned().unwrap_or_default();
        assert_eq!(given, expected, "{name}");
        answering.insert(row.function);
    }
    let all: BTreeSet<_> = ventanilla::api::routes().map(|row| row.function).collect();
    assert_eq!(answering, all, "functions that a sample of a request is for");
}

#[test]
fn the_parameters_of_a_path_are_found_by_its_pattern() {
    let found = parameters_of("/v1/leads/{leadID}/conversations", "/v1/leads/crm-7/conversations").unwrap();
    assert_eq!(Value::Object(found), json!({ "leadID": "crm-7" }));
    for other in
        ["/v1/leads/crm-7", "/v1/contacts/crm-7/conversations", "/v1/leads/crm-7/conversations/reply"]
    {
        assert_eq!(parameters_of("/v1/leads/{leadID}/conversations", other), None, "{other}");
    }
}
