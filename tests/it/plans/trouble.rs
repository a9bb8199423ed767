//! What can go wrong on the way, and which troubles can follow which.

use ventanilla_sandbox::{CallbackShape, ErrorBody, Fault as ProviderFault};

use super::gate::Manner;
use crate::harness::{Fault, Kind};

/// A function that calls the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Sender,
    Hook,
    Sweeper,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// At the provider, at the first call.
    Provider(ProviderFault),
    /// On the way of the callbacks.
    Callbacks(Manner),
    /// At the store: the call of this number of this function.
    Store(Part, usize, Fault),
}

/// The calls of each function in a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) sender: Vec<Kind>,
    pub(super) hook: Vec<Kind>,
    pub(super) sweeper: Vec<Kind>,
}

impl Trouble {
    /// Troubles of one plan are in this order, so that no plan is made twice.
    fn place(&self) -> (u8, Option<Part>, usize) {
        match self {
            Self::Provider(_) => (0, None, 0),
            Self::Callbacks(_) => (1, None, 0),
            Self::Store(part, number, _) => (2, Some(*part), *number),
        }
    }
}

fn provider_faults() -> Vec<ProviderFault> {
    let early = CallbackShape { before_answer: true, ..CallbackShape::default() };
    vec![
        ProviderFault::Refuse { code: 100, http_status: None, details: None },
        ProviderFault::RateLimit { retry_after: None },
        ProviderFault::ServerError { status: 503, body: ErrorBody::Json, accepted: false },
        ProviderFault::ServerError { status: 500, body: ErrorBody::Json, accepted: true },
        ProviderFault::ServerError { status: 502, body: ErrorBody::Html, accepted: false },
        ProviderFault::ServerError { status: 502, body: ErrorBody::Html, accepted: true },
        ProviderFault::Cut { accepted: false },
        ProviderFault::Cut { accepted: true },
        ProviderFault::Hang { ms: 8500, accepted: false },
        ProviderFault::Hang { ms: 8500, accepted: true },
        ProviderFault::Unreadable { accepted: false },
        ProviderFault::Unreadable { accepted: true },
        ProviderFault::NoId,
        ProviderFault::ExpiredToken,
        ProviderFault::Callbacks(early),
    ]
}

const MANNERS: [Manner; 4] = [Manner::Late, Manner::Twice, Manner::Reordered, Manner::Never];

/// The faults that make a difference for a call of this kind.
fn faults(kind: Kind) -> &'static [Fault] {
    use Fault::{
        Blackout, Conflict, CrashAfter, CrashBefore, ErrorAfter, ErrorBefore, Outage, ReplyLost, Stale,
        Stalled, Throttled,
    };
    match kind {
        // Nothing is changed by a read: before and after are the same.
        Kind::Read => &[ErrorBefore, ReplyLost, Stalled, Throttled, Outage, CrashBefore],
        Kind::List(_) => &[ErrorBefore, ReplyLost, Stalled, Throttled, Outage, CrashBefore, Stale],
        Kind::Write => &[
            ErrorBefore,
            ErrorAfter,
            ReplyLost,
            Stalled,
            Throttled,
            Outage,
            Blackout,
            CrashBefore,
            CrashAfter,
        ],
        Kind::Transaction => &[
            ErrorBefore,
            ErrorAfter,
            ReplyLost,
            Stalled,
            Throttled,
            Conflict,
            Outage,
            Blackout,
            CrashBefore,
            CrashAfter,
        ],
    }
}

impl Seen {
    fn calls(&self) -> impl Iterator<Item = (Part, usize, Kind)> {
        let parts = [(Part::Sender, &self.sender), (Part::Hook, &self.hook), (Part::Sweeper, &self.sweeper)];
        parts.into_iter().flat_map(|(part, kinds)| {
            let mut empty = 0;
            kinds.iter().enumerate().filter_map(move |(number, kind)| {
                // The parts of the due list that hold nothing are alike: the first stands for all.
                empty += usize::from(*kind == Kind::List(0));
                (*kind != Kind::List(0) || empty == 1).then_some((part, number, *kind))
            })
        })
    }

    /// The troubles that can be added to a plan that went like this.
    pub(super) fn more(&self, plan: &[Trouble]) -> Vec<Trouble> {
        let mut all: Vec<Trouble> = Vec::new();
        if self.sender.is_empty() {
            // Nothing is sent here: there is no provider to fail.
            all.extend([Manner::Twice, Manner::Reordered].map(Trouble::Callbacks));
        } else {
            all.extend(provider_faults().into_iter().map(Trouble::Provider));
            all.extend(MANNERS.map(Trouble::Callbacks));
        }
        for (part, number, kind) in self.calls() {
            all.extend(faults(kind).iter().map(|fault| Trouble::Store(part, number, *fault)));
        }
        let last = plan.last().map(Trouble::place);
        all.retain(|trouble| last.is_none_or(|last| trouble.place() > last));
        all
    }
}
