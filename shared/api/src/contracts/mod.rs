//! A folder for each contract: its routes, its types, its errors, and one file for each operation.
//!
//! Each decodes a request to a core command, encodes the core's result, and has one table from failure to
//! status and body. The contracts differ in nothing else.

pub mod abc_sales;
pub mod ambiosys;
pub mod kaleyra;
pub mod php_bot;
pub mod pipes;
pub mod v1;
