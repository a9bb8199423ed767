//! Wakes the follower of the stream after every write of this process, so that it need not poll all the time. Writes of
//! other processes are found by occasional polls.

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

/// How long to wait after a write, so that writes close together are processed together. Well below what a person
/// notices.
const DEBOUNCE: Duration = Duration::from_millis(10);

/// Notifies after writes. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct WriteNotifier(Arc<Notify>);

impl WriteNotifier {
    /// A client whose writes notify.
    #[must_use]
    pub fn attach(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// Wakes the waiting follower, or the next one that waits.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits for a write, but no longer than this. A write since the last wait returns at once.
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
        // A write that failed may have happened all the same.
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
    async fn a_write_wakes_once_even_if_it_came_before() {
        let notifier = WriteNotifier::default();
        let hour = Duration::from_hours(1);
        notifier.clone().notify();
        assert!(timeout(Duration::from_secs(20), notifier.wait(hour)).await.is_ok());
        assert!(timeout(Duration::from_millis(30), notifier.wait(hour)).await.is_err());
    }
}
