//! The common crate of Ventanilla, a company's own WhatsApp messaging backend.
//!
//! Layers, each using only those above it (ARCHITECTURE.md has the map):
//! [`domain`] rules without I/O, [`port`] what the core needs from outside, [`service`] use cases,
//! then the adapters [`store`], [`provider`], [`callback`], [`queue`], [`secrets`], [`api`],
//! and [`config`], [`metrics`], [`telemetry`], [`invocation`] and [`assembly`], from which each function is put together.
#![warn(missing_docs)]

pub mod api;
pub mod assembly;
pub mod callback;
pub mod config;
pub mod domain;
pub mod files;
pub mod invocation;
pub mod metrics;
pub mod port;
pub mod provider;
pub mod queue;
pub mod secrets;
pub mod service;
pub mod sockets;
pub mod store;
pub mod telemetry;
