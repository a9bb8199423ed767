//! The Lambda function `webhook`: assembly only.

use ventanilla::{assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    invocation::serve(metrics, webhook::router(assembly::from_env_with(&[assembly::fetch_queue])?)).await
}
