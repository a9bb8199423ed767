//! docs/conformance.md names a test for each rule, and the section of facts that the rule comes from.

use regex::Regex;

use crate::harness::files;

/// The rows of the tables with a rule: the source and the test.
fn rows() -> Vec<(String, String)> {
    let documents = files(&["md"]);
    let page = &documents["docs/conformance.md"];
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let rows = page.lines().filter(|line| line.starts_with("| ")).map(cells);
    rows.filter(|row| row.len() == 7 && row[1] != "rule" && !row[1].starts_with("---"))
        .map(|row| (row[2].clone(), row[5].clone()))
        .collect()
}

#[test]
fn every_test_that_it_names_exists() {
    let sources: String = files(&["rs"])
        .into_iter()
        .filter(|(path, _)| path.starts_with("sandbox/"))
        .map(|(_, text)| text)
        .collect();
    let rows = rows();
    assert!(rows.len() > 50, "{}", rows.len());
    for test in rows.iter().map(|(_, test)| test.trim_matches('`')).filter(|test| !test.is_empty()) {
        assert!(sources.contains(&format!("fn {test}(")), "{test}");
    }
}

#[test]
fn every_source_is_a_section_of_the_facts() {
    let documents = files(&["md"]);
    let source = Regex::new(r"^([a-z-]+\.md) (\d+(?:\.\d+)?), (?:Meta|reported|inferred)$").unwrap();
    for (cited, _) in rows().into_iter().filter(|(cited, _)| !cited.is_empty()) {
        let parts = source.captures(&cited).unwrap_or_else(|| panic!("{cited}"));
        let page = &documents[&format!("docs/facts/{}", &parts[1])];
        let has = page.lines().any(|line| {
            line.trim_start_matches('#').trim_start().split(' ').next().map(|it| it.trim_end_matches('.'))
                == Some(&parts[2])
                && line.starts_with("##")
        });
        assert!(has, "{cited}");
    }
}
