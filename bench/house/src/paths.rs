//! Every path that a file names: imports, expressions, types, patterns, and what stands in macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

use crate::{Names, Source, names::leaves};

/// A path as the file spells it, and the item that it means.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// From its crate on, as it is spelled.
    pub spelled: String,
    /// The item, behind all re-exports.
    pub item: String,
}

/// The paths of a file, sorted, each once.
#[must_use]
pub fn of(source: &Source, names: &Names) -> Vec<Named> {
    let mut finder = Finder { names, module: source.module.clone(), found: Vec::new() };
    finder.visit_file(&source.ast);
    finder.found.sort();
    finder.found.dedup();
    finder.found
}

struct Finder<'a> {
    names: &'a Names,
    module: String,
    found: Vec<Named>,
}

impl Finder<'_> {
    fn add(&mut self, path: &[String]) {
        let spelled = self.names.spelled(&self.module, path);
        let item = self.names.resolve(&self.module, path);
        self.found.push(Named { spelled, item });
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        // How many of the two colons stood behind the last name.
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && colons < 2 && !path.is_empty() => {
                    colons += 1;
                }
                TokenTree::Group(group) => {
                    self.end_tree(&mut path, colons, &group);
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.end(&mut path);
                    colons = 0;
                }
            }
        }
        self.end(&mut path);
    }

    /// A group behind two colons is the rest of a `use`, each of whose parts goes on with the path.
    fn end_tree(&mut self, path: &mut Vec<String>, colons: usize, group: &proc_macro2::Group) {
        if colons == 2 {
            for token in group.stream() {
                if let TokenTree::Ident(name) = token {
                    let whole: Vec<String> = path.iter().cloned().chain([name.to_string()]).collect();
                    self.add(&whole);
                }
            }
        }
        self.end(path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.add(path);
            path.clear();
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let outer = self.module.clone();
        self.module = format!("{outer}::{}", module.ident);
        syn::visit::visit_item_mod(self, module);
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for import in leaves(&item.tree) {
            self.add(&import.path);
        }
    }

    /// Who may see an item is no use of the module that is named there.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(&segments(path));
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        syn::visit::visit_macro(self, call);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

/// The names of a path.
#[must_use]
pub fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;

    fn items(text: &str) -> Vec<String> {
        let files = [
            ("shared/core/src/lib.rs", "pub mod usecases; pub mod ports;"),
            ("shared/core/src/usecases/mod.rs", "pub struct Sending; pub fn send() {}"),
            ("shared/core/src/ports/book.rs", text),
        ];
        let tree = Tree::of(&files).unwrap();
        let named = of(&tree.files[2], &Names::of(&tree));
        named.into_iter().map(|named| named.item).collect()
    }

    #[test]
    fn paths_are_found_wherever_they_stand() {
        for text in [
            "use crate::{ports, usecases::{send, Sending}};",
            "pub use super::super::usecases::send as way;",
            "fn f() { crate::usecases::send(); }",
            "fn f() { use super::super::usecases::send; }",
            "fn f() { log!(\"x\", way = crate::usecases::send()); }",
            "fn f() { log!(a, { (super::super::usecases::send)() }); }",
            "macro_rules! way { () => { $crate::usecases::send() } }",
            "macro_rules! way { () => { use crate::usecases::{send, Sending}; } }",
            "use crate::usecases as rooms; fn f() { rooms::send(); }",
            "mod inner { fn f() { super::super::super::usecases::send(); } }",
        ] {
            let found = items(text);
            assert!(found.contains(&"ventanilla_core::usecases::send".to_owned()), "{text}: {found:?}");
        }
    }

    #[test]
    fn who_may_see_an_item_is_no_use() {
        assert!(!items("pub(in crate::usecases) struct X;").iter().any(|item| item.contains("usecases")));
    }
}
