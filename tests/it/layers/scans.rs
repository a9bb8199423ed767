//! Every read of the table has a key.

use house::{Names, Tree};
use proc_macro2::TokenTree;
use quote::ToTokens;

use super::{NONE, finds, house, tokens};

/// Calls of a method `scan`, by `.` or `::`, and the types that AWS's client has for one.
fn scans(tree: &Tree, _: &Names) -> Vec<String> {
    let mut found = Vec::new();
    for source in tree.code() {
        let tokens = tokens::flat(source.ast.to_token_stream());
        for pair in tokens.windows(2) {
            if let [TokenTree::Punct(mark), TokenTree::Ident(name)] = pair
                && matches!(mark.as_char(), '.' | ':')
                && name == "scan"
            {
                found.push(format!("{} scans", source.path));
            }
        }
        let types = ["ScanInput", "ScanFluentBuilder", "ScanPaginator"];
        let names = tokens::idents(source.ast.to_token_stream());
        found.extend(
            names
                .iter()
                .filter(|name| types.contains(&name.as_str()))
                .map(|name| format!("{}: {name}", source.path)),
        );
    }
    found
}

#[test]
fn nothing_scans() {
    let tree = house(&["shared", "functions", "local/src"]);
    assert_eq!(scans(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn a_scan_is_found() {
    let path = "shared/aws/src/dynamodb/lists.rs";
    for text in [
        "fn f() { client.scan().send(); }",
        "fn f() { client\n    .scan()\n    .send(); }",
        "fn f() { Client::scan(&client); }",
        "fn f() { go!(client.scan()); }",
        "use aws_sdk_dynamodb::operation::scan::ScanInput;",
        "use aws_sdk_dynamodb::operation::{scan::ScanInput as Input};",
    ] {
        assert!(finds(path, text, scans), "{text}");
    }
    assert!(!finds(path, "/// No `.scan()`.\nfn scan_of() { log!(\".scan(\"); }", scans));
}
