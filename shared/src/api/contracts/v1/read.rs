//! What the reading operations share.

use crate::{
    api::common::{
        InputError,
        ids::{Prefixed, read_id},
        paging,
        query::Params,
        request::{PathParams, path_param},
    },
    domain::message::MessageAddress,
    service::talk::Whole,
};

/// Where a list of a conversation's messages goes on: a place in that very conversation, by any of its ids.
pub(in crate::api::contracts) fn place_in(
    whole: &Whole,
    query: &Params,
) -> Result<Option<MessageAddress>, InputError> {
    let place: Option<MessageAddress> = paging::mark(query.get("cursor"))?;
    if place.is_some_and(|place| !whole.ids().contains(&place.conversation)) {
        return Err(InputError::field("cursor", "is of another conversation"));
    }
    Ok(place)
}

/// The id in a path, with its word or without.
pub(super) fn number<I: Prefixed>(params: &PathParams) -> Result<I, InputError> {
    read_id(path_param(params, "id")).map_err(|error| InputError::field("id", error))
}
