//! Logs as a function writes them, for the test that looks through all of them.

use std::sync::Once;

use ventanilla::telemetry;

/// The variable that asks for logs on standard output.
pub(crate) const WANTED: &str = "VENTANILLA_TEST_LOGS";

/// Begins to log, where that is wanted.
pub(super) fn begin() {
    static BEGUN: Once = Once::new();
    if std::env::var_os(WANTED).is_some() {
        BEGUN.call_once(|| drop(telemetry::json()));
    }
}
