//! The Lambda function `send`: assembly only.

use ventanilla::{assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    invocation::serve(metrics, send::router(assembly::from_env()?)).await
}
