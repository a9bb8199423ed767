//! Long answers are compressed for clients that accept it.

use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

/// Length from which an answer is compressed, in bytes: below it hardly gets shorter.
const LONG: u16 = 1024;

/// What every function puts around its routes.
#[must_use]
pub fn compressed() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new().compress_when(SizeAbove::new(LONG))
}
