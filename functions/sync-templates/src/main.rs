//! The Lambda function `sync-templates`: assembly only. It serves the API and a schedule.

use std::time::Duration;

use lambda_http::{Adapter, request::LambdaRequest};
use lambda_runtime::{Error, LambdaEvent, Service, service_fn};
use serde_json::Value;
use ventanilla::{assembly::Assembly, invocation, ports::clock::Deadline, telemetry, usecases::Templates};

/// The part of Lambda's time that is reserved for an orderly end.
const MARGIN: Duration = Duration::from_secs(8);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let (catalogues, templates) = (assembly.ports.template_caches.as_ref(), Templates::new(&assembly.ports));
    let api = Adapter::from(sync_templates::router(assembly.app()));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let (payload, context) = event.into_parts();
        if payload.get("requestContext").is_some() {
            let request: LambdaRequest = serde_json::from_value(payload)?;
            let work = api.clone().call(LambdaEvent::new(request, context.clone()));
            let answer = invocation::during(&metrics, &context, work).await?;
            return Ok::<Value, Error>(serde_json::to_value(answer)?);
        }
        let work = sync_templates::handle(catalogues, &templates, Deadline::before(context.deadline, MARGIN));
        let failed = invocation::during(&metrics, &context, work).await?;
        // So that an account that fails every time triggers the alarm on errors.
        if failed > 0 { Err(Error::from("templates could not be synced")) } else { Ok(Value::Null) }
    }))
    .await
}
