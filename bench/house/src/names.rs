//! Which item a path means: imports in all their forms, re-exports, globs.

use std::collections::{BTreeMap, BTreeSet};

use syn::{UseTree, visit::Visit};

use crate::{Tree, items};

/// How far re-exports are followed. A chain that is longer is a circle.
const DEPTH: usize = 16;

#[derive(Default)]
struct Module {
    items: BTreeSet<String>,
    imports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

/// What each module of a tree calls by which name.
#[derive(Default)]
pub struct Names {
    modules: BTreeMap<String, Module>,
}

/// A leaf of a `use`: the path, and the name that it goes by here; none of a glob.
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) name: Option<String>,
}

impl Names {
    /// The names of a tree.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let mut names = Self::default();
        for source in tree.code() {
            names.modules.entry(source.module.clone()).or_default();
            let mut collector = Collector { names: &mut names, module: source.module.clone() };
            collector.visit_file(&source.ast);
        }
        for entry in items::all(tree) {
            if let Some((name, _)) = items::named(entry.item) {
                names.modules.entry(entry.module).or_default().items.insert(name);
            }
        }
        names
    }

    /// The item that a path means which stands in this module: `ventanilla_core::domain::message::Message`. Re-exports
    /// are followed to where the item is. A path out of the tree stays as it is, with its import put in.
    #[must_use]
    pub fn resolve(&self, module: &str, path: &[String]) -> String {
        self.follow(&self.absolute(module, path, DEPTH), DEPTH).join("::")
    }

    /// The path from its crate on, as it is spelled: re-exports are not followed.
    #[must_use]
    pub fn spelled(&self, module: &str, path: &[String]) -> String {
        self.absolute(module, path, DEPTH).join("::")
    }

    fn absolute(&self, module: &str, path: &[String], depth: usize) -> Vec<String> {
        let here = || module.split("::").map(str::to_owned);
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let up = path.iter().take_while(|part| *part == "super").count();
        let goes_up = rest.first().is_some_and(|next| next == "super");
        match first.as_str() {
            "crate" | "$crate" => here().take(1).chain(rest.iter().cloned()).collect(),
            "self" if goes_up => self.absolute(module, rest, depth),
            "self" => here().chain(rest.iter().cloned()).collect(),
            "super" => {
                let parent = here().take(here().count().saturating_sub(up));
                parent.chain(path.iter().skip(up).cloned()).collect()
            }
            _ if depth == 0 => path.to_vec(),
            _ => self.named(module, first, depth).map_or_else(
                || path.to_vec(),
                |mut found| {
                    found.extend(rest.iter().cloned());
                    found
                },
            ),
        }
    }

    /// What a module calls by this name.
    fn named(&self, module: &str, name: &str, depth: usize) -> Option<Vec<String>> {
        let known = self.modules.get(module)?;
        if let Some(path) = known.imports.get(name) {
            if path.first().is_some_and(|first| first == name) && !known.items.contains(name) {
                return Some(path.clone());
            }
            return Some(self.absolute(module, path, depth - 1));
        }
        if known.items.contains(name) {
            return Some(module.split("::").chain([name]).map(str::to_owned).collect());
        }
        known.globs.iter().find_map(|glob| {
            let target = self.follow(&self.absolute(module, glob, depth - 1), depth - 1).join("::");
            if target == module { None } else { self.named(&target, name, depth.checked_sub(2)?) }
        })
    }

    fn follow(&self, path: &[String], depth: usize) -> Vec<String> {
        if depth == 0 {
            return path.to_vec();
        }
        let lengths = (1..path.len()).rev();
        for length in lengths {
            let (module, rest) = path.split_at(length);
            let Some((next, beyond)) = rest.split_first() else { continue };
            let module = module.join("::");
            let Some(known) = self.modules.get(&module) else { continue };
            if known.items.contains(next) && !known.imports.contains_key(next) {
                return path.to_vec();
            }
            let Some(mut found) = self.named(&module, next, depth) else { return path.to_vec() };
            found.extend(beyond.iter().cloned());
            return if found == path { found } else { self.follow(&found, depth - 1) };
        }
        path.to_vec()
    }
}

/// The leaves of a `use`.
pub(crate) fn leaves(tree: &UseTree) -> Vec<Import> {
    let mut found = Vec::new();
    flatten(tree, &mut Vec::new(), &mut found);
    found
}

fn flatten(tree: &UseTree, above: &mut Vec<String>, found: &mut Vec<Import>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            flatten(&path.tree, above, found);
            above.pop();
        }
        UseTree::Name(name) => found.push(leaf(above, &name.ident.to_string(), None)),
        UseTree::Rename(name) => {
            found.push(leaf(above, &name.ident.to_string(), Some(name.rename.to_string())));
        }
        UseTree::Glob(_) => found.push(Import { path: above.clone(), name: None }),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, above, found)),
    }
}

fn leaf(above: &[String], name: &str, renamed: Option<String>) -> Import {
    let mut path = above.to_vec();
    if name != "self" || above.is_empty() {
        path.push(name.to_owned());
    }
    let name = renamed.or_else(|| path.last().cloned());
    Import { path, name }
}

struct Collector<'a> {
    names: &'a mut Names,
    module: String,
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let outer = self.module.clone();
        self.module = format!("{outer}::{}", module.ident);
        syn::visit::visit_item_mod(self, module);
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let known = self.names.modules.entry(self.module.clone()).or_default();
        for import in leaves(&item.tree) {
            match import.name {
                Some(name) => _ = known.imports.insert(name, import.path),
                None => known.globs.push(import.path),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(files: &[(&str, &str)], module: &str, path: &str) -> String {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        Names::of(&Tree::of(files).unwrap()).resolve(module, &path)
    }

    const CORE: (&str, &str) = ("shared/core/src/lib.rs", "pub mod usecases; pub mod ports;");
    const SEND: (&str, &str) = ("shared/core/src/usecases/mod.rs", "pub struct Sending; pub fn send() {}");
    const FACADE: (&str, &str) = ("shared/src/lib.rs", "pub use ventanilla_core::{ports, usecases};");

    #[test]
    fn every_form_of_an_import_means_its_item() {
        let sending = "ventanilla_core::usecases::Sending";
        for (import, path) in [
            ("use crate::usecases::Sending;", "Sending"),
            ("use crate::{usecases::{self as rooms, send}};", "rooms::Sending"),
            ("use super::super::usecases;", "usecases::Sending"),
            ("use crate::usecases::Sending as Way;", "Way"),
            ("use crate::usecases::*;", "Sending"),
            ("use crate as core;", "core::usecases::Sending"),
            ("use crate::*;", "usecases::Sending"),
            ("", "super::super::usecases::Sending"),
            ("", "crate::usecases::Sending"),
        ] {
            let files = [CORE, SEND, ("shared/core/src/ports/book.rs", import)];
            assert_eq!(resolve(&files, "ventanilla_core::ports::book", path), sending, "{import} {path}");
        }
    }

    #[test]
    fn a_re_export_leads_to_where_the_item_is() {
        let files =
            [CORE, SEND, FACADE, ("functions/reply/src/lib.rs", "use ventanilla::usecases::Sending;")];
        assert_eq!(resolve(&files, "reply", "Sending"), "ventanilla_core::usecases::Sending");
        assert_eq!(resolve(&files, "reply", "serde::Serialize"), "serde::Serialize");
    }
}
