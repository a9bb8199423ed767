//! Answers that are held back until somebody lets them go, and statuses that wait until somebody waits for them.

use tokio::sync::{oneshot, watch};

/// An answer that is held back until this lets it go, or is dropped.
#[derive(Debug)]
pub struct Hold(oneshot::Sender<()>);

impl Hold {
    /// Lets the answer go.
    pub fn release(self) {
        // Nobody hears it if no call has met the hold.
        let _ = self.0.send(());
    }
}

/// Whose answer is held back.
#[derive(Debug)]
pub(crate) enum Held {
    /// That to a call for a list of templates.
    List,
    /// That to a message to this number or BSUID.
    Send(String),
}

/// The holds that no call has met yet.
#[derive(Debug, Default)]
pub(crate) struct Holds(Vec<(Held, oneshot::Receiver<()>)>);

impl Holds {
    /// Holds back the next such answer.
    pub(crate) fn add(&mut self, held: Held) -> Hold {
        let (release, released) = oneshot::channel();
        self.0.push((held, released));
        Hold(release)
    }

    /// What the answer has to wait for that the oldest fitting hold is on; the hold is used up by it.
    pub(crate) fn meet(&mut self, fits: impl Fn(&Held) -> bool) -> Option<oneshot::Receiver<()>> {
        let place = self.0.iter().position(|(held, _)| fits(held))?;
        Some(self.0.remove(place).1)
    }
}

/// Waits until a hold lets go, if there is one.
pub(crate) async fn wait(hold: Option<oneshot::Receiver<()>>) {
    if let Some(released) = hold {
        // An error means that the hold was dropped, which lets go as well.
        let _ = released.await;
    }
}

/// Where statuses pass: at once, or once they are held, as long as somebody waits for them.
#[derive(Debug, Default)]
pub(crate) struct Gate(watch::Sender<Passage>);

#[derive(Debug, Default)]
struct Passage {
    held: bool,
    awaited: usize,
}

/// Somebody waits for statuses until this is dropped.
pub(crate) struct Awaited<'a>(&'a Gate);

impl Gate {
    /// From now on nothing passes but what is waited for.
    pub(crate) fn hold(&self) {
        self.0.send_modify(|passage| passage.held = true);
    }

    /// Lets everything pass until the answer is dropped.
    pub(crate) fn open(&self) -> Awaited<'_> {
        self.0.send_modify(|passage| passage.awaited += 1);
        Awaited(self)
    }

    /// Resolves as soon as a status may pass.
    pub(crate) async fn pass(&self) {
        // An error means the sender is gone, and `self` holds it.
        let _ = self.0.subscribe().wait_for(|passage| !passage.held || passage.awaited > 0).await;
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|passage| passage.awaited = passage.awaited.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Waker},
    };

    use super::{Gate, Held, Holds};

    #[test]
    fn held_statuses_pass_only_while_somebody_waits_for_them() {
        let gate = Gate::default();
        let passes = || pin!(gate.pass()).poll(&mut Context::from_waker(Waker::noop())).is_ready();
        assert!(passes());
        gate.hold();
        assert!(!passes());
        let (first, second) = (gate.open(), gate.open());
        assert!(passes());
        drop(first);
        assert!(passes());
        drop(second);
        assert!(!passes());
    }

    #[test]
    fn a_hold_is_met_once_and_only_by_what_it_is_for() {
        let mut holds = Holds::default();
        let hold = holds.add(Held::List);
        assert!(holds.meet(|held| matches!(held, Held::Send(_))).is_none());
        let met = holds.meet(|held| matches!(held, Held::List));
        assert!(met.is_some() && holds.meet(|_| true).is_none());
        hold.release();
        assert_eq!(met.and_then(|mut released| released.try_recv().ok()), Some(()));
    }
}
