//! The files that somebody edits for a route.

use std::{collections::BTreeSet, fs, io, path::Path};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::Item;

use crate::{
    Names,
    items::{self, Entry},
    report::{Measure, middle_and_most},
};

/// Files that are no Rust.
#[derive(Default)]
pub struct Beside {
    /// Those in which a route is named by its operation's id or its path: path and text.
    pub files: Vec<(String, String)>,
}

impl Beside {
    /// The parts of openapi.yaml beside the contracts, and template.yaml.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let template = by_hand(&fs::read_to_string(root.join("template.yaml"))?);
        let mut files = vec![("template.yaml".to_owned(), template)];
        let contracts = "shared/api/src/contracts";
        for entry in fs::read_dir(root.join(contracts))? {
            let entry = entry?;
            let path = entry.path().join("openapi.yaml");
            if path.is_file() {
                let name = format!("{contracts}/{}/openapi.yaml", entry.file_name().to_string_lossy());
                files.push((name, fs::read_to_string(path)?));
            }
        }
        files.sort();
        Ok(Self { files })
    }
}

/// The template without the events that a command writes.
fn by_hand(template: &str) -> String {
    let mut is_written = false;
    let kept = template.lines().filter(|line| {
        let line = line.trim_start();
        is_written = (is_written || line.starts_with("# Routes of ")) && line != "# End of the routes";
        !is_written
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// A row of a contract's table of routes.
struct Row {
    path: String,
    operation: String,
    handler: Vec<String>,
}

/// The files for a route, at the median of all routes.
#[must_use]
pub fn measure(entries: &[Entry<'_>], names: &Names, beside: &Beside) -> Measure {
    let mut list = Vec::new();
    let mut counts = Vec::new();
    for entry in entries {
        for row in rows(entry.item) {
            let files = edited(entry, &row, entries, names, beside);
            counts.push(files.len());
            list.push(format!(
                "{} {}: {}",
                files.len(),
                row.operation,
                files.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
    }
    let (middle, _) = middle_and_most(counts);
    Measure {
        name: "files edited for a route",
        value: middle.to_string(),
        aim: Some("<= 5"),
        how: "Of each row of a contract's table: the table's file, the file of the handler, the file whose `mod` \
              brings the handler in, the files beside the contract that have the operation's id or the path \
              (openapi.yaml of the contract, template.yaml), and one test; the median of all routes. What is \
              written by a command does not count: openapi.yaml at the root, and the events between the marks in \
              template.yaml.",
        list,
    }
}

/// The table that has the row of an operation, and the function that answers it.
#[must_use]
pub fn handler<'e, 'a>(
    entries: &'e [Entry<'a>],
    names: &Names,
    operation: &str,
) -> Option<(&'e Entry<'a>, String)> {
    entries.iter().find_map(|table| {
        let row = rows(table.item).into_iter().find(|row| row.operation == operation)?;
        Some((table, names.resolve(&table.module, &row.handler)))
    })
}

fn edited(
    table: &Entry<'_>,
    row: &Row,
    entries: &[Entry<'_>],
    names: &Names,
    beside: &Beside,
) -> BTreeSet<String> {
    let mut files = BTreeSet::from([table.source.path.clone(), "a test".to_owned()]);
    let handler = names.resolve(&table.module, &row.handler);
    for entry in entries {
        let Some((name, _)) = items::named(entry.item) else { continue };
        let whole = format!("{}::{name}", entry.module);
        let module = handler.rsplit_once("::").map_or("", |(module, _)| module);
        let brings_in = whole == module && module != table.module && matches!(entry.item, Item::Mod(_));
        if whole == handler || brings_in {
            files.insert(entry.source.path.clone());
        }
    }
    let id = |text: &str| text.lines().any(|line| line.trim().trim_end_matches(':') == row.operation);
    let path = |text: &str| {
        let forms = [format!("Path: {},", row.path), format!("Path: \"{}\",", row.path)];
        text.lines().any(|line| forms.iter().any(|form| line.contains(form.as_str())))
    };
    files
        .extend(beside.files.iter().filter(|(_, text)| id(text) || path(text)).map(|(name, _)| name.clone()));
    files
}

/// The rows of a `routes!` table: `method "path" Access => handler, "operation", …;` in blocks.
fn rows(item: &Item) -> Vec<Row> {
    match item {
        Item::Macro(item) if item.mac.path.is_ident("routes") => blocks(item.mac.tokens.clone()),
        _ => Vec::new(),
    }
}

fn blocks(tokens: TokenStream) -> Vec<Row> {
    let mut found = Vec::new();
    for token in tokens {
        if let TokenTree::Group(group) = token
            && group.delimiter() == Delimiter::Brace
        {
            let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
            let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';');
            found.extend(tokens.split(is_end).filter_map(row));
        }
    }
    found
}

fn row(tokens: &[TokenTree]) -> Option<Row> {
    let mut texts = tokens.iter().filter_map(|token| match token {
        TokenTree::Literal(text) => Some(text.to_string().trim_matches('"').to_owned()),
        _ => None,
    });
    let (path, operation) = (texts.next()?, texts.next()?);
    let arrow =
        tokens.iter().position(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '>'))?;
    let mut handler = Vec::new();
    let mut after_colon = false;
    for token in tokens.iter().skip(arrow + 1) {
        match token {
            TokenTree::Ident(name) if handler.is_empty() || after_colon => {
                handler.push(name.to_string());
                after_colon = false;
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => {
                after_colon |= mark.spacing() == Spacing::Joint;
            }
            _ => break,
        }
    }
    // `handler: fn() -> …` says the types of the bodies.
    if handler.last().is_some_and(|last| last == "fn") {
        handler.pop();
    }
    Some(Row { path, operation, handler })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;

    #[test]
    fn what_a_command_writes_does_not_count() {
        let template =
            "A: 1\n  # Routes of inbox: written.\n  B: { Path: /v1/me, X: y }\n  # End of the routes\nC: 2\n";
        assert_eq!(by_hand(template), "A: 1\n  # End of the routes\nC: 2\n");
        assert_eq!(by_hand("B: { Path: /v1/me, X: y }"), "B: { Path: /v1/me, X: y }\n");
    }

    #[test]
    fn the_files_that_name_a_route_count() {
        let files = [
            ("shared/api/src/contracts/v1/mod.rs", "mod me; mod routes;"),
            (
                "shared/api/src/contracts/v1/routes.rs",
                "use super::me; routes! { /// Rows.\n inbox in \"inbox\", V1 {
                    get \"/v1/me\" AnyKey => me::show: fn() -> me::MeView, \"getMe\", \"Show the caller\";
                    get \"/v1/you\" Read => here, \"getYou\", \"Show\", [\"limit\"]; } }
                 fn here() {}",
            ),
            ("shared/api/src/contracts/v1/me.rs", "pub(super) fn show() {}"),
        ];
        let tree = Tree::of(&files).unwrap();
        let beside = Beside {
            files: vec![
                ("openapi.yaml".to_owned(), "getMe:\n  x: y\n".to_owned()),
                ("template.yaml".to_owned(), "{ Path: /v1/me, X: y }\n{ Path: /v1/youth, X: y }".to_owned()),
            ],
        };
        let measure = measure(&items::all(&tree), &Names::of(&tree), &beside);
        assert!(
            measure.list[0].starts_with("6 getMe: a test, openapi.yaml, shared/api/src/contracts/v1/me.rs")
        );
        assert_eq!(measure.list[1], "2 getYou: a test, shared/api/src/contracts/v1/routes.rs");
    }
}
