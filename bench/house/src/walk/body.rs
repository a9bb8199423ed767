//! The calls of one function, in the order in which they are made.

use std::collections::BTreeMap;

use syn::{
    Arm, Block, Expr, ExprCall, ExprClosure, ExprIf, ExprMethodCall, FnArg, Member, Pat, ReturnType, Stmt,
    parse::Parser, punctuated::Punctuated,
};

use super::{
    Function, Index, Ty,
    std_methods::{self, COMMON, ON_FAILURE},
};
use crate::paths::segments;

/// Variants that stand for what did not go well.
const FAILED: [&str; 4] = ["Err", "Rejected", "Refused", "Conflict"];

/// What a function calls.
#[derive(Default)]
pub(super) struct Calls {
    /// Numbers of functions, in order.
    pub(super) made: Vec<usize>,
    /// Methods of types that are not known, which several of ours have.
    pub(super) open: Vec<String>,
}

/// The calls that a function makes while all goes well.
pub(super) fn calls(index: &Index<'_>, function: &Function<'_>, near: &str) -> Calls {
    let mut body = Body { index, function, near, vars: BTreeMap::new(), calls: Calls::default() };
    for argument in &function.sig.inputs {
        match argument {
            FnArg::Receiver(_) => _ = body.vars.insert("self".to_owned(), function.scope.this.clone()),
            FnArg::Typed(argument) => {
                let ty = index.ty(&argument.ty, &function.scope);
                body.bind(&argument.pat, &ty);
            }
        }
    }
    if let Some(block) = function.block {
        body.block(block);
    }
    body.calls
}

struct Body<'a> {
    index: &'a Index<'a>,
    function: &'a Function<'a>,
    near: &'a str,
    vars: BTreeMap<String, Ty>,
    calls: Calls,
}

