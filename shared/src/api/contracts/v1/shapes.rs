//! A message in full as a body, for the operations that send.

use serde_json::{Value, json};

use super::{message::Include, message_detail};
use crate::service::inbox::MessageDetail;

/// A message, and how it was sent if it is ours.
pub(crate) fn detail(it: &MessageDetail, include: Include) -> Value {
    json!(message_detail::detail(it, include))
}
