//! A simulated Meta: the Cloud API of its messenger, over real HTTP, and Kaleyra in front of it.
//!
//! It plays three parts: the **endpoints** a business calls ([`Sandbox::graph_router`] and
//! [`Sandbox::kaleyra_router`]), the **phones** of its customers, and the **callbacks** that come
//! back: Meta's signed and escaped as Meta does, Kaleyra's as Kaleyra documents them. Phones,
//! templates and faults are steered over a control router ([`Sandbox::control_router`]) or, for faults,
//! from Rust ([`Sandbox::inject`]), where answers can also be held back ([`Sandbox::delay_list`],
//! [`Sandbox::delay_send`]).
//!
//! The crate shares no code with the product it stands in front of, so the two cannot share a
//! mistake.
//!
//! Every business account starts with the same ten templates, one of each kind, and a message that
//! fills a template is checked against them: its name and language, its status, and its parameters in
//! header, body and buttons. Lists of templates come in pages. Templates change over the API and the
//! control router; a new one stays pending until somebody approves it there.
//!
//! A business can ask how its token, number, account and app stand; a test sets it.
//!
//! What it does not imitate: the review of templates, their edits over the API, names that stay blocked
//! after a template is deleted, the parameters of carousels, offers, flows and catalogues, rate limits
//! and throughput (script them as faults), charged service messages, free-entry-point windows, and one
//! BSUID per business portfolio (a phone has one for all).
//!
//! Outside the 24 hours after a customer's last message to a number, and so also to a customer who never
//! wrote to it, a free-form message is accepted and then fails with 131047, as at Meta
//! ([`ServiceWindow`]). Templates go through and open nothing.
//!
//! Of Kaleyra it imitates sending on both generations of the API, V2 and V1, read receipts on V2,
//! status and inbound callbacks, links to the files of customers, lists of templates, the details of a
//! number (whose shape is not documented), and the word on a number's quality. Where the documents leave a choice it plays the reading that is harder for a
//! client: what is wrong with a template is reported after the message was taken.
//! It does not imitate making templates and the callbacks on their status, uploads, callback profiles
//! and their authentication, V1 by GET, as multipart form or to several recipients, locations,
//! interactive messages and authentication templates on V1, and of V2's inbound callbacks `ref` and
//! `reply_to`.

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
mod templates;
#[cfg(test)]
mod tests;
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
