//! Tokens of a file, whatever they stand in.

use proc_macro2::{TokenStream, TokenTree};

/// All tokens but doc comments, groups as what is in them.
pub(super) fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    let mut found = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_doc(&group) => {}
            TokenTree::Group(group) => {
                found.extend(flat(group.stream()));
            }
            token => found.push(token),
        }
    }
    found
}

fn is_doc(group: &proc_macro2::Group) -> bool {
    let mut inside = group.stream().into_iter();
    let is = |token: Option<TokenTree>, text: &str| token.is_some_and(|token| token.to_string() == text);
    is(inside.next(), "doc") && is(inside.next(), "=")
}

/// All names among tokens.
pub(super) fn idents(tokens: TokenStream) -> Vec<String> {
    let names = flat(tokens).into_iter().filter_map(|token| match token {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    });
    names.collect()
}

/// What all texts among tokens say.
pub(super) fn texts(tokens: TokenStream) -> Vec<String> {
    let texts = flat(tokens).into_iter().filter_map(|token| match token {
        TokenTree::Literal(text) => match syn::Lit::new(text) {
            syn::Lit::Str(text) => Some(text.value()),
            syn::Lit::ByteStr(text) => Some(String::from_utf8_lossy(&text.value()).into_owned()),
            _ => None,
        },
        _ => None,
    });
    texts.collect()
}
