//! The Lambda function `send-template`: assembly only.

use ventanilla::{assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    invocation::serve(metrics, send_template::router(assembly::from_env_with(&[assembly::job_queue])?)).await
}
