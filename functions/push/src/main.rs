//! The Lambda function `push`: assembly only.

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use push::PushFunction;
use ventanilla::{assembly::Assembly, invocation, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let function = PushFunction::new(&assembly.ports, &assembly.connections()?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        let work = push::handle(&function, event.payload);
        Ok::<_, Error>(invocation::during(&metrics, &event.context, work).await)
    }))
    .await
}
