//! The Lambda function `webhook`: assembly only.

use std::sync::Arc;

use ventanilla::{assembly::Assembly, invocation, telemetry, usecases::Inbound};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let inbound = Inbound::new(&assembly.ports, &assembly.fetch_queue()?);
    invocation::serve(metrics, webhook::router(assembly.app(), Arc::new(inbound))).await
}
