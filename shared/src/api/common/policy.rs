//! The `Delivery-Policy` header: what is done about a message whose outcome stays open.

use http::HeaderMap;

use crate::{api::common::InputError, domain::attempt::DeliveryPolicy};

/// The header's name.
pub const DELIVERY_POLICY: &str = "delivery-policy";

/// Where a request may choose its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A person's reply into a conversation: who reads on notices a repeat.
    Free,
    /// Anything else goes out at most once.
    AtMostOnce,
}

/// The policy that a request asks for; at most once when it asks for none.
///
/// # Errors
/// When the header is given twice or says something else, or the route leaves no choice.
pub fn policy(headers: &HeaderMap, choice: Choice) -> Result<DeliveryPolicy, InputError> {
    let wrong = |problem: &str| InputError::field("Delivery-Policy", problem);
    let mut given = headers.get_all(DELIVERY_POLICY).iter();
    let Some(value) = given.next() else { return Ok(DeliveryPolicy::AtMostOnce) };
    if given.next().is_some() {
        return Err(wrong("must be given once"));
    }
    match (value.as_bytes(), choice) {
        (b"at-most-once", _) => Ok(DeliveryPolicy::AtMostOnce),
        (b"at-least-once", Choice::Free) => Ok(DeliveryPolicy::AtLeastOnce),
        (b"at-least-once", Choice::AtMostOnce) => {
            Err(wrong("at-least-once is for replies into a conversation only"))
        }
        _ => Err(wrong("must be at-most-once or at-least-once")),
    }
}
