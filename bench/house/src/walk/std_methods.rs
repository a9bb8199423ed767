//! What the standard library's methods make of a type.

use super::Ty;

/// What runs when something went wrong.
pub(super) const ON_FAILURE: [&str; 6] =
    ["map_err", "or_else", "ok_or_else", "unwrap_or_else", "inspect_err", "map_or_else"];

/// Names that the standard library's types have as well: a method of an unknown type is not taken for ours.
pub(super) const COMMON: [&str; 52] = [
    "all",
    "and_then",
    "any",
    "as_bytes",
    "as_ref",
    "as_str",
    "bytes",
    "chars",
    "clone",
    "cmp",
    "collect",
    "contains",
    "count",
    "drain",
    "entry",
    "eq",
    "extend",
    "filter",
    "find",
    "first",
    "fmt",
    "from",
    "get",
    "insert",
    "into",
    "is_empty",
    "is_none",
    "is_some",
    "iter",
    "join",
    "last",
    "len",
    "map",
    "max",
    "min",
    "new",
    "next",
    "parse",
    "pop",
    "push",
    "record",
    "remove",
    "replace",
    "retain",
    "split",
    "starts_with",
    "take",
    "to_owned",
    "to_string",
    "trim",
    "truncate",
    "windows",
];

/// What a method of the standard library returns, called on `on` with a closure, or a value, that gives `given`.
pub(super) fn returned(on: &Ty, name: &str, given: &Ty) -> Ty {
    match (on.head.as_str(), name) {
        ("Option" | "Result", "map") => Ty::new(&on.head, vec![given.clone()]),
        ("Option" | "Result", "and_then" | "map_or" | "map_or_else") | ("Vec", "find_map") => given.clone(),
        ("Option" | "Result", "ok_or" | "ok_or_else") => Ty::new("Result", vec![on.inner()]),
        ("Option" | "Result", "ok") => Ty::new("Option", vec![on.inner()]),
        ("Option" | "Result", "transpose") => {
            let outer = on.inner();
            Ty::new(&outer.head, vec![Ty::new(&on.head, vec![outer.inner()])])
        }
        ("Option" | "Result", name) if name.starts_with("unwrap") || name == "flatten" => on.inner(),
        ("Vec", "map" | "filter_map" | "flat_map") => {
            let flat = matches!(given.head.as_str(), "Option" | "Vec") && name != "map";
            Ty::new("Vec", vec![if flat { given.inner() } else { given.clone() }])
        }
        ("Vec", "first" | "last" | "next" | "find" | "get" | "pop" | "nth" | "max_by_key" | "min_by_key") => {
            Ty::new("Option", vec![on.inner()])
        }
        ("Option" | "Result" | "Vec", _)
        | (_, "clone" | "as_ref" | "as_mut" | "as_deref" | "to_owned" | "borrow") => on.clone(),
        _ => Ty::default(),
    }
}
