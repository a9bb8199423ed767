//! The measures, one file each.

pub mod field;
pub mod methods;
pub mod ports;
pub mod record;
pub mod reply;
pub mod route;
pub mod style;
pub mod told;
pub mod type_names;

use std::{io, path::Path};

use crate::{Names, Tree, items, report::Measure};

/// All measures of a tree, whose other files lie below `root`.
///
/// # Errors
/// When a file cannot be read.
pub fn all(root: &Path, tree: &Tree, names: &Names) -> io::Result<Vec<Measure>> {
    let entries = items::all(tree);
    let mut found = vec![
        methods::of_types(&entries, names),
        methods::of_ports(&entries, names),
        ports::per_use_case(&entries, names),
        ports::reached(&entries, names),
    ];
    found.extend(reply::measures(&entries, names));
    found.extend([told::told(tree), type_names::several(&entries)]);
    let beside = route::Beside::read(root)?;
    found.push(route::measure(&entries, names, &beside));
    found.extend([field::given(tree, &beside), field::received(tree, &beside)]);
    found.push(record::measure(&entries, tree, names));
    found.extend([style::lines(tree), style::short_docs(tree), style::one_word(tree)]);
    Ok(found)
}
