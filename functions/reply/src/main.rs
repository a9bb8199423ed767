//! The Lambda function `reply`: assembly only.

use ventanilla::{assembly::App, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let metrics = telemetry::json();
    invocation::serve(metrics, reply::router(App::from_env()?)).await
}
