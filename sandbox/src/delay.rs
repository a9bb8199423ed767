//! Answers that are held back until somebody lets them go, and statuses that wait until somebody waits for them.

use tokio::sync::{oneshot, watch};

/// An answer that is held back until this lets it go, or is dropped.
#[derive(Debug)]
pub struct ResponseDelay(oneshot::Sender<()>);

impl ResponseDelay {
    /// Lets the answer go.
    pub fn release(self) {
        // Nobody hears it if no call has met the hold.
        let _ = self.0.send(());
    }
}

/// Whose answer is held back.
#[derive(Debug)]
pub(crate) enum DelayedCall {
    /// That to a call for a list of templates.
    List,
    /// That to a message to this number or BSUID.
    Send(String),
}

/// The holds that no call has met yet.
#[derive(Debug, Default)]
pub(crate) struct PendingDelays(Vec<(DelayedCall, oneshot::Receiver<()>)>);

impl PendingDelays {
    /// Holds back the next such answer.
    pub(crate) fn add(&mut self, held: DelayedCall) -> ResponseDelay {
        let (release, released) = oneshot::channel();
        self.0.push((held, released));
        ResponseDelay(release)
    }

    /// What the answer has to wait for that the oldest fitting hold is on; the hold is used up by it.
    pub(crate) fn take_matching(
        &mut self,
        fits: impl Fn(&DelayedCall) -> bool,
    ) -> Option<oneshot::Receiver<()>> {
        let place = self.0.iter().position(|(held, _)| fits(held))?;
        Some(self.0.remove(place).1)
    }
}

/// Waits until a hold lets go, if there is one.
pub(crate) async fn wait_for_release(delay: Option<oneshot::Receiver<()>>) {
    if let Some(released) = delay {
        // An error means that the hold was dropped, which lets go as well.
        let _ = released.await;
    }
}

/// Where statuses pass: at once, or once they are held, as long as somebody waits for them.
#[derive(Debug, Default)]
pub(crate) struct StatusGate(watch::Sender<GateState>);

#[derive(Debug, Default)]
struct GateState {
    paused: bool,
    waiters: usize,
}

/// Somebody waits for statuses until this is dropped.
pub(crate) struct WaiterGuard<'a>(&'a StatusGate);

impl StatusGate {
    /// From now on nothing passes but what is waited for.
    pub(crate) fn pause(&self) {
        self.0.send_modify(|state| state.paused = true);
    }

    /// Lets everything pass until the answer is dropped.
    pub(crate) fn open_while_held(&self) -> WaiterGuard<'_> {
        self.0.send_modify(|state| state.waiters += 1);
        WaiterGuard(self)
    }

    /// Resolves as soon as a status may pass.
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
        let hold = delays.add(DelayedCall::List);
        assert!(delays.take_matching(|held| matches!(held, DelayedCall::Send(_))).is_none());
        let met = delays.take_matching(|held| matches!(held, DelayedCall::List));
        assert!(met.is_some() && delays.take_matching(|_| true).is_none());
        hold.release();
        assert_eq!(met.and_then(|mut released| released.try_recv().ok()), Some(()));
    }
}
