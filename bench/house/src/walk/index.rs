//! All functions and types of the sources.

use std::collections::BTreeMap;

use syn::{Block, Fields, Generics, ImplItem, Item, ItemImpl, Signature, TraitItem, Type};

use super::types::{Scope, Ty};
use crate::{
    Names,
    items::{Entry, supertraits},
    measures::ports::PORTS,
    paths::segments,
    tree::is_below,
};

/// A function or method.
pub struct Function<'a> {
    /// Its name with its module or type, for lists.
    pub name: String,
    /// The file that declares it.
    pub path: &'a str,
    /// Its parameters and what it returns.
    pub sig: &'a Signature,
    /// What it does; none of one that a trait only declares.
    pub block: Option<&'a Block>,
    /// The module and type parameters around it.
    pub scope: Scope,
    /// Whether a port declares it.
    pub is_port: bool,
}

const CONTRACTS: &str = "ventanilla_api::contracts";
/// The layers, each of which knows those before it.
const LAYERS: [&str; 4] = ["ventanilla_core::domain", PORTS, "ventanilla_core::usecases", "ventanilla_api"];

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| is_below(module, layer)).unwrap_or(LAYERS.len())
}

enum Kind<'a> {
    Fields(&'a Fields),
    Variants,
    Alias(&'a Type),
    Trait,
}

struct Def<'a> {
    module: String,
    generics: &'a Generics,
    kind: Kind<'a>,
}

/// Functions and types, by where they are declared.
pub struct Index<'a> {
    pub(super) names: &'a Names,
    /// All functions of the sources.
    pub functions: Vec<Function<'a>>,
    types: BTreeMap<String, Def<'a>>,
    free: BTreeMap<String, usize>,
    methods: BTreeMap<(String, String), Vec<usize>>,
    by_name: BTreeMap<String, Vec<usize>>,
    implementors: BTreeMap<String, Vec<String>>,
    targets: BTreeMap<String, Ty>,
    above: BTreeMap<String, Vec<String>>,
}

