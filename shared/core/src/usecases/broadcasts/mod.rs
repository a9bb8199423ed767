//! Broadcasts: begun for a caller, carried out piece by piece, read by whoever wants to know.

mod begin;
mod contacts;
mod duplicates;
mod lifecycle;
mod list;
mod progress;
mod run_batch;

pub use begin::{BeginError, Begun, SEND_TEMPLATE, Wish};
pub use list::Listed;
pub use progress::{Counts, Overview, Standing, Told};
pub use run_batch::Carried;
