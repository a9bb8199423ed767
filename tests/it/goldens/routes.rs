//! Every operation of the compatible contracts is among the goldens, with an answer that is good and one that is not.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::golden::kept;
use crate::harness::root;

/// The contracts as openapi.yaml names them, and their files.
const CONTRACTS: [(&str, &str); 5] = [
    ("PHP bot", "php_bot"),
    ("Kaleyra", "kaleyra"),
    ("AmbioSys", "ambiosys"),
    ("Pipes.bot", "pipes"),
    ("ABC Sales", "abc_sales"),
];

/// The method and path of an operation of openapi.yaml, and what it may answer.
struct Operation {
    method: String,
    path: String,
    statuses: BTreeSet<u16>,
}

impl Operation {
    /// Whether a call like `GET /api/conversations/<id-1>/messages?limit=2` is one of it.
    fn is(&self, call: &str) -> bool {
        let (method, target) = call.split_once(' ').unwrap();
        let path = target.split('?').next().unwrap();
        let same = |(spelled, given): (&str, &str)| spelled.starts_with('{') || spelled == given;
        method == self.method
            && path.split('/').count() == self.path.split('/').count()
            && self.path.split('/').zip(path.split('/')).all(same)
    }
}

fn operations(tag: &str) -> Vec<Operation> {
    let text = fs::read_to_string(root().join("openapi.yaml")).unwrap();
    let document: Value = yaml_serde::from_str(&text).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, spec) in item.as_object().unwrap().iter().filter(|(_, spec)| spec["tags"][0] == tag) {
            let statuses = spec["responses"].as_object().unwrap().keys();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                statuses: statuses.map(|status| status.parse().unwrap()).collect(),
            });
        }
    }
    found
}

#[test]
fn each_operation_is_kept_with_each_status_that_it_may_answer() {
    let mut missing = Vec::new();
    for (tag, file) in CONTRACTS {
        let (all, operations) = (kept(file), operations(tag));
        assert!(!operations.is_empty(), "{tag}");
        for operation in operations {
            let of_it = all
                .iter()
                .filter(|one| one["request"]["call"].as_str().is_some_and(|call| operation.is(call)));
            let seen: BTreeSet<u16> =
                of_it.map(|one| one["response"]["status"].as_u64().unwrap().try_into().unwrap()).collect();
            let lacking: Vec<&u16> = operation.statuses.difference(&seen).collect();
            if !lacking.is_empty() {
                missing.push(format!("{tag}: {} {} {lacking:?}", operation.method, operation.path));
            }
        }
    }
    assert!(missing.is_empty(), "no golden has these answers:\n{}", missing.join("\n"));
}
