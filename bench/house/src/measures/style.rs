//! The size of files, short doc comments, one-word names.

use syn::visit::Visit;

use crate::{
    Source, Tree,
    report::{Measure, middle_and_most},
};

/// How long files are.
#[must_use]
pub fn lines(tree: &Tree) -> Measure {
    // The tests beside the code are no reason to write less of them.
    let count = |source: &Source| {
        source
            .text
            .lines()
            .take_while(|line| *line != "mod tests {")
            .filter(|line| *line != "#[cfg(test)]")
            .count()
    };
    let (middle, most) = middle_and_most(tree.files.iter().map(count).collect());
    let mut list: Vec<(usize, &str)> =
        tree.files.iter().map(|source| (count(source), source.path.as_str())).collect();
    list.sort_by(|one, other| other.cmp(one));
    Measure {
        name: "lines per file",
        value: format!("{middle}, 90 % to {most}"),
        aim: Some("85, 90 % under 215"),
        how: "Lines before the tests of the files of shared/, functions/, local/ and sandbox/: the median, and what nine of ten \
              do not exceed. The aim is that they stay so: merged files would please other measures.",
        list: list.into_iter().take(10).map(|(count, path)| format!("{count} {path}")).collect(),
    }
}

/// Doc comments that say next to nothing.
#[must_use]
pub fn short_docs(tree: &Tree) -> Measure {
    let mut list = Vec::new();
    for source in tree.code() {
        let short = docs(&source.text).into_iter().filter(|text| text.split_whitespace().count() <= 3);
        list.extend(short.map(|text| format!("{}: {text}", source.path)));
    }
    Measure {
        name: "doc comments of three words or fewer",
        value: list.len().to_string(),
        aim: Some("few"),
        how: "Blocks of `///` and `//!` lines of shared/, functions/, local/ and sandbox/ with at most three words.",
        list,
    }
}

/// The doc comments of a text, each in one line.
fn docs(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim_start) {
        let said = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        match (said, blocks.last_mut().filter(|_| open)) {
            (Some(said), Some(block)) => block.extend([" ", said.trim()]),
            (Some(said), None) => blocks.push(said.trim().to_owned()),
            (None, _) => {}
        }
        open = said.is_some();
    }
    blocks
}

/// Functions whose name is one word.
#[must_use]
pub fn one_word(tree: &Tree) -> Measure {
    let mut functions = Functions::default();
    for source in tree.code() {
        functions.path.clone_from(&source.path);
        functions.visit_file(&source.ast);
    }
    let share = 100 * functions.short.len() / functions.all.max(1);
    Measure {
        name: "one-word function names",
        value: format!("{share} % ({} of {})", functions.short.len(), functions.all),
        aim: Some("20 %"),
        how: "Functions and methods whose name has no `_`; `main` aside, and what implements a trait, for the trait \
              names it.",
        list: functions.short,
    }
}

#[derive(Default)]
struct Functions {
    path: String,
    all: usize,
    short: Vec<String>,
}

impl Functions {
    fn add(&mut self, name: &syn::Ident) {
        let name = name.to_string();
        if name != "main" {
            self.all += 1;
            if !name.contains('_') {
                self.short.push(format!("{}: {name}", self.path));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig.ident);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        if block.trait_.is_none() {
            syn::visit::visit_item_impl(self, block);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig.ident);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.add(&function.sig.ident);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Tree {
        Tree::of(&[("shared/core/src/lib.rs", text)]).unwrap()
    }

    #[test]
    fn lines_have_a_middle_and_a_limit_of_nine_tenths() {
        let files: Vec<(String, String)> =
            (1..=10).map(|count| (format!("shared/core/src/f{count}.rs"), "// x\n".repeat(count))).collect();
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert_eq!(lines(&Tree::of(&files).unwrap()).value, "6, 90 % to 10");
    }

    #[test]
    fn a_short_doc_comment_is_found_and_a_block_is_one() {
        let text =
            "//! The whole crate.\n\n/// Which.\nstruct A;\n/// Which of\n/// them it is.\nstruct B;\n";
        assert_eq!(
            short_docs(&tree(text)).list,
            ["shared/core/src/lib.rs: The whole crate.", "shared/core/src/lib.rs: Which."]
        );
    }

    #[test]
    fn a_trait_names_its_own_functions() {
        let text = "fn main() {} fn take() {} trait T { fn hear(); } struct S; impl T for S { fn hear() {} }
                    impl S { fn resolve_recipient() {} }";
        assert_eq!(one_word(&tree(text)).value, "66 % (2 of 3)");
    }
}
