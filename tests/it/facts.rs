//! The facts that comments cite: each citation leads to a section of docs/facts.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::harness::files;

/// The numbers of each page's sections, by the page's name.
type Pages = BTreeMap<String, BTreeSet<String>>;

fn pages() -> Pages {
    let named = |(path, text): (String, String)| {
        let name = path.strip_prefix("docs/facts/")?;
        (name != "README.md").then(|| (name.to_owned(), sections(&text)))
    };
    files(&["md"]).into_iter().filter_map(named).collect()
}

fn sections(page: &str) -> BTreeSet<String> {
    let heading = Regex::new(r"(?m)^#{2,3} (\d+(?:\.\d+)?)\.? ").unwrap();
    heading.captures_iter(page).map(|heading| heading[1].to_owned()).collect()
}

/// The comments of a source. Lines that follow one another are one comment.
fn comments(source: &str) -> Vec<String> {
    let whole = Regex::new(r"^\s*(?://[/!]?|#)(?: (.*))?$").unwrap();
    let mut found = Vec::new();
    let mut open = Vec::new();
    for line in source.lines() {
        if let Some(comment) = whole.captures(line) {
            open.push(comment.get(1).map_or("", |words| words.as_str()));
        } else {
            found.push(std::mem::take(&mut open).join(" "));
            found.extend(line.split_once(" // ").map(|(_, words)| words.to_owned()));
        }
    }
    found.push(open.join(" "));
    found
}

/// The pages that a citation names, each with its sections. None where a citation cannot be read.
fn cited(comment: &str) -> Option<Vec<(String, Vec<String>)>> {
    let number = Regex::new(r"\d+(?:\.\d+)?").unwrap();
    let page =
        Regex::new(r"^(?:[,;]? (?:and )?)([a-z-]+\.md) (\d+(?:\.\d+)?(?:(?:, | and | to |–)\d+(?:\.\d+)?)*)")
            .unwrap();
    let mut found = Vec::new();
    for (at, label) in comment.match_indices("facts:") {
        let mut rest = &comment[at + label.len()..];
        let before = found.len();
        while let Some(named) = page.captures(rest) {
            let sections = number.find_iter(&named[2]).map(|number| number.as_str().to_owned()).collect();
            found.push((named[1].to_owned(), sections));
            rest = &rest[named[0].len()..];
        }
        if found.len() == before {
            return None;
        }
    }
    Some(found)
}

/// What is wrong with a comment's citations.
fn problems(comment: &str, pages: &Pages) -> Vec<String> {
    let Some(cited) = cited(comment) else { return vec![format!("no page and section: {comment}")] };
    let mut found = Vec::new();
    for (page, sections) in &cited {
        match pages.get(page) {
            None => found.push(format!("no such page: {page}")),
            Some(known) => found.extend(
                sections
                    .iter()
                    .filter(|section| !known.contains(*section))
                    .map(|section| format!("no such section: {page} {section}")),
            ),
        }
    }
    for page in pages.keys() {
        let mentions = comment.matches(page.as_str()).count();
        if mentions > cited.iter().filter(|(name, _)| name == page).count() {
            found.push(format!("named without `facts:` or a section: {page}"));
        }
    }
    found
}

#[test]
fn every_citation_of_a_fact_leads_to_its_section() {
    let pages = pages();
    let mut wrong = Vec::new();
    let mut used = BTreeMap::new();
    for (path, source) in files(&["rs", "yaml", "yml", "toml", "py", "sh"]) {
        for comment in comments(&source).iter().filter(|it| it.contains("facts:") || it.contains(".md")) {
            wrong.extend(problems(comment, &pages).into_iter().map(|problem| format!("{path}: {problem}")));
            for (page, sections) in cited(comment).unwrap_or_default() {
                *used.entry(page).or_default() += sections.len();
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(used.values().sum::<usize>() >= 100, "the citations are not found any more: {used:?}");
    assert!(used.keys().eq(pages.keys()), "every page is cited: {used:?}");
}

/// One citation of each kind that must be found wrong, beside those that are right.
#[test]
fn a_citation_that_leads_nowhere_is_found() {
    let page = "# Meta\n## 2. Sending\n### 2.1 The call\n### 2.3 Kinds\n#### 9.9 Too deep\n## Words only\n";
    let pages: Pages =
        ["meta.md", "peers.md"].map(|name| (name.to_owned(), sections(page))).into_iter().collect();
    let right = [
        "A card (facts: meta.md 2.3).",
        "Cards (facts: meta.md 2 and 2.1; peers.md 2.1 to 2.3, and why) are read.",
        "Facts of delivery, as README.md has them.",
        "Ends here: facts: peers.md 2.",
    ];
    for comment in right {
        assert_eq!(problems(comment, &pages), [""; 0], "{comment}");
    }
    let wrong = [
        ("A card (facts: meta.md 2.4).", "no such section: meta.md 2.4"),
        ("Cards (facts: meta.md 2.1, 2.3 and 9.9).", "no such section: meta.md 9.9"),
        ("Cards (facts: meta.md 2; peers.md 7).", "no such section: peers.md 7"),
        ("A card (facts: metal.md 2).", "no such page: metal.md"),
        ("A card (facts: meta.md).", "no page and section: A card (facts: meta.md)."),
        ("A card (see meta.md 2.3).", "named without `facts:` or a section: meta.md"),
    ];
    for (comment, problem) in wrong {
        assert_eq!(problems(comment, &pages), [problem], "{comment}");
    }
    let source = "//! A (facts:\n//! meta.md 2).\nlet x = 1; // B (facts: meta.md 3).\n    # C\n\n#[test]\n";
    let found: Vec<String> = comments(source).into_iter().filter(|comment| !comment.is_empty()).collect();
    assert_eq!(found, ["A (facts: meta.md 2).", "B (facts: meta.md 3).", "C"]);
}
