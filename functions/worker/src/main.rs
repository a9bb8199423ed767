//! The Lambda function `worker`: assembly only.

use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ventanilla::{assembly::Assembly, invocation, ports::clock::Deadline, telemetry};
use worker::WorkerFunction;

/// The part of Lambda's time that is reserved for committing results.
const MARGIN: Duration = Duration::from_secs(8);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let (bucket, queue) = (assembly.bucket()?, assembly.job_queue()?);
    let function = WorkerFunction::new(&assembly.ports, &bucket, &queue);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let (event, context) = event.into_parts();
        let deadline = Deadline::before(context.deadline, MARGIN);
        let work = worker::handle(&function, event, deadline);
        Ok::<_, Error>(invocation::during(&metrics, &context, work).await)
    }))
    .await
}
