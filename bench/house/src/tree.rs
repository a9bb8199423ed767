//! The parsed sources, file by file.

use std::{fs, io, path::Path};

use crate::strip;

/// A file of Rust.
pub struct Source {
    /// Where it lies below the root, with `/`.
    pub path: String,
    /// The module that it is, from its crate on: `ventanilla_core::domain::message`.
    pub module: String,
    /// The text of the file.
    pub text: String,
    /// Its items, without tests.
    pub ast: syn::File,
    /// Whether all of it is tests.
    pub is_test: bool,
}

/// Files of Rust that belong together.
pub struct Tree {
    /// The files, sorted by path.
    pub files: Vec<Source>,
}

impl Tree {
    /// All files of these folders below `root`.
    ///
    /// # Errors
    /// When a file cannot be read or parsed.
    pub fn read(root: &Path, folders: &[&str]) -> io::Result<Self> {
        let mut found = Vec::new();
        for folder in folders {
            collect(&root.join(folder), &mut |path| {
                let relative = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
                found.push((relative, fs::read_to_string(path)?));
                Ok(())
            })?;
        }
        found.sort();
        let crates = |folder: &str| crate_name(root, folder);
        Self::parse(found, &crates)
    }

    /// Files by path and text. The crate of `a/b/src/…` is `a_b`; the names of ours below `shared` are known.
    ///
    /// # Errors
    /// When one cannot be parsed.
    pub fn of(files: &[(&str, &str)]) -> io::Result<Self> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self::parse(files, &|folder| match folder.strip_prefix("shared") {
            Some("") => "ventanilla".to_owned(),
            Some(layer) => format!("ventanilla_{}", layer.trim_start_matches('/')),
            None => folder.rsplit('/').next().unwrap_or(folder).replace('-', "_"),
        })
    }

    fn parse(files: Vec<(String, String)>, crates: &dyn Fn(&str) -> String) -> io::Result<Self> {
        let mut sources = Vec::new();
        for (path, text) in files {
            let parsed = syn::parse_file(&text);
            let ast = parsed.map_err(|error| io::Error::other(format!("{path}: {error}")))?;
            let module = module_of(&path, crates);
            sources.push(Source { is_test: strip::is_test(&ast.attrs), path, module, text, ast });
        }
        let tests: Vec<String> = sources.iter().flat_map(strip::test_modules).collect();
        for source in &mut sources {
            source.is_test |= tests.iter().any(|test| is_below(&source.module, test));
            strip::strip(&mut source.ast);
        }
        Ok(Self { files: sources })
    }

    /// The files, those aside that only hold tests.
    pub fn code(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|source| !source.is_test)
    }
}

/// Whether a module, or an item, is the other one or lies in it.
#[must_use]
pub fn is_below(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn collect(path: &Path, found: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    if path.is_dir() {
        if path.file_name().is_some_and(|name| name == "target") {
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), found)?;
        }
        return Ok(());
    }
    if path.extension().is_some_and(|kind| kind == "rs") { found(path) } else { Ok(()) }
}

/// The name of the crate whose manifest is in this folder.
fn crate_name(root: &Path, folder: &str) -> String {
    let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml")).unwrap_or_default();
    let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
    name.unwrap_or(folder).trim_matches('"').replace(['-', '/'], "_")
}

fn module_of(path: &str, crates: &dyn Fn(&str) -> String) -> String {
    let (folder, inside) =
        path.split_once("/src/").unwrap_or_else(|| path.rsplit_once('/').unwrap_or(("", path)));
    let inside = inside.trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    let name = crates(folder);
    if matches!(inside, "lib" | "main" | "mod") {
        name
    } else {
        format!("{name}::{}", inside.replace('/', "::"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_modules_and_tests_are_told_apart() {
        let tree = Tree::of(&[
            ("shared/core/src/lib.rs", "pub mod domain; #[cfg(test)] mod tests { fn unseen() {} }"),
            ("shared/core/src/domain/mod.rs", "#[cfg(test)]\nmod checks;\nmod phone;"),
            ("shared/core/src/domain/phone.rs", "struct Phone;"),
            ("shared/core/src/domain/checks.rs", "fn unseen() {}"),
            ("shared/src/assembly.rs", ""),
        ]);
        let tree = tree.unwrap();
        let modules: Vec<_> = tree.code().map(|source| source.module.as_str()).collect();
        assert_eq!(
            modules,
            [
                "ventanilla_core",
                "ventanilla_core::domain",
                "ventanilla_core::domain::phone",
                "ventanilla::assembly"
            ]
        );
        assert_eq!(tree.files[0].ast.items.len(), 1);
    }
}
