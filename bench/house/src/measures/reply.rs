//! The files that a reply passes.

use std::collections::{BTreeMap, BTreeSet};

use super::route;
use crate::{
    Names,
    items::Entry,
    report::Measure,
    tree::is_below,
    walk::{Function, Graph, Index},
};

/// The operation of a reply in the contract of the PHP bot.
const OPERATION: &str = "replyToConversation";

/// The files that a reply passes from its route to the commit, and those of them that lead there.
#[must_use]
pub fn measures(entries: &[Entry<'_>], names: &Names) -> Vec<Measure> {
    let index = Index::of(entries, names);
    let Some((table, handler)) = route::handler(entries, names, OPERATION) else { return Vec::new() };
    let Some(number) = index.function(&handler) else { return Vec::new() };
    let near = table.module.rsplit_once("::").map_or("", |(contract, _)| contract);
    let graph = Graph::from(&index, number, near);
    let way = graph.way(number);
    let open = way.open.iter().map(|call| format!("not followed: {call}"));
    let room = |name: &str| below(&way.passed, name);
    let inside: Vec<&Function<'_>> = [room("ventanilla_api"), room("ventanilla_core::usecases")].concat();
    let (passed, leading, all) =
        (files(table, &inside), files(table, &way.leading), files(table, &way.passed));
    vec![
        Measure {
            name: "files that a reply passes from route to commit",
            value: passed.len().to_string(),
            aim: Some("<= 20"),
            how: "The files of contracts, common and use cases with the functions that a reply of the PHP bot's contract \
                  passes from its row in the table of routes to its last commit at the store's port, when it is \
                  accepted: handler, extractors of its arguments, and what they call. Calls are followed by the types of \
                  fields, parameters and returned values; arms of errors, `else` of `let`, `map_err` and the like are \
                  not, nor what is called after the last commit. Rules of the domain and declarations of ports are \
                  counted in the next but one.",
            list: passed,
        },
        Measure {
            name: "- those that lead to the commit",
            value: leading.len().to_string(),
            aim: None,
            how: "Only functions from which a commit is reached, the port included: the shortest reading.",
            list: leading,
        },
        Measure {
            name: "- with the domain and the ports",
            value: all.len().to_string(),
            aim: None,
            how: "All functions that are passed, wherever they are: files that were folded into the domain show here.",
            list: all.into_iter().chain(open).collect(),
        },
    ]
}

fn below<'f, 'a>(functions: &[&'f Function<'a>], module: &str) -> Vec<&'f Function<'a>> {
    functions.iter().copied().filter(|function| is_below(&function.scope.module, module)).collect()
}

fn files(table: &Entry<'_>, functions: &[&Function<'_>]) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> =
        BTreeMap::from([(table.source.path.as_str(), BTreeSet::new())]);
    for function in functions {
        let name = function.name.rsplit("::").next().unwrap_or_default();
        found.entry(function.path).or_default().insert(name);
    }
    let line = |(path, names): (&str, BTreeSet<&str>)| {
        format!("{path}: {}", names.into_iter().collect::<Vec<_>>().join(", "))
    };
    found.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, items};

    const FILES: [(&str, &str); 9] = [
        (
            "shared/api/src/contracts/php_bot/routes.rs",
            "use super::reply; routes! { reply in \"reply\", C { post \"/r\" Send => reply::by_path, \"replyToConversation\", \"Reply\"; } }",
        ),
        (
            "shared/api/src/contracts/php_bot/reply.rs",
            "use crate::access::{Authorized, words}; type May = Authorized<u8>;
             pub fn by_path(sender: May) -> u8 { sender.send(|text| read(text).map_err(refuse)); words() }
             fn read(text: &str) -> u8 { text.len() } fn refuse() { crate::refusal::refuse() }",
        ),
        ("shared/api/src/refusal.rs", "pub fn refuse() {}"),
        (
            "shared/api/src/access.rs",
            "use ventanilla_core::usecases::Sending; pub struct Authorized<S> { app: App, s: S } pub struct App { sending: Sending }
             impl<S> FromRequestParts for Authorized<S> { fn from_request_parts() -> Self { crate::keys::check() } }
             impl<S> Authorized<S> { pub async fn send(&self, read: impl FnOnce(&[u8]) -> u8) { Box::pin(self.app.sending.send(read(b\"\"))).await } }
             pub struct Extra; impl Extra { fn send(&self, what: u8) {} } pub fn words() {}",
        ),
        ("shared/api/src/keys.rs", "pub fn check() {}"),
        ("shared/core/src/lib.rs", "pub mod usecases; pub mod ports; pub mod rules;"),
        (
            "shared/core/src/usecases.rs",
            "use std::sync::Arc; use crate::ports::Store; pub struct Sending { store: Arc<dyn Store> }
             impl Sending { pub async fn send(&self, what: u8) -> Result<u8, E> {
                let row = crate::rules::row(what)?; match self.store.apply(row).await? { Applied::Done => self.after(), Applied::Conflict => self.again() } }
                fn after(&self) {} fn again(&self) {} }",
        ),
        ("shared/core/src/ports.rs", "pub trait Store { async fn apply(&self, row: u8) -> Result<Applied, E>; }"),
        ("shared/core/src/rules.rs", "pub fn row(what: u8) -> Result<u8, E> { Ok(what) }"),
    ];

    fn both() -> Vec<Measure> {
        let tree = Tree::of(&FILES).unwrap();
        measures(&items::all(&tree), &Names::of(&tree))
    }

    #[test]
    fn the_way_leads_from_the_route_over_fields_to_the_port() {
        let way = &both()[1];
        assert_eq!(
            way.list,
            [
                "shared/api/src/access.rs: send",
                "shared/api/src/contracts/php_bot/reply.rs: by_path",
                "shared/api/src/contracts/php_bot/routes.rs: ",
                "shared/core/src/ports.rs: apply",
                "shared/core/src/usecases.rs: send",
            ]
        );
    }

    #[test]
    fn a_use_case_in_a_type_parameter_is_followed() {
        let mut files = FILES;
        files[1].1 = "use crate::access::{Authorized, Extra}; use ventanilla_core::usecases::Sending; type May<U = Extra> = Authorized<U>;
             pub fn by_path(Authorized { s, .. }: May<Arc<Sending>>) -> u8 { s.send(1) }";
        let tree = Tree::of(&files).unwrap();
        let way = measures(&items::all(&tree), &Names::of(&tree)).remove(1).list;
        assert!(way.contains(&"shared/core/src/usecases.rs: send".to_owned()), "{way:?}");
        // Without the argument, the parameter's default is meant, which sends nothing.
        files[1].1 = "use crate::access::{Authorized, Extra}; type May<U = Extra> = Authorized<U>;
             pub fn by_path(Authorized { s, .. }: May) -> u8 { s.send(1) }";
        let tree = Tree::of(&files).unwrap();
        let way = measures(&items::all(&tree), &Names::of(&tree)).remove(1).list;
        assert!(!way.contains(&"shared/core/src/usecases.rs: send".to_owned()), "{way:?}");
    }

    #[test]
    fn the_rooms_of_the_way_are_contracts_and_use_cases() {
        let files: Vec<String> = both().remove(0).list;
        assert_eq!(
            files,
            [
                "shared/api/src/access.rs: from_request_parts, send",
                "shared/api/src/contracts/php_bot/reply.rs: by_path, read",
                "shared/api/src/contracts/php_bot/routes.rs: ",
                "shared/api/src/keys.rs: check",
                "shared/core/src/usecases.rs: send",
            ]
        );
    }

    #[test]
    fn helpers_are_called_on_the_way_but_not_what_follows_or_fails() {
        let list = both().remove(2).list;
        assert!(list.contains(&"shared/core/src/rules.rs: row".to_owned()), "{list:?}");
        assert!(list.contains(&"shared/api/src/keys.rs: check".to_owned()), "{list:?}");
        assert!(list.contains(&"shared/core/src/usecases.rs: send".to_owned()), "{list:?}");
        assert!(!list.iter().any(|line| line.contains("refusal") || line.contains("words")), "{list:?}");
    }
}