impl<'a> Index<'a> {
    /// Those of these items.
    #[must_use]
    pub fn of(entries: &[Entry<'a>], names: &'a Names) -> Self {
        let mut index = Self {
            names,
            functions: Vec::new(),
            types: BTreeMap::new(),
            free: BTreeMap::new(),
            methods: BTreeMap::new(),
            by_name: BTreeMap::new(),
            implementors: BTreeMap::new(),
            targets: BTreeMap::new(),
            above: BTreeMap::new(),
        };
        for entry in entries {
            index.add_type(entry);
        }
        // Parameters and returned values name types that may stand anywhere.
        for entry in entries {
            index.add_functions(entry);
        }
        index
    }

    fn add_type(&mut self, entry: &Entry<'a>) {
        let (name, kind, generics) = match entry.item {
            Item::Struct(item) => (&item.ident, Kind::Fields(&item.fields), &item.generics),
            Item::Enum(item) => {
                for variant in &item.variants {
                    let name = format!("{}::{}::{}", entry.module, item.ident, variant.ident);
                    let (module, kind) = (entry.module.clone(), Kind::Fields(&variant.fields));
                    let def = Def { module, generics: &item.generics, kind };
                    self.types.insert(name, def);
                }
                (&item.ident, Kind::Variants, &item.generics)
            }
            Item::Type(item) => (&item.ident, Kind::Alias(&item.ty), &item.generics),
            Item::Trait(item) => (&item.ident, Kind::Trait, &item.generics),
            _ => return,
        };
        let def = Def { module: entry.module.clone(), generics, kind };
        self.types.insert(format!("{}::{name}", entry.module), def);
    }

    fn add_functions(&mut self, entry: &Entry<'a>) {
        let scope = Scope { module: entry.module.clone(), ..Scope::default() };
        match entry.item {
            Item::Fn(item) => {
                let name = format!("{}::{}", entry.module, item.sig.ident);
                let number = self.add(entry, name.clone(), &item.sig, Some(&item.block), scope);
                self.free.insert(name, number);
            }
            Item::Impl(block) => self.add_impl(entry, block, scope),
            Item::Trait(item) => {
                let head = format!("{}::{}", entry.module, item.ident);
                let above = supertraits(item);
                let above = above.iter().map(|path| self.names.resolve(&entry.module, path)).collect();
                self.above.insert(head.clone(), above);
                let scope = self.inside(scope, &item.generics, |_, _| Ty::new(&head, Vec::new()));
                for part in &item.items {
                    if let TraitItem::Fn(function) = part {
                        let block = function.default.as_ref();
                        self.add_method(entry, &head, &function.sig, block, scope.clone());
                    }
                }
            }
            _ => {}
        }
    }

    fn add_impl(&mut self, entry: &Entry<'a>, block: &'a ItemImpl, scope: Scope) {
        let scope = self.inside(scope, &block.generics, |index, scope| index.ty(&block.self_ty, scope));
        let head = scope.this.head.clone();
        if let Some((_, path, _)) = &block.trait_ {
            let of = self.names.resolve(&entry.module, &segments(path));
            self.implementors.entry(of).or_default().push(head.clone());
        }
        for part in &block.items {
            match part {
                ImplItem::Fn(function) => {
                    self.add_method(entry, &head, &function.sig, Some(&function.block), scope.clone());
                }
                ImplItem::Type(target) if target.ident == "Target" => {
                    let ty = self.ty(&target.ty, &scope);
                    self.targets.insert(head.clone(), ty);
                }
                _ => {}
            }
        }
    }

    fn inside(&self, mut scope: Scope, generics: &Generics, this: impl FnOnce(&Self, &Scope) -> Ty) -> Scope {
        scope.add(generics, self);
        scope.this = this(self, &scope);
        scope
    }

    fn add_method(
        &mut self,
        entry: &Entry<'a>,
        head: &str,
        sig: &'a Signature,
        block: Option<&'a Block>,
        scope: Scope,
    ) {
        let number = self.add(entry, format!("{head}::{}", sig.ident), sig, block, scope);
        self.methods.entry((head.to_owned(), sig.ident.to_string())).or_default().push(number);
        self.by_name.entry(sig.ident.to_string()).or_default().push(number);
    }

    fn add(
        &mut self,
        entry: &Entry<'a>,
        name: String,
        sig: &'a Signature,
        block: Option<&'a Block>,
        mut scope: Scope,
    ) -> usize {
        scope.add(&sig.generics, self);
        let is_port = block.is_none() && is_below(&entry.module, PORTS);
        self.functions.push(Function { name, path: &entry.source.path, sig, block, scope, is_port });
        self.functions.len() - 1
    }

    /// The function of this name, with its module.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<usize> {
        self.free.get(name).copied()
    }

    /// The functions that a call of this method of this type may reach: its own, one of what it points to, or, of a
    /// trait, that of the one implementor below `near`, else of the only one.
    #[must_use]
    pub fn method(&self, ty: &Ty, name: &str, near: &str) -> Vec<usize> {
        let own = self.declared(&ty.head, name);
        if let Some(Def { kind: Kind::Trait, .. }) = self.types.get(&ty.head) {
            return self.of_trait(&ty.head, own, name, near);
        }
        if !own.is_empty() {
            return own;
        }
        if let Some(target) = self.targets.get(&ty.head) {
            return self.method(target, name, near);
        }
        let traits = self.implementors.iter().filter(|(_, types)| types.contains(&ty.head));
        traits.flat_map(|(of, _)| self.own(of, name)).collect()
    }

