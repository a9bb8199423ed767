//! Invocations of a function: each has its request id in all log lines, and prints its metrics at the end.

use axum::Router;
use lambda_http::{
    Adapter, Context, Error, LambdaEvent, Service, lambda_runtime, request::LambdaRequest, service_fn,
};
use tracing::Instrument;

use ventanilla_core::system::SystemClock;

use crate::metrics::Metrics;

/// Runs the work of one invocation. The metrics are printed before the response is returned, also when the
/// work panics or is aborted.
pub async fn during<T>(metrics: &Metrics, context: &Context, work: impl Future<Output = T>) -> T {
    let _printing = Printing { metrics, request: &context.request_id };
    // Level error: a span below the logged level would be in no line.
    let span = tracing::error_span!("invocation", request_id = context.request_id);
    work.instrument(span).await
}

/// Handles the gateway's requests until the execution environment ends.
///
/// # Errors
/// When the runtime cannot be reached.
pub async fn serve(metrics: Metrics, router: Router) -> Result<(), Error> {
    let api = Adapter::from(router);
    let handler = service_fn(async |event: LambdaEvent<LambdaRequest>| {
        let context = event.context.clone();
        during(&metrics, &context, api.clone().call(event)).await
    });
    lambda_runtime::run(handler).await
}

struct Printing<'a> {
    metrics: &'a Metrics,
    request: &'a str,
}

impl Drop for Printing<'_> {
    fn drop(&mut self) {
        self.metrics.print(self.request, &SystemClock);
    }
}
