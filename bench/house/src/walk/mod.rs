//! Follows calls from a function on, as far as the sources tell their types.
//!
//! This is no type checker. It knows the types of parameters, fields, returned values and patterns, and gives up on the
//! rest: a method of an unknown type is followed when only one method of the sources has its name.

mod body;
mod graph;
mod index;
mod std_methods;
mod types;

pub use graph::{Graph, Way};
pub use index::{Function, Index};
pub use types::Ty;
