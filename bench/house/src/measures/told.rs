//! The word that says everything and nothing.

use proc_macro2::{TokenStream, TokenTree};

use crate::{Tree, report::Measure};

const WORD: &str = "told";

/// How often names have the word `told` in them.
#[must_use]
pub fn told(tree: &Tree) -> Measure {
    let mut list: Vec<(usize, &str)> = Vec::new();
    for source in tree.code() {
        let tokens: TokenStream = source.text.parse().unwrap_or_default();
        let in_path = source.path.split(['/', '.']).filter(|part| holds(part)).count();
        list.push((count(tokens) + in_path, &source.path));
    }
    list.retain(|(count, _)| *count > 0);
    list.sort_by(|one, other| other.cmp(one));
    Measure {
        name: "`told` in code",
        value: list.iter().map(|(count, _)| count).sum::<usize>().to_string(),
        aim: Some("<= 20"),
        how: "Names of any kind that have the word as a whole part (`told`, `Told`, `is_told`, `ToldAs`), each time \
              that one stands in the code of shared/, functions/, local/ and sandbox/, the tests inside these \
              files and the files' own names too. Comments and texts do not count; metric and field names do not.",
        list: list.into_iter().map(|(count, path)| format!("{count} {path}")).collect(),
    }
}

fn count(tokens: TokenStream) -> usize {
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(name) => usize::from(holds(&name.to_string())),
        TokenTree::Group(group) => count(group.stream()),
        _ => 0,
    });
    each.sum()
}

/// Whether a name has the word as one of its parts.
fn holds(name: &str) -> bool {
    let mut parts = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut() {
            last.extend(letter.to_lowercase().filter(|letter| *letter != '_'));
        }
    }
    parts.iter().any(|part| part == WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_counts_in_names_and_not_inside_others() {
        let text =
            "/// told\nstruct Told; fn is_told(untold: Told, soldiers_told_x: u8) { log!(told, \"told\"); }";
        let tree = Tree::of(&[("shared/core/src/told.rs", text)]).unwrap();
        let measure = told(&tree);
        assert_eq!(measure.value, "6");
        assert_eq!(measure.list, ["6 shared/core/src/told.rs"]);
    }
}
