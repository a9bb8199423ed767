//! What can go wrong on the way, and which troubles can follow which.

use ventanilla_sandbox::{ErrorBody, Fault as ProviderFault, WebhookShape};

use super::gate::Manner;
use crate::harness::{Fault, Kind};

/// A function that calls the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Sender,
    Hook,
    Sweeper,
    Worker,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// At the provider, at the first call.
    Provider(ProviderFault),
    /// On the path of the webhooks.
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
    pub(super) worker: Vec<Kind>,
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

/// How the provider misbehaves.
pub(super) fn provider_faults() -> Vec<ProviderFault> {
    let early = WebhookShape { before_answer: true, ..WebhookShape::default() };
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
        ProviderFault::Webhooks(early),
    ]
}

const MANNERS: [Manner; 4] = [Manner::Late, Manner::Twice, Manner::Reordered, Manner::Never];

/// How many faults of one call are distinguished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Every fault of a call.
    All,
    /// Of those that the SDK's own retry heals in the same way, one represents all.
    Alike,
}

/// The faults that make a difference for a call of this kind.
fn faults(kind: Kind, detail: Detail) -> Vec<Fault> {
    use Fault::{
        Blackout, Conflict, CrashAfter, CrashBefore, ErrorAfter, ErrorBefore, Outage, ReplyLost, Stale,
        Stalled, Throttled,
    };
    // Not applied and repeated; never applied; dead before.
    let mut faults = vec![ErrorBefore, Outage, CrashBefore];
    match kind {
        // Nothing is changed by a read: whether it is lost before or after is the same.
        Kind::Read => {}
        Kind::List(_) => faults.push(Stale),
        Kind::Write => faults.extend([ReplyLost, Blackout, CrashAfter]),
        Kind::Transaction => faults.extend([ReplyLost, Blackout, CrashAfter, Conflict]),
    }
    if detail == Detail::All {
        faults.extend(match kind {
            Kind::Read | Kind::List(_) => vec![Throttled, ReplyLost, Stalled],
            Kind::Write | Kind::Transaction => vec![Throttled, ErrorAfter, Stalled],
        });
    }
    faults
}

impl Seen {
    fn calls(&self) -> impl Iterator<Item = (Part, usize, Kind)> {
        let parts = [
            (Part::Sender, &self.sender),
            (Part::Hook, &self.hook),
            (Part::Sweeper, &self.sweeper),
            (Part::Worker, &self.worker),
        ];
        parts.into_iter().flat_map(|(part, kinds)| {
            let mut empty = 0;
            kinds.iter().enumerate().filter_map(move |(number, kind)| {
                // The empty shards of the due list are alike: the first represents all.
                empty += usize::from(*kind == Kind::List(0));
                (*kind != Kind::List(0) || empty == 1).then_some((part, number, *kind))
            })
        })
    }

    /// The troubles that can be added to a plan that went like this.
    pub(super) fn more(&self, plan: &[Trouble], detail: Detail) -> Vec<Trouble> {
        let mut all: Vec<Trouble> = Vec::new();
        if self.sender.is_empty() {
            // Nothing is sent here: there is no provider to fail.
            all.extend([Manner::Twice, Manner::Reordered].map(Trouble::Callbacks));
        } else {
            all.extend(provider_faults().into_iter().map(Trouble::Provider));
            all.extend(MANNERS.map(Trouble::Callbacks));
        }
        for (part, number, kind) in self.calls() {
            all.extend(faults(kind, detail).into_iter().map(|fault| Trouble::Store(part, number, fault)));
        }
        let last = plan.last().map(Trouble::place);
        all.retain(|trouble| last.is_none_or(|last| trouble.place() > last));
        all
    }
}
