//! The Lambda function `push`: assembly only.

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ventanilla::{assembly::App, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let app = App::from_env()?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        Ok::<_, Error>(push::handle(&app, event.payload).await)
    }))
    .await
}
