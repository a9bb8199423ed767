//! Prints the measures of the sources below the current folder; `--list` adds what was counted.

use std::{
    env,
    io::{self, Write},
    path::Path,
};

use house::{Names, Tree, measures, report};

fn main() -> io::Result<()> {
    let list = env::args().any(|argument| argument == "--list");
    let root = Path::new(".");
    let tree = Tree::read(root, &["shared", "functions", "local", "sandbox"])?;
    let measures = measures::all(root, &tree, &Names::of(&tree))?;
    io::stdout().write_all(report::table(&measures, list).as_bytes())
}
