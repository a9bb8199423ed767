//! The Lambda function `reconcile`: assembly only.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use reconcile::{ReconcileFunction, SweepPorts};
use serde_json::Value;
use ventanilla::{assembly::Assembly, invocation, ports::clock::Deadline, telemetry};

/// The part of Lambda's time that is reserved for an orderly end.
const MARGIN: Duration = Duration::from_secs(8);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let sweep = SweepPorts {
        bucket: &assembly.bucket()?,
        queue: &assembly.job_queue()?,
        fetches: &assembly.fetch_queue()?,
        connections: &assembly.connections()?,
    };
    let function = ReconcileFunction::new(assembly.app(), &sweep);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = Deadline::before(event.context.deadline, MARGIN);
        let swept =
            invocation::during(&metrics, &event.context, reconcile::handle(&function, deadline)).await?;
        // So that an entry that fails every minute triggers the alarm on errors.
        if swept.failed > 0 { Err(Error::from("due entries could not be dealt with")) } else { Ok(()) }
    }))
    .await
}
