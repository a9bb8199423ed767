//! The Lambda function `send-template`: assembly only.

use std::sync::Arc;

use ventanilla::{api::app::BroadcastUseCases, assembly::Assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let (bucket, queue) = (assembly.bucket()?, assembly.job_queue()?);
    let use_cases = BroadcastUseCases::new(&assembly.ports, &bucket, &queue);
    invocation::serve(metrics, send_template::router(assembly.app(), Arc::new(use_cases))).await
}
