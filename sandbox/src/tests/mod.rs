//! The sandbox seen from outside, over HTTP.

mod bench;
mod coexistence;
mod customers;
mod faults;
mod health;
mod kaleyra;
mod kinds;
mod limits;
mod media;
mod numbers;
mod routing;
mod sends;
mod serving;
mod templates;
mod webhooks;
mod window;

use std::error::Error;

use serde_json::Value;

/// What every test here returns, so that a broken step is a failure with its reason.
type TestResult = Result<(), Box<dyn Error>>;

/// The value at a JSON pointer; null when there is none.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
