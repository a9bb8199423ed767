//! Responses that are delayed until a test releases them, and statuses that are paused until a test waits for them.

use tokio::sync::{oneshot, watch};

/// Delays one response until it is released or dropped.
#[derive(Debug)]
pub struct ResponseDelay(oneshot::Sender<()>);

impl ResponseDelay {
    /// Releases the delayed response.
    pub fn release(self) {
        // The receiver is gone if no call has matched.
        let _ = self.0.send(());
    }
}

/// The kind of call whose response is delayed.
#[derive(Debug)]
pub(crate) enum DelayedCall {
    /// A call for a list of templates.
    List,
    /// A message to this number or BSUID.
    Send(String),
}

/// The delays that no call has matched yet.
#[derive(Debug, Default)]
pub(crate) struct PendingDelays(Vec<(DelayedCall, oneshot::Receiver<()>)>);

impl PendingDelays {
    /// Delays the response to the next such call.
    pub(crate) fn add(&mut self, held: DelayedCall) -> ResponseDelay {
        let (release, released) = oneshot::channel();
        self.0.push((held, released));
        ResponseDelay(release)
    }

    /// Removes the oldest matching delay and returns what to wait for.
    pub(crate) fn take_matching(
        &mut self,
        fits: impl Fn(&DelayedCall) -> bool,
    ) -> Option<oneshot::Receiver<()>> {
        let place = self.0.iter().position(|(held, _)| fits(held))?;
        Some(self.0.remove(place).1)
    }
}

/// Waits until the delay is released, if there is one.
pub(crate) async fn wait_for_release(delay: Option<oneshot::Receiver<()>>) {
    if let Some(released) = delay {
        // An error means that the delay was dropped, which releases as well.
        let _ = released.await;
    }
}

/// Lets statuses through at once or, once paused, only while a test waits for them.
#[derive(Debug, Default)]
pub(crate) struct StatusGate(watch::Sender<GateState>);

#[derive(Debug, Default)]
struct GateState {
    paused: bool,
    waiters: usize,
}

/// Opens the gate until it is dropped.
pub(crate) struct WaiterGuard<'a>(&'a StatusGate);

impl StatusGate {
    /// Closes the gate for everything that no test waits for.
    pub(crate) fn pause(&self) {
        self.0.send_modify(|state| state.paused = true);
    }

    /// Opens the gate until the guard is dropped.
    pub(crate) fn open_while_held(&self) -> WaiterGuard<'_> {
        self.0.send_modify(|state| state.waiters += 1);
        WaiterGuard(self)
    }

    /// Resolves as soon as the gate is open.
    pub(crate) async fn opened(&self) {
        // An error means the sender is gone, and `self` holds it.
        let _ = self.0.subscribe().wait_for(|state| !state.paused || state.waiters > 0).await;
    }
}

impl Drop for WaiterGuard<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.waiters = state.waiters.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::{DelayedCall, PendingDelays, StatusGate};

    #[test]
    fn held_statuses_pass_only_while_somebody_waits_for_them() {
        let gate = StatusGate::default();
        let passes = || pin!(gate.opened()).poll(&mut Context::from_waker(Waker::noop())).is_ready();
        assert!(passes());
        gate.pause();
        assert!(!passes());
        let (first, second) = (gate.open_while_held(), gate.open_while_held());
        assert!(passes());
        drop(first);
        assert!(passes());
        drop(second);
        assert!(!passes());
    }

    #[test]
    fn a_hold_is_met_once_and_only_by_what_it_is_for() {
        let mut delays = PendingDelays::default();
        let delay = delays.add(DelayedCall::List);
        assert!(delays.take_matching(|held| matches!(held, DelayedCall::Send(_))).is_none());
        let met = delays.take_matching(|held| matches!(held, DelayedCall::List));
        assert!(met.is_some() && delays.take_matching(|_| true).is_none());
        delay.release();
        assert_eq!(met.and_then(|mut released| released.try_recv().ok()), Some(()));
    }
}
