//! The Lambda function `fetch`: assembly only.

use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use fetch::FetchFunction;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ventanilla::{assembly::Assembly, invocation, ports::clock::Deadline, telemetry};

/// The part of Lambda's time that is reserved for an orderly end.
const MARGIN: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let function = FetchFunction::new(&assembly.ports, &assembly.bucket()?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let (event, context) = event.into_parts();
        let deadline = Deadline::before(context.deadline, MARGIN);
        let work = Box::pin(fetch::handle(&function, event, deadline));
        Ok::<_, Error>(invocation::during(&metrics, &context, work).await)
    }))
    .await
}
