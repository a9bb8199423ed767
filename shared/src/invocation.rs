//! Invocations of a function: the name of each is in all its log lines, and what it counted is printed at its end.

use axum::Router;
use lambda_http::{
    Adapter, Context, Error, LambdaEvent, Service, lambda_runtime, request::LambdaRequest, service_fn,
};
use tracing::Instrument;

use ventanilla_core::system::SystemClock;

use crate::metrics::Metrics;

/// Carries out the work of one invocation. What was counted is printed before the answer is given, also when the work
/// breaks off.
pub async fn during<T>(metrics: &Metrics, context: &Context, work: impl Future<Output = T>) -> T {
    let _printing = Printing { metrics, request: &context.request_id };
    // An error's level: a span below the level that is logged would be in no line.
    let span = tracing::error_span!("invocation", request_id = context.request_id);
    work.instrument(span).await
}

/// Serves the gateway's requests until the environment ends.
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
