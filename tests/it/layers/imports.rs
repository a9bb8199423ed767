//! Which module may name which: imports in all their forms, whole paths, and paths in macros.

use house::{Names, Tree, paths, tree::is_below};

use super::{NONE, finds, house};

/// What files of a module name that lies in one of the others.
fn names_of(tree: &Tree, names: &Names, module: &str, others: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in tree.code().filter(|source| is_below(&source.module, module)) {
        for named in paths::of(source, names) {
            if let Some(name) = [named.spelled, named.item]
                .into_iter()
                .find(|name| others.iter().any(|other| is_below(name, other)))
            {
                found.push((source.path.clone(), name));
            }
        }
    }
    found
}

fn lines(found: Vec<(String, String)>) -> Vec<String> {
    found.into_iter().map(|(path, name)| format!("{path} names {name}")).collect()
}

/// The domain knows neither ports nor use cases. Only ids need the clock and chance, which are ports.
fn domain(tree: &Tree, names: &Names) -> Vec<String> {
    let others = ["ventanilla_core::ports", "ventanilla_core::usecases"];
    let mut found = names_of(tree, names, "ventanilla_core::domain", &others);
    found.retain(|(path, name)| {
        !(path.ends_with("domain/ids.rs") && is_below(name, "ventanilla_core::ports::clock"))
    });
    lines(found)
}

fn ports(tree: &Tree, names: &Names) -> Vec<String> {
    lines(names_of(tree, names, "ventanilla_core::ports", &["ventanilla_core::usecases"]))
}

/// Contracts know the core, and what they share. The webhooks, which are no contract, know the providers.
fn adapters(tree: &Tree, names: &Names) -> Vec<String> {
    let others = ["ventanilla_aws", "ventanilla_whatsapp", "ventanilla", "reqwest", "hyper"];
    let rooms = ["ventanilla_api::contracts", "ventanilla_api::common"];
    lines(rooms.iter().flat_map(|room| names_of(tree, names, room, &others)).collect())
}

/// The contracts of a tree.
fn contracts(tree: &Tree) -> Vec<String> {
    let modules = tree.files.iter().map(|source| source.module.as_str());
    let mut found: Vec<String> = modules
        .filter(|name| is_below(name, CONTRACTS))
        .filter_map(|name| name.split("::").nth(2))
        .map(str::to_owned)
        .collect();
    found.dedup();
    found
}

const CONTRACTS: &str = "ventanilla_api::contracts";

/// A contract knows no other, and what they share knows none.
fn each_other(tree: &Tree, names: &Names) -> Vec<String> {
    let all: Vec<String> = contracts(tree).iter().map(|name| format!("{CONTRACTS}::{name}")).collect();
    let mut found = names_of(tree, names, "ventanilla_api::common", &[CONTRACTS]);
    for contract in &all {
        let others: Vec<&str> = all.iter().filter(|other| *other != contract).map(String::as_str).collect();
        found.extend(names_of(tree, names, contract, &others));
    }
    lines(found)
}

/// Event handlers that use more of the AWS crate than its event types, or a provider.
fn handlers(tree: &Tree, names: &Names) -> Vec<String> {
    let may =
        ["ventanilla_aws::sqs::SENT_AT", "ventanilla_aws::sqs::waited", "ventanilla_aws::dynamodb::stream"];
    let mut found = Vec::new();
    for source in tree.code().filter(|source| source.path.starts_with("functions/")) {
        found.extend(names_of(tree, names, &source.module, &["ventanilla_aws", "ventanilla_whatsapp"]));
    }
    found.retain(|(_, name)| !may.iter().any(|may| is_below(name, may)));
    lines(found)
}

