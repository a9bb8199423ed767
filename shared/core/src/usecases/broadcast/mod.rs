//! Broadcasts: begun for a caller, carried out piece by piece, read by whoever wants to know.

mod begin;
mod carry;
mod contacts;
mod course;
mod duplicates;
mod list;
mod tell;

pub use begin::{BeginError, Begun, SEND_TEMPLATE, Wish};
pub use carry::Carried;
pub use list::Listed;
pub use tell::{Counts, Overview, Standing, Told};
