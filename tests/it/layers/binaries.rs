//! What binaries hold: a function's assembles, and none has tests.

use house::{Names, Tree};
use syn::{Item, visit::Visit};

use super::{NONE, finds, house};

/// What makes a function's `main.rs` more than an assembly: length, other functions, types.
fn more_than_assembly(tree: &Tree, _: &Names) -> Vec<String> {
    let mains = tree
        .code()
        .filter(|source| source.path.starts_with("functions/") && source.path.ends_with("main.rs"));
    let mut found = Vec::new();
    for source in mains {
        if source.text.lines().count() > 40 {
            found.push(format!("{} is longer than 40 lines", source.path));
        }
        let is_assembly = |item: &Item| match item {
            Item::Use(_) | Item::Const(_) => true,
            Item::Fn(function) => function.sig.ident == "main",
            _ => false,
        };
        if !source.ast.items.iter().all(is_assembly) {
            found.push(format!("{} has more than `main`", source.path));
        }
    }
    found
}

/// Binaries with tests, which no test run builds.
fn tested(tree: &Tree, _: &Names) -> Vec<String> {
    let binaries = tree.files.iter().filter(|source| source.path.ends_with("src/main.rs"));
    binaries
        .filter(|source| has_tests(&source.text))
        .map(|source| format!("{} has tests", source.path))
        .collect()
}

/// Of the text, for a tree has no tests.
fn has_tests(text: &str) -> bool {
    let mut tests = Tests(false);
    tests.visit_file(&syn::parse_file(text).unwrap());
    tests.0
}

struct Tests(bool);

impl<'ast> Visit<'ast> for Tests {
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let is_test = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "test");
        let asks = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => {
                super::tokens::idents(list.tokens.clone()).iter().any(|name| name == "test")
            }
            meta => is_test(meta.path()),
        };
        self.0 |= asks;
    }
}

#[test]
fn a_function_s_main_only_assembles() {
    let tree = house(&["functions"]);
    assert_eq!(more_than_assembly(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn binaries_which_have_no_test_run_hold_no_tests() {
    let tree = house(&["functions", "local/src"]);
    assert_eq!(tree.files.iter().filter(|source| source.path.ends_with("src/main.rs")).count(), 12);
    assert_eq!(tested(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn a_main_that_does_more_is_found() {
    let path = "functions/reply/src/main.rs";
    for text in [
        "fn main() {} fn read_body() {}",
        "fn main() {} struct Body;",
        &format!("{}fn main() {{}}", "// x\n".repeat(40)),
    ] {
        assert!(finds(path, text, more_than_assembly), "{text}");
    }
    assert!(!finds(
        path,
        "use std::time::Duration; const MARGIN: u8 = 1; async fn main() {}",
        more_than_assembly
    ));
}

#[test]
fn a_test_in_a_binary_is_found() {
    for text in [
        "#[cfg(test)] mod tests {}",
        "#[cfg( test )]\nmod tests {}",
        "#[cfg(any(test, windows))] fn f() {}",
        "#[test] fn f() {}",
        "#[tokio::test] async fn f() {}",
        "mod inner { #[test] fn f() {} }",
    ] {
        assert!(finds("functions/reply/src/main.rs", text, tested), "{text}");
    }
    assert!(!finds("functions/reply/src/main.rs", "// #[test]\nfn main() {}", tested));
}
