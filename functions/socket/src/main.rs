//! The Lambda function `socket`: assembly only.

use std::time::Duration;

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use socket::SocketFunction;
use ventanilla::{assembly::Assembly, invocation, ports::clock::Deadline, telemetry};

/// The part of Lambda's time that is reserved for an orderly end.
const MARGIN: Duration = Duration::from_secs(2);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let metrics = telemetry::json();
    let assembly = Assembly::from_env()?;
    let (bucket, connections) = (assembly.bucket()?, assembly.connections()?);
    let function = SocketFunction::new(assembly.app(), &bucket, &connections);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<ApiGatewayWebsocketProxyRequest>| {
        let (event, context) = event.into_parts();
        let deadline = Deadline::before(context.deadline, MARGIN);
        let work = Box::pin(socket::handle(&function, event, deadline));
        Ok::<_, Error>(invocation::during(&metrics, &context, work).await)
    }))
    .await
}
