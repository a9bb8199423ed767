//! Our own contract, `/v1`, as a whole.

mod ids;
mod query;
