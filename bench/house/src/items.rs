//! The items of all files, with the modules that they are in.

use syn::{Item, ItemTrait, TypeParamBound, Visibility};

use crate::{Source, Tree, paths::segments};

/// An item of a file or of a module inside it.
pub struct Entry<'a> {
    /// The file that declares it.
    pub source: &'a Source,
    /// The module that it is in.
    pub module: String,
    pub item: &'a Item,
}

/// All items, except tests and items inside functions.
#[must_use]
pub fn all(tree: &Tree) -> Vec<Entry<'_>> {
    let mut found = Vec::new();
    for source in tree.code() {
        add(source, &source.module, &source.ast.items, &mut found);
    }
    found
}

fn add<'a>(source: &'a Source, module: &str, items: &'a [Item], found: &mut Vec<Entry<'a>>) {
    for item in items {
        found.push(Entry { source, module: module.to_owned(), item });
        if let Item::Mod(syn::ItemMod { ident, content: Some((_, inside)), .. }) = item {
            add(source, &format!("{module}::{ident}"), inside, found);
        }
    }
}

/// The name of an item, and whether anything outside its module can see it.
#[must_use]
pub fn named(item: &Item) -> Option<(String, bool)> {
    let (name, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Mod(item) => (&item.ident, &item.vis),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    Some((name.to_string(), !matches!(visibility, Visibility::Inherited)))
}

/// The supertraits of a trait.
#[must_use]
pub fn supertraits(item: &ItemTrait) -> Vec<Vec<String>> {
    let traits = item.supertraits.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(segments(&bound.path)),
        _ => None,
    });
    traits.collect()
}

/// Whether an item is a type.
#[must_use]
pub fn is_type(item: &Item) -> bool {
    matches!(item, Item::Enum(_) | Item::Struct(_) | Item::Trait(_) | Item::Type(_) | Item::Union(_))
}
