//! The files that somebody edits for a record: a kind of row.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Fields, Item, ItemEnum, visit::Visit};

use super::ports::PORTS;
use crate::{
    Names, Tree,
    items::Entry,
    paths::{self, segments},
    report::{Measure, middle_and_most},
    tree::is_below,
};

/// Rooms that a record passes before a use case has to do with it.
const ROOMS: [&str; 3] = ["ventanilla_core::domain", PORTS, "ventanilla_aws"];

/// The files that name a record's type, at the median of all records.
#[must_use]
pub fn measure(entries: &[Entry<'_>], tree: &Tree, names: &Names) -> Measure {
    let mut files: BTreeMap<String, BTreeSet<&str>> =
        records(entries, names).into_iter().map(|record| (record, BTreeSet::new())).collect();
    for source in tree.code().filter(|source| ROOMS.iter().any(|room| is_below(&source.module, room))) {
        for named in paths::of(source, names) {
            if let Some(found) = files.get_mut(&named.item) {
                found.insert(&source.path);
            }
        }
    }
    for entry in entries {
        if let Some((name, _)) = crate::items::named(entry.item)
            && let Some(found) = files.get_mut(&format!("{}::{name}", entry.module))
        {
            found.insert(&entry.source.path);
        }
    }
    let (middle, _) = middle_and_most(files.values().map(BTreeSet::len).collect());
    let line = |(record, files): (&String, &BTreeSet<&str>)| {
        format!("{} {record}: {}", files.len(), files.iter().copied().collect::<Vec<_>>().join(", "))
    };
    Measure {
        name: "files edited for a record",
        value: middle.to_string(),
        aim: Some("<= 4"),
        how: "A record is a type of the domain that a variant of the largest enum in the core's ports carries. Of \
              each one: the files of domain, ports and shared/aws that name its type, where it is declared \
              included, tests aside; the median of all records. Use cases that write it are its use, not its \
              record.",
        list: files.iter().map(line).collect(),
    }
}

/// The types in the variants of the largest enum of the ports: that of writes, or of records.
fn records(entries: &[Entry<'_>], names: &Names) -> BTreeSet<String> {
    let enums = entries.iter().filter(|entry| is_below(&entry.module, PORTS)).filter_map(|entry| {
        let Item::Enum(item) = entry.item else { return None };
        Some((carried(item, &entry.module, names), entry))
    });
    enums.map(|(types, _)| types).max_by_key(BTreeSet::len).unwrap_or_default()
}

fn carried(item: &ItemEnum, module: &str, names: &Names) -> BTreeSet<String> {
    let mut types = Types { found: Vec::new() };
    for variant in &item.variants {
        // More than one type is no record, but parts of a key.
        if let Fields::Unnamed(fields) = &variant.fields
            && let (Some(field), 1) = (fields.unnamed.first(), fields.unnamed.len())
        {
            types.visit_type(&field.ty);
        }
    }
    let found = types.found.iter().map(|path| names.resolve(module, path));
    found.filter(|name| is_below(name, "ventanilla_core::domain")).collect()
}

struct Types {
    found: Vec<Vec<String>>,
}

impl<'ast> Visit<'ast> for Types {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.found.push(segments(path));
        syn::visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::items;

    #[test]
    fn the_files_that_name_a_record_count() {
        let files = [
            ("shared/core/src/domain/mod.rs", "pub mod lead; pub mod frame;"),
            ("shared/core/src/domain/lead.rs", "pub struct Lead;"),
            ("shared/core/src/domain/frame.rs", "pub struct Frame;"),
            ("shared/core/src/ports/mod.rs", "pub mod store; pub mod leads;"),
            (
                "shared/core/src/ports/store.rs",
                "use crate::domain::{lead::Lead, frame::Frame}; pub enum Few { A(u8) }
                 pub enum Record { Lead(Box<Lead>), Frame(Frame), FrameGone(Frame) }",
            ),
            (
                "shared/core/src/ports/leads.rs",
                "trait Leads { fn lead(&self) -> crate::domain::lead::Lead; }",
            ),
            ("shared/core/src/usecases/leads.rs", "use crate::domain::lead::Lead;"),
            (
                "shared/aws/src/dynamodb/lead.rs",
                "use ventanilla_core::domain::lead as of; fn key(lead: &of::Lead) {}",
            ),
        ];
        let tree = Tree::of(&files).unwrap();
        let names = Names::of(&tree);
        let measure = measure(&items::all(&tree), &tree, &names);
        assert_eq!(measure.value, "4");
        assert!(measure.list[0].starts_with("2 ventanilla_core::domain::frame::Frame"));
    }
}
