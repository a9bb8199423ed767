//! Public type names that mean several things.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    items::{self, Entry},
    report::Measure,
};

/// Folders whose types are named by what they spell for somebody outside.
const ASIDE: [&str; 3] = ["/contracts/", "shared/whatsapp/", "sandbox/"];

/// The names that several types have.
#[must_use]
pub fn several(entries: &[Entry<'_>]) -> Measure {
    let mut places: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let counted = |entry: &&Entry<'_>| !ASIDE.iter().any(|folder| entry.source.path.contains(folder));
    for entry in entries.iter().filter(counted).filter(|entry| items::is_type(entry.item)) {
        if let Some((name, true)) = items::named(entry.item) {
            places.entry(name).or_default().insert(&entry.module);
        }
    }
    places.retain(|_, modules| modules.len() > 1);
    let line = |(name, modules): (&String, &BTreeSet<&str>)| {
        format!("{name}: {}", modules.iter().copied().collect::<Vec<_>>().join(", "))
    };
    Measure {
        name: "public type names that mean several things",
        value: places.len().to_string(),
        aim: Some("<= 5"),
        how: "Names of structs, enums, traits, unions and aliases that anything outside their module can see \
              (`pub(crate)` and `pub(super)` too) and that are declared in more than one module of shared/, functions/ \
              or local/; the contracts, the crate of the providers and the sandbox aside, which speak for others. A re-export is no declaration.",
        list: places.iter().map(line).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;

    #[test]
    fn a_name_of_two_types_counts_once() {
        let files = [
            ("shared/core/src/a.rs", "pub struct Told; pub(crate) struct Wish; struct Own; pub struct Once;"),
            (
                "local/src/b.rs",
                "pub enum Told {} pub trait Wish {} struct Own; pub mod c { pub type Told = u8; }",
            ),
            ("shared/api/src/contracts/v1/x.rs", "pub struct Once;"),
        ];
        let measure = several(&items::all(&Tree::of(&files).unwrap()));
        assert_eq!(measure.value, "2");
        assert_eq!(measure.list[0], "Told: local::b, local::b::c, ventanilla_core::a");
    }
}
