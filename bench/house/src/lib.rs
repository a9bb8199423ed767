//! Measures of the sources. They are parsed with syn, so that a count follows what the code is, not how it is spelled.
//!
//! [`Tree`] holds the parsed files, [`Names`] tells which item a path means, [`paths`] lists every path of a file;
//! [`measures`] count, [`walk`] follows calls. `tests/it/layers` holds the rules of the layers with the first three.

pub mod items;
pub mod measures;
pub mod names;
pub mod paths;
pub mod report;
mod strip;
pub mod tree;
pub mod walk;

pub use names::Names;
pub use tree::{Source, Tree};
