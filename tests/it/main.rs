//! All integration tests, in one binary: it links once.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod ambiosys;
#[cfg(test)]
mod asyncapi;
mod auth;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod content;
#[cfg(test)]
mod conversations;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod dry_run;
#[cfg(test)]
mod embedded;
#[cfg(test)]
mod events;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod kaleyra;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod leads;
#[cfg(test)]
mod live;
#[cfg(test)]
mod live_catch_up;
#[cfg(test)]
mod live_ends;
#[cfg(test)]
mod live_faults;
#[cfg(test)]
mod live_frames;
#[cfg(test)]
mod live_queue;
#[cfg(test)]
mod local_server;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod methods;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod near_misses;
#[cfg(test)]
mod old_table;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod php_bot;
#[cfg(test)]
mod pipes;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod races;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod sandbox_command;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod store_faults;
#[cfg(test)]
mod template;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod tenancy;
#[cfg(test)]
mod v1;
#[cfg(test)]
mod v1_send;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod wire;
