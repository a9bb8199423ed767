//! A type, as far as following calls needs it.

use std::collections::BTreeMap;

use syn::{GenericArgument, Generics, PathArguments, ReturnType, Type, TypeParamBound, WherePredicate};

use super::Index;
use crate::paths::segments;

/// A type: by its path, or its last name where it is declared outside; empty if it is unknown. A trait means
/// any type that implements it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ty {
    /// The path or name of the type.
    pub head: String,
    /// What it is made of.
    pub args: Vec<Ty>,
}

/// What can be called: what it returns is its only part.
const CALLABLE: &str = "Fn";
/// Types that are as good as what is in them.
const CLEAR: [&str; 8] = ["Arc", "Rc", "Box", "Cow", "Pin", "MutexGuard", "Extension", "State"];

impl Ty {
    /// A type of this name, made of these.
    #[must_use]
    pub fn new(head: &str, args: Vec<Self>) -> Self {
        Self { head: head.to_owned(), args }
    }

    /// What it is made of first.
    #[must_use]
    pub fn inner(&self) -> Self {
        self.args.first().cloned().unwrap_or_default()
    }

    /// What a call of it returns, if it can be called.
    #[must_use]
    pub fn returned(&self) -> Option<Self> {
        (self.head == CALLABLE).then(|| self.inner())
    }

    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.head.is_empty()
    }
}

/// The names around a type.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// The module that the type is in.
    pub module: String,
    /// The type that `Self` means.
    pub this: Ty,
    /// The parameters, by what they must implement.
    pub parameters: BTreeMap<String, Ty>,
}

impl Scope {
    /// Adds the parameters of an item.
    pub(super) fn add(&mut self, generics: &Generics, index: &Index<'_>) {
        for parameter in generics.type_params() {
            let ty = index.bound(parameter.bounds.iter(), self);
            self.parameters.insert(parameter.ident.to_string(), ty);
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let WherePredicate::Type(predicate) = predicate
                && let Type::Path(path) = &predicate.bounded_ty
                && let Some(name) = path.path.get_ident()
            {
                let ty = index.bound(predicate.bounds.iter(), self);
                self.parameters.insert(name.to_string(), ty);
            }
        }
    }
}

impl Index<'_> {
    /// The type that is written here.
    #[must_use]
    pub fn ty(&self, ty: &Type, scope: &Scope) -> Ty {
        match ty {
            Type::Reference(inner) => self.ty(&inner.elem, scope),
            Type::Paren(inner) => self.ty(&inner.elem, scope),
            Type::Group(inner) => self.ty(&inner.elem, scope),
            Type::Slice(inner) => Ty::new("Vec", vec![self.ty(&inner.elem, scope)]),
            Type::Array(inner) => Ty::new("Vec", vec![self.ty(&inner.elem, scope)]),
            Type::Tuple(parts) => {
                Ty::new("()", parts.elems.iter().map(|part| self.ty(part, scope)).collect())
            }
            Type::TraitObject(object) => self.bound(object.bounds.iter(), scope),
            Type::ImplTrait(object) => self.bound(object.bounds.iter(), scope),
            Type::Path(path) => self.path_ty(&path.path, scope),
            _ => Ty::default(),
        }
    }

    fn path_ty(&self, path: &syn::Path, scope: &Scope) -> Ty {
        if path.is_ident("Self") {
            return scope.this.clone();
        }
        if let Some(ty) = path.get_ident().and_then(|name| scope.parameters.get(&name.to_string())) {
            return ty.clone();
        }
        let args = self.arguments(path, scope);
        let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if CLEAR.contains(&last.as_str()) {
            return args.into_iter().next().unwrap_or_default();
        }
        let whole = self.names.resolve(&scope.module, &segments(path));
        if let Some(ty) = self.alias(&whole, &args) {
            return ty;
        }
        if self.is_known(&whole) { Ty::new(&whole, args) } else { Ty::new(&last, args) }
    }

    fn arguments(&self, path: &syn::Path, scope: &Scope) -> Vec<Ty> {
        let Some(last) = path.segments.last() else { return Vec::new() };
        let PathArguments::AngleBracketed(inside) = &last.arguments else { return Vec::new() };
        let types = inside.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(self.ty(ty, scope)),
            _ => None,
        });
        types.collect()
    }

    /// What is known of something that must implement these.
    pub(super) fn bound<'b>(&self, bounds: impl Iterator<Item = &'b TypeParamBound>, scope: &Scope) -> Ty {
        let found = bounds.filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => self.one_bound(&bound.path, scope),
            _ => None,
        });
        found.into_iter().find(|ty| !ty.is_unknown()).unwrap_or_default()
    }

    fn one_bound(&self, path: &syn::Path, scope: &Scope) -> Option<Ty> {
        let last = path.segments.last()?;
        match &last.arguments {
            PathArguments::Parenthesized(call) => Some(Ty::new(
                CALLABLE,
                vec![match &call.output {
                    ReturnType::Type(_, ty) => self.ty(ty, scope),
                    ReturnType::Default => Ty::default(),
                }],
            )),
            // A future is as good as what comes of it.
            PathArguments::AngleBracketed(inside) if last.ident == "Future" => {
                inside.args.iter().find_map(|part| match part {
                    GenericArgument::AssocType(output) => Some(self.ty(&output.ty, scope)),
                    _ => None,
                })
            }
            PathArguments::AngleBracketed(_) if last.ident == "Into" => {
                self.arguments(path, scope).into_iter().next()
            }
            PathArguments::AngleBracketed(inside) if last.ident.to_string().ends_with("Iterator") => {
                inside.args.iter().find_map(|part| match part {
                    GenericArgument::AssocType(item) => Some(Ty::new("Vec", vec![self.ty(&item.ty, scope)])),
                    _ => None,
                })
            }
            _ => {
                let whole = self.names.resolve(&scope.module, &segments(path));
                self.is_known(&whole).then(|| Ty::new(&whole, self.arguments(path, scope)))
            }
        }
    }
}
