//! A simulated Meta: the Cloud API of its messenger, over real HTTP, and Kaleyra in front of it.
//!
//! It plays three parts: the **endpoints** that a business calls ([`Sandbox::graph_router`] and
//! [`Sandbox::kaleyra_router`]), the **phones** of its customers, and the **webhooks** to the business. Meta's are
//! signed and escaped as Meta does it, Kaleyra's are as Kaleyra documents them. A control router
//! ([`Sandbox::control_router`]) drives phones, templates and faults. Tests inject faults ([`Sandbox::inject`]) and
//! delay responses ([`Sandbox::delay_list`], [`Sandbox::delay_send`]) from Rust.
//!
//! The crate shares no code with the product, so the two cannot share a mistake.
//!
//! Every business account starts with the same ten templates, one of each kind. A message that uses a template is
//! validated against it: name and language, status, and the parameters of header, body and buttons. Lists of templates
//! are paged. Templates are created, edited and deleted over the API by the rules of Meta's; their review ends with a
//! webhook, after a time and with a decision that tests set. The control router changes them as only Meta can.
//!
//! A business can query the health of its token, number, account and app; a test sets it.
//!
//! Throughput, the rate to one customer, messaging tiers and the limit on marketing are settings ([`Limits`]) that are off by
//! default. What is charged follows the rules that users report since 2026-10-01, or earlier ones ([`Prices`]).
//!
//! What it does not simulate: the fetching of links, free-entry-point windows, and one BSUID per business portfolio (a
//! phone has one for all).
//!
//! Outside the 24 hours after a customer's last message to a number, a free-form message is accepted and then fails
//! with 131047, as at Meta ([`ServiceWindow`]). That includes customers who never wrote. Templates are delivered and
//! open no window.
//!
//! Of Kaleyra it simulates sending on both generations of the API, V2 and V1, read receipts on V2, webhooks for
//! statuses and inbound messages, links to the files of customers, lists of templates, the details of a number (whose
//! shape is not documented), and the webhook on a number's quality. Where the documents leave a choice, it takes the
//! one that is harder for a client: an invalid template is reported after the message was accepted. It does not
//! simulate creating templates and the webhooks on their status, uploads, callback profiles and their authentication,
//! V1 by GET, as multipart form or to several recipients, locations, interactive messages and authentication templates
//! on V1, and in V2's inbound webhooks `ref` and `reply_to`.

#![warn(missing_docs)]

mod address;
mod clock;
mod config;
mod control;
mod delay;
mod download;
mod error_codes;
mod fault;
mod fault_injection;
mod graph;
mod health;
mod ids;
mod kaleyra;
mod log;
mod media;
mod outbound;
mod pending;
mod phone;
mod phones;
mod routing;
mod sandbox;
pub mod serve;
mod service_windows;
mod settings;
mod templates;
#[cfg(test)]
mod tests;
mod usage;
mod webhook;

pub use clock::Clock;
pub use config::{BusinessNumber, KaleyraApi, ProviderAccount, SandboxConfig, ServiceWindow, WebhookMethod};
pub use delay::ResponseDelay;
pub use fault::{ErrorBody, Fault, FaultRule, WebhookShape};
pub use health::{AccountHealth, app_id};
pub use log::{
    CallEntry, CallOutcome, ControlEntry, ListEntry, LogEntry, ReadEntry, WebhookEntry, WebhookKind,
};
pub use media::FileFault;
pub use phone::{FinalStatus, Status};
pub use routing::{Role, Routing};
pub use sandbox::{GRAPH_MOUNT, KALEYRA_MOUNT, Sandbox};
pub use settings::{Limits, MediaLifetimes, PriceRules, Prices, Settings, TemplateReview};
