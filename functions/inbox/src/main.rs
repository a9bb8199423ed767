//! The Lambda function `inbox`: assembly only.

use std::sync::Arc;

use ventanilla::{assembly::Assembly, invocation, telemetry, usecases::Files};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let files = Files::new(&assembly.ports, &assembly.bucket()?);
    invocation::serve(metrics, inbox::router(assembly.app(), Arc::new(files))).await
}
