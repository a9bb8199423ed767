//! The Lambda function `sync-templates`: assembly only. It hears the API and a schedule.

use lambda_http::{Adapter, request::LambdaRequest};
use lambda_runtime::{Error, LambdaEvent, Service, service_fn};
use serde_json::Value;
use ventanilla::{assembly::App, domain::time::Timestamp, port::clock::Deadline, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let app = App::from_env()?;
    let api = Adapter::from(sync_templates::router(app.clone()));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let (payload, context) = event.into_parts();
        if payload.get("requestContext").is_some() {
            let request: LambdaRequest = serde_json::from_value(payload)?;
            let answer = api.clone().call(LambdaEvent::new(request, context)).await?;
            return Ok::<Value, Error>(serde_json::to_value(answer)?);
        }
        // Eight seconds are left for ending in good order.
        let ends = i64::try_from(context.deadline).unwrap_or(i64::MAX).saturating_sub(8_000);
        let failed = sync_templates::handle(&app, Deadline(Timestamp::from_millis(ends))).await?;
        // So that an account that fails every time rings the alarm on errors.
        if failed > 0 { Err(Error::from("templates could not be synced")) } else { Ok(Value::Null) }
    }))
    .await
}
