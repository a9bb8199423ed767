//! The documents: every relative link leads to a file, and every anchor to a heading.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::harness::{files, root};

/// The text of each document by its path below the root.
type Documents = BTreeMap<String, String>;

fn documents() -> Documents {
    files(&["md"])
}

/// The lines that are not in a block of code.
fn outside_blocks(text: &str) -> Vec<&str> {
    let mut within = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            within = !within;
        } else if !within {
            lines.push(line);
        }
    }
    lines
}

/// Where the links of a document lead, inline ones and references.
fn links(text: &str) -> Vec<String> {
    let code = Regex::new("`[^`]*`").unwrap();
    let link = Regex::new(r#"\]\(\s*([^)\s]*)(?:\s+"[^"]*")?\s*\)|(?m:^\s*\[[^\]]+\]:\s*(\S+))"#).unwrap();
    let text = outside_blocks(text).join("\n");
    let mut found = Vec::new();
    // A backtick without its partner hides no link beyond its paragraph.
    for paragraph in text.split("\n\n") {
        let plain = code.replace_all(paragraph, "code");
        for link in link.captures_iter(&plain) {
            found.push(link.get(1).or(link.get(2)).unwrap().as_str().to_owned());
        }
    }
    found
}

/// The anchors of a document's headings, as GitHub and GitLab make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading = Regex::new(r"^#{1,6}\s+(.*?)\s*#*$").unwrap();
    let link = Regex::new(r"\[([^\]]*)\]\([^)]*\)").unwrap();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for line in outside_blocks(text) {
        let Some(title) = heading.captures(line) else { continue };
        let shown = link.replace_all(&title[1], "$1").to_lowercase();
        let kept = shown.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
        let anchor = kept.collect::<String>().replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        found.insert(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    found
}

/// The path below the root that a link of a document means; none where it leaves the repository.
fn resolved(document: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    if !path.is_empty() {
        parts.pop();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with a link, if anything is.
fn problem(
    all: &Documents,
    exists: &dyn Fn(&str) -> bool,
    document: &str,
    link: &str,
) -> Option<&'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    if link.starts_with('/') {
        return Some("must be relative");
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
    let Some(target) = resolved(document, path) else { return Some("leaves the repository") };
    match (all.get(&target), anchor) {
        (Some(text), Some(anchor)) if !anchors(text).contains(anchor) => Some("no such heading"),
        (None, _) if !exists(&target) => Some("no such file"),
        (None, Some(_)) => Some("an anchor in what has no headings"),
        _ => None,
    }
}

/// Every link that leads nowhere, with what is wrong with it.
fn broken(all: &Documents, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (document, text) in all {
        for link in links(text) {
            if let Some(problem) = problem(all, exists, document, &link) {
                found.push(format!("{document}: {link}: {problem}"));
            }
        }
    }
    found
}

#[test]
fn every_link_of_every_document_leads_somewhere() {
    let all = documents();
    let wrong = broken(&all, &|path| root().join(path).exists());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let relative = |text: &String| links(text).iter().filter(|link| !link.contains("://")).count();
    assert!(all.values().map(relative).sum::<usize>() >= 40, "the links are not found any more");
}

#[test]
fn every_page_of_docs_can_be_reached_from_the_readme() {
    let all = documents();
    let mut reached = BTreeSet::from(["README.md".to_owned()]);
    let mut open: Vec<String> = reached.iter().cloned().collect();
    while let Some(document) = open.pop() {
        for link in links(&all[&document]) {
            let path = link.split('#').next().unwrap_or_default();
            let target = resolved(&document, path).filter(|target| all.contains_key(target));
            if let Some(target) = target.filter(|target| reached.insert(target.clone())) {
                open.push(target);
            }
        }
    }
    let pages = all.keys().filter(|path| path.starts_with("docs/") || !path.contains('/'));
    let lost: Vec<&String> = pages.filter(|path| !reached.contains(*path)).collect();
    assert!(lost.is_empty(), "nobody links to {lost:?}");
}

/// What the checks above must find, one of each kind, beside what they must not.
#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = r#"# A page
## The `code` of [a link](b.md), twice!
## The code of a link twice
Good: [same](#a-page), [heading](#the-code-of-a-link-twice-1), [file](../src/lib.rs "a title"), [folder](.),
[over
lines](b.md#b_c), [web](https://example.com/#x), [`code`](b.md), [reference].
In code, so none: `[x](nowhere.md)`
```sh
# [x](nowhere.md)
```
Bad: [1](c.md) [2](#no) [3](b.md#a-page) [4](/docs/b.md) [5](../../x.md) [6](../src/lib.rs#L1) `a` [7](d.md) `b`

[reference]: e.md
"#;
    let all: Documents = [("docs/a.md", page), ("docs/b.md", "## B_c\n")]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
    let exists = |path: &str| ["docs", "src/lib.rs"].contains(&path);
    let expected = [
        ("c.md", "no such file"),
        ("#no", "no such heading"),
        ("b.md#a-page", "no such heading"),
        ("/docs/b.md", "must be relative"),
        ("../../x.md", "leaves the repository"),
        ("../src/lib.rs#L1", "an anchor in what has no headings"),
        ("d.md", "no such file"),
        ("e.md", "no such file"),
    ]
    .map(|(link, problem)| format!("docs/a.md: {link}: {problem}"));
    assert_eq!(broken(&all, &exists), expected);
}