#[test]
fn the_domain_knows_neither_ports_nor_use_cases() {
    let tree = house(&["shared/core"]);
    assert_eq!(domain(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn ports_know_no_use_case() {
    let tree = house(&["shared/core"]);
    assert_eq!(ports(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn contracts_know_no_adapter_and_not_each_other() {
    let tree = house(&["shared"]);
    let names = Names::of(&tree);
    assert_eq!(contracts(&tree).len(), 6);
    assert_eq!(adapters(&tree, &names), NONE);
    assert_eq!(each_other(&tree, &names), NONE);
}

#[test]
fn event_handlers_use_only_the_event_types_of_aws() {
    let tree = house(&["shared", "functions"]);
    assert_eq!(handlers(&tree, &Names::of(&tree)), NONE);
}

#[test]
fn every_form_of_an_import_is_found() {
    for text in [
        "use crate::usecases::Sending;",
        "use crate::{usecases::Sending};",
        "use crate::{domain, usecases::{self, send}};",
        "use super::super::usecases;",
        "use super::super::{usecases as rooms};",
        "pub use crate::usecases::send as way;",
        "pub(crate) use crate::usecases::*;",
        "use crate::*; fn f() { usecases::send(); }",
        "use crate as core; fn f(way: core::usecases::Sending) {}",
        "fn f() { crate::usecases::send(); }",
        "fn f() { use crate::usecases::send; }",
        "fn f(way: &super::super::usecases::Sending) {}",
        "fn f<S: AsRef<crate::usecases::Sending>>() {}",
        "impl From<crate::usecases::Sending> for u8 {}",
        "fn f() { matches!(x, crate::usecases::Sending); }",
        "fn f() { log!(way = ?crate::usecases::send()); }",
        "macro_rules! way { () => { $crate::usecases::send() }; }",
        "macro_rules! way { () => { use crate::{usecases::send}; }; }",
        "mod inner { use super::super::super::usecases::send; }",
        "#[doc(alias = \"x\")] struct X; #[derive(crate::usecases::Sending)] struct Y;",
    ] {
        assert!(finds("shared/core/src/domain/phone.rs", text, domain), "{text}");
        assert!(finds("shared/core/src/ports/store.rs", text, ports), "{text}");
    }
    for text in
        ["use crate::domain;", "/// [`crate::usecases`]\nstruct X;", "pub(in crate::usecases) struct X;"]
    {
        assert!(!finds("shared/core/src/ports/store.rs", text, ports), "{text}");
    }
}

#[test]
fn a_port_in_the_domain_is_found_but_not_the_clock_of_ids() {
    let clock = "use crate::ports::clock::Clock;";
    assert!(finds("shared/core/src/domain/phone.rs", clock, domain));
    assert!(!finds("shared/core/src/domain/ids.rs", clock, domain));
    assert!(finds("shared/core/src/domain/ids.rs", "use crate::ports::store;", domain));
    assert!(finds("shared/core/src/domain/ids.rs", "use crate::ports;", domain));
}

#[test]
fn an_adapter_in_a_contract_is_found() {
    let contract = "shared/api/src/contracts/php_bot/reply.rs";
    for text in [
        "use ventanilla_aws::dynamodb;",
        "use ventanilla_whatsapp::{provider};",
        "fn f() { ventanilla::aws::sqs::send(); }",
        "use reqwest as http_client;",
    ] {
        assert!(finds(contract, text, adapters), "{text}");
        assert!(finds("shared/api/src/common/send.rs", text, adapters), "{text}");
        assert!(!finds("shared/api/src/webhooks/receive.rs", text, adapters), "{text}");
    }
    assert!(!finds(contract, "use ventanilla_core::usecases::Sending;", adapters));
}

#[test]
fn another_contract_in_a_contract_is_found() {
    for text in [
        "use crate::contracts::v1::V1;",
        "use super::super::v1::{view};",
        "use super::super::*; fn f() { v1::view(); }",
        "fn f() { crate::contracts::v1::view() }",
    ] {
        assert!(finds("shared/api/src/contracts/php_bot/reply.rs", text, each_other), "{text}");
        assert!(
            !finds(
                "shared/api/src/contracts/v1/me.rs",
                &text.replace("super::super::v1", "super"),
                |tree, names| { each_other(tree, names) }
            ),
            "{text}"
        );
    }
    assert!(finds("shared/api/src/common/send.rs", "use crate::contracts::v1::V1;", each_other));
}

#[test]
fn an_adapter_in_a_handler_is_found() {
    for text in [
        "use ventanilla::aws::dynamodb::Table;",
        "use ventanilla::{whatsapp::registry as p};",
        "use ventanilla::aws;",
    ] {
        assert!(finds("functions/push/src/lib.rs", text, handlers), "{text}");
    }
    assert!(!finds("functions/push/src/lib.rs", "use ventanilla::aws::sqs::{SENT_AT, waited};", handlers));
}