impl Body<'_> {
    fn block(&mut self, block: &Block) -> Ty {
        let mut last = Ty::default();
        for statement in &block.stmts {
            last = match statement {
                Stmt::Local(local) => {
                    // What stands behind `else` ends the way.
                    let ty = local.init.as_ref().map(|init| self.expr(&init.expr)).unwrap_or_default();
                    self.bind(&local.pat, &ty);
                    Ty::default()
                }
                Stmt::Expr(expr, end) => {
                    let ty = self.expr(expr);
                    if end.is_some() { Ty::default() } else { ty }
                }
                Stmt::Macro(statement) => {
                    self.inside(&statement.mac);
                    Ty::default()
                }
                Stmt::Item(_) => Ty::default(),
            };
        }
        last
    }

    fn expr(&mut self, expr: &Expr) -> Ty {
        match expr {
            Expr::Async(inner) => self.block(&inner.block),
            Expr::Block(inner) => self.block(&inner.block),
            Expr::Unsafe(inner) => self.block(&inner.block),
            Expr::Await(inner) => self.expr(&inner.base),
            Expr::Paren(inner) => self.expr(&inner.expr),
            Expr::Group(inner) => self.expr(&inner.expr),
            Expr::Reference(inner) => self.expr(&inner.expr),
            Expr::Unary(inner) => self.expr(&inner.expr),
            Expr::Cast(inner) => self.silent([inner.expr.as_ref()]),
            Expr::Return(inner) => self.silent(inner.expr.as_deref()),
            Expr::Break(inner) => self.silent(inner.expr.as_deref()),
            Expr::Array(list) => self.list(list.elems.iter()),
            Expr::Tuple(list) => Ty::new("()", list.elems.iter().map(|part| self.expr(part)).collect()),
            Expr::Assign(pair) => self.silent([pair.right.as_ref(), pair.left.as_ref()]),
            Expr::Binary(pair) => self.silent([pair.left.as_ref(), pair.right.as_ref()]),
            Expr::Index(pair) => {
                let on = self.expr(&pair.expr);
                self.expr(&pair.index);
                on.inner()
            }
            Expr::Range(range) => self.silent(range.start.as_deref().into_iter().chain(range.end.as_deref())),
            Expr::Repeat(repeat) => self.list([repeat.expr.as_ref()].into_iter()),
            Expr::Try(inner) => self.expr(&inner.expr).inner(),
            Expr::Field(field) => {
                let on = self.expr(&field.base);
                let name = match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(place) => place.index.to_string(),
                };
                self.index.field(&on, &name)
            }
            Expr::Closure(closure) => self.closure(closure, &Ty::default()),
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => self.method(call),
            Expr::Path(path) => self.value(&path.path),
            Expr::Struct(made) => self.made(made),
            Expr::Macro(call) => self.inside(&call.mac),
            _ => self.branching(expr),
        }
    }

    fn branching(&mut self, expr: &Expr) -> Ty {
        match expr {
            Expr::If(choice) => self.choice(choice),
            Expr::Match(choice) => {
                let on = self.expr(&choice.expr);
                let arms = choice.arms.iter().filter(|arm| goes_well(arm));
                let types: Vec<Ty> = arms.map(|arm| self.arm(arm, &on)).collect();
                types.into_iter().find(|ty| !ty.is_unknown()).unwrap_or_default()
            }
            Expr::Let(condition) => {
                let ty = self.expr(&condition.expr);
                self.bind(&condition.pat, &ty);
                Ty::default()
            }
            Expr::ForLoop(each) => {
                let over = self.expr(&each.expr);
                self.bind(&each.pat, &over.inner());
                self.block(&each.body)
            }
            Expr::Loop(again) => self.block(&again.body),
            Expr::While(again) => {
                self.expr(&again.cond);
                self.block(&again.body)
            }
            _ => Ty::default(),
        }
    }

    fn silent<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) -> Ty {
        parts.into_iter().for_each(|part| _ = self.expr(part));
        Ty::default()
    }

    fn list<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>) -> Ty {
        let types: Vec<Ty> = parts.map(|part| self.expr(part)).collect();
        Ty::new("Vec", types.into_iter().take(1).collect())
    }

    fn choice(&mut self, choice: &ExprIf) -> Ty {
        self.expr(&choice.cond);
        let failed = matches!(choice.cond.as_ref(), Expr::Let(condition) if is_failure(&condition.pat));
        let then = if failed || ends_badly(choice.then_branch.stmts.last()) {
            Ty::default()
        } else {
            self.block(&choice.then_branch)
        };
        let other = choice.else_branch.as_ref().map(|(_, other)| other).filter(|other| !is_bad(other));
        let other = other.map(|other| self.expr(other)).unwrap_or_default();
        if then.is_unknown() { other } else { then }
    }

    fn arm(&mut self, arm: &Arm, on: &Ty) -> Ty {
        self.bind(&arm.pat, on);
        if let Some((_, guard)) = &arm.guard {
            self.expr(guard);
        }
        self.expr(&arm.body)
    }

    fn closure(&mut self, closure: &ExprClosure, first: &Ty) -> Ty {
        let mut ty = first.clone();
        for pattern in &closure.inputs {
            self.bind(pattern, &ty);
            ty = Ty::default();
        }
        let body = self.expr(&closure.body);
        match &closure.output {
            ReturnType::Type(_, ty) => self.index.ty(ty, &self.function.scope),
            ReturnType::Default => body,
        }
    }

    /// Arguments that may hold what other calls are made with.
    fn inside(&mut self, call: &syn::Macro) -> Ty {
        let parts = Punctuated::<Expr, syn::Token![,]>::parse_terminated.parse2(call.tokens.clone());
        self.silent(&parts.unwrap_or_default())
    }

    fn made(&mut self, made: &syn::ExprStruct) -> Ty {
        made.fields.iter().for_each(|field| _ = self.expr(&field.expr));
        if let Some(rest) = &made.rest {
            self.expr(rest);
        }
        self.named(&segments(&made.path))
    }

    fn call(&mut self, call: &ExprCall) -> Ty {
        let given: Vec<Ty> = call.args.iter().map(|argument| self.expr(argument)).collect();
        let first = given.into_iter().next().unwrap_or_default();
        let Expr::Path(path) = call.func.as_ref() else {
            let callee = self.expr(&call.func);
            return callee.returned().unwrap_or_default();
        };
        let path = segments(&path.path);
        if let [name] = path.as_slice()
            && let Some(returned) = self.vars.get(name).and_then(Ty::returned)
        {
            return returned;
        }
        let found = self.functions(&path);
        if !found.is_empty() {
            return self.made_call(&found);
        }
        match path.last().map(String::as_str) {
            Some(name @ ("Some" | "Ok")) => {
                Ty::new(if name == "Ok" { "Result" } else { "Option" }, vec![first])
            }
            Some("timeout") => Ty::new("Result", vec![first]),
            Some("pin" | "new" | "clone") if path.len() > 1 && self.named(&path).is_unknown() => first,
            _ => self.named(&path),
        }
    }

    /// A function that is named without a call is called by whom it is given to.
    fn value(&mut self, path: &syn::Path) -> Ty {
        let path = segments(path);
        if let [name] = path.as_slice()
            && let Some(ty) = self.vars.get(name)
        {
            return ty.clone();
        }
        let found = self.functions(&path);
        if found.is_empty() { self.named(&path) } else { self.made_call(&found) }
    }

    fn method(&mut self, call: &ExprMethodCall) -> Ty {
        let name = call.method.to_string();
        let on = self.expr(&call.receiver);
        let mut given = Ty::default();
        for argument in call.args.iter().filter(|_| !ON_FAILURE.contains(&name.as_str())) {
            given = match argument {
                Expr::Closure(closure) => self.closure(closure, &on.inner()),
                other => self.expr(other),
            };
        }
        let mut found = self.index.method(&on, &name, self.near);
        if found.is_empty() && on.is_unknown() && !COMMON.contains(&name.as_str()) {
            found = self.index.only(&name, &self.function.scope.module, self.near);
            if found.is_empty() && self.index.candidates(&name) > 0 {
                self.calls.open.push(name.clone());
            }
        }
        if found.is_empty() { std_methods::returned(&on, &name, &given) } else { self.made_call(&found) }
    }

    fn made_call(&mut self, found: &[usize]) -> Ty {
        self.calls.made.extend(found);
        let function = found.first().and_then(|number| self.index.functions.get(*number));
        function.map_or_else(Ty::default, |function| match &function.sig.output {
            ReturnType::Type(_, ty) => self.index.ty(ty, &function.scope),
            ReturnType::Default => Ty::default(),
        })
    }

    /// The functions that a path names: free ones, or those of a type.
    fn functions(&self, path: &[String]) -> Vec<usize> {
        if let Some(free) = self.index.function(&self.whole(path)) {
            return vec![free];
        }
        match path.split_last() {
            Some((name, of)) if !of.is_empty() => self.index.method(&self.type_named(of), name, self.near),
            _ => Vec::new(),
        }
    }

    fn whole(&self, path: &[String]) -> String {
        self.index.names.resolve(&self.function.scope.module, path)
    }

    fn type_named(&self, path: &[String]) -> Ty {
        if let [name] = path {
            let scope = &self.function.scope;
            if name == "Self" {
                return scope.this.clone();
            }
            if let Some(ty) = scope.parameters.get(name) {
                return ty.clone();
            }
        }
        let whole = self.whole(path);
        if let Some(ty) = self.index.alias(&whole, &[]) {
            return ty;
        }
        if self.index.is_known(&whole) { Ty::new(&whole, Vec::new()) } else { Ty::default() }
    }

    /// The type of a value that a path makes: of a struct, or of an enum's variant.
    fn named(&self, path: &[String]) -> Ty {
        let own = self.type_named(path);
        let parent = path.split_last().map(|(_, of)| self.type_named(of)).unwrap_or_default();
        if own.is_unknown() || (!parent.is_unknown() && !self.index.is_trait(&parent.head)) {
            parent
        } else {
            own
        }
    }

    fn bind(&mut self, pattern: &Pat, ty: &Ty) {
        match pattern {
            Pat::Ident(name) => {
                self.vars.insert(name.ident.to_string(), ty.clone());
                if let Some((_, inner)) = &name.subpat {
                    self.bind(inner, ty);
                }
            }
            Pat::Reference(inner) => self.bind(&inner.pat, ty),
            Pat::Paren(inner) => self.bind(&inner.pat, ty),
            Pat::Type(typed) => {
                let ty = self.index.ty(&typed.ty, &self.function.scope);
                self.bind(&typed.pat, &ty);
            }
            Pat::Or(either) => either.cases.iter().for_each(|case| self.bind(case, ty)),
            Pat::Tuple(parts) => {
                for (place, part) in parts.elems.iter().enumerate() {
                    let inner = self.index.field(ty, &place.to_string());
                    self.bind(part, &inner);
                }
            }
            Pat::TupleStruct(parts) => {
                let of = segments(&parts.path);
                let is_std = matches!(of.as_slice(), [name] if matches!(name.as_str(), "Some" | "Ok"));
                let made = Ty::new(&self.whole(&of), Vec::new());
                for (place, part) in parts.elems.iter().enumerate() {
                    let inner = if is_std { ty.inner() } else { self.index.field(&made, &place.to_string()) };
                    self.bind(part, &inner);
                }
            }
            Pat::Struct(parts) => {
                let whole = self.whole(&segments(&parts.path));
                let made = if parts.path.is_ident("Self") {
                    self.function.scope.this.clone()
                } else if ty.head == whole {
                    ty.clone()
                } else {
                    Ty::new(&whole, Vec::new())
                };
                for part in &parts.fields {
                    let Member::Named(name) = &part.member else { continue };
                    let inner = self.index.field(&made, &name.to_string());
                    self.bind(&part.pat, &inner);
                }
            }
            _ => {}
        }
    }
}

