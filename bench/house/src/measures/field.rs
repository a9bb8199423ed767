//! The files that somebody edits for a field of a message.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::route::Beside;
use crate::{Source, Tree, report::Measure};

/// The field that stands for those that a caller gives: `sent_by`, by `/v1` and back.
const GIVEN: [&str; 2] = ["sent_by", "SentBy"];
/// The field that stands for those that a webhook brings.
const RECEIVED: [&str; 2] = ["forwarded", "Forwarded"];

/// Where a message's field passes between `/v1`, the provider and the row.
const WAY: [&str; 5] = [
    "shared/core/",
    "shared/aws/",
    "shared/whatsapp/",
    "shared/api/src/common/",
    "shared/api/src/contracts/v1/",
];

/// For a field that a caller gives.
#[must_use]
pub fn given(tree: &Tree, beside: &Beside) -> Measure {
    Measure {
        name: "files edited for a field of a message that a caller gives",
        aim: Some("<= 4"),
        how: "Files between /v1, the provider and the row that name the field `sent_by` or its type, in code or as a \
              text, tests aside; `mod` and `use` count, for they are written too. The other contracts, and \
              broadcasts, which have a field of the same name, are left out. The part of openapi.yaml beside \
              the contract counts where its examples name the field.",
        ..files(tree, beside, &GIVEN)
    }
}

/// For a field that a webhook brings.
#[must_use]
pub fn received(tree: &Tree, beside: &Beside) -> Measure {
    Measure {
        name: "files edited for a field of a message that a webhook brings",
        aim: Some("<= 4"),
        how: "The same of the field `forwarded`.",
        ..files(tree, beside, &RECEIVED)
    }
}

fn files(tree: &Tree, beside: &Beside, names: &[&str]) -> Measure {
    let on_way = |source: &&Source| {
        WAY.iter().any(|folder| source.path.starts_with(folder)) && !source.path.contains("broadcast")
    };
    let naming = tree.code().filter(on_way).filter(|source| names_any(source.ast.to_token_stream(), names));
    let mut list: BTreeSet<String> = naming.map(|source| source.path.clone()).collect();
    let words = |text: &str| {
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .any(|word| names.contains(&word))
    };
    let contract = |path: &str| WAY.iter().any(|folder| path.starts_with(folder));
    list.extend(
        beside
            .files
            .iter()
            .filter(|(path, text)| contract(path) && words(text))
            .map(|(path, _)| path.clone()),
    );
    Measure { name: "", value: list.len().to_string(), aim: None, how: "", list: list.into_iter().collect() }
}

/// Whether one of these names stands among the tokens, or is one of their texts.
fn names_any(tokens: TokenStream, names: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => names.iter().any(|wanted| name == wanted),
        TokenTree::Literal(text) => names.contains(&text.to_string().trim_matches('"')),
        TokenTree::Group(group) => names_any(group.stream(), names),
        TokenTree::Punct(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_on_the_way_that_name_the_field_count() {
        let files = [
            ("shared/core/src/domain/message.rs", "struct Message { sent_by: u8, forwarded: u8 }"),
            ("shared/core/src/domain/sent_by.rs", "pub struct SentBy;"),
            ("shared/api/src/common/names.rs", "const OWN: &str = \"sent_by\";"),
            ("shared/api/src/common/other.rs", "/// `sent_by`\nfn f() { log!(\"sent_by nobody\"); }"),
            (
                "shared/api/src/common/tested.rs",
                "#[cfg(test)]\nmod tests { fn f(sent_by: u8, forwarded: u8) {} }",
            ),
            ("shared/core/src/usecases/broadcast/begin.rs", "fn f(sent_by: u8) {}"),
            ("shared/api/src/contracts/pipes/send.rs", "fn f(sent_by: u8) {}"),
        ];
        let tree = Tree::of(&files).unwrap();
        let beside = |text: &str| Beside {
            files: vec![("shared/api/src/contracts/v1/openapi.yaml".to_owned(), text.to_owned())],
        };
        assert_eq!(given(&tree, &beside("reply: {not_sent_by: x}")).value, "3");
        assert_eq!(given(&tree, &beside("reply: {sent_by: x}")).value, "4");
        assert_eq!(received(&tree, &Beside::default()).list, ["shared/core/src/domain/message.rs"]);
    }
}
