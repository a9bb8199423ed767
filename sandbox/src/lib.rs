//! A simulated Meta: the Cloud API of its messenger, over real HTTP.
//!
//! It plays three parts: the **Graph endpoints** a business calls ([`Sandbox::graph_router`]), the
//! **phones** of its customers, and the **callbacks** Meta sends back, signed and escaped as Meta
//! does. Phones and faults are steered over a control router ([`Sandbox::control_router`]) or, for
//! faults, from Rust ([`Sandbox::script`]).
//!
//! The crate shares no code with the product it stands in front of, so the two cannot share a
//! mistake.
//!
//! What it does not imitate: template review (any template name is accepted), rate limits and
//! throughput (script them as faults), charged service messages, free-entry-point windows, and one
//! BSUID per business portfolio (a phone has one for all). A phone that never wrote to a number
//! gets free-form messages all the same, because the company may have talked to it before; the
//! fault `fail_later` with code 131047 plays the other case.

#![warn(missing_docs)]

mod address;
mod callback;
mod clock;
mod codes;
mod config;
mod control;
mod fault;
mod graph;
mod ids;
mod log;
mod media;
mod pending;
mod phone;
mod phones;
mod sandbox;
pub mod serve;
#[cfg(test)]
mod tests;

pub use config::{BusinessNumber, SandboxConfig};
pub use fault::{CallbackShape, ErrorBody, Fault, FaultRule};
pub use log::{About, CallEntry, CallbackEntry, LogEntry, ReadEntry, Verdict};
pub use phone::{Reach, Status};
pub use sandbox::{GRAPH_MOUNT, Sandbox};
