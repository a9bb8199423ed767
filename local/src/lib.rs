//! Ventanilla on one machine: the routers of all functions in one process, an embedded DynamoDB behind the same adapter
//! as in the cloud, and a simulated WhatsApp over real HTTP.
//!
//! Local and cloud differ only in what [`server`] assembles.
#![warn(missing_docs)]

pub mod admin;
mod allowed_origins;
pub mod bucket;
pub mod config;
pub mod diagnose;
pub mod fetch_queue;
pub mod functions;
pub mod gateway;
pub mod job_queue;
mod load_shedding;
mod problem;
pub mod provision;
pub mod replay;
pub mod sandbox_numbers;
pub mod sandbox_server;
pub mod secrets;
pub mod server;
pub mod store;
pub mod stream;
pub mod target;
pub mod template_routes;
pub mod write_notifier;
