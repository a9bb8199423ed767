//! The runbook in docs/operate.md: an entry for each alarm of the template.

use std::collections::BTreeSet;

use crate::template::load;

#[test]
fn every_alarm_has_an_entry_in_the_runbook() {
    let template = load().unwrap();
    let resources = template["Resources"].as_object().unwrap();
    let rings = |kind: &str| matches!(kind, "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm");
    let alarms: BTreeSet<&str> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"].as_str().is_some_and(rings))
        .map(|(name, _)| name.as_str())
        .collect();
    let text = include_str!("../../docs/operate.md");
    let runbook = text.split("\n## ").find(|chapter| chapter.starts_with("Alarms\n")).unwrap();
    let headings = runbook.lines().filter_map(|line| line.strip_prefix("### "));
    let entries: BTreeSet<&str> =
        headings.flat_map(|heading| heading.split('`').skip(1).step_by(2)).collect();
    assert!(!alarms.is_empty());
    assert_eq!(entries, alarms);
}
