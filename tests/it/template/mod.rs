//! What template.yaml must keep true: one small function per assertion, each proven by a seeded defect.

mod alarm_defects;
mod alarms;
pub(crate) mod api;
mod data;
mod file_defects;
mod files;
mod function_defects;
pub(crate) mod functions;
mod iam;
mod job_defects;
mod jobs;
mod live;
mod live_defects;
mod operation_defects;
mod operations;
mod request_defects;
mod restore;
mod restore_defects;
mod seed;
pub(crate) mod view;
mod yaml;

use std::collections::BTreeSet;

use serde_json::Value;

/// An assertion's name, which is a claim, and the function that lists what contradicts it.
type Assertion = (&'static str, fn(&Value) -> Vec<String>);

/// One contradiction of one assertion.
#[derive(Debug)]
pub(crate) struct Violation {
    assertion: &'static str,
    detail: String,
}

/// The deployed template, with every intrinsic in its long form.
pub(crate) fn load() -> Result<Value, String> {
    yaml::parse(&text()?)
}

fn text() -> Result<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    std::fs::read_to_string(path).map_err(|error| format!("template.yaml: {error}"))
}

/// Lines that a person can still read through.
const MOST_LINES: usize = 2_800;

/// Why the template is not as plain as it should be: CloudFormation accepts no anchors, and nobody reads
/// thousands of lines.
fn unreadable(text: &str) -> Option<String> {
    let lines = text.lines().count();
    let anchored = text.lines().any(|line| line.contains("<<: *") || line.contains(": &"));
    (lines > MOST_LINES || anchored).then(|| format!("{lines} lines, anchors: {anchored}"))
}

#[test]
fn the_template_is_plain_and_short() {
    let text = text().expect("a readable template");
    assert_eq!(unreadable(&text), None);
    assert!(unreadable(&text.repeat(2)).is_some());
    assert!(unreadable(&format!("{text}\nCommon: &common {{}}\n")).is_some());
}

/// Everything in `template` that contradicts an assertion.
pub(crate) fn check(template: &Value) -> Vec<Violation> {
    assertions()
        .flat_map(|(assertion, find)| {
            find(template).into_iter().map(move |detail| Violation { assertion, detail })
        })
        .collect()
}

fn assertions() -> impl Iterator<Item = Assertion> {
    [
        alarms::ASSERTIONS,
        api::ASSERTIONS,
        data::ASSERTIONS,
        files::ASSERTIONS,
        functions::ASSERTIONS,
        iam::ASSERTIONS,
        jobs::ASSERTIONS,
        live::ASSERTIONS,
        operations::ASSERTIONS,
        restore::ASSERTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Parameters that the sample of a configuration gives, also where it only shows them.
fn given_in_sample() -> BTreeSet<String> {
    let sample = include_str!("../../../samconfig.toml.example");
    let given = regex::Regex::new(r#"(?m)^\s*(?:# )?"(\w+)="#).expect("a valid expression");
    given.captures_iter(sample).map(|found| found[1].to_owned()).collect()
}

#[test]
fn the_sample_configuration_gives_parameters_that_there_are() {
    let template = load().expect("a readable template");
    let known: BTreeSet<String> =
        view::entries(&template["Parameters"]).map(|(name, _)| name.to_owned()).collect();
    let given = given_in_sample();
    assert!(given.len() > 5 && given.is_subset(&known), "{given:?}");
}

#[test]
fn the_template_keeps_every_assertion() {
    let violations: Vec<_> = check(&load().expect("a readable template"))
        .into_iter()
        .map(|found| format!("{}: {}", found.assertion, found.detail))
        .collect();
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_seeded_defect_is_found_by_its_assertion() {
    let sound = load().expect("a readable template");
    for (assertion, defect, seed) in seed::defects() {
        let mut template = sound.clone();
        seed(&mut template);
        assert_ne!(template, sound, "{defect}: the seed changed nothing");
        let found = assertions().any(|(name, find)| name == assertion && !find(&template).is_empty());
        assert!(found, "{defect}: `{assertion}` did not fire");
    }
}

#[test]
fn every_assertion_is_proven_by_a_defect() {
    let named: BTreeSet<_> = assertions().map(|(name, _)| name).collect();
    let proven: BTreeSet<_> = seed::defects().map(|(name, ..)| name).collect();
    assert_eq!(named, proven);
}

#[test]
fn an_empty_template_satisfies_nothing_by_having_nothing() {
    let empty = serde_json::json!({ "Resources": {}, "Parameters": {} });
    assert!(check(&empty).len() > 20);
}
