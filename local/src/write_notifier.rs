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
const GATHERING: Duration = Duration::from_millis(10);

/// Rings when something was written. Its clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// The same client; from now on its writes ring.
    #[must_use]
    pub fn on(&self, client: &Client) -> Client {
        Client::from_conf(client.config().to_builder().interceptor(self.clone()).build())
    }

    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it rings, but no longer than this. Has it rung since it was waited for, it is heard at once.
    pub async fn heard(&self, longest: Duration) {
        if timeout(longest, self.0.notified()).await.is_ok() {
            sleep(GATHERING.min(longest)).await;
        }
    }
}

impl Intercept for Bell {
    fn name(&self) -> &'static str {
        "Bell"
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
            self.ring();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_is_heard_once_even_if_it_came_before() {
        let bell = Bell::default();
        let hour = Duration::from_hours(1);
        bell.clone().ring();
        assert!(timeout(Duration::from_secs(20), bell.heard(hour)).await.is_ok());
        assert!(timeout(Duration::from_millis(30), bell.heard(hour)).await.is_err());
    }
}
