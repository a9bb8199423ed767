//! The `Delivery-Policy` header: what is done about a message whose outcome stays open.

use http::HeaderMap;

use crate::common::InputError;
use ventanilla_core::domain::attempt::DeliveryPolicy;

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
    let asked = match value.as_bytes() {
        b"at-most-once" => DeliveryPolicy::AtMostOnce,
        b"at-least-once" => DeliveryPolicy::AtLeastOnce,
        _ => return Err(wrong("must be at-most-once or at-least-once")),
    };
    allowed(asked, choice, "Delivery-Policy")
}

/// The policy that a place of a request asks for, if the route leaves that choice.
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
