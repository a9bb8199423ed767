//! A room for each contract: its routes, its types, its errors, and one file for each operation.
//!
//! Each decodes to a core command, encodes a core result, and has one table from failure to status and body. Nothing
//! else differs between them.

pub mod abc_sales;
pub mod ambiosys;
pub mod kaleyra;
pub mod php_bot;
pub mod pipes;
pub mod v1;
