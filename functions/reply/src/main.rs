//! The Lambda function `reply`: assembly only.

use ventanilla::{assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    invocation::serve(metrics, reply::router(assembly::from_env()?)).await
}
