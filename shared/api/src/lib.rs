//! The HTTP and socket contracts: one folder for each, and what they share.
#![warn(missing_docs)]

pub mod app;
pub mod common;
pub mod contracts;
#[cfg(feature = "schema")]
pub mod document;
pub mod webhooks;

use common::route::Route;

/// Every route of every contract, and of the providers' webhooks.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    let tables = [
        contracts::v1::routes::ROUTES,
        contracts::php_bot::routes::ROUTES,
        contracts::kaleyra::routes::ROUTES,
        contracts::ambiosys::routes::ROUTES,
        contracts::pipes::routes::ROUTES,
        contracts::abc_sales::routes::ROUTES,
        webhooks::routes::ROUTES,
    ];
    tables.into_iter().flatten()
}

/// The part of each contract in the OpenAPI document.
#[cfg(feature = "schema")]
fn rooms() -> [document::Room; 7] {
    [
        contracts::v1::document::ROOM,
        contracts::php_bot::document::ROOM,
        contracts::kaleyra::document::ROOM,
        contracts::ambiosys::document::ROOM,
        contracts::pipes::document::ROOM,
        contracts::abc_sales::document::ROOM,
        webhooks::document::ROOM,
    ]
}
