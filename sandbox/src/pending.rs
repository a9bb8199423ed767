//! Counting the callbacks that are still on their way.

use std::sync::Arc;

use tokio::sync::watch;

/// How much work is under way; [`Pending::settled`] waits for none.
#[derive(Debug, Clone)]
pub(crate) struct Pending(Arc<watch::Sender<usize>>);

/// One piece of work; dropping it ends the work.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<watch::Sender<usize>>);

impl Pending {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Counts one more piece of work until the ticket is dropped.
    pub(crate) fn begin(&self) -> Ticket {
        self.0.send_modify(|count| *count += 1);
        Ticket(Arc::clone(&self.0))
    }

    /// Resolves as soon as nothing is under way.
    pub(crate) async fn settled(&self) {
        // An error means the sender is gone, and `self` holds it.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Ticket {
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

    use super::Pending;

    #[test]
    fn settles_when_the_last_ticket_is_dropped() {
        let pending = Pending::new();
        let (first, second) = (pending.begin(), pending.begin());
        let mut settled = pin!(pending.settled());
        let mut context = Context::from_waker(Waker::noop());
        assert!(settled.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(settled.as_mut().poll(&mut context).is_pending());
        drop(second);
        assert!(settled.as_mut().poll(&mut context).is_ready());
    }
}
