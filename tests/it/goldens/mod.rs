//! The responses of the five compatible contracts, whole, as stored below `tests/goldens/`: so that whoever
//! moves a handler or types a body sees what a client would see. `VENTANILLA_GOLDENS=write` rewrites them.
//!
//! Every call is made with a frozen clock, so times are stored as they are. Ids, cursors and other random
//! values are stored as placeholders, numbered in each scene by their first appearance.

mod abc_sales;
mod ambiosys;
mod call;
mod failures;
mod golden;
mod kaleyra;
mod kinds;
mod php_bot;
mod pipes;
mod pipes_socket;
mod placeholders;
mod routes;
mod scene;

const ANA: &str = "+50212345678";
const BOB: &str = "+50287654321";
const EVA: &str = "+50255566677";

/// A customer who shows no number.
const USER: &str = "US.13491208655302741918";

/// An id that exists nowhere.
const NOWHERE: u64 = 9_007_199_254_740_991;
