//! What the read operations share.

use axum::response::Response;
use serde::Serialize;

use super::{
    conversation::Look,
    errors::{RouteError, answered, refused},
};
use crate::app::App;
use crate::common::{
    Failure, InputError,
    ids::{Prefixed, read_id},
    paging,
    query::Params,
    request::{PathParams, path_param},
};
use ventanilla_core::{domain::id::TenantId, ports::inbox::SortOrder};

/// What the format of a tenant's resources depends on now.
pub(super) async fn look(app: &App, tenant: &TenantId) -> Result<Look, Failure> {
    Ok(Look { now: app.clock.now(), bot: app.core.actions.bot(tenant).await? })
}

/// A page of a list of `/v1`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "{T}Page", deny_unknown_fields))]
pub(super) struct List<T> {
    #[cfg_attr(feature = "schema", schemars(length(max = 100)))]
    data: Vec<T>,
    #[cfg_attr(feature = "schema", schemars(with = "crate::common::schema::NextCursor"))]
    next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A page, with the position of the next one.
    pub(super) fn new<M: Serialize>(data: Vec<T>, next: Option<&M>) -> Self {
        Self { data, next_cursor: next.map(paging::cursor) }
    }
}

/// The same for a route with problems of its own.
pub(super) fn answered_or_refused<T: Serialize>(found: Result<T, RouteError>) -> Response {
    match found {
        Ok(found) => answered(Ok(found)),
        Err(RouteError::Problem(problem)) => refused(*problem),
        Err(RouteError::Failed(failure)) => answered::<T>(Err(failure)),
    }
}

/// Reads the time order of a list.
pub(super) fn order(query: &Params) -> Result<SortOrder, InputError> {
    match query.get("order") {
        None | Some("desc") => Ok(SortOrder::NewestFirst),
        Some("asc") => Ok(SortOrder::OldestFirst),
        Some(_) => Err(InputError::field("order", "must be desc (newest first) or asc (oldest first)")),
    }
}

/// Reads the id in a path, with or without its prefix.
pub(super) fn number<I: Prefixed>(params: &PathParams) -> Result<I, InputError> {
    read_id(path_param(params, "id")).map_err(|error| InputError::field("id", error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_order_is_one_of_two_words() {
        let given = |query: &str| order(&Params::read(&format!("/x?{query}").parse().unwrap()));
        assert_eq!(
            (given(""), given("order=desc")),
            (Ok(SortOrder::NewestFirst), Ok(SortOrder::NewestFirst))
        );
        assert_eq!(given("order=asc"), Ok(SortOrder::OldestFirst));
        assert_eq!(given("order=ASC").unwrap_err().place(), "order");
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        assert_eq!(json!(List::new(vec![1], None::<&u8>)), json!({ "data": [1], "next_cursor": null }));
        let cursor = json!(List::new(vec![1], Some(&7_u8)))["next_cursor"].clone();
        assert_eq!(paging::mark::<u8>(cursor.as_str()).unwrap(), Some(7));
    }
}
