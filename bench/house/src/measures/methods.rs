//! The methods of the largest type, and of the largest port.

use std::collections::BTreeMap;

use syn::{ImplItem, Item, TraitItem, Type};

use super::ports::PORTS;
use crate::{
    Names,
    items::{Entry, supertraits},
    paths::segments,
    report::Measure,
    tree::is_below,
};

/// The type with the most methods.
#[must_use]
pub fn of_types(entries: &[Entry<'_>], names: &Names) -> Measure {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.source.path.starts_with("shared/")) {
        let Item::Impl(block) = entry.item else { continue };
        if let (None, Type::Path(of)) = (&block.trait_, block.self_ty.as_ref()) {
            let methods = block.items.iter().filter(|item| matches!(item, ImplItem::Fn(_))).count();
            *counts.entry(names.resolve(&entry.module, &segments(&of.path))).or_default() += methods;
        }
    }
    Measure {
        name: "methods of the largest type",
        aim: Some("<= 25"),
        how: "All functions, public or not, in the inherent impls of one type, added up over all files of shared/, \
              tests aside. A type is known by where it is declared, so a renamed import or an alias counts as \
              the type.",
        ..largest(counts)
    }
}

/// The port with the most methods.
#[must_use]
pub fn of_ports(entries: &[Entry<'_>], names: &Names) -> Measure {
    let mut ports: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_below(&entry.module, PORTS)) {
        if let Item::Trait(port) = entry.item {
            let methods = port.items.iter().filter(|item| matches!(item, TraitItem::Fn(_))).count();
            let above = supertraits(port).iter().map(|path| names.resolve(&entry.module, path)).collect();
            ports.insert(format!("{}::{}", entry.module, port.ident), (methods, above));
        }
    }
    let counts = ports.keys().map(|name| (name.clone(), with_above(&ports, name))).collect();
    Measure {
        name: "methods of the largest port",
        how: "Functions of a trait in the core's ports, with those of the ports that it stands on. Few ports that can do \
              everything would please the next measure; this one tells.",
        ..largest(counts)
    }
}

fn with_above(ports: &BTreeMap<String, (usize, Vec<String>)>, name: &str) -> usize {
    ports
        .get(name)
        .map_or(0, |(own, above)| own + above.iter().map(|name| with_above(ports, name)).sum::<usize>())
}

fn largest(counts: BTreeMap<String, usize>) -> Measure {
    let mut sorted: Vec<(String, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(name, count)| (usize::MAX - count, name.clone()));
    let most = sorted.first().map_or(0, |(_, count)| *count);
    Measure {
        name: "",
        value: most.to_string(),
        aim: None,
        how: "",
        list: sorted.into_iter().take(10).map(|(name, count)| format!("{count} {name}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, items};

    #[test]
    fn the_methods_of_a_type_add_up_over_files() {
        let files = [
            ("shared/core/src/lib.rs", "pub mod a; pub mod b;"),
            (
                "shared/core/src/a.rs",
                "pub struct Big; impl Big { fn x() {} pub fn y(&self) {} } impl Clone for Big { fn clone(&self) -> Self { Big } }",
            ),
            (
                "shared/core/src/b.rs",
                "use crate::a::Big as Other; impl Other { async fn z() {} #[cfg(test)] fn t() {} } struct Big; impl Big { fn x() {} }",
            ),
        ];
        let tree = Tree::of(&files).unwrap();
        let measure = of_types(&items::all(&tree), &Names::of(&tree));
        assert_eq!(measure.value, "3");
        assert_eq!(measure.list, ["3 ventanilla_core::a::Big", "1 ventanilla_core::b::Big"]);
    }

    #[test]
    fn the_methods_of_a_port_are_its_functions_and_those_it_stands_on() {
        let files = [
            (
                "shared/core/src/ports/book.rs",
                "pub trait Book: Reads + Send { fn a(&self); fn b(&self) {} const C: u8; } pub trait Reads { fn d(); }",
            ),
            ("shared/core/src/domain.rs", "pub trait Other { fn a(); fn b(); fn c(); }"),
        ];
        let tree = Tree::of(&files).unwrap();
        let measure = of_ports(&items::all(&tree), &Names::of(&tree));
        assert_eq!(
            measure.list,
            ["3 ventanilla_core::ports::book::Book", "1 ventanilla_core::ports::book::Reads"]
        );
    }
}
