//! Our own contract, `/v1`, as a whole.

mod bodies;
mod bots;
mod channels;
mod errors;
mod ids;
mod me;
mod query;
mod search;
mod templates;

use ventanilla::api::common::route::Route;

/// A key of tenant `demo` that may only read.
const READER: &str = "vk_cmVhZC1vbmx5LWtleS1mb3ItdGhpcy1tYWNoaW5lISE";

/// The path of a route with something in every place of it.
fn path_of(route: &Route) -> String {
    let parts = route.path.split('/').skip(1);
    parts.map(|part| if part.starts_with('{') { "/1".to_owned() } else { format!("/{part}") }).collect()
}
