//! The common crate of Ventanilla, a company's own WhatsApp messaging backend: all functions depend on it.
//!
//! The layers are crates (ARCHITECTURE.md has the map): `ventanilla-core` has the rules ([`domain`],
//! [`ports`], [`usecases`]); [`whatsapp`], [`aws`] and [`api`] are adapters and know only the core, and the
//! contracts the webhooks. This crate builds an application: [`config`], [`credentials`], [`assembly`], and
//! the frame of an invocation, [`metrics`], [`telemetry`] and [`invocation`].
#![warn(missing_docs)]

pub mod assembly;
pub mod config;
pub mod credentials;
pub mod invocation;
pub mod metrics;
pub mod telemetry;

pub use ventanilla_api as api;
pub use ventanilla_aws as aws;
pub use ventanilla_core::{domain, ports, system, usecases};
pub use ventanilla_whatsapp as whatsapp;
