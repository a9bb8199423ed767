//! The ports that a use case holds.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Generics, Item, ItemStruct, TypeParamBound, visit::Visit};

use crate::{
    Names,
    items::{Entry, supertraits},
    paths::segments,
    report::Measure,
    tree::is_below,
};

/// The module of the ports.
pub const PORTS: &str = "ventanilla_core::ports";
const USE_CASES: &str = "ventanilla_core::usecases";
const CORE: &str = "ventanilla_core";

/// The use case with the most ports of its own.
#[must_use]
pub fn per_use_case(entries: &[Entry<'_>], names: &Names) -> Measure {
    let held = Held::of(entries, names);
    most(&held, |name| held.own(name).0).with(
        "ports per use case",
        Some("<= 7"),
        "Of each struct in the core's use cases, contexts too: the different traits of the core's ports in the \
         types of its fields, as `dyn` or as the bound of a parameter. The most that one has.",
    )
}

/// The use case that reaches the most ports.
#[must_use]
pub fn reached(entries: &[Entry<'_>], names: &Names) -> Measure {
    let held = Held::of(entries, names);
    most(&held, |name| held.reached(name)).with(
        "ports that a use case reaches",
        None,
        "The same together with those of the use cases, contexts and other structs of the core that it holds, of \
         what these hold, and the ports that a port stands on. Information: ports that hide in a context show here.",
    )
}

impl Measure {
    fn with(self, name: &'static str, aim: Option<&'static str>, how: &'static str) -> Self {
        Self { name, aim, how, ..self }
    }
}

fn most(held: &Held, ports: impl Fn(&str) -> BTreeSet<String>) -> Measure {
    let cases = held.structs.keys().filter(|name| is_below(name, USE_CASES));
    let mut counts: Vec<(usize, &String)> = cases.map(|name| (ports(name).len(), name)).collect();
    counts.retain(|(count, _)| *count > 0);
    counts.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    Measure {
        name: "",
        value: counts.first().map_or(0, |(count, _)| *count).to_string(),
        aim: None,
        how: "",
        list: counts.into_iter().map(|(count, name)| format!("{count} {name}")).collect(),
    }
}

/// What the structs of the core name in their fields.
struct Held {
    structs: BTreeMap<String, BTreeSet<String>>,
    ports: BTreeSet<String>,
    above: BTreeMap<String, BTreeSet<String>>,
}

impl Held {
    fn of(entries: &[Entry<'_>], names: &Names) -> Self {
        let mut held = Self { structs: BTreeMap::new(), ports: BTreeSet::new(), above: BTreeMap::new() };
        for entry in entries.iter().filter(|entry| is_below(&entry.module, CORE)) {
            match entry.item {
                Item::Struct(item) => {
                    let types = fields(item, &entry.module, names);
                    held.structs.insert(format!("{}::{}", entry.module, item.ident), types);
                }
                Item::Trait(item) if is_below(&entry.module, PORTS) => {
                    let name = format!("{}::{}", entry.module, item.ident);
                    let above = supertraits(item);
                    let above = above.iter().map(|path| names.resolve(&entry.module, path)).collect();
                    held.above.insert(name.clone(), above);
                    held.ports.insert(name);
                }
                _ => {}
            }
        }
        held
    }

    /// The ports that a struct holds itself, and what else it holds.
    fn own(&self, name: &str) -> (BTreeSet<String>, BTreeSet<String>) {
        let named = self.structs.get(name).cloned().unwrap_or_default();
        named.into_iter().partition(|name| self.ports.contains(name))
    }

    fn reached(&self, name: &str) -> BTreeSet<String> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![name.to_owned()]);
        while let Some(name) = open.pop() {
            if seen.insert(name.clone()) {
                let (ports, others) = self.own(&name);
                open.extend(ports.iter().filter_map(|port| self.above.get(port)).flatten().cloned());
                open.extend(others);
                found.extend(ports);
                found.extend(self.ports.get(&name).cloned());
            }
        }
        found
    }
}

fn fields(item: &ItemStruct, module: &str, names: &Names) -> BTreeSet<String> {
    let mut types = Types { found: Vec::new() };
    item.fields.iter().for_each(|field| types.visit_type(&field.ty));
    let bounds = bounds(&item.generics);
    let paths = types.found.iter().flat_map(|path| match path.as_slice() {
        [only] if bounds.contains_key(only) => bounds.get(only).cloned().unwrap_or_default(),
        _ => vec![path.clone()],
    });
    paths.map(|path| names.resolve(module, &path)).collect()
}

/// The traits that stand for each parameter of a type.
fn bounds(generics: &Generics) -> BTreeMap<String, Vec<Vec<String>>> {
    let traits = |bounds: &mut dyn Iterator<Item = &TypeParamBound>| {
        let paths = bounds.filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(segments(&bound.path)),
            _ => None,
        });
        paths.collect()
    };
    let parameters = generics.type_params();
    parameters.map(|parameter| (parameter.ident.to_string(), traits(&mut parameter.bounds.iter()))).collect()
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
    use crate::{Tree, items};

    fn tree() -> Tree {
        let files = [
            ("shared/core/src/lib.rs", "pub mod ports; pub mod usecases;"),
            ("shared/core/src/ports/mod.rs", "pub trait Store: Reads {} pub trait Reads {} pub trait Queue {} pub trait Web {} pub struct Row;"),
            (
                "shared/core/src/usecases/mod.rs",
                "use std::sync::Arc; use crate::ports::{Store, Queue as Line, Row};
                 pub struct Context { store: Arc<dyn Store>, row: Row }
                 pub struct Sending<W: crate::ports::Web> { context: Context, line: Arc<dyn Line>, again: Option<Arc<dyn Line>>, web: W }",
            ),
        ];
        Tree::of(&files).unwrap()
    }

    #[test]
    fn a_use_case_has_the_ports_of_its_fields() {
        let tree = tree();
        let measure = per_use_case(&items::all(&tree), &Names::of(&tree));
        assert_eq!(measure.value, "2");
        assert_eq!(
            measure.list,
            ["2 ventanilla_core::usecases::Sending", "1 ventanilla_core::usecases::Context"]
        );
    }

    #[test]
    fn ports_in_a_context_are_reached() {
        let tree = tree();
        assert_eq!(reached(&items::all(&tree), &Names::of(&tree)).value, "4");
    }
}
