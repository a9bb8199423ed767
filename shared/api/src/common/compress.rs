//! Compression of long responses, for clients that accept it.

use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

/// Length from which a response is compressed, in bytes: a shorter one hardly shrinks.
const LONG: u16 = 1024;

/// The compression layer around every function's routes.
#[must_use]
pub fn compressed() -> CompressionLayer<SizeAbove> {
    CompressionLayer::new().compress_when(SizeAbove::new(LONG))
}
