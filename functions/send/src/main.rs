//! The Lambda function `send`: assembly only.

use std::sync::Arc;

use ventanilla::{api::app::SendUseCases, assembly::Assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let use_cases = SendUseCases::new(&assembly.ports, &assembly.bucket()?);
    invocation::serve(metrics, send::router(assembly.app(), Arc::new(use_cases))).await
}
