//! The `Delivery-Policy` header: what happens to a message whose outcome stays unknown.

use http::HeaderMap;

use crate::common::InputError;
use ventanilla_core::domain::attempt::DeliveryPolicy;

/// Name of the request header.
pub const DELIVERY_POLICY: &str = "delivery-policy";

/// Whether a request may select its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It may: a person's reply into a conversation, where readers notice a repeat.
    Free,
    /// It may not: anything else is sent at most once.
    AtMostOnce,
}

/// The requested policy; at most once where none is requested.
///
/// # Errors
/// When the header is given twice or is invalid, or the route allows no choice.
pub fn policy(headers: &HeaderMap, choice: Choice) -> Result<DeliveryPolicy, InputError> {
    let wrong = |problem: &str| InputError::field("Delivery-Policy", problem);
    let mut given = headers.get_all(DELIVERY_POLICY).iter();
    let Some(value) = given.next() else { return Ok(DeliveryPolicy::AtMostOnce) };
    if given.next().is_some() {
        return Err(wrong("must be given once"));
    }
    let asked = match value.as_bytes() {
        b"at-most-once" => DeliveryPolicy::AtMostOnce,
        b"at-least-once" => DeliveryPolicy::AtLeastOnce,
        _ => return Err(wrong("must be at-most-once or at-least-once")),
    };
    allowed(asked, choice, "Delivery-Policy")
}

/// The policy requested in `place`, if the route allows it.
///
/// # Errors
/// Names the place.
pub fn allowed(
    asked: DeliveryPolicy,
    choice: Choice,
    place: &'static str,
) -> Result<DeliveryPolicy, InputError> {
    match (asked, choice) {
        (DeliveryPolicy::AtLeastOnce, Choice::AtMostOnce) => {
            Err(InputError::field(place, "at-least-once is for replies into a conversation only"))
        }
        _ => Ok(asked),
    }
}
