//! The Lambda function `webhook`: assembly only.

use std::sync::Arc;

use ventanilla::{api::app::WebhookUseCases, assembly::Assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let use_cases =
        WebhookUseCases::new(&assembly.ports, &assembly.fetch_queue()?, Assembly::webhook_providers());
    invocation::serve(metrics, webhook::router(assembly.app(), Arc::new(use_cases))).await
}
