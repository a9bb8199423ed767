//! The functions that a request passes.

use std::collections::{BTreeMap, BTreeSet};

use syn::FnArg;

use super::{Function, Index, body};

/// How a port that writes rows is asked to: its last call ends the way.
const COMMITS: [&str; 3] = ["apply", "commit", "write"];
/// How axum makes a handler's argument.
const EXTRACTORS: [&str; 2] = ["from_request_parts", "from_request"];

/// Which function calls which.
pub struct Graph<'a> {
    index: &'a Index<'a>,
    calls: BTreeMap<usize, body::Calls>,
}

/// What lies between a handler and the commit.
#[derive(Default)]
pub struct Way<'a> {
    /// The functions that are passed.
    pub passed: Vec<&'a Function<'a>>,
    /// Those of them that lead to the commit; the others are called on the way, and return.
    pub leading: Vec<&'a Function<'a>>,
    /// Calls on the way that could not be followed.
    pub open: BTreeSet<String>,
}

impl<'a> Graph<'a> {
    /// The graph of all that can be reached from a handler. Of a trait with many implementors, that below the module
    /// `near` counts.
    #[must_use]
    pub fn from(index: &'a Index<'a>, handler: usize, near: &str) -> Self {
        let mut graph = Self { index, calls: BTreeMap::new() };
        let mut open = vec![handler];
        while let Some(number) = open.pop() {
            let Some(function) = index.functions.get(number) else { continue };
            if graph.calls.contains_key(&number) {
                continue;
            }
            let mut calls = body::calls(index, function, near);
            if number == handler {
                calls.made.splice(0..0, extractors(index, function, near));
            }
            open.extend(&calls.made);
            graph.calls.insert(number, calls);
        }
        graph
    }

    /// What is passed from the handler to the last commit. What is called after it is left out.
    #[must_use]
    pub fn way(&self, handler: usize) -> Way<'a> {
        let leading = self.leading();
        let (mut seen, mut open, mut way) = (BTreeSet::new(), vec![handler], Way::default());
        while let Some(number) = open.pop() {
            let Some(function) = self.index.functions.get(number).filter(|_| seen.insert(number)) else {
                continue;
            };
            way.passed.push(function);
            let Some(calls) = self.calls.get(&number) else { continue };
            way.open.extend(calls.open.iter().map(|name| format!("{}: .{name}()", function.name)));
            let last = calls.made.iter().rposition(|callee| leading.contains(callee));
            let until = last.map_or(calls.made.len(), |place| place + 1);
            open.extend(calls.made.iter().take(until));
            if leading.contains(&number) {
                way.leading.push(function);
            }
        }
        way
    }

    /// The functions from which a commit is reached.
    fn leading(&self) -> BTreeSet<usize> {
        let commits = |number: &usize| {
            self.index.functions.get(*number).is_some_and(|function| {
                function.is_port && COMMITS.iter().any(|name| function.sig.ident == *name)
            })
        };
        let mut found: BTreeSet<usize> = self.calls.keys().copied().filter(commits).collect();
        loop {
            let before = found.len();
            for (number, calls) in &self.calls {
                if calls.made.iter().any(|callee| found.contains(callee)) {
                    found.insert(*number);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

fn extractors(index: &Index<'_>, handler: &Function<'_>, near: &str) -> Vec<usize> {
    let arguments = handler.sig.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(index.ty(&argument.ty, &handler.scope)),
        FnArg::Receiver(_) => None,
    });
    let methods = |ty| EXTRACTORS.iter().flat_map(move |name| index.method(&ty, name, near));
    arguments.flat_map(methods).collect()
}