    fn of_trait(&self, head: &str, declared: Vec<usize>, name: &str, near: &str) -> Vec<usize> {
        if declared.iter().any(|number| self.functions.get(*number).is_some_and(|found| found.is_port)) {
            return declared;
        }
        let types = self.implementors.get(head).map(Vec::as_slice).unwrap_or_default();
        let beside = types.iter().find(|of| is_below(of, near));
        let only = beside.or(if types.len() == 1 { types.first() } else { None });
        let found = only.map(|of| self.own(of, name)).unwrap_or_default();
        if found.is_empty() { declared } else { found }
    }

    /// The method of a type, of a trait, or of one of its supertraits.
    fn declared(&self, head: &str, name: &str) -> Vec<usize> {
        let own = self.own(head, name);
        let above = self.above.get(head).map(Vec::as_slice).unwrap_or_default();
        if own.is_empty() { above.iter().flat_map(|above| self.declared(above, name)).collect() } else { own }
    }

    fn own(&self, head: &str, name: &str) -> Vec<usize> {
        self.methods.get(&(head.to_owned(), name.to_owned())).cloned().unwrap_or_default()
    }

    /// The method of this name, if only one type that this module may know has one. Of the contracts it knows that
    /// in `near`.
    #[must_use]
    pub fn only(&self, name: &str, module: &str, near: &str) -> Vec<usize> {
        let may_know = |number: &usize| {
            self.functions.get(*number).is_some_and(|function| {
                let of = &function.scope.module;
                layer(of) <= layer(module) && (!is_below(of, CONTRACTS) || is_below(of, near))
            })
        };
        let known = self.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
        let found: Vec<usize> = known.iter().copied().filter(may_know).collect();
        if found.len() == 1 { found } else { Vec::new() }
    }

    /// How many methods have this name.
    #[must_use]
    pub fn candidates(&self, name: &str) -> usize {
        self.by_name.get(name).map_or(0, Vec::len)
    }

    pub(super) fn is_known(&self, whole: &str) -> bool {
        self.types.contains_key(whole)
    }

    pub(super) fn is_trait(&self, whole: &str) -> bool {
        self.types.get(whole).is_some_and(|def| matches!(def.kind, Kind::Trait))
    }

    /// What an alias stands for, when it is given these arguments.
    pub(super) fn alias(&self, whole: &str, args: &[Ty]) -> Option<Ty> {
        let def = self.types.get(whole)?;
        let Kind::Alias(ty) = def.kind else { return None };
        Some(self.ty(ty, &self.scope_of(def, args)))
    }

    /// The names inside a declaration: its parameters are the given arguments, else their defaults.
    fn scope_of(&self, def: &Def<'a>, args: &[Ty]) -> Scope {
        let mut scope = Scope { module: def.module.clone(), ..Scope::default() };
        for (place, parameter) in def.generics.type_params().enumerate() {
            let default = parameter.default.as_ref().map(|ty| self.ty(ty, &scope));
            let ty = args.get(place).cloned().or(default).unwrap_or_default();
            scope.parameters.insert(parameter.ident.to_string(), ty);
        }
        scope
    }

    /// The type of a field, of a struct or of an enum's variant.
    #[must_use]
    pub fn field(&self, ty: &Ty, name: &str) -> Ty {
        if ty.head == "()" {
            return name
                .parse()
                .ok()
                .and_then(|place: usize| ty.args.get(place).cloned())
                .unwrap_or_default();
        }
        let Some(def) = self.types.get(&ty.head) else { return Ty::default() };
        let Kind::Fields(fields) = def.kind else { return Ty::default() };
        let named = fields.iter().enumerate().find(|(place, field)| match &field.ident {
            Some(ident) => ident == name,
            None => place.to_string() == name,
        });
        let scope = Scope { this: ty.clone(), ..self.scope_of(def, &ty.args) };
        match (named, self.targets.get(&ty.head)) {
            (Some((_, field)), _) => self.ty(&field.ty, &scope),
            (None, Some(target)) => self.field(target, name),
            (None, None) => Ty::default(),
        }
    }
}
