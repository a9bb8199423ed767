//! Ventanilla on one machine: the routers of all functions in one process, an embedded DynamoDB
//! behind the same adapter as in the cloud, and a simulated WhatsApp over real HTTP.
//!
//! Local and cloud differ only in what [`server`] puts together.
#![warn(missing_docs)]

mod access;
pub mod admin;
pub mod bell;
pub mod bucket;
mod command;
pub mod config;
pub mod fetching;
pub mod gateway;
mod load;
pub mod numbers;
mod problem;
pub mod provision;
pub mod queue;
pub mod replay;
pub mod secrets;
pub mod server;
pub mod store;
pub mod stream;
pub mod target;