fn goes_well(arm: &Arm) -> bool {
    !is_failure(&arm.pat) && !is_bad(&arm.body)
}

/// Whether a pattern only fits what did not go well.
fn is_failure(pattern: &Pat) -> bool {
    let failed = |path: &syn::Path| segments(path).last().is_some_and(|last| FAILED.contains(&last.as_str()));
    match pattern {
        Pat::TupleStruct(parts) => failed(&parts.path) || parts.elems.iter().any(is_failure),
        Pat::Struct(parts) => failed(&parts.path),
        Pat::Path(path) => failed(&path.path),
        Pat::Or(either) => either.cases.iter().all(is_failure),
        Pat::Reference(inner) => is_failure(&inner.pat),
        Pat::Tuple(parts) => parts.elems.iter().any(is_failure),
        _ => false,
    }
}

/// Whether an expression only ends the way: `Err(…)`, `return Err(…)`, or a block that ends so.
fn is_bad(expr: &Expr) -> bool {
    match expr {
        Expr::Call(call) => {
            matches!(call.func.as_ref(), Expr::Path(path) if path.path.is_ident("Err"))
        }
        Expr::Return(inner) => inner.expr.as_deref().is_some_and(is_bad),
        Expr::Block(inner) => ends_badly(inner.block.stmts.last()),
        _ => false,
    }
}

fn ends_badly(last: Option<&Stmt>) -> bool {
    matches!(last, Some(Stmt::Expr(expr, _)) if is_bad(expr))
}
