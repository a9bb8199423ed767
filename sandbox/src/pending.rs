//! Counts the webhooks that are not delivered yet.

use std::sync::Arc;

use tokio::sync::watch;

/// How much work is pending; [`PendingWork::until_idle`] waits until there is none.
#[derive(Debug, Clone)]
pub(crate) struct PendingWork(Arc<watch::Sender<usize>>);

/// One unit of work; dropping it ends the work.
#[derive(Debug)]
pub(crate) struct WorkGuard(Arc<watch::Sender<usize>>);

impl PendingWork {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Counts one more unit of work until the guard is dropped.
    pub(crate) fn begin(&self) -> WorkGuard {
        self.0.send_modify(|count| *count += 1);
        WorkGuard(Arc::clone(&self.0))
    }

    /// Resolves as soon as no work is pending.
    pub(crate) async fn until_idle(&self) {
        // An error means the sender is gone, and `self` holds it.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::PendingWork;

    #[test]
    fn settles_when_the_last_ticket_is_dropped() {
        let pending = PendingWork::new();
        let (first, second) = (pending.begin(), pending.begin());
        let mut idle = pin!(pending.until_idle());
        let mut context = Context::from_waker(Waker::noop());
        assert!(idle.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(idle.as_mut().poll(&mut context).is_pending());
        drop(second);
        assert!(idle.as_mut().poll(&mut context).is_ready());
    }
}
