//! The rules of Ventanilla. They know no AWS, no HTTP and no Lambda.
//!
//! [`domain`] decides without I/O, [`ports`] names what the core needs from outside, [`usecases`] joins the two.
#![warn(missing_docs)]

pub mod domain;
pub mod ports;
pub mod system;
pub mod usecases;
