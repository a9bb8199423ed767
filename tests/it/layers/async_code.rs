//! The domain decides; it waits for nothing.

use house::{Names, Tree, tree::is_below};
use syn::visit::Visit;

use super::{NONE, finds, house};

#[derive(Default)]
struct Waits(bool);

impl<'ast> Visit<'ast> for Waits {
    fn visit_signature(&mut self, sig: &'ast syn::Signature) {
        self.0 |= sig.asyncness.is_some();
        syn::visit::visit_signature(self, sig);
    }

    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {
        self.0 = true;
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.0 |= closure.asyncness.is_some();
        syn::visit::visit_expr_closure(self, closure);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.0 |= super::tokens::idents(call.tokens.clone()).iter().any(|name| name == "async");
    }
}

fn domain(tree: &Tree, _: &Names) -> Vec<String> {
    let waits = |file| {
        let mut waits = Waits::default();
        waits.visit_file(file);
        waits.0
    };
    let domain = tree.code().filter(|source| is_below(&source.module, "ventanilla_core::domain"));
    domain.filter(|source| waits(&source.ast)).map(|source| format!("{} waits", source.path)).collect()
}

#[test]
fn the_domain_waits_for_nothing() {
    let tree = house(&["shared/core"]);
    assert_eq!(domain(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn waiting_is_found() {
    let path = "shared/core/src/domain/phone.rs";
    for text in [
        "pub(crate) async fn f() {}",
        "impl X { pub async fn f(&self) {} }",
        "trait X { async fn f(); }",
        "fn f() { g(async move { 1 }); }",
        "fn f() { g(async || 1); }",
        "macro_rules! m { () => { async fn f() {} }; }",
    ] {
        assert!(finds(path, text, domain), "{text}");
    }
    assert!(!finds(path, "/// async fn\nfn f() { g(\"async fn\"); }", domain));
}
