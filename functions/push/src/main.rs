//! The Lambda function `push`: assembly only.

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ventanilla::{assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let app = assembly::from_env_with(&[assembly::socket_gateway])?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        let work = push::handle(&app, event.payload);
        Ok::<_, Error>(invocation::during(&metrics, &event.context, work).await)
    }))
    .await
}
