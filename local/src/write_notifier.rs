//! What wakes the follower of the stream: every write of this process rings. So it need not ask again and again
//! whether there is anything new; what other processes write it finds by a look now and then.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    config::{ConfigBag, Intercept, RuntimeComponents, interceptors::FinalizerInterceptorContextRef},
    error::BoxError,
    operation::{
        batch_get_item::BatchGetItemOutput, get_item::GetItemOutput, query::QueryOutput,
        transact_get_items::TransactGetItemsOutput,
    },
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// How long to wait after a ring: what is written together is told together. Well below what a person notices.
const DEBOUNCE: Duration = Duration::from_millis(10);

/// Rings when something was written. Its clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct WriteNotifier(Arc<Notify>);

impl WriteNotifier {
    /// The same client; from now on its writes ring.
    #[must_use]
    pub fn attach(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// Rings.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits until it rings, but no longer than this. Has it rung since it was waited for, it is heard at once.
    pub async fn wait(&self, timeout_after: Duration) {
        if timeout(timeout_after, self.0.notified()).await.is_ok() {
            sleep(DEBOUNCE.min(timeout_after)).await;
        }
    }
}

impl Intercept for WriteNotifier {
    fn name(&self) -> &'static str {
        "WriteNotifier"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.output_or_error().and_then(Result::ok);
        let only_read = answer.is_some_and(|answer| {
            answer.downcast_ref::<GetItemOutput>().is_some()
                || answer.downcast_ref::<QueryOutput>().is_some()
                || answer.downcast_ref::<BatchGetItemOutput>().is_some()
                || answer.downcast_ref::<TransactGetItemsOutput>().is_some()
        });
        // A write that failed may have taken place all the same.
        if !only_read {
            self.notify();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_is_heard_once_even_if_it_came_before() {
        let notifier = WriteNotifier::default();
        let hour = Duration::from_hours(1);
        notifier.clone().notify();
        assert!(timeout(Duration::from_secs(20), notifier.wait(hour)).await.is_ok());
        assert!(timeout(Duration::from_millis(30), notifier.wait(hour)).await.is_err());
    }
}
