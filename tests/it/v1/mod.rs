//! Our own contract, `/v1`, as a whole.

mod channels;
mod errors;
mod ids;
mod query;

use ventanilla::api::common::route::Route;

/// The path of a route with something in every place of it.
fn path_of(route: &Route) -> String {
    let parts = route.path.split('/').skip(1);
    parts.map(|part| if part.starts_with('{') { "/1".to_owned() } else { format!("/{part}") }).collect()
}
